/** What any endpoint may answer, as far as tests look at it. */
export interface Body {
  id: string;
  etag: string;
  tree: string;
  name: string;
  lifecycle: string;
  code: string;
  kind: string;
  detail: string;
  packageId: string;
  errors?: { pointer: string; code: string; message: string }[];
  items: Body[];
  nextCursor: string | null;
  files: Record<string, { content: string; encoding: string; parseError?: string }>;
  parseErrors: Record<string, string>;
  allowedActions: string[];
  [field: string]: unknown;
}

export type Call = ReturnType<typeof caller>;

/** Sends JSON to the API as the user `ada`. */
export const caller =
  (url: string) =>
  async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        'X-Remote-User': 'ada',
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, text, body: (json ? JSON.parse(text) : {}) as Body };
  };
