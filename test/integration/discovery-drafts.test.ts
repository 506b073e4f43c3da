import { describe, expect, it } from 'vitest';
import { DiscoveryWorld, KPTFILE } from '../support/discovery.js';
import { BOB } from '../support/git-fixture.js';

const world = DiscoveryWorld.create();

const write = (branch: string, files: Record<string, string | null>, message?: string) =>
  world.remote.commit({ branch, files, author: BOB, ...(message && { message }) });

/** A draft as the other dialect keeps it: branch `F/W` whose tip carries the line. */
const MARK = `Draft\n\npkg-server:${JSON.stringify({ package: 'pkg' })}\n`;

async function begin(...branches: string[]): Promise<void> {
  await world.remote.commit({ files: { 'base/Kptfile': KPTFILE } });
  for (const branch of branches) await world.remote.branch(branch, 'main');
}

describe('drafts and proposals of other tools', () => {
  it('appear, change, are proposed, rejected and deleted as their branches do', async () => {
    await begin('drafts/nf/pkg/one');
    const base = await world.remote.revParse('main');
    await write('drafts/nf/pkg/one', { 'nf/pkg/Kptfile': KPTFILE });
    const { id } = await world.discover();
    const [found] = await world.revisions(id);
    expect(found).toMatchObject({
      ...{ lifecycle: 'draft', path: 'nf/pkg', workspace: 'one', baseCommit: base, gitState: 'synced' },
      ...{ createdBy: BOB.name, updatedBy: BOB.name, branch: 'refs/heads/drafts/nf/pkg/one', revision: null },
    });

    const tip = await write('drafts/nf/pkg/one', { 'nf/pkg/new.yaml': 'a: 1\n' });
    await world.sync(id);
    const [changed] = await world.revisions(id);
    expect(changed).toMatchObject({ id: found?.id, commit: tip, tree: await world.remote.revParse(`${tip}:nf/pkg`) });
    expect(changed?.version).toBeGreaterThan(found?.version ?? 0);

    await world.remote.branch('proposed/nf/pkg/one', tip);
    await world.remote.deleteRef('refs/heads/drafts/nf/pkg/one');
    await world.sync(id);
    expect(await world.revisions(id)).toMatchObject([{ id: found?.id, lifecycle: 'proposed', gitState: 'synced' }]);

    await world.remote.branch('drafts/nf/pkg/one', tip);
    await world.remote.deleteRef('refs/heads/proposed/nf/pkg/one');
    await world.sync(id);
    expect(await world.revisions(id)).toMatchObject([{ id: found?.id, lifecycle: 'draft', gitState: 'synced' }]);

    await world.remote.deleteRef('refs/heads/drafts/nf/pkg/one');
    await world.sync(id);
    expect(await world.revisions(id)).toEqual([]);
    expect((await world.packages(id)).map((row) => row.path)).toEqual(['base']);
    expect(await world.database.operation.count({ where: { repositoryId: id } })).toBe(0);
  });

  it('may hold an empty directory, or nothing but the base', async () => {
    await begin('drafts/empty/one', 'drafts/base/two');
    const { id } = await world.discover();
    expect(await world.drafts(id)).toEqual(['base/two (draft)', 'empty/one (draft)']);
    const [, empty] = (await world.revisions(id)).sort((a, b) => a.path.localeCompare(b.path));
    const tree = await world.database.packageTree.findUniqueOrThrow({ where: { oid: empty?.tree ?? '' } });
    expect(tree).toMatchObject({ fileCount: 0, sizeBytes: 0n });
    await write('drafts/base/two', { 'base/Kptfile': null });
    await world.sync(id);
    expect((await world.revisions(id)).find((row) => row.path === 'base')?.tree).toBe(empty?.tree);
  });

  it('are told apart from branches that only look like them', async () => {
    await begin('drafts', 'feature/thing', 'proposedly/a/b', 'nf/drafts/x');
    const { id } = await world.discover();
    expect(await world.revisions(id)).toEqual([]);
    expect((await world.packages(id)).map((row) => row.path)).toEqual(['base']);
  });

  it('renamed to another workspace are another draft', async () => {
    await begin('drafts/base/one');
    const { id } = await world.discover();
    await world.remote.branch('drafts/base/two', 'drafts/base/one');
    await world.remote.deleteRef('refs/heads/drafts/base/one');
    await world.sync(id);
    expect(await world.drafts(id)).toEqual(['base/two (draft)']);
  });

  it('become the published revision when their tag appears, and a branch left beside it says nothing new', async () => {
    await begin('drafts/base/one');
    const line = `kpt:${JSON.stringify({ package: 'base', workspaceName: 'one', revision: '1' })}`;
    await write('drafts/base/one', { 'base/new.yaml': 'a: 1\n' });
    const { id } = await world.discover();
    const [draft] = await world.revisions(id);
    await write('main', { 'base/new.yaml': 'a: 1\n' }, `Approve\n\n${line}\n`);
    await world.remote.tag('base/v1', { annotated: false });
    await world.sync(id);
    const published = { id: draft?.id, lifecycle: 'published', revision: 'v1', workspace: 'one', branch: null };
    expect(await world.revisions(id)).toMatchObject([{ ...published, latest: true, publishedBy: BOB.name }]);
    await world.remote.deleteRef('refs/heads/drafts/base/one');
    await world.sync(id);
    expect(await world.revisions(id)).toMatchObject([published]);
  });
});

