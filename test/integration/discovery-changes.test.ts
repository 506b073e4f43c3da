import { readdir, truncate, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Config } from '../../src/config/config.js';
import { DiscoveryWorld, KPTFILE } from '../support/discovery.js';

const world = DiscoveryWorld.create();

/** What a visit asked of a remote that is known: the `POST` of the listing, one more for a fetch. */
async function requestsOf(work: () => Promise<void>): Promise<string[]> {
  const methods: string[] = [];
  world.server.onRequest(({ method, phase }) => void (phase === 'before' && methods.push(method)));
  await work();
  world.server.onRequest(null);
  return methods;
}

const LISTING = ['POST'];

async function begin(): Promise<string> {
  await world.remote.commit({ files: { 'a/Kptfile': KPTFILE, 'a/only-here.yaml': `name: ${world.name}\n` } });
  await world.remote.tag('a/v1');
  return (await world.discover()).id;
}

const contentRows = async () =>
  Promise.all([world.database.packageTree.count(), world.database.packageFile.count(), world.database.blob.count()]);

/** How many requests brought objects. Native git asks the remote for its capabilities once more, by GET. */
const fetches = (requests: readonly string[]) =>
  requests.slice(LISTING.length).filter((method) => method === 'POST').length;

describe('work in proportion to what changed', () => {
  it('lists the refs and nothing else while nothing changed', async () => {
    const id = await begin();
    const before = await world.snapshot(id);
    const { version } = await world.repository(id);
    expect(await requestsOf(() => world.sync(id))).toEqual(LISTING);
    expect(await world.snapshot(id)).toEqual(before);
    expect((await world.repository(id)).version).toBe(version);
  });

  it('fetches once and stores only what is new, for a commit and for a tag', async () => {
    const id = await begin();
    const before = await contentRows();
    await world.remote.commit({ files: { 'a/added.yaml': `added: ${world.name}\n` } });
    expect(fetches(await requestsOf(() => world.sync(id)))).toBe(1);
    expect(await contentRows()).toEqual([before[0] + 1, before[1] + 3, before[2] + 1]);
    await world.remote.tag('a/v2');
    expect(fetches(await requestsOf(() => world.sync(id)))).toBe(1);
    expect(await contentRows()).toEqual([before[0] + 1, before[1] + 3, before[2] + 1]);
    expect(await world.published(id)).toEqual(['a@v1', 'a@v2']);
    // Nothing new to fetch, only something to forget.
    await world.remote.deleteRef('refs/tags/a/v2');
    expect(await requestsOf(() => world.sync(id))).toEqual(LISTING);
    expect(await world.published(id)).toEqual(['a@v1']);
  });

  it('stores a tree once, however many tags lead to it', async () => {
    await world.remote.commit({ files: { 'a/Kptfile': KPTFILE, 'a/many.yaml': `name: ${world.name}\n` } });
    for (let number = 1; number <= 300; number += 1) await world.remote.tag(`a/v${number}`, { annotated: false });
    const before = await contentRows();
    const { id } = await world.discover();
    expect(await world.published(id)).toHaveLength(300);
    const [trees, files] = await contentRows();
    expect([trees, files]).toEqual([before[0] + 1, before[1] + 2]);
    expect((await world.revisions(id)).filter((row) => row.latest).map((row) => row.revision)).toEqual(['v300']);
  });
});

