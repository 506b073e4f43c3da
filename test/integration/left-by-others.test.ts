import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CONFIG_MAP } from '../support/discovery.js';
import { PublishingWorld } from '../support/publishing.js';
import { someone } from '../support/service-callers.js';

/** What people with native Git leave behind: found by test/integration/random, each told here by itself. */
let world: PublishingWorld;
let name: string;
let count = 0;

beforeAll(async () => {
  world = await PublishingWorld.start();
});
beforeEach(() => {
  count += 1;
  name = `p${count}`;
});
afterAll(() => world?.stop());

const found = (workspace: string) => world.draft(name, workspace);
const rows = () => world.database.client.packageRevision.count({ where: { path: name } });

/** A branch of theirs whose package has a mode that Git does not write any more. */
async function oldDraft() {
  const { remote } = world;
  const blob = await world.git(
    'rev-parse',
    `${await remote.commit({ branch: 'scratch', files: { x: CONFIG_MAP } })}:x`,
  );
  const inner = await remote.rawTree([['100664', 'a.yaml', blob]]);
  await remote.branch(`drafts/${name}/old`, 'main');
  await remote.commitTree(await remote.rawTree([['40000', name, inner]]), `drafts/${name}/old`);
  await world.visitNow();
  const row = await found('old');
  expect(row.tree).toBe(inner);
  return row;
}

it('a proposal without any KRM is not published', async () => {
  await world.remote.branch(`proposed/${name}/theirs`, 'main');
  await world.remote.commit({ branch: `proposed/${name}/theirs`, files: { [`${name}/README.md`]: '# nothing\n' } });
  await world.visitNow();
  const { id } = await found('theirs');
  await expect(world.approve(id)).rejects.toMatchObject({
    code: 'stateConflict',
    message: expect.stringContaining('nothing to publish'),
    data: { allowedActions: ['reject', 'withdraw', 'delete'] },
  });
});

it('what is to be published under a tag for which theirs leaves no room waits for theirs to go', async () => {
  const { id } = await world.init(name);
  const { id: operationId } = await world.proposeAndApprove(id);
  await world.git('tag', name, 'main');
  await world.visitNow();
  const { client } = world.database;
  expect(await client.operation.findUnique({ where: { id: operationId } })).toMatchObject({
    state: 'failed',
    error: { code: 'nameConflict', detail: expect.stringContaining(`the tag "${name}", which the remote has`) },
  });
  expect(await world.row(id)).toMatchObject({ lifecycle: 'proposed' });
  await world.git('tag', '-d', name);
  await world.approve(id);
  await world.visitNow();
  expect(await world.row(id)).toMatchObject({ lifecycle: 'published', revision: 'v1' });
});

describe('a draft in a tree that Git would not write so', () => {
  it('is pushed anew once they have deleted its branch while a change of ours waits', async () => {
    const { id, tree } = await oldDraft();
    await world.propose(id);
    await world.remote.deleteRef(`refs/heads/drafts/${name}/old`);
    await world.visitNow();
    await world.visitNow();
    const row = await world.row(id);
    expect(row).toMatchObject({ lifecycle: 'proposed', gitState: 'synced', branch: `refs/heads/proposed/${name}/old` });
    expect(row.tree).not.toBe(tree);
    expect(await world.git('ls-tree', `proposed/${name}/old`, `${name}/`)).toMatch(/^100644 blob/);
  });

  it('is pushed where it is kept in a conflict', async () => {
    const { id } = await oldDraft();
    await world.propose(id);
    await world.remote.commit({ branch: `drafts/${name}/old`, files: { [`${name}/b.yaml`]: CONFIG_MAP } });
    await world.visitNow();
    expect(await world.row(id)).toMatchObject({ gitState: 'conflict' });
    await world.resolve(id, 'draft');
    await world.visitNow();
    expect(await world.row(id)).toMatchObject({ lifecycle: 'proposed', gitState: 'synced' });
    expect(await world.git('ls-tree', '--name-only', `proposed/${name}/old`, `${name}/`)).toBe(`${name}/a.yaml`);
  });
});

