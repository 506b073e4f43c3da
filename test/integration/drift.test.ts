import { beforeEach, describe, expect, it, vi } from 'vitest';
import { HistoryStore } from '../../src/operations/sync/history.store.js';
import type { PackageRevision } from '../../src/database/generated/client.js';
import type { Visibility } from '../../src/access/grants.js';
import { PathPattern } from '../../src/access/path-pattern.js';
import { DriftListStore } from '../../src/features/drift/drift-list.store.js';
import { DriftService } from '../../src/features/drift/drift.service.js';
import type { DriftResponse } from '../../src/features/drift/drift.schema.js';
import { toDriftResponse } from '../../src/features/drift/drift.view.js';
import { PublishingWorld } from '../support/publishing.js';
import { someone } from '../support/service-callers.js';

const ANY = { ifMatch: '*' };
const ALICE = 'Alice Example <alice@example.com>';

const next = PublishingWorld.inOneDatabase();
let world: PublishingWorld;
let begun: string;
beforeEach(async () => {
  world = await next();
  begun = world.repository.id;
});

const drift = () => world.get(DriftService);
const list = async (state?: DriftResponse['state'][]): Promise<DriftResponse[]> => {
  const { rows } = await drift().list({ repositoryId: world.repository.id, ...(state && { state }) }, someone('ada'), {
    size: 50,
  });
  return rows.map((row) => toDriftResponse(row, someone('ada')));
};
const only = async (): Promise<DriftResponse> => {
  const found = await list();
  expect(found.map(({ kind, ref }) => `${kind} ${ref}`)).toHaveLength(1);
  return found[0] as DriftResponse;
};
const resolved = async () => (await list(['resolved'])).map(({ kind, resolution }) => `${kind} ${resolution}`);
const events = async () => {
  const rows = await world.database.client.$queryRaw<{ type: string }[]>`
    SELECT type FROM (
      SELECT sequence, type, repository_id FROM event
      UNION ALL SELECT position + 9e17::bigint, type, repository_id FROM event_pending
    ) e WHERE type LIKE 'drift.%' AND repository_id IN (${begun}::uuid, ${world.repository.id}::uuid) ORDER BY sequence`;
  return rows.map(({ type }) => type.replace('drift.', ''));
};
const packageDrift = async (path: string) => (await world.package(path)).driftState;
const filesIn = (revision: string, path: string) => world.git('ls-tree', '--name-only', `${revision}:${path}`);

async function begin(action: 'adopt' | 'restore', { id }: DriftResponse): Promise<PackageRevision> {
  const draft = await drift().draft(id, action, {}, someone('ada'), ANY);
  expect(await only()).toMatchObject({ draftId: draft.id, actions: ['acknowledge'] });
  return world.row(draft.id);
}

/** What is published by the draft that settles it. */
async function settle(action: 'adopt' | 'restore', found: DriftResponse): Promise<PackageRevision> {
  const draft = await begin(action, found);
  await world.visit();
  const published = await world.publishDraft(draft.id);
  expect(published.lifecycle).toBe('published');
  expect(await list()).toEqual([]);
  expect(await resolved()).toEqual([`${found.kind} ${action === 'adopt' ? 'adopted' : 'restored'}`]);
  expect(await events()).toEqual(['found', 'resolved']);
  expect(await packageDrift('core')).toBe('none');
  return published;
}

async function acknowledge({ id }: DriftResponse): Promise<void> {
  await drift().acknowledge(id, 'A fix of the night shift.', someone('grace'), ANY);
  expect(await only()).toMatchObject({
    state: 'acknowledged',
    acknowledgement: { by: 'grace', reason: 'A fix of the night shift.' },
  });
  expect(await events()).toEqual(['found', 'acknowledged']);
}

const V1 = { 'a.yaml': 'a: 1\n' };
/** What somebody commits to the package on the ref. */
const commitByHand = (text = 'a: 2\n') => world.remote.commit({ files: { 'core/a.yaml': text } });

