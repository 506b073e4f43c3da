import { afterAll, beforeAll, expect } from 'vitest';
import { type Answer, type Call, HttpClient } from './http-client.js';
import { GitFixture } from './git-fixture.js';
import { GitServer } from './git-server.js';
import { type Pkgserver, startPkgserver } from './pkgserver.js';
import { type GivenRole, signIn } from './sign-in.js';
import { configMap, Steps } from './steps.js';
import { concurrently } from '../../src/async/concurrently.js';

export interface Item {
  id: string;
  status: string;
  etag?: string;
  operationId?: string;
  draftId?: string;
  warnings?: string[];
  error?: { code: string; status: number; detail: string; [member: string]: unknown };
}

/** The whole service with a Git server beside it, and people with roles. */
export class BulkWorld {
  git!: GitServer;
  pkgserver!: Pkgserver;
  /** An administrator. */
  root!: Steps;
  #count = 0;

  /** Call at the top of a test file. */
  static create(settings: Record<string, string> = {}): BulkWorld {
    const world = new BulkWorld();
    beforeAll(async () => {
      world.git = await GitServer.start();
      world.pkgserver = await startPkgserver({ AUTH: 'required', SYNC_INTERVAL_SECONDS: '3600', ...settings });
      world.root = await world.person('root', { role: 'admin' });
    });
    afterAll(async () => {
      world.git?.onRequest(null);
      await world.pkgserver?.stop();
      await world.git?.stop();
    });
    return world;
  }

  get database() {
    return this.pkgserver.database;
  }

  async person(name: string, ...roles: GivenRole[]): Promise<Steps> {
    return this.holder(await signIn(this.database, name, ...roles));
  }

  holder(token: string): Steps {
    return new Steps(this.pkgserver.url, { Authorization: `Bearer ${token}` });
  }

  async repository(): Promise<{ id: string; name: string; fixture: GitFixture }> {
    this.#count += 1;
    const name = `catalog-${this.#count}`;
    const { url, path } = await this.git.createRepository(name);
    return { name, id: await this.root.register({ name, url }), fixture: GitFixture.create(path) };
  }

  async drafts(repositoryId: string, names: readonly string[]): Promise<string[]> {
    return concurrently(names, 8, (name) => this.root.draft(repositoryId, name));
  }

  async proposals(repositoryId: string, names: readonly string[]): Promise<string[]> {
    const ids = await this.drafts(repositoryId, names);
    await this.bulk(this.root, { action: 'propose', items: ids.map((id) => ({ id })) });
    return ids;
  }

  /** Keeps everybody else from these revisions until the answer is called. */
  async hold(...ids: string[]): Promise<() => Promise<void>> {
    const [released, release] = signal();
    const [held, hold] = signal();
    const { database } = this;
    const done = database.transaction(async () => {
      await database.client.$queryRaw`SELECT 1 FROM package_revision WHERE id = ANY(${ids}::uuid[]) FOR UPDATE`;
      hold();
      await released;
    });
    await held;
    return async () => {
      release();
      await done;
    };
  }

  /** Until so many wait for revisions that are held. */
  async areAt(count: number): Promise<void> {
    const waiting = () =>
      this.database.client.$queryRaw<unknown[]>`
        SELECT 1 FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE NOT l.granted AND a.datname = current_database() AND a.query LIKE '%FOR UPDATE) AS locked%'`;
    await expect.poll(async () => (await waiting()).length).toBe(count);
  }

  /** What the request was answered, once it has ended: the items, in the order of the request. */
  async bulk(who: HttpClient, body: object, headers: Record<string, string> = {}): Promise<Item[]> {
    const answer = await ask(who.call, body, headers);
    if (answer.status === 200) return answer.body.items as Item[];
    if (answer.status !== 202) throw new Error(`${answer.status}: ${answer.text}`);
    await new Steps(this.pkgserver.url, who.standing).finished(answer.body.id as string);
    return this.items(who, answer.body.id as string);
  }

  async items(who: HttpClient, operationId: string, filter = ''): Promise<Item[]> {
    const items: Item[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const path = `/operations/${operationId}/items?pageSize=500${filter}${from}`;
      const { body } = await who.expect(200, 'GET', path);
      items.push(...(body.items as Item[]));
      cursor = body.nextCursor as string | null;
    }
    return items;
  }
}

export const ask = (call: Call, body: object, headers: Record<string, string> = {}, query = ''): Promise<Answer> =>
  call('POST', `/package-revisions/bulk${query}`, body, headers);

/** What became of the items: its status, or the code of its error. */
export const outcomes = (items: readonly Item[]): string[] => items.map(({ status, error }) => error?.code ?? status);

/** Something that happens once, and how it is made to. */
function signal(): [Promise<void>, () => void] {
  let happen = () => {};
  const happened = new Promise<void>((resolve) => (happen = resolve));
  return [happened, () => happen()];
}

/** Drafts as somebody has pushed them, each of a package of its own, with one ConfigMap. */
export async function pushDrafts(fixture: GitFixture, names: readonly string[]): Promise<void> {
  const files = names.flatMap((name): [string, string][] => [
    [`${name}/Kptfile`, `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\n`],
    [`${name}/config.yaml`, configMap(name, 'first')],
  ]);
  const commit = await fixture.commit({ files: Object.fromEntries(files), branch: 'all' });
  await fixture.branchMany(
    names.map((name) => `drafts/${name}/first`),
    commit,
  );
}
