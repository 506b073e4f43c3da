/** The variables that our commands read which call a running service over HTTP. The service itself reads none of them. */
export interface ClientSettings {
  /** Sent as `Authorization: Bearer`. */
  token: string | undefined;
  /** False where `NO_COLOR` is set (no-color.org): then a command writes no colours, not even to a terminal. */
  coloured: boolean;
}

export function readClientSettings({ PKGSERVER_TOKEN, NO_COLOR } = process.env): ClientSettings {
  return { token: PKGSERVER_TOKEN?.trim() || undefined, coloured: !NO_COLOR };
}
