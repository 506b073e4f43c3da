/** What programs read that call a running service, as its users do. None of it is a setting of the service. */
export interface ClientSettings {
  /** Sent as `Authorization: Bearer`. */
  token: string | undefined;
  /** Whether what goes to a terminal may be in colours (no-color.org). */
  coloured: boolean;
}

export function readClientSettings({ PKGSERVER_TOKEN, NO_COLOR } = process.env): ClientSettings {
  return { token: PKGSERVER_TOKEN?.trim() || undefined, coloured: !NO_COLOR };
}