describe('a branch that they have renamed by halves', () => {
  const refs = async () => (await world.refs()).filter((ref) => ref.includes(`/${name}/`));

  it('goes with the draft that is deleted', async () => {
    const { id } = await world.init(name);
    await world.visit();
    await world.remote.branch(`proposed/${name}/one`, `drafts/${name}/one`);
    await world.visitNow();
    await world.deleteDraft(id);
    await world.visitNow();
    expect(await refs()).toEqual([]);
    expect(await rows()).toBe(0);
  });

  it('is no draft of theirs where it was renamed after the draft was deleted', async () => {
    const { id } = await world.init(name);
    await world.visit();
    await world.deleteDraft(id);
    await world.remote.branch(`proposed/${name}/one`, `drafts/${name}/one`);
    await world.visitNow();
    await world.visitNow();
    expect(await refs()).toEqual([]);
    expect(await rows()).toBe(0);
  });

  it('counts before its draft where it was theirs before we committed to it', async () => {
    const files = { [`${name}/a.yaml`]: CONFIG_MAP };
    await world.remote.branch(`drafts/${name}/one`, 'main');
    await world.remote.commit({ branch: `drafts/${name}/one`, files: { ...files, [`${name}/b.yaml`]: CONFIG_MAP } });
    await world.remote.branch(`proposed/${name}/one`, 'main');
    await world.remote.commit({ branch: `proposed/${name}/one`, files });
    await world.remote.commit({ files: { [`${name}/a.yaml`]: CONFIG_MAP.replace('ConfigMap', 'Other') } });
    await world.visitNow();
    const { id, commit: theirs } = await found('one');
    await world.overwriteHead(id);
    await world.approve(id);
    await world.remote.commit({ files: { [`${name}/a.yaml`]: CONFIG_MAP.replace('ConfigMap', 'Another') } });
    await world.visitNow();
    expect((await found('one')).commit).not.toBe(theirs);
    const told = async () => {
      const { lifecycle, commit, tree, gitState } = await found('one');
      return { lifecycle, commit, tree, gitState };
    };
    const before = await told();
    expect(before).toMatchObject({ lifecycle: 'proposed', gitState: 'synced' });
    await world.forget();
    expect(await told()).toEqual(before);
  });

  it('stays with what they have committed to it', async () => {
    const { id } = await world.init(name);
    await world.visit();
    await world.deleteDraft(id);
    await world.remote.branch(`proposed/${name}/one`, `drafts/${name}/one`);
    await world.remote.commit({ branch: `proposed/${name}/one`, files: { [`${name}/b.yaml`]: CONFIG_MAP } });
    await world.visitNow();
    await world.visitNow();
    expect(await refs()).toEqual([`heads/proposed/${name}/one`]);
    expect(await found('one')).toMatchObject({ lifecycle: 'proposed', gitState: 'synced' });
  });
});

it('what was published here is a revision for an index that is made again, wherever in the package its KRM lies', async () => {
  const { id } = await world.init(name);
  await world.edit(id, { Kptfile: null, 'more/a.yaml': CONFIG_MAP });
  const { tree } = await world.publishDraft(id);
  await world.forget();
  expect(await world.revision(name, 'v1')).toMatchObject({ tree, latest: true });
  expect(await world.package(name)).toMatchObject({ headTree: tree, headState: 'published' });
});

it('a copy of a draft as a proposal, beside which they go on, is told from the draft', async () => {
  const { id } = await world.init(name);
  await world.visit();
  await world.edit(id, { 'ours.yaml': CONFIG_MAP });
  await world.remote.branch(`proposed/${name}/one`, `drafts/${name}/one`);
  await world.git('update-ref', `refs/heads/drafts/${name}/one`, 'main');
  const files = { [`${name}/theirs.yaml`]: CONFIG_MAP };
  const conflictCommit = await world.remote.commit({ branch: `drafts/${name}/one`, files });
  await world.visitNow();
  expect(await world.row(id)).toMatchObject({ lifecycle: 'draft', gitState: 'conflict', conflictCommit });
  await world.resolve(id, 'draft');
  await world.visitNow();
  const row = await world.row(id);
  expect(row).toMatchObject({ lifecycle: 'draft', gitState: 'synced', branch: `refs/heads/drafts/${name}/one` });
  expect(await world.git('rev-parse', `drafts/${name}/one:${name}`)).toBe(row.tree);
  await world.forget();
  expect(await found('one')).toMatchObject({ lifecycle: 'draft', tree: row.tree });
});

it('a proposed deletion of what there is no more keeps its number from the next revision', async () => {
  const first = await world.publish(name);
  await world.remote.branch(`deletionProposed/${name}/v2`, 'main');
  const next = await world.copy(first, 'two');
  await world.edit(next.id, { 'a.yaml': CONFIG_MAP });
  await world.proposeAndApprove(next.id);
  await world.visitNow();
  expect(await world.row(next.id)).toMatchObject({ lifecycle: 'published', revision: 'v3' });
});

