import { Pool } from 'undici';

export interface Answer<Body> {
  status: number;
  body: Body;
}

/** A page of `GET /package-revisions`, as far as the benchmark reads it. */
export interface RevisionPage {
  items: { id: string; path: string; revision: string | null; lifecycle: string }[];
  nextCursor: string | null;
}

export interface OperationBody {
  id: string;
  state: string;
  error: unknown;
}

/** Calls the public API over keep-alive connections. */
export class Api {
  private readonly pool: Pool;

  constructor(
    readonly url: string,
    /** An API token; none where nobody signs in. */
    readonly token: string | undefined,
    connections = 1,
  ) {
    this.pool = new Pool(url, { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
  }

  /** What every request carries. */
  get credentials(): Record<string, string> {
    return this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
  }

  /** The answer's bytes; throws unless it is a 2xx. */
  async bytes(path: string): Promise<Buffer> {
    const answer = await this.pool.request({ method: 'GET', path: `/api/v1${path}`, headers: this.credentials });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    if (answer.statusCode >= 300) throw new Error(`GET ${path} answered ${answer.statusCode}: ${bytes.toString()}`);
    return bytes;
  }

  async send<Body>(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH',
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const answer = await this.pool.request({
      method,
      path: `/api/v1${path}`,
      headers: { ...this.credentials, ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path} answered ${answer.statusCode}: ${text}`);
    return { status: answer.statusCode, body: (text === '' ? undefined : JSON.parse(text)) as Body };
  }

  /** Registers a repository and waits until it is indexed. Gives its id. */
  async register(name: string, url: string, { deployment = false } = {}): Promise<string> {
    const { body } = await this.send<{ id: string }>('POST', '/repositories', { name, deployment, git: { url } });
    await this.sync(body.id);
    return body.id;
  }

  /** Asks for a sync and waits for its end. */
  async sync(repositoryId: string): Promise<void> {
    await this.ended(await this.send('POST', `/repositories/${repositoryId}/sync`, undefined, WAIT));
  }

  /** Approves a proposed revision and waits until the tag is on the remote. */
  async approve(revisionId: string): Promise<void> {
    const answer: Answer<OperationBody & { lifecycle?: string }> = await this.startApproval(revisionId, WAIT);
    await this.ended(answer);
    const { status, body } = answer;
    if (status === 200 && body.lifecycle !== 'published') throw new Error(`${revisionId} is still ${body.lifecycle}.`);
  }

  /** Asks for the publication and does not wait for it. */
  startApproval(revisionId: string, preference: Record<string, string> = {}): Promise<Answer<OperationBody>> {
    return this.send('POST', `/package-revisions/${revisionId}/approve`, undefined, { ...preference, 'if-match': '*' });
  }

  /** After `Prefer: wait`: a 202 holds the operation, which took longer; a 200 is the end of it. */
  private async ended({ status, body }: Answer<OperationBody>): Promise<void> {
    if (status === 202) await this.finished(body);
  }

  /** Waits for the end of an operation, which must be a success. */
  async finished(operation: OperationBody): Promise<void> {
    let { id, state, error } = operation;
    while (!['succeeded', 'failed', 'cancelled'].includes(state)) {
      ({ state, error } = (await this.send<OperationBody>('GET', `/operations/${id}?wait=30`)).body);
    }
    if (state !== 'succeeded') throw new Error(`Operation ${id} ${state}: ${JSON.stringify(error)}`);
  }

  /** One that has not ended yet; undefined when all have. */
  async openOperation(): Promise<OperationBody | undefined> {
    const path = '/operations?state=queued,running&pageSize=1';
    return (await this.send<{ items: OperationBody[] }>('GET', path)).body.items[0];
  }

  /** All revisions of a filter, page after page. */
  async revisions(filter: string): Promise<RevisionPage['items']> {
    const found: RevisionPage['items'] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await this.send<RevisionPage>('GET', `/package-revisions?${filter}&pageSize=100${from}`);
      found.push(...body.items);
      cursor = body.nextCursor;
    }
    return found;
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }
}

const WAIT = { prefer: 'wait=30' };