it('is nothing that the service did', async () => {
  const first = await world.publish('core', 'one', V1);
  const draft = await world.copy(first, 'two');
  await world.edit(draft.id, { 'a.yaml': 'a: 3\n' });
  await world.visit();
  await world.publishDraft(draft.id);
  await world.requestDeletion(first.id);
  await world.visitNow();
  expect(await list(['open', 'acknowledged', 'resolved'])).toEqual([]);
  expect(await events()).toEqual([]);
});

it('is nothing that the service did and had no time to write down', async () => {
  const cut = () =>
    world.server.onRequest(({ service, method, phase }) =>
      service === 'git-receive-pack' && method === 'POST' && phase === 'after' ? 'drop' : undefined,
    );
  const draft = await world.init('core', 'one');
  await world.visit();
  await world.proposeAndApprove(draft.id);
  cut();
  await world.visit();
  world.server.onRequest(null);
  await world.visitNow();
  expect((await world.row(draft.id)).lifecycle).toBe('published');
  await world.requestDeletion(draft.id);
  cut();
  await world.visit();
  world.server.onRequest(null);
  await world.visitNow();
  expect(await world.published('core').catch(() => [])).toEqual([]);
  expect(await world.tags()).toEqual([]);
  expect(await list(['open', 'acknowledged', 'resolved'])).toEqual([]);
});

describe('a head that differs', () => {
  const find = async () => {
    const row = await world.publish('core', 'one', V1);
    const commit = await commitByHand();
    await world.visitNow();
    const found = await only();
    expect(found).toMatchObject({
      ...{ kind: 'headDiffers', state: 'open', path: 'core', ref: 'main', packageRevisionId: null },
      git: { commit, tree: await world.git('rev-parse', 'main:core'), author: ALICE, committer: ALICE },
      held: { commit: row.commit, tree: row.tree, revision: 'v1' },
      ...{ files: ['a.yaml'], fileCount: 1, actions: ['adopt', 'restore', 'acknowledge'] },
    });
    expect(Date.parse(found.git?.committedAt ?? '')).toBeGreaterThan(0);
    expect(await packageDrift('core')).toBe('open');
    return found;
  };

  it('is adopted', async () => {
    const { git } = await find();
    const published = await settle('adopt', await only());
    expect(published).toMatchObject({ revision: 'v2', tree: git?.tree });
  });

  it('is undone', async () => {
    const { held } = await find();
    const published = await settle('restore', await only());
    expect(published).toMatchObject({ revision: 'v2', tree: held?.tree });
    expect(await world.git('rev-parse', 'main:core')).toBe(held?.tree);
  });

  it('is let be until it is another, and over once it is gone', async () => {
    await acknowledge(await find());
    expect(await packageDrift('core')).toBe('acknowledged');
    await commitByHand('a: 5\n');
    await world.visitNow();
    expect(await only()).toMatchObject({ state: 'open', acknowledgement: null });
    await commitByHand('a: 1\n');
    await world.visitNow();
    expect(await list()).toEqual([]);
    expect(await resolved()).toEqual(['headDiffers gone']);
    expect(await events()).toEqual(['found', 'acknowledged', 'found', 'resolved']);
  });

  it('can be adopted again once the draft that was to do it is deleted', async () => {
    const draft = await begin('adopt', await find());
    await expect(begin('restore', await only())).rejects.toMatchObject({ code: 'stateConflict' });
    await world.deleteDraft(draft.id);
    expect(await only()).toMatchObject({ draftId: null, actions: ['adopt', 'restore', 'acknowledge'] });
  });

  it('is also one that somebody has removed, and is had back', async () => {
    const row = await world.publish('core', 'one', V1);
    const commit = await world.remote.commit({ files: { 'core/Kptfile': null, 'core/a.yaml': null } });
    await world.visitNow();
    const found = await only();
    expect(found).toMatchObject({
      ...{ kind: 'headDiffers', git: { commit, tree: null, author: ALICE }, held: { tree: row.tree, revision: 'v1' } },
      ...{ actions: ['restore', 'acknowledge'] },
    });
    expect(found.files).toContain('a.yaml');
    expect(await settle('restore', found)).toMatchObject({ revision: 'v2', tree: row.tree });
    expect(await world.git('rev-parse', 'main:core')).toBe(row.tree);
  });

  it('is none where nothing of the package was published here, or its last revision was deleted', async () => {
    await world.remote.commit({ files: { 'theirs/Kptfile': 'apiVersion: a/v1\nkind: B\n' } });
    await world.remote.tag('theirs/v1');
    await world.remote.commit({ files: { 'theirs/Kptfile': null } });
    const { id } = await world.publish('core', 'one', V1);
    await world.requestDeletion(id);
    await world.visitNow();
    expect((await list()).map(({ kind, path }) => `${kind} ${path}`)).toEqual(['tagAdded theirs']);
  });

  it('is what a deletion keeps', async () => {
    const row = await world.publish('core', 'one', V1);
    const draft = await world.copy(row, 'two');
    await world.edit(draft.id, { 'a.yaml': 'a: 2\n' });
    const second = await world.publishDraft(draft.id);
    await world.requestDeletion(second.id, 'keep');
    await world.visit();
    expect(await only()).toMatchObject({ kind: 'headDiffers', held: { revision: 'v1' }, git: { tree: second.tree } });
  });
});