describe('drafts in the other dialect', () => {
  it('are branches F/W with a pkg-server line, and change, move and go as others do', async () => {
    await begin('nf/pkg/one', 'nf/pkg/plain');
    await write('nf/pkg/one', { 'nf/pkg/Kptfile': KPTFILE }, MARK);
    await write('nf/pkg/plain', { 'nf/pkg/Kptfile': KPTFILE });
    await write('nf/pkg/broken', { 'nf/pkg/Kptfile': KPTFILE }, 'Draft\n\npkg-server:{"package":\n');
    const { id } = await world.discover();
    expect(await world.drafts(id)).toEqual(['nf/pkg/one (draft)']);
    const tip = await write('nf/pkg/one', { 'nf/pkg/a.yaml': 'a: 1\n' }, MARK);
    await world.sync(id);
    expect(await world.revisions(id)).toMatchObject([
      { commit: tip, gitState: 'synced', branch: 'refs/heads/nf/pkg/one' },
    ]);
    await world.remote.deleteRef('refs/heads/nf/pkg/one');
    await world.sync(id);
    expect(await world.revisions(id)).toEqual([]);
    expect(await world.database.operation.count({ where: { repositoryId: id } })).toBe(0);
  });

  it('are gone when the branch is an ordinary one again', async () => {
    await begin('nf/pkg/one');
    await write('nf/pkg/one', { 'nf/pkg/Kptfile': KPTFILE }, MARK);
    const { id } = await world.discover();
    expect(await world.drafts(id)).toEqual(['nf/pkg/one (draft)']);
    await write('nf/pkg/one', { 'nf/pkg/a.yaml': 'a: 1\n' });
    await world.sync(id);
    expect(await world.drafts(id)).toEqual([]);
  });

  it('lose against a branch of the same draft in our place', async () => {
    await begin('nf/pkg/one', 'drafts/nf/pkg/one');
    await write('nf/pkg/one', { 'nf/pkg/Kptfile': KPTFILE }, MARK);
    const tip = await write('drafts/nf/pkg/one', { 'nf/pkg/ours.yaml': 'a: 1\n' });
    const { id } = await world.discover();
    expect(await world.revisions(id)).toMatchObject([{ branch: 'refs/heads/drafts/nf/pkg/one', commit: tip }]);
  });
});

describe('proposed deletions', () => {
  const branch = 'deletionProposed/base/v1';

  it('follow their branch', async () => {
    await begin();
    await world.remote.tag('base/v1');
    const { id } = await world.discover();
    await world.remote.branch(branch, 'main');
    await world.sync(id);
    expect(await world.revisions(id)).toMatchObject([{ lifecycle: 'deletionProposed', latest: true }]);
    await world.remote.deleteRef(`refs/heads/${branch}`);
    await world.sync(id);
    expect(await world.revisions(id)).toMatchObject([{ lifecycle: 'published', branch: null }]);
  });

  it('hold from the first sight of the tag, and through a move of it', async () => {
    await begin(branch);
    const { id } = await world.discover();
    expect(await world.revisions(id)).toEqual([]);
    await world.remote.tag('base/v1');
    await world.sync(id);
    expect(await world.revisions(id)).toMatchObject([{ lifecycle: 'deletionProposed' }]);
    await write('main', { 'base/a.yaml': 'a: 1\n' });
    await world.remote.moveTag('base/v1', 'main');
    await world.sync(id);
    expect(await world.revisions(id)).toMatchObject([
      { lifecycle: 'deletionProposed', branch: `refs/heads/${branch}`, conditions: [{ type: 'ChangedOutside' }] },
    ]);
  });
});