it('a draft of theirs beside a proposal of its name stays: a rejection is told to wait, and can be taken back', async () => {
  await world.remote.branch(`proposed/${name}/one`, 'main');
  const theirs = await world.remote.commit({
    branch: `proposed/${name}/one`,
    files: { [`${name}/a.yaml`]: CONFIG_MAP },
  });
  await world.remote.branch(`drafts/${name}/one`, 'main');
  const commit = await world.remote.commit({ branch: `drafts/${name}/one`, files: { [`${name}/b.yaml`]: CONFIG_MAP } });
  await world.visitNow();
  const { id } = await found('one');
  expect(await world.row(id)).toMatchObject({ lifecycle: 'proposed', commit: theirs });
  await world.lifecycle.reject(id, 'ada');
  await world.visitNow();
  expect((await world.row(id)).gitMessage).toContain(`drafts/${name}/one with commits of somebody else`);
  await world.propose(id);
  await world.visitNow();
  expect(await world.row(id)).toMatchObject({ lifecycle: 'proposed', gitState: 'synced', gitMessage: null });
  expect(await world.git('rev-parse', `drafts/${name}/one`)).toBe(commit);
});

it('a branch in the older dialect is a draft of theirs once ours of its name is deleted', async () => {
  const { id } = await world.init(name, 'two');
  await world.visitNow();
  await world.remote.branch(`${name}/two`, 'main');
  await world.remote.commit({
    branch: `${name}/two`,
    files: { [`${name}/a.yaml`]: CONFIG_MAP },
    message: 'Theirs\n\npkg-server:{"package":"x"}\n',
  });
  await world.visitNow();
  await world.lifecycle.delete(id, someone('ada'), { ifMatch: '*' });
  await world.visitNow();
  await world.visitNow();
  expect(await found('two')).toMatchObject({ lifecycle: 'draft', branch: `refs/heads/${name}/two` });
});

describe('a tag of theirs on a commit of ours', () => {
  const drafts = async () => {
    const draft = { path: name, lifecycle: 'draft' as const };
    const rows = await world.database.client.packageRevision.findMany({ where: draft });
    return rows.map(({ workspace, tree }) => [workspace, tree]);
  };

  it('leaves the draft that has gone on since, also in an index that is made again', async () => {
    const { id } = await world.init(name);
    await world.visitNow();
    const tip = await world.git('rev-parse', `drafts/${name}/one`);
    const { tree } = await world.edit(id, { 'more.yaml': CONFIG_MAP });
    await world.visitNow();
    await world.remote.tag(`${name}/v7`, { at: tip });
    await world.visitNow();
    expect(await drafts()).toEqual([['one', tree]]);
    await world.forget();
    expect(await drafts()).toEqual([['one', tree]]);
    expect(await world.revision(name, 'v7')).toMatchObject({ lifecycle: 'published', workspace: 'v7' });
  });

  it('leaves the draft of its own name that has other content', async () => {
    const { tree } = await world.init(name, 'seven');
    await world.visitNow();
    await world.remote.commit({ files: { [`${name}/a.yaml`]: CONFIG_MAP } });
    await world.remote.tag(`${name}/seven`);
    await world.visitNow();
    expect(await drafts()).toEqual([['seven', tree]]);
    await world.forget();
    expect(await drafts()).toEqual([['seven', tree]]);
    expect(await world.revision(name, 'seven')).toMatchObject({ lifecycle: 'published', workspace: 'seven-2' });
  });

  it('leaves what was published of the commit before, and its draft in an index that is made again', async () => {
    const { id, tree, commit } = await world.publish(name);
    await world.remote.tag(`${name}/v7`, { at: commit ?? '' });
    await world.visitNow();
    await world.git('tag', '-d', `${name}/v1`);
    await world.visitNow();
    await world.remote.branch(`drafts/${name}/one`, 'main');
    await world.visitNow();
    expect(await rows()).toBe(2);
    expect(await drafts()).toEqual([]);
    expect(await world.row(id)).toMatchObject({ lifecycle: 'published', revision: 'v1', tree });
    await world.forget();
    expect(await rows()).toBe(2);
    expect(await drafts()).toEqual([['one', tree]]);
  });
});