it('is seen by those alone who may see what it is about', async () => {
  await world.publish('core', 'one', V1);
  await world.publish('other', 'one', V1);
  await world.remote.branch('aside', 'main~1');
  await world.remote.commit({ branch: 'aside', files: { 'core/a.yaml': 'a: 2\n', 'other/a.yaml': 'a: 2\n' } });
  await world.remote.branch('main', 'aside');
  await world.visitNow();
  const seen = async (visibility: Visibility) => {
    const { rows } = await world
      .get(DriftListStore)
      .list({ repositoryId: world.repository.id }, visibility, { size: 50 });
    return rows.map(({ kind, path }) => `${kind} ${path}`).sort();
  };
  const repositoryId = world.repository.id;
  expect(await seen('all')).toContain('historyRewritten null');
  expect(await seen({ repositoryIds: [repositoryId], paths: [] })).toEqual(await seen('all'));
  const pattern = PathPattern.parse('core');
  expect(await seen({ repositoryIds: [], paths: [{ repositoryId, pattern }] })).toEqual(['headDiffers core']);
  expect(await seen({ repositoryIds: [], paths: [] })).toEqual([]);
});

describe('a tag that somebody has added', () => {
  const find = async () => {
    const row = await world.publish('core', 'one', V1);
    const commit = await commitByHand();
    await world.remote.tag('core/v2');
    await world.visitNow();
    const found = await only();
    expect(found).toMatchObject({
      ...{ kind: 'tagAdded', state: 'open', path: 'core', ref: 'core/v2' },
      packageRevisionId: (await world.revision('core', 'v2')).id,
      git: { commit, tree: await world.git('rev-parse', 'main:core'), author: ALICE, committer: ALICE },
      held: { commit: row.commit, tree: row.tree, revision: 'v1' },
      ...{ files: ['a.yaml'], fileCount: 1, actions: ['adopt', 'restore', 'acknowledge'] },
    });
    return found;
  };

  it('is adopted', async () => {
    await find();
    expect(await settle('adopt', await only())).toMatchObject({ revision: 'v3', external: false });
  });

  it('is undone by the content of before', async () => {
    const { held } = await find();
    expect(await settle('restore', await only())).toMatchObject({ revision: 'v3', tree: held?.tree });
  });

  it('is let be, and over with its deletion', async () => {
    const found = await find();
    await acknowledge(found);
    await world.requestDeletion(found.packageRevisionId ?? '');
    await world.visit();
    expect(await resolved()).toEqual(['tagAdded gone']);
  });

  it('is none on the first reading of a repository', async () => {
    await find();
    await world.forget();
    expect(await list()).toEqual([]);
    expect(await events()).toEqual(['found']);
  });
});

