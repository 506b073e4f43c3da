import { describe, expect, it, vi } from 'vitest';
import { ContentStore } from '../../src/content/content.store.js';
import { buildTrees } from '../../src/git/objects/git-hash.js';
import { Outbox } from '../../src/jobs/outbox.js';
import { IndexWriter } from '../../src/operations/sync/index-writer.js';
import { DiscoveryWorld, KPTFILE } from '../support/discovery.js';

/** More refs than a slice takes. */
const PACKAGES = 300;
const TAGS = 4;

const world = DiscoveryWorld.create({ settings: { SYNC_SLICE_SECONDS: '600' } });

async function fill(): Promise<void> {
  for (let version = 1; version <= TAGS; version += 1) {
    const files = Array.from({ length: PACKAGES }, (_, index) => [
      [`p${index}/Kptfile`, KPTFILE],
      [`p${index}/values.yaml`, `repository: ${world.name}\nversion: ${version}\nindex: ${index}\n`],
    ]).flat();
    await world.remote.commit({ files: Object.fromEntries(files) });
    await world.remote.tagMany(Array.from({ length: PACKAGES }, (_, index) => `p${index}/v${version}`));
  }
}

const ask = (repositoryId: string) =>
  world.engine.get(Outbox).start({
    kind: 'sync',
    repositoryId,
    target: { type: 'Repository', id: repositoryId, name: world.name },
    payload: {},
    requestedBy: 'ada',
  });

/** Calls `before` ahead of each slice that is written; gives how to stop that. */
function onSlice(before: (slice: number) => Promise<void> | void): () => void {
  const writer = world.engine.get(IndexWriter);
  const write = writer.write.bind(writer);
  let slice = 0;
  writer.write = async (...args) => {
    await before(slice++);
    return write(...args);
  };
  return () => void (writer.write = write);
}

describe('a sync of many refs', () => {
  it('shows whole packages and its progress while it goes on', async () => {
    await fill();
    const { id } = await world.engine.register({ name: world.name, url: world.server.url(world.name) });
    const operation = await ask(id);
    const seen: { revisions: number; progress: unknown }[] = [];
    const restore = onSlice(async () => {
      const rows = await world.revisions(id);
      for (const path of new Set(rows.map((row) => row.path))) {
        const siblings = rows.filter((row) => row.path === path);
        expect(siblings.map(({ revision }) => revision)).toEqual(['v1', 'v2', 'v3', 'v4']);
        expect(siblings.filter(({ latest }) => latest).map(({ revision }) => revision)).toEqual(['v4']);
      }
      for (const { tree } of rows.slice(0, 3)) {
        expect(buildTrees(await world.engine.get(ContentStore).filesOf(tree)).root).toBe(tree);
      }
      const { progress } = await world.database.operation.findUniqueOrThrow({ where: { id: operation.id } });
      seen.push({ revisions: rows.length, progress });
    });
    await world.engine.visit(id);
    restore();
    expect(seen.map(({ revisions }) => revisions)).toEqual([0, 500, 1000]);
    expect(seen[1]?.progress).toMatchObject({ done: 501, total: PACKAGES * TAGS + 1, message: expect.any(String) });
    const { state, progress } = await world.database.operation.findUniqueOrThrow({ where: { id: operation.id } });
    expect(state).toBe('succeeded');
    expect(progress).toEqual({ done: PACKAGES * TAGS + 1, total: PACKAGES * TAGS + 1 });
    expect(await world.published(id)).toHaveLength(PACKAGES * TAGS);
    expect(await world.heads(id)).toHaveLength(PACKAGES);
  });

  it('keeps what it wrote when it is cut short, and goes on from there', async () => {
    await fill();
    const { id } = await world.engine.register({ name: world.name, url: world.server.url(world.name) });
    let restore = onSlice((slice) => {
      if (slice === 1) throw new Error('The worker dies.');
    });
    await world.engine.visit(id);
    restore();
    expect(await world.published(id)).toHaveLength(500);
    const written: number[] = [];
    restore = onSlice(
      async () => void written.push(await world.database.remoteRef.count({ where: { repositoryId: id } })),
    );
    await world.sync(id);
    restore();
    expect(written).toEqual([501, 1001]);
    expect(await world.published(id)).toHaveLength(PACKAGES * TAGS);
    expect((await world.ready(id))?.status).toBe('True');
  });

  it('makes room for others when its time is up, and is asked for again', async () => {
    await fill();
    const { id } = await world.engine.register({ name: world.name, url: world.server.url(world.name) });
    const operation = await ask(id);
    const restore = onSlice(() => {
      const later = Date.now() + 600_000;
      vi.spyOn(Date, 'now').mockReturnValue(later);
    });
    await world.engine.visit(id);
    restore();
    vi.restoreAllMocks();
    expect(await world.published(id)).toHaveLength(500);
    const waiting = await world.database.operation.findUniqueOrThrow({ where: { id: operation.id } });
    expect(waiting).toMatchObject({ state: 'queued', attempts: 0, progress: { done: 501 } });
    expect(await world.database.lease.count({ where: { scopeId: id } })).toBe(0);
    await world.engine.visit(id);
    expect(await world.published(id)).toHaveLength(PACKAGES * TAGS);
    const done = await world.database.operation.findUniqueOrThrow({ where: { id: operation.id } });
    expect(done).toMatchObject({ state: 'succeeded', attempts: 1 });
  });
});
