import { HttpClient } from './http-client.js';

/** The steps that many e2e tests begin with, through the public API of a running pkgserver. */
export class Steps extends HttpClient {
  /** Registers a repository and waits until it was read. */
  async register(body: { name: string; url: string; deployment?: boolean; directory?: string }): Promise<string> {
    const { name, url, deployment = false, directory = '' } = body;
    const created = await this.expect(201, 'POST', '/repositories', { name, deployment, git: { url, directory } });
    const { body: sync } = await this.expect(202, 'POST', `/repositories/${created.body.id}/sync`);
    const { state, error } = await this.finished(sync.id as string);
    if (state !== 'succeeded') throw new Error(`The repository was not read: ${JSON.stringify(error)}`);
    return created.body.id as string;
  }

  /** A draft that holds one ConfigMap beside its Kptfile. */
  async draft(repositoryId: string, name: string, workspace = 'first'): Promise<string> {
    const created = await this.expect(201, 'POST', '/package-revisions', {
      repositoryId,
      package: name,
      workspace,
      source: { type: 'init' },
    });
    const id = created.body.id as string;
    await this.edit(id, { 'config.yaml': configMap(name, workspace) });
    return id;
  }

  /** A draft of the package's next revision. */
  async copy(repositoryId: string, revisionId: string, workspace: string): Promise<string> {
    const { body: source } = await this.expect(200, 'GET', `/package-revisions/${revisionId}`);
    const created = await this.expect(201, 'POST', '/package-revisions', {
      repositoryId,
      package: source.package,
      workspace,
      source: { type: 'copy', revisionId },
    });
    return created.body.id as string;
  }

  async edit(id: string, files: Record<string, string | null>): Promise<void> {
    await this.expect(200, 'PATCH', `/package-revisions/${id}/resources`, { files }, { 'If-Match': '*' });
  }

  async propose(id: string): Promise<void> {
    await this.expect(200, 'POST', `/package-revisions/${id}/propose`);
  }

  /** Asks for the publication and gives the operation's id. */
  async approve(id: string): Promise<string> {
    const accepted = await this.expect(202, 'POST', `/package-revisions/${id}/approve`, undefined, { 'If-Match': '*' });
    return accepted.body.id as string;
  }

  /** Waits for the operation's end; `finished` holds its whole answer. */
  async finished(operationId: string, seconds = 120): Promise<{ state: string; [field: string]: unknown }> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const { body } = await this.expect(200, 'GET', `/operations/${operationId}?wait=10`);
      if (['succeeded', 'failed', 'cancelled'].includes(body.state)) return body;
      if (Date.now() > end) throw new Error(`Operation ${operationId} did not end: ${JSON.stringify(body)}`);
    }
  }

  async publish(id: string): Promise<{ revision: string; tag: string; commit: string }> {
    await this.propose(id);
    const operation = await this.finished(await this.approve(id));
    if (operation.state !== 'succeeded') throw new Error(`Not published: ${JSON.stringify(operation.error)}`);
    return operation.result as { revision: string; tag: string; commit: string };
  }

  async revision(id: string) {
    const { body } = await this.expect(200, 'GET', `/package-revisions/${id}`);
    return body;
  }

  /** Until the draft's branch is what the index says. */
  async pushed(id: string, seconds = 120): Promise<void> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const revision = await this.revision(id);
      if (revision.git.state === 'synced') return;
      if (Date.now() > end) throw new Error(`The draft was not pushed: ${JSON.stringify(revision.git)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

export const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: ${value}\n`;