describe('a tag that somebody has moved', () => {
  const find = async () => {
    const row = await world.publish('core', 'one', V1);
    const side = await world.remote.commit({
      branch: 'side',
      files: { 'core/Kptfile': 'apiVersion: a/v1\nkind: B\n' },
    });
    await world.remote.moveTag('core/v1', side);
    await world.visitNow();
    const found = await only();
    expect(found).toMatchObject({
      ...{ kind: 'tagMoved', state: 'open', path: 'core', ref: 'core/v1', packageRevisionId: row.id },
      git: { commit: side, author: ALICE, committer: ALICE },
      held: { commit: row.commit, tree: row.tree, revision: 'v1' },
      ...{ actions: ['adopt', 'restore', 'acknowledge'] },
    });
    expect(found.files).toContain('a.yaml');
    const after = await world.row(row.id);
    expect(after).toMatchObject({
      commit: row.commit,
      tree: row.tree,
      revision: 'v1',
      lifecycle: 'published',
      latest: true,
    });
    expect(after.conditions).toMatchObject([{ type: 'ChangedOutside', reason: 'TagMoved' }]);
    expect(JSON.stringify(after.conditions)).toContain(side);
    const told = await world.database.client.$queryRaw<{ type: string }[]>`
      SELECT type FROM event WHERE package_revision_id = ${row.id}::uuid AND type = 'packageRevision.tagMoved'
      UNION ALL SELECT type FROM event_pending WHERE package_revision_id = ${row.id}::uuid AND type = 'packageRevision.tagMoved'`;
    expect(told).toHaveLength(1);
    return found;
  };

  it('changes nothing of what was published, is adopted as the next revision', async () => {
    const { git } = await find();
    expect(await settle('adopt', await only())).toMatchObject({ revision: 'v2', tree: git?.tree });
  });

  it('is answered by what was published', async () => {
    const { held } = await find();
    expect(await settle('restore', await only())).toMatchObject({ revision: 'v2', tree: held?.tree });
  });

  it('of an older version is put right in Git only: a draft of it would be the newest', async () => {
    const first = await world.publish('core', 'one', V1);
    const draft = await world.copy(first, 'two');
    await world.edit(draft.id, { 'a.yaml': 'a: 2\n' });
    await world.publishDraft(draft.id);
    await world.remote.moveTag('core/v1', 'main');
    await world.visitNow();
    expect(await only()).toMatchObject({ kind: 'tagMoved', ref: 'core/v1', actions: ['acknowledge'] });
    await world.remote.deleteRef('refs/tags/core/v1');
    await world.visitNow();
    expect(await only()).toMatchObject({ kind: 'tagDeleted', ref: 'core/v1', actions: ['acknowledge'] });
    await expect(begin('restore', await only())).rejects.toMatchObject({ code: 'stateConflict' });
  });

  it('is let be, and over once it is back', async () => {
    const { held, packageRevisionId } = await find();
    await acknowledge(await only());
    await world.remote.moveTag('core/v1', held?.commit ?? '');
    await world.visitNow();
    expect(await list()).toEqual([]);
    expect(await resolved()).toEqual(['tagMoved gone']);
    expect((await world.row(packageRevisionId ?? '')).conditions).toEqual([]);
  });

  it('is not deleted with the revision: it is of somebody else', async () => {
    const { packageRevisionId } = await find();
    const operation = await world.requestDeletion(packageRevisionId ?? '');
    await world.visit();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'failed', error: { code: 'stateConflict' } });
    expect(await world.refs()).toContain('tags/core/v1');
  });

  it('is followed where the service has not set it, and what it held can be had back', async () => {
    await world.remote.commit({ files: { 'core/Kptfile': 'apiVersion: a/v1\nkind: B\n', 'core/a.yaml': 'a: 1\n' } });
    await world.remote.tag('core/v1');
    await world.visitNow();
    const before = await world.revision('core', 'v1');
    const commit = await commitByHand();
    await world.remote.moveTag('core/v1', 'main');
    await world.visitNow();
    expect(await world.revision('core', 'v1')).toMatchObject({ id: before.id, commit });
    const found = await only();
    expect(found).toMatchObject({ kind: 'tagMoved', git: { commit }, held: { tree: before.tree }, files: ['a.yaml'] });
    const draft = await begin('restore', found);
    await world.visit();
    expect(await world.publishDraft(draft.id)).toMatchObject({ revision: 'v2', tree: before.tree });
  });

  it('to where the package is not leaves what was published', async () => {
    const row = await world.publish('core', 'one', V1);
    await world.remote.commit({
      branch: 'bare',
      files: { 'core/Kptfile': null, 'core/a.yaml': null, 'README.md': 'x\n' },
    });
    await world.remote.moveTag('core/v1', 'bare');
    await world.visitNow();
    expect(await only()).toMatchObject({ kind: 'tagMoved', git: null, held: { commit: row.commit } });
    expect(await world.row(row.id)).toMatchObject({ lifecycle: 'published', tree: row.tree });
  });
});

