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
  parseWarnings: Record<string, string[]>;
  allowedActions: string[];
  [field: string]: unknown;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** Undefined unless the answer is JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
  body: any;
}

/** `body` is sent as JSON; a string is sent as it is. */
export type Call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

/** Speaks JSON with the API; paths are those below `/api/v1`. `standing` headers go with every request. */
export class HttpClient {
  constructor(
    readonly url: string,
    readonly standing: Record<string, string> = {},
  ) {}

  /** Gives the answer, success or not. */
  readonly call: Call = async (method, path, body, headers = {}) => {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...this.standing,
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = text !== '' && response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  };

  /** Gives the answer if it has this status, and throws with what came instead. */
  async expect(status: number, ...request: Parameters<Call>): Promise<Answer> {
    const answer = await this.call(...request);
    if (answer.status === status) return answer;
    throw new Error(`${request[0]} ${request[1]} was answered ${answer.status}, not ${status}: ${answer.text}`);
  }
}
