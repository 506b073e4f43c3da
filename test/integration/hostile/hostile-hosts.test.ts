import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operation } from '../../../src/database/generated/client.js';
import type { Condition } from '../../../src/domain/revision.js';
import { RepositoryService } from '../../../src/features/repositories/repository.service.js';
import { CONFIG_MAP, KPTFILE } from '../../support/discovery.js';
import { startEngine, type TestEngine } from '../../support/engine.js';
import { GitServer } from '../../support/git-server.js';
import { PublishingWorld } from '../../support/publishing.js';
import { someone } from '../../support/service-callers.js';
import { HOSTS } from './hosts.js';

/** Hosts that are doubted get half of them: all of these are on one host. */
const SEATS = '32';

let server: GitServer;
beforeAll(async () => {
  server = await GitServer.start();
});
afterAll(() => server?.stop());

describe.each([
  { transport: process.env.GIT_TRANSPORT ?? '', hosts: HOSTS },
  { transport: 'javascript', hosts: HOSTS.filter(({ inTransport }) => inTransport) },
])('a host, by the transport "$transport", that', ({ transport, hosts }) => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await startEngine({
      GIT_TIMEOUT_SECONDS: '1',
      RETRY_MAX_SECONDS: '1',
      GIT_TRANSPORT: transport,
      WORKER_CONCURRENCY: SEATS,
    });
  });
  afterAll(() => engine?.close());

  it.concurrent.each(hosts)('$name says so, and brings all to its end once it is well', async (host) => {
    const world = await prepared(server, engine, `${transport}-${hosts.indexOf(host)}`);
    const { id } = world.repository;
    const draft = await world.draft('new', 'one');
    const asked = {
      sync: await world.get(RepositoryService).sync(id, someone('ada')),
      publish: await world.approve(draft.id),
      delete: await world.requestDeletion((await published(world)).id),
    };
    const before = await delivered(world);
    const recover = await host.make(world);
    await world.visitNow();
    for (const kind of ['sync', 'publish', 'delete'] as const) {
      const [state, words = /^$/] = host[kind];
      const row = await world.operation(asked[kind].id);
      expect({ kind, state: row.state }, told(row)).toEqual({ kind, state });
      expect(told(row)).toMatch(words);
    }
    const ready = await conditions(world);
    if (host.condition) expect(ready.map(({ reason }) => reason)).toContain(host.condition[0]);
    else expect(ready.map(({ type, status }) => `${type} ${status}`)).toEqual(['Ready True']);
    if (host.condition) expect(ready.map(({ message }) => message).join('\n')).toMatch(host.condition[1]);
    if (host.publish[0] === 'failed' && !host.isHalfDeleted) expect(await delivered(world)).toEqual(before);

    await recover();
    // What has failed stays so until somebody asks for it again; all else goes on by itself.
    for (const { id: operation } of Object.values(asked))
      if ((await world.operation(operation)).state === 'failed')
        await world.operations.retry(operation, someone('root'));
    await world.database.client.repositoryPolling.updateMany({
      where: { repositoryId: id },
      data: { tidyAt: new Date(0) },
    });
    await world.visitNow();
    if ((await world.unfinished()) > 0) await world.visitNow();
    for (const { id: operation } of Object.values(asked))
      expect(await world.operation(operation)).toMatchObject({ state: 'succeeded', waitingFor: null, error: null });
    expect(await world.row(draft.id)).toMatchObject({ lifecycle: 'published', revision: 'v1' });
    expect(await world.refs()).toEqual(['heads/main', 'tags/new/v1']);
    expect(await world.git('ls-tree', '--name-only', 'main')).toBe('README.md\nelse.txt\nnew');
    expect(await conditions(world)).toMatchObject([{ type: 'Ready', status: 'True', reason: 'Synced' }]);
  });
});

/** A remote with a published package, a proposal whose branch is there, and a commit that no sync has seen yet. */
async function prepared(server: GitServer, engine: TestEngine, name: string): Promise<PublishingWorld> {
  const { path } = await server.createRepository(name);
  const world = await PublishingWorld.beside(server, engine, { name });
  await world.remote.config('receive.denyDeletes', 'false');
  await world.remote.commit({ files: { 'old/Kptfile': KPTFILE } });
  await world.remote.tag('old/v1');
  await world.remote.branch('proposed/new/one', 'main');
  await world.remote.commit({ branch: 'proposed/new/one', files: { 'new/config.yaml': CONFIG_MAP } });
  await world.visitNow();
  await world.remote.commit({ files: { 'else.txt': path } });
  return world;
}

const published = ({ database, repository: { id } }: PublishingWorld) =>
  database.client.packageRevision.findFirstOrThrow({ where: { repositoryId: id, path: 'old' } });

/** What whoever uses the remote gets of it. */
const delivered = async ({ remote }: PublishingWorld) =>
  [...(await remote.refs())].filter(([ref]) => ref === 'refs/heads/main' || ref.startsWith('refs/tags/'));

/** What is in the way of an operation, as its reader is told. */
function told({ error, waitingFor }: Operation): string {
  const { code = '', detail = '' } = (error ?? {}) as { code?: string; detail?: string };
  return error === null ? (waitingFor ?? '') : `${code} ${detail}`;
}

async function conditions({ database, repository: { id } }: PublishingWorld): Promise<Condition[]> {
  const row = await database.client.repository.findUniqueOrThrow({ where: { id } });
  return row.conditions as unknown as Condition[];
}