describe('a tag that somebody has deleted', () => {
  const find = async () => {
    const row = await world.publish('core', 'one', V1);
    await world.remote.deleteRef('refs/tags/core/v1');
    await world.visitNow();
    const found = await only();
    expect(found).toMatchObject({
      ...{ kind: 'tagDeleted', state: 'open', path: 'core', ref: 'core/v1', packageRevisionId: row.id, git: null },
      held: { commit: row.commit, tree: row.tree, revision: 'v1' },
      actions: ['restore', 'acknowledge'],
    });
    const after = await world.row(row.id);
    expect(after).toMatchObject({ commit: row.commit, tree: row.tree, lifecycle: 'published', latest: true });
    expect(after.conditions).toMatchObject([{ type: 'ChangedOutside', reason: 'TagDeleted' }]);
    return found;
  };

  it('takes nothing away that was published, and is answered by it', async () => {
    const { held } = await find();
    expect(await settle('restore', await only())).toMatchObject({ revision: 'v2', tree: held?.tree });
  });

  it('leaves the head of a package that only its tag named', async () => {
    const draft = await world.init('plain', 'one');
    await world.edit(draft.id, { Kptfile: null, 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' });
    const { tree } = await world.publishDraft(draft.id);
    await world.remote.deleteRef('refs/tags/plain/v1');
    await world.visitNow();
    expect(await world.package('plain')).toMatchObject({ headTree: tree, headState: 'published', driftState: 'open' });
  });

  it('is let be, and over once it is set again', async () => {
    const { held, packageRevisionId } = await find();
    await acknowledge(await only());
    await world.remote.tag('core/v1', { at: held?.commit ?? '' });
    await world.visitNow();
    expect(await resolved()).toEqual(['tagDeleted gone']);
    expect((await world.row(packageRevisionId ?? '')).conditions).toEqual([]);
  });

  it('is over with the revision', async () => {
    const { packageRevisionId } = await find();
    await world.requestDeletion(packageRevisionId ?? '');
    await world.visit();
    expect(await list()).toEqual([]);
    expect(await resolved()).toEqual(['tagDeleted gone']);
  });

  it('takes its revision with it where the service has not set it, and that can be had back', async () => {
    await world.remote.commit({ files: { 'core/Kptfile': 'apiVersion: a/v1\nkind: B\n', 'core/a.yaml': 'a: 1\n' } });
    await world.remote.tag('core/v1');
    await world.visitNow();
    const { tree } = await world.revision('core', 'v1');
    await world.remote.deleteRef('refs/tags/core/v1');
    await world.visitNow();
    expect(await world.published('core')).toEqual([]);
    const found = await only();
    expect(found).toMatchObject({ kind: 'tagDeleted', packageRevisionId: null, held: { tree, revision: 'v1' } });
    expect((await begin('restore', found)).tree).toBe(tree);
  });
});

describe("a draft's branch that somebody has pushed to", () => {
  const find = async () => {
    const draft = await world.init('core', 'one');
    await world.visit();
    const row = await world.row(draft.id);
    const commit = await world.remote.commit({ branch: 'drafts/core/one', files: { 'core/a.yaml': 'a: 9\n' } });
    await world.visitNow();
    const found = await only();
    expect(found).toMatchObject({
      ...{ kind: 'branchPushed', state: 'open', path: 'core', ref: 'drafts/core/one', packageRevisionId: draft.id },
      git: { commit, author: ALICE, committer: ALICE },
      held: { commit: row.commit, tree: row.tree, workspace: 'one' },
      ...{ files: ['a.yaml'], fileCount: 1, actions: ['restore', 'acknowledge'] },
    });
    return { found, row };
  };

  it('is taken back by a draft of what was there', async () => {
    const { found, row } = await find();
    const draft = await begin('restore', found);
    expect(draft.tree).toBe(row.tree);
    await world.visit();
    await world.publishDraft(draft.id);
    expect(await resolved()).toEqual(['branchPushed restored']);
  });

  it('is let be, and over with the publication that follows', async () => {
    const { found, row } = await find();
    await acknowledge(found);
    await world.publishDraft(row.id);
    expect(await resolved()).toEqual(['branchPushed gone']);
  });

  it('is told anew with each push, with what was held before the first', async () => {
    const { row } = await find();
    await world.remote.commit({ branch: 'drafts/core/one', files: { 'core/a.yaml': 'a: 10\n' } });
    await world.visitNow();
    expect(await only()).toMatchObject({ held: { tree: row.tree } });
    expect(await events()).toEqual(['found', 'found']);
  });

  it('is one also where the draft is new', async () => {
    await world.publish('core', 'one', V1);
    await world.remote.branch('drafts/core/theirs', 'main');
    await world.remote.commit({ branch: 'drafts/core/theirs', files: { 'core/a.yaml': 'a: 9\n' } });
    await world.visitNow();
    expect(await only()).toMatchObject({ kind: 'branchPushed', held: null, actions: ['acknowledge'] });
  });

  it('in a conflict is over with it', async () => {
    const draft = await world.init('core', 'one');
    await world.visit();
    await world.edit(draft.id, { 'b.yaml': 'b: 1\n' });
    await world.remote.commit({ branch: 'drafts/core/one', files: { 'core/a.yaml': 'a: 9\n' } });
    await world.visitNow();
    expect(await only()).toMatchObject({ kind: 'branchPushed' });
    await world.resolve(draft.id, 'draft');
    expect(await resolved()).toEqual(['branchPushed gone']);
  });
});

describe("a draft's branch that somebody has deleted", () => {
  const find = async () => {
    const draft = await world.init('core', 'one');
    await world.edit(draft.id, V1);
    await world.visit();
    const row = await world.row(draft.id);
    await world.remote.deleteRef('refs/heads/drafts/core/one');
    await world.visitNow();
    const found = await only();
    expect(found).toMatchObject({
      ...{ kind: 'branchDeleted', state: 'open', path: 'core', ref: 'drafts/core/one', git: null, packageId: null },
      held: { commit: row.commit, tree: row.tree, workspace: 'one' },
      actions: ['restore', 'acknowledge'],
    });
    expect(found.files).toContain('a.yaml');
    return { found, row };
  };

  it('is had back', async () => {
    const { found, row } = await find();
    const draft = await drift().draft(found.id, 'restore', {}, someone('ada'), ANY);
    expect(draft).toMatchObject({ tree: row.tree, workspace: 'one', path: 'core' });
    expect(await resolved()).toEqual(['branchDeleted restored']);
    await world.visit();
    expect(await filesIn('drafts/core/one', 'core')).toContain('a.yaml');
  });

  it('is let be, and over once somebody pushes it again', async () => {
    const { found, row } = await find();
    await acknowledge(found);
    await world.remote.branch('drafts/core/one', row.commit ?? '');
    await world.visitNow();
    expect(await resolved()).toEqual(['branchDeleted gone']);
  });
});

describe('a history that was rewritten', () => {
  const find = async () => {
    await world.remote.commit({ files: { 'README.md': 'one\n' } });
    await world.visitNow();
    const lost = await world.git('rev-parse', 'main');
    await world.remote.branch('main', 'main~1');
    const commit = await world.remote.commit({ files: { 'README.md': 'two\n' } });
    await world.visitNow();
    const found = await only();
    expect(found).toMatchObject({
      ...{ kind: 'historyRewritten', state: 'open', path: null, packageId: null, ref: 'main', files: null },
      git: { commit, author: ALICE, committer: ALICE },
      ...{ held: { commit: lost, tree: null }, actions: ['acknowledge'] },
    });
    return found;
  };

  it('is let be', async () => {
    await acknowledge(await find());
    expect(await resolved()).toEqual([]);
  });

  it('is over once the branch holds again what it had lost', async () => {
    const { held } = await find();
    await acknowledge(await only());
    await world.remote.branch('main', held?.commit ?? '');
    await world.visitNow();
    expect(await list()).toEqual([]);
    expect(await resolved()).toEqual(['historyRewritten gone']);
  });

  it('is over also where the worker dies before it has recorded what the branch holds again', async () => {
    const { held } = await find();
    await world.remote.branch('main', held?.commit ?? '');
    const store = world.get(HistoryStore);
    const add = vi.spyOn(store, 'add').mockRejectedValueOnce(new Error('The worker dies.'));
    await world.visitNow();
    expect(add).toHaveBeenCalledOnce();
    add.mockRestore();
    await world.visitNow();
    expect(await list()).toEqual([]);
    expect(await resolved()).toEqual(['historyRewritten gone']);
  });

  it('is none where the commit was merged in', async () => {
    await world.remote.commit({ files: { 'README.md': 'one\n' } });
    await world.visitNow();
    const tree = await world.git('rev-parse', 'main^{tree}');
    const AS = ['-c', 'user.name=Alice', '-c', 'user.email=alice@example.com', 'commit-tree'] as const;
    const other = await world.git(...AS, tree, '-p', 'main~1', '-m', 'Other');
    await world.remote.branch('main', await world.git(...AS, tree, '-p', other, '-p', 'main', '-m', 'Merge'));
    await world.visitNow();
    expect(await list()).toEqual([]);
  });
});

describe('a branch that nobody needs', () => {
  it('is one beside its publication, until it is gone', async () => {
    const row = await world.publish('core', 'one', V1);
    await world.remote.branch('drafts/core/one', row.commit ?? '');
    await world.visitNow();
    const found = await only();
    expect(found).toMatchObject({
      ...{ kind: 'leftoverBranch', path: 'core', ref: 'drafts/core/one', packageRevisionId: row.id },
      ...{ git: { commit: row.commit }, actions: ['acknowledge'] },
    });
    await acknowledge(found);
    await world.remote.deleteRef('refs/heads/drafts/core/one');
    await world.visitNow();
    expect(await resolved()).toEqual(['leftoverBranch gone']);
  });

  it('is one that the remote does not delete', async () => {
    const draft = await world.init('core', 'one');
    await world.visit();
    const { commit } = await world.row(draft.id);
    await world.remote.configure({ 'receive.denyDeletes': 'true' });
    await world.publishDraft(draft.id);
    const found = await only();
    expect(found).toMatchObject({ kind: 'leftoverBranch', path: 'core', git: { commit: expect.any(String) } });
    expect(found.git?.author).toContain('ada');
    expect(commit).not.toBeNull();
    await world.remote.configure({ 'receive.denyDeletes': 'false' });
    await world.database.client.repositoryPolling.updateMany({ data: { tidyAt: new Date(0) } });
    await world.visitNow();
    expect(await resolved()).toEqual(['leftoverBranch gone']);
  });
});