describe('tags that others change', () => {
  it('are gone when deleted, `latest` moves back, and the package goes with its last one', async () => {
    await world.remote.commit({ files: { 'a/config.yaml': 'apiVersion: v1\nkind: List\n' } });
    for (const revision of ['v1', 'v2', 'v10']) await world.remote.tag(`a/${revision}`);
    const { id } = await world.discover();
    const latest = async () => (await world.revisions(id)).filter((row) => row.latest).map((row) => row.revision);
    expect(await latest()).toEqual(['v10']);
    await world.remote.deleteRef('refs/tags/a/v10');
    await world.sync(id);
    expect(await latest()).toEqual(['v2']);
    for (const revision of ['v1', 'v2']) await world.remote.deleteRef(`refs/tags/a/${revision}`);
    await world.sync(id);
    expect(await world.packages(id)).toEqual([]);
  });

  it('leave, when deleted, the branch beside them as the draft that it is', async () => {
    const id = await begin();
    await world.remote.branch('drafts/a/v1', 'main');
    await world.sync(id);
    expect((await world.revisions(id)).map((row) => row.lifecycle)).toEqual(['published']);
    await world.remote.deleteRef('refs/tags/a/v1');
    await world.sync(id);
    expect(await world.revisions(id)).toMatchObject([
      { lifecycle: 'draft', workspace: 'v1', branch: 'refs/heads/drafts/a/v1' },
    ]);
  });

  it('are reported when moved, and followed', async () => {
    const id = await begin();
    const [before] = await world.revisions(id);
    const commit = await world.remote.commit({ files: { 'a/only-here.yaml': 'moved: true\n' } });
    await world.remote.moveTag('a/v1', 'main');
    await world.sync(id);
    const [after] = await world.revisions(id);
    expect(after).toMatchObject({ id: before?.id, commit, tree: await world.remote.revParse('main:a') });
    expect(after?.conditions).toMatchObject([{ type: 'ChangedOutside', status: 'True', reason: 'TagMoved' }]);
    expect(JSON.stringify(after?.conditions)).toContain(before?.commit);
    expect(after?.version).toBeGreaterThan(before?.version ?? 0);
  });

  it('are gone when moved to where the package is not, and counted', async () => {
    const id = await begin();
    await world.remote.commit({ files: { 'a/Kptfile': null, 'b/Kptfile': KPTFILE } });
    await world.remote.moveTag('a/v1', 'main');
    await world.sync(id);
    expect(await world.published(id)).toEqual([]);
    expect(await world.repository(id)).toMatchObject({ ignoredTags: 1 });
    await world.remote.moveTag('a/v1', 'main~1');
    await world.sync(id);
    expect(await world.published(id)).toEqual(['a@v1']);
    expect(await world.repository(id)).toMatchObject({ ignoredTags: 0 });
  });

  it('may stand beside a package of the same name', async () => {
    const id = await begin();
    await world.remote.commit({ files: { 'a/v1/Kptfile': KPTFILE } });
    await world.remote.tag('b/v1');
    await world.remote.branch('drafts/a/v1/w', 'main');
    await world.sync(id);
    expect(await world.published(id)).toEqual(['a@v1']);
    expect(await world.drafts(id)).toEqual(['a/v1/w (draft)']);
  });
});

describe('the mirror', () => {
  const directoryOf = (id: string) => join(world.engine.get(Config).dataDir, 'mirrors', id, 'objects', 'pack');

  it('is made again when it was lost, whatever changes next', async () => {
    const id = await begin();
    await world.remote.commit({ files: { 'b/Kptfile': KPTFILE } });
    await world.sync(id);
    await world.engine.dropMirror(id);
    expect(await requestsOf(() => world.sync(id))).toEqual(LISTING);
    // A draft on an old commit: its base is looked for on a ref that did not change.
    await world.remote.branch('drafts/a/one', 'main~1');
    await world.remote.commit({ branch: 'drafts/a/one', files: { 'a/draft.yaml': 'a: 1\n' } });
    await world.sync(id);
    expect(await world.ready(id)).toMatchObject({ status: 'True' });
    expect((await world.revisions(id))[1]).toMatchObject({ baseCommit: await world.remote.revParse('main~1') });
    await world.engine.dropMirror(id);
    await world.remote.branch('proposed/a/one', 'main');
    await world.remote.deleteRef('refs/heads/drafts/a/one');
    await world.sync(id);
    await world.engine.dropMirror(id);
    await world.remote.commit({ files: { 'a/Kptfile': null, 'a/only-here.yaml': null } });
    await world.sync(id);
    expect(await world.heads(id)).toEqual(['b']);
    expect(await world.drafts(id)).toEqual(['a/one (proposed)']);
  });

  it.each(['.pack', '.idx'])('heals when a %s file is cut short', async (extension) => {
    const id = await begin();
    for (const file of await readdir(directoryOf(id))) {
      if (!file.endsWith(extension)) continue;
      const path = join(directoryOf(id), file);
      await truncate(path, Math.floor((await stat(path)).size / 2));
    }
    await world.remote.commit({ files: { 'a/more.yaml': 'more: 1\n' } });
    await world.remote.tag('a/v2');
    await world.remote.branch('drafts/a/one', 'main~1');
    await world.sync(id);
    expect(await world.ready(id)).toMatchObject({ status: 'True' });
    expect(await world.published(id)).toEqual(['a@v1', 'a@v2']);
    expect(await world.drafts(id)).toEqual(['a/one (draft)']);
    expect((await world.packages(id))[0]?.headTree).toBe(await world.remote.revParse('main:a'));
  });
});
