import { describe, expect, it } from 'vitest';
import { someone } from '../support/service-callers.js';
import { KPTFILE } from '../support/discovery.js';
import { PublishingWorld, type RemoteOptions } from '../support/publishing.js';

let world: PublishingWorld;
const next = PublishingWorld.inOneDatabase({ MAX_PACKAGE_BYTES: String(1024 * 1024) });
const start = async (options: RemoteOptions = {}) => (world = await next(options));

describe('a publication', () => {
  it('merges the draft, replaces exactly the package, tags as the approver, and removes the branch', async () => {
    await start();
    await world.remote.commit({ files: { 'nf/core-2/Kptfile': 'x: 1\n', 'nf/note.txt': 'kept\n' } });
    await world.visitNow();
    const draft = await world.init('nf/core');
    await world.edit(draft.id, { 'sub/a.yaml': 'a: 1\n', 'gone.yaml': 'b: 1\n' });
    await world.visit();
    const reviewed = await world.edit(draft.id, { 'gone.yaml': null });
    await world.propose(draft.id);
    await world.visit();
    const head = await world.remote.revParse('main');
    const tip = await world.remote.revParse('proposed/nf/core/one');
    const operation = await world.approve(draft.id);
    await world.visit();

    const commit = await world.remote.revParse('main');
    expect(await world.git('rev-list', '--parents', '-1', 'main')).toBe(`${commit} ${head} ${tip}`);
    expect(await world.git('rev-parse', 'main:nf/core')).toBe(reviewed.tree);
    expect(await world.git('diff', '--name-only', head, commit)).toBe('nf/core/Kptfile\nnf/core/sub/a.yaml');
    expect(await world.refs()).toEqual(['heads/main', 'tags/nf/core/v1']);
    expect(await world.git('cat-file', '-t', 'nf/core/v1')).toBe('tag');
    expect(await world.git('rev-parse', 'nf/core/v1^{}')).toBe(commit);
    expect(await world.git('for-each-ref', '--format=%(taggername) %(taggeremail)', 'refs/tags')).toBe(
      'grace <grace@localhost>',
    );
    expect(await world.git('log', '-1', '--format=%an|%cn')).toBe('grace|pkgserver');
    const trailers = await world.git('log', '-1', '--format=%(trailers:only,unfold)');
    expect(trailers.split('\n')).toEqual([
      'Package: nf/core',
      'Workspace: one',
      'Revision: v1',
      'Source: init',
      `Operation: ${operation.id}`,
      `Published-at: ${operation.createdAt.toISOString()}`,
      'Approved-by: grace',
    ]);
    expect(await world.git('log', '-1', '--format=%B')).toContain(
      'kpt:{"package":"nf/core","workspaceName":"one","revision":"1","task":{"type":"init"}}',
    );
    await world.remote.check();

    expect(await world.row(draft.id)).toMatchObject({
      ...{ lifecycle: 'published', revision: 'v1', latest: true, tag: 'nf/core/v1', commit, branch: null },
      ...{ tree: reviewed.tree, gitState: 'synced', publishedBy: 'grace' },
    });
    expect(await world.operation(operation.id)).toMatchObject({
      state: 'succeeded',
      result: { resource: { type: 'PackageRevision', id: draft.id }, revision: 'v1', tag: 'nf/core/v1', commit },
    });
    const owner = await world.package('nf/core');
    expect(owner.headTree).toBe(reviewed.tree);
  });

  it('leaves the index as a sync of the remote would: the next one has nothing to read or to change', async () => {
    await start();
    const row = await world.publish('core');
    const before = world.server.requests;
    await world.visitNow();
    // The list of refs alone.
    expect(world.server.requests - before).toBe(1);
    expect(await world.row(row.id)).toEqual(row);
  });

  it('makes the ref on an empty remote, also for two packages at once', async () => {
    await start({ empty: true });
    const [one, two] = [await world.init('one'), await world.init('nf/two')];
    await world.proposeAndApprove(one.id);
    await world.proposeAndApprove(two.id);
    await world.visit();
    expect(await world.refs()).toEqual(['heads/main', 'tags/nf/two/v1', 'tags/one/v1']);
    expect(await world.git('rev-parse', 'main:one', 'main:nf/two')).toBe(`${one.tree}\n${two.tree}`);
    await world.remote.check();
  });

  it('takes many drafts of one package at once: the first is published, and what it brought no other undoes', async () => {
    await start();
    const first = await world.publish('core');
    const drafts = [];
    for (let index = 0; index < 8; index += 1) {
      const draft = await world.copy(first, `w${index}`);
      drafts.push(await world.edit(draft.id, { [`a${index}.yaml`]: `a: ${index}\n` }));
    }
    await world.visit();
    const before = world.server.requests;
    const operations = [];
    for (const draft of drafts) operations.push(await world.proposeAndApprove(draft.id));
    await world.visit();
    expect(world.server.requests - before).toBeLessThan(8);
    const [, ...refused] = await Promise.all(operations.map(({ id }) => world.operation(id)));
    for (const operation of refused) {
      expect(operation).toMatchObject({ error: { code: 'baseOutdated', data: { publishedSince: ['v2'] } } });
    }
    for (const { id } of drafts.slice(1)) {
      await world.lifecycle.reject(id, 'grace');
      await world.rebase(id);
      await world.publishDraft(id);
    }
    expect(await world.published('core')).toEqual([
      ['v1', 'one'],
      ...drafts.map((draft, index) => [`v${index + 2}`, draft.workspace]),
    ]);
    const files = (await world.remote.lsTree('main', 'core')).map(({ path }) => path);
    expect(files).toEqual(['Kptfile', ...drafts.map((_, index) => `a${index}.yaml`)]);
    const rows = await world.rows({ latest: true });
    expect(rows.map((row) => row.revision)).toEqual(['v9']);
    await world.remote.check();
  });

  it('of the same content twice undoes nothing: both get a number', async () => {
    await start();
    const first = await world.publish('core');
    const drafts = [await world.copy(first, 'two'), await world.copy(first, 'three')];
    for (const draft of drafts) await world.proposeAndApprove(draft.id);
    await world.visit();
    expect(await world.published('core')).toEqual([
      ['v1', 'one'],
      ['v2', 'two'],
      ['v3', 'three'],
    ]);
  });

  it('goes over what others pushed to the ref meanwhile, where the package is untouched', async () => {
    await start();
    const draft = await world.init('core');
    await world.visit();
    await world.remote.commit({ files: { 'else.txt': 'kept\n', 'core2/Kptfile': 'x: 1\n' } });
    const row = await world.publishDraft(draft.id);
    expect(row.revision).toBe('v1');
    expect((await world.remote.lsTree()).map(({ path }) => path)).toEqual([
      'README.md',
      'core/Kptfile',
      'core2/Kptfile',
      'else.txt',
    ]);
  });

  it('stops at direct changes of the package and lists them; a rebased draft goes through', async () => {
    await start();
    const first = await world.publish('core', 'one', { 'a.yaml': 'a: 1\n', 'b.yaml': 'b: 1\n' });
    const draft = await world.copy(first, 'two');
    await world.edit(draft.id, { 'a.yaml': 'a: 2\n' });
    await world.visit();
    await world.remote.commit({ files: { 'core/b.yaml': null, 'core/c.yaml': 'c: 1\n' }, message: 'Hotfix\n' });
    const refused = await world.proposeAndApprove(draft.id);
    const head = await world.remote.revParse('main');
    await world.visit();
    expect(await world.operation(refused.id)).toMatchObject({
      state: 'failed',
      error: { code: 'drift', data: { files: ['b.yaml', 'c.yaml'] } },
    });
    expect(await world.remote.revParse('main')).toBe(head);
    expect(await world.row(draft.id)).toMatchObject({ lifecycle: 'proposed', revision: null });

    expect(Object.keys(await world.conditions(draft.id))).toEqual(['HeadDiffers']);
    await expect(world.approve(draft.id)).rejects.toMatchObject({
      code: 'drift',
      data: { files: ['b.yaml', 'c.yaml'] },
    });
    await world.lifecycle.reject(draft.id, 'grace');
    await world.rebase(draft.id);
    expect(await world.conditions(draft.id)).toEqual({});
    const row = await world.publishDraft(draft.id);
    expect(row.revision).toBe('v2');
    expect(await world.git('rev-parse', 'main:core')).toBe(row.tree);
    expect((await world.remote.lsTree('main', 'core')).map(({ path }) => path)).toEqual([
      'Kptfile',
      'a.yaml',
      'c.yaml',
    ]);
    expect(await world.git('show', 'main:core/a.yaml')).toBe('a: 2');
    expect(await world.git('merge-base', '--is-ancestor', head, 'main')).toBe('');
    await world.remote.check();
  });

  it('is bound to the content that was approved', async () => {
    await start();
    const draft = await world.init('core');
    const operation = await world.proposeAndApprove(draft.id);
    // No way through the API: somebody pushes to the proposed branch before the publication is carried out.
    await world.engine.database.client.operation.updateMany({ where: { id: operation.id }, data: { state: 'failed' } });
    await world.visit();
    await world.remote.commit({ branch: 'proposed/core/one', files: { 'core/sneaked.yaml': 'a: 1\n' } });
    await world.operations.retry(operation.id, someone('root'));
    await world.visit();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'failed', error: { code: 'contentChanged' } });
    expect(await world.refs()).toEqual(['heads/main', 'heads/proposed/core/one']);
  });
});

describe('a tree that Git would write otherwise today', () => {
  /** The remote takes nothing that `git fsck --strict` complains of. */
  const STRICT = { 'receive.fsckObjects': 'true' };

  it('is written as Git writes it, each name once, wherever a publication or deletion goes through it', async () => {
    await start();
    const { remote } = world;
    await remote.commit({
      files: { 'nf/core/Kptfile': KPTFILE, 'nf/other/Kptfile': KPTFILE, 'run.sh': '#!/bin/sh\n' },
    });
    const [core, other] = [await remote.revParse('main:nf/core'), await remote.revParse('main:nf/other')];
    const script = await remote.revParse('main:run.sh');
    const folder = await remote.rawTree([
      ...([
        ['040000', 'core', core],
        ['100664', 'note', script],
        ['0040000', 'other', other],
      ] as const),
    ]);
    await remote.commitTree(
      await remote.rawTree([
        ['040000', 'nf', folder],
        ['100775', 'run.sh', script],
        ['100664', 'zz', script],
      ]),
    );
    await remote.tag('nf/core/v1');
    await remote.tag('nf/other/v1');
    await remote.configure(STRICT);
    await world.visitNow();

    const draft = await world.copy(await world.revision('nf/core', 'v1'), 'two');
    await world.edit(draft.id, { 'a.yaml': 'a: 1\n' });
    const row = await world.publishDraft(draft.id);
    expect(row).toMatchObject({ revision: 'v2', lifecycle: 'published' });
    expect(await remote.rawEntries('main:')).toEqual(['40000 nf', '100755 run.sh', '100644 zz']);
    expect(await remote.rawEntries('main:nf')).toEqual(['40000 core', '100644 note', '40000 other']);
    expect(await world.git('rev-parse', 'main:nf/core', 'main:nf/other')).toBe(`${row.tree}\n${other}`);

    const removal = await world.requestDeletion((await world.revision('nf/other', 'v1')).id);
    await world.visit();
    expect(await world.operation(removal.id)).toMatchObject({ state: 'succeeded' });
    expect(await remote.rawEntries('main:nf')).toEqual(['40000 core', '100644 note']);
  });

  it('is written as Git writes it where it is the package, which is copied without another edit', async () => {
    await start();
    const { remote } = world;
    await remote.commit({ files: { 'core/Kptfile': KPTFILE, 'core/sub/a.yaml': 'a: 1\n' } });
    const [kptfile, sub] = [await remote.revParse('main:core/Kptfile'), await remote.revParse('main:core/sub')];
    const core = await remote.rawTree([
      ['100664', 'Kptfile', kptfile],
      ['100775', 'run', kptfile],
      ['040000', 'sub', sub],
    ]);
    await remote.commitTree(await remote.rawTree([['40000', 'core', core]]));
    await remote.tag('core/v1');
    // What others have pushed as they like is published as it was reviewed.
    await remote.branch('drafts/core/theirs', 'main');
    await remote.configure(STRICT);
    await world.visitNow();
    const first = await world.revision('core', 'v1');
    expect(first.tree).toBe(core);

    const theirs = await world.publishDraft((await world.draft('core', 'theirs')).id);
    expect(theirs).toMatchObject({ revision: 'v2', tree: core });
    const ours = await world.publishDraft((await world.copy(first, 'ours')).id);
    expect(ours.revision).toBe('v3');
    expect(await remote.rawEntries('main:core')).toEqual(['100644 Kptfile', '100755 run', '40000 sub']);
    expect(await world.git('rev-parse', 'main:core')).toBe(ours.tree);
  });
});

describe('entries that the API cannot name', () => {
  it('stay as they are, byte for byte, in a copy, through edits and a publication, and in a clone', async () => {
    await start();
    const { remote } = world;
    await remote.commit({
      files: { 'core/Kptfile': KPTFILE, 'core/sub/a.yaml': 'a: 1\n', 'large.bin': Buffer.alloc(2 * 1024 * 1024, 7) },
    });
    const [kptfile, file] = [await remote.revParse('main:core/Kptfile'), await remote.revParse('main:core/sub/a.yaml')];
    const sub = await remote.rawTree([
      ['100644', 'a.yaml', file],
      ['100755', 'gr\xfc\xdfe.yaml', file],
    ]);
    const core = await remote.rawTree([
      ...([
        ['100644', 'Kptfile', kptfile],
        ['100644', 'caf\xe9.yaml', file],
        ['40000', 'd\xe9j\xe0', sub],
      ] as const),
      ['40000', 'sub', sub],
    ]);
    const large = await remote.rawTree([
      ...([
        ['100644', 'Kptfile', kptfile],
        ['100644', 'large.bin', await remote.revParse('main:large.bin')],
      ] as const),
    ]);
    await remote.commitTree(
      await remote.rawTree([
        ['40000', 'core', core],
        ['40000', 'large', large],
      ]),
    );
    await remote.tag('core/v1');
    await remote.tag('large/v1');
    await remote.config('receive.fsckObjects', 'true');
    await world.visitNow();
    const first = await world.revision('core', 'v1');
    const unsupported = [
      'caf\ufffd.yaml',
      'd\ufffdj\ufffd/a.yaml',
      'd\ufffdj\ufffd/gr\ufffd\ufffde.yaml',
      'sub/gr\ufffd\ufffde.yaml',
    ];
    expect((await world.unsupported(first)).sort()).toEqual(unsupported);

    const copy = await world.copy(first, 'two');
    await world.edit(copy.id, { 'new.yaml': 'b: 1\n', 'sub/a.yaml': null });
    const second = await world.publishDraft(copy.id);
    expect(second.revision).toBe('v2');
    expect((await world.unsupported(second)).sort()).toEqual(unsupported);
    expect(await remote.rawEntries('main:core')).toEqual([
      ...['100644 Kptfile', '100644 caf\xe9.yaml', '40000 d\xe9j\xe0', '100644 new.yaml', '40000 sub'],
    ]);
    expect(await remote.rawEntries('main:core/sub')).toEqual(['100755 gr\xfc\xdfe.yaml']);
    // A rollback brings back what the head does not hold any more.
    expect((await world.publishDraft((await world.copy(first, 'back')).id)).tree).toBe(core);

    const clone = await world.init('clone', 'one', { source: { type: 'clone', upstream: { revisionId: first.id } } });
    await world.publishDraft(clone.id);
    expect(await remote.rawEntries('main:clone')).toEqual(await remote.rawEntries('core/v1:core'));
    expect(await world.git('rev-parse', 'main:clone/sub')).toBe(sub);

    const kept = await world.copy(await world.revision('large', 'v1'), 'two');
    await world.edit(kept.id, { 'new.yaml': 'b: 1\n' });
    await world.publishDraft(kept.id);
    expect(await world.git('rev-parse', 'main:large/large.bin')).toBe(
      await world.git('rev-parse', 'large/v1:large/large.bin'),
    );
    const refused = world.init('other', 'one', {
      source: { type: 'clone', upstream: { revisionId: (await world.revision('large', 'v1')).id } },
    });
    await expect(refused).rejects.toMatchObject({ code: 'invalidPackage' });
  });
});

describe('a draft of which another revision was published since', () => {
  /** Two drafts of `v1`, the first of which is `v2` already. */
  async function behind(mine: Record<string, string | null>, theirs: Record<string, string | null>) {
    await start();
    const first = await world.publish('core', 'one', { 'a.yaml': 'a: 1\n', 'b.yaml': 'b: 1\n' });
    const [x, y] = [await world.copy(first, 'x'), await world.copy(first, 'y')];
    await world.edit(x.id, theirs);
    await world.edit(y.id, mine);
    const second = await world.publishDraft(x.id);
    return { first, second, draft: await world.row(y.id) };
  }

  it('says so at once, is not published, and takes what came in by a rebase', async () => {
    const { draft } = await behind({ 'y.yaml': 'y: 1\n' }, { 'x.yaml': 'x: 1\n', 'b.yaml': null });
    const { BaseOutdated } = await world.conditions(draft.id);
    expect(BaseOutdated).toContain('v2 was published by grace since this draft was begun on v1');
    await world.propose(draft.id);
    await expect(world.approve(draft.id)).rejects.toMatchObject({
      code: 'baseOutdated',
      data: { publishedSince: ['v2'] },
    });
    await world.lifecycle.reject(draft.id, 'grace');
    await world.rebase(draft.id);
    expect(await world.conditions(draft.id)).toEqual({});
    const row = await world.publishDraft(draft.id);
    expect(row).toMatchObject({ revision: 'v3', editors: ['ada'] });
    const files = (await world.remote.lsTree('main', 'core')).map(({ path }) => path);
    expect(files).toEqual(['Kptfile', 'a.yaml', 'x.yaml', 'y.yaml']);
    expect(await world.git('rev-parse', 'main:core')).toBe(row.tree);
    await world.remote.check();
  });

  it('is left as it is where both changed a file, which the refusal names', async () => {
    const { draft } = await behind({ 'a.yaml': 'a: mine\n', 'y.yaml': 'y: 1\n' }, { 'a.yaml': 'a: theirs\n' });
    await expect(world.rebase(draft.id)).rejects.toMatchObject({ code: 'rebaseConflict', data: { files: ['a.yaml'] } });
    expect(await world.row(draft.id)).toEqual(draft);
  });

  it('is published over it where somebody asked for that by name, which stays to be seen, and voids approvals', async () => {
    const { draft } = await behind({ 'a.yaml': 'a: mine\n' }, { 'a.yaml': 'a: theirs\n' });
    await world.propose(draft.id);
    const given = { id: draft.id, revisionId: draft.id, tree: draft.tree, approvedBy: 'alan', createdAt: new Date() };
    await world.database.client.approval.create({ data: given });
    await world.overwriteHead(draft.id);
    expect(await world.database.client.approval.findUnique({ where: { id: draft.id } })).toMatchObject({
      voidReason: 'changed',
    });
    const conditions = await world.conditions(draft.id);
    expect(conditions).toEqual({
      OverwritesHead: 'ada asked to publish it over v2 (a.yaml). Look at the differences before you approve it.',
    });
    await world.approve(draft.id);
    await world.visit();
    expect(await world.row(draft.id)).toMatchObject({ revision: 'v3', tree: draft.tree });
    expect(await world.conditions(draft.id)).toEqual(conditions);
    expect(await world.git('show', 'main:core/a.yaml')).toBe('a: mine');
  });

  it('is refused again for what came after that', async () => {
    const { second, draft } = await behind({ 'a.yaml': 'a: mine\n' }, { 'a.yaml': 'a: theirs\n' });
    await world.overwriteHead(draft.id);
    const third = await world.copy(second, 'third');
    await world.edit(third.id, { 'c.yaml': 'c: 1\n' });
    await world.publishDraft(third.id);
    await world.propose(draft.id);
    await expect(world.approve(draft.id)).rejects.toMatchObject({ code: 'baseOutdated' });
  });

  it('is known to be so after the index was made again, and after a rebase it is not', async () => {
    const { draft } = await behind({ 'y.yaml': 'y: 1\n' }, { 'x.yaml': 'x: 1\n' });
    await world.visit();
    await world.forget();
    const again = await world.draft('core', 'y');
    expect(again).toMatchObject({ baseRevision: 'v1', baseTree: draft.baseTree });
    expect(Object.keys(await world.conditions(again.id))).toEqual(['BaseOutdated']);
    await world.rebase(again.id);
    await world.visit();
    await world.forget();
    const rebased = await world.draft('core', 'y');
    expect(rebased.baseRevision).toBe('v2');
    expect(await world.conditions(rebased.id)).toEqual({});
    expect((await world.publishDraft(rebased.id)).revision).toBe('v3');
    expect((await world.remote.lsTree('main', 'core')).map(({ path }) => path)).toContain('x.yaml');
  });

  it('whose branch somebody has merged the ref into, natively, stands on the ref', async () => {
    const { draft } = await behind({ 'y.yaml': 'y: 1\n' }, { 'x.yaml': 'x: 1\n' });
    await world.visit();
    const tree = await world.git('merge-tree', '--write-tree', 'drafts/core/y', 'main');
    const parents = ['-p', 'drafts/core/y', '-p', 'main'];
    const night = ['-c', 'user.name=Night', '-c', 'user.email=night@example.com'];
    const merge = await world.git(...night, 'commit-tree', ...parents, '-m', 'Merge main', tree);
    await world.git('update-ref', 'refs/heads/drafts/core/y', merge);
    await world.visitNow();
    expect(await world.conditions(draft.id)).toEqual({});
    expect((await world.publishDraft(draft.id)).revision).toBe('v3');
    expect((await world.remote.lsTree('main', 'core')).map(({ path }) => path)).toContain('x.yaml');
  });

  it('is no copy of an older revision begun after that: a rollback goes through', async () => {
    const { first } = await behind({}, { 'a.yaml': 'a: wrong\n' });
    const rollback = await world.copy(first, 'back');
    expect(rollback).toMatchObject({ baseRevision: 'v2', tree: first.tree });
    expect(await world.publishDraft(rollback.id)).toMatchObject({ revision: 'v3', tree: first.tree });
    expect(await world.git('show', 'main:core/a.yaml')).toBe('a: 1');
  });
});

describe('a copy of a revision while somebody has committed to the package on the ref', () => {
  async function hotfixed() {
    await start();
    const first = await world.publish('core', 'one', { 'a.yaml': 'a: 1\n' });
    await world.remote.commit({ files: { 'core/a.yaml': 'a: hotfix\n', 'core/h.yaml': 'h: 1\n' } });
    await world.visitNow();
    return first;
  }

  it('is refused and names the files; begun with the head it keeps the hotfix', async () => {
    const first = await hotfixed();
    await expect(world.copy(first, 'two')).rejects.toMatchObject({
      code: 'headDiffers',
      data: { files: ['a.yaml', 'h.yaml'] },
    });
    const draft = await world.copyHead('core', 'two');
    expect(draft).toMatchObject({ source: { type: 'copy' }, baseRevision: 'v1' });
    await world.edit(draft.id, { 'b.yaml': 'b: 1\n' });
    expect((await world.publishDraft(draft.id)).revision).toBe('v2');
    expect(await world.git('show', 'main:core/a.yaml')).toBe('a: hotfix');
    // What was published is what is there: the next copy goes on from it.
    await world.copy(await world.row(draft.id), 'three');
  });

  it('undoes the hotfix only where that was asked for, and the revision says so', async () => {
    const first = await hotfixed();
    const draft = await world.copy(first, 'two', { overwriteHead: true });
    const condition = {
      OverwritesHead:
        'ada asked to publish it over what the ref holds (a.yaml, h.yaml). Look at the differences before you approve it.',
    };
    expect(await world.conditions(draft.id)).toEqual(condition);
    await world.publishDraft(draft.id);
    expect(await world.git('show', 'main:core/a.yaml')).toBe('a: 1');
    expect(await world.conditions(draft.id)).toEqual(condition);
  });

  it('is refused also where they put back by hand what an older revision held', async () => {
    await start();
    const first = await world.publish('core', 'one', { 'a.yaml': 'a: 1\n' });
    const next = await world.copy(first, 'two');
    await world.edit(next.id, { 'a.yaml': 'a: wrong\n' });
    const second = await world.publishDraft(next.id);
    await world.remote.commit({ files: { 'core/a.yaml': 'a: 1\n' } });
    await world.visitNow();
    await expect(world.copy(second, 'three')).rejects.toMatchObject({ code: 'headDiffers' });
    await world.copy(first, 'back');
  });
});

describe('a package on the ref that no tag names', () => {
  const MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n';

  it('is published first by a copy of its head', async () => {
    await start();
    await world.remote.commit({
      files: { 'core/Kptfile': 'apiVersion: kpt.dev/v1\nkind: Kptfile\n', 'core/a.yaml': MAP },
    });
    await world.visitNow();
    const head = await world.remote.revParse('main');
    const tree = await world.git('rev-parse', 'main:core');
    expect(await world.package('core')).toMatchObject({ headState: 'unpublished' });
    const draft = await world.copyHead('core', 'first');
    expect(draft).toMatchObject({ tree, source: { type: 'copy', commit: head }, baseCommit: head });
    const row = await world.publishDraft(draft.id);
    expect(row).toMatchObject({ revision: 'v1', latest: true, tree });
    expect(await world.package('core')).toMatchObject({ headState: 'published', headRevisionId: row.id });
    await world.forget();
    expect(await world.revision('core', 'v1')).toMatchObject({ source: { type: 'copy', commit: head }, tree });
  });

  it('or anything else has a head once a tag names it, also without a Kptfile, and loses it with the last tag', async () => {
    await start();
    await world.remote.commit({ files: { 'plain/a.yaml': MAP, 'plain/in/b.yaml': MAP } });
    await world.visitNow();
    await world.remote.tag('plain/v1');
    await world.remote.tag('plain/in/v1');
    await world.visitNow();
    const tree = await world.git('rev-parse', 'main:plain');
    expect(await world.package('plain')).toMatchObject({ headState: 'published', headTree: tree });
    expect(await world.package('plain/in')).toMatchObject({ headState: 'published' });
    const draft = await world.copy(await world.revision('plain', 'v1'), 'two');
    await world.edit(draft.id, { 'in/b.yaml': MAP.replace('a', 'b'), 'c.yaml': MAP });
    const row = await world.publishDraft(draft.id);
    expect(await world.package('plain')).toMatchObject({ headState: 'published', headRevisionId: row.id });
    expect(await world.package('plain/in')).toMatchObject({ headState: 'differs' });
    await world.forget();
    expect(await world.package('plain')).toMatchObject({ headState: 'published', headTree: row.tree });
    await world.remote.deleteRef('refs/tags/plain/in/v1');
    await world.visitNow();
    expect(await world.database.client.package.count({ where: { path: 'plain/in' } })).toBe(0);
    expect(await world.package('plain')).toMatchObject({ headState: 'published' });
  });
});

it('a package inside another is not set back by the publication of the outer one', async () => {
  await start();
  await world.remote.commit({
    files: { 'app/Kptfile': KPTFILE, 'app/db/Kptfile': KPTFILE, 'app/db/y.yaml': 'y: 1\n' },
  });
  await world.remote.tag('app/v1');
  await world.remote.tag('app/db/v1');
  await world.visitNow();
  const outer = await world.copy(await world.revision('app', 'v1'), 'outer');
  await world.edit(outer.id, { 'x.yaml': 'x: 1\n' });
  const inner = await world.copy(await world.revision('app/db', 'v1'), 'inner');
  await world.edit(inner.id, { 'y.yaml': 'y: 2\n' });
  const second = await world.publishDraft(inner.id);
  expect(Object.keys(await world.conditions(outer.id))).toEqual(['HeadDiffers']);
  await world.propose(outer.id);
  await expect(world.approve(outer.id)).rejects.toMatchObject({ code: 'drift', data: { files: ['db/y.yaml'] } });
  await world.lifecycle.reject(outer.id, 'grace');
  await world.rebase(outer.id);
  expect((await world.publishDraft(outer.id)).revision).toBe('v2');
  expect(await world.git('rev-parse', 'main:app/db')).toBe(second.tree);
});

describe('a draft whose base was deleted', () => {
  const begin = async (change: string | null) => {
    await start();
    const first = await world.publish('core', 'one', { 'a.yaml': 'port: 8080\n' });
    const next = await world.copy(first, 'two');
    await world.edit(next.id, { 'b.yaml': 'b: 1\n' });
    const second = await world.publishDraft(next.id);
    const draft = await world.copy(second, 'three');
    await world.edit(draft.id, { 'c.yaml': 'c: 1\n' });
    if (change !== null) {
      await world.remote.commit({ files: { 'core/a.yaml': change } });
      await world.visitNow();
      await world.rebase(draft.id);
    }
    await world.requestDeletion(second.id);
    await world.visit();
    return draft;
  };

  it('goes on from what somebody has committed to the ref, and undoes nothing of it', async () => {
    const draft = await begin('port: 7070\n');
    expect(await world.conditions(draft.id)).toEqual({});
    const { tree } = await world.row(draft.id);
    await world.rebase(draft.id);
    expect(await world.row(draft.id)).toMatchObject({ tree });
    expect(await world.publishDraft(draft.id)).toMatchObject({ revision: 'v3' });
    expect(await world.git('show', 'main:core/a.yaml')).toBe('port: 7070');
  });

  it('is told that the ref was set back, and to what', async () => {
    const draft = await begin(null);
    expect(await world.conditions(draft.id)).toEqual({
      BaseOutdated:
        'v2, on which this draft was begun, was deleted, and the ref holds v1 again. Rebase it, or set overwriteHead.',
    });
    await world.overwriteHead(draft.id);
    expect((await world.conditions(draft.id)).OverwritesHead).toMatch(/over v1 \(b\.yaml\)/);
  });
});

describe('a directory of the ref that is no package', () => {
  const begin = async (path: string) => {
    await start();
    await world.remote.commit({
      files: { 'net/README.md': 'theirs', 'net/a/notes.txt': 'n' },
    });
    await world.visitNow();
    const draft = await world.init(path);
    await world.visit();
    return draft;
  };
  const filesAt = async () => (await world.remote.lsTree('main', 'net')).map((entry) => entry.path).sort();

  it('is not emptied by the first publication of a package there, and nothing of it is lost', async () => {
    const draft = await begin('net');
    const before = await filesAt();
    const operation = await world.proposeAndApprove(draft.id);
    await world.visit();
    expect(await world.operation(operation.id)).toMatchObject({
      state: 'failed',
      error: { code: 'drift', detail: expect.stringContaining('overwriteHead'), data: { files: before } },
    });
    expect(await filesAt()).toEqual(before);
    await world.lifecycle.reject(draft.id, 'grace');
    await world.edit(draft.id, { 'README.md': 'theirs', 'a/notes.txt': 'n' });
    expect(await world.publishDraft(draft.id)).toMatchObject({ revision: 'v1' });
    expect(await filesAt()).toEqual(expect.arrayContaining(before));
  });

  it('is replaced where somebody asks for it by name', async () => {
    const draft = await begin('net');
    await world.overwriteHead(draft.id);
    expect(await world.conditions(draft.id)).toMatchObject({ OverwritesHead: expect.stringContaining('no package') });
    const row = await world.publishDraft(draft.id);
    expect(await world.git('rev-parse', 'main:net')).toBe(row.tree);
  });

  it('is not asked about where a package lies in it, or beside it', async () => {
    const draft = await begin('net/b');
    expect(await world.publishDraft(draft.id)).toMatchObject({ revision: 'v1' });
    expect(await filesAt()).toEqual(expect.arrayContaining(['README.md', 'a/notes.txt', 'b/Kptfile']));
  });
});

it('a newer upstream that somebody has merged by hand is the one of the publication, where it is known', async () => {
  await start();
  const first = await world.publish('blueprint');
  const next = await world.copy(first, 'two');
  await world.edit(next.id, { 'a.yaml': 'a: 1\n' });
  const second = await world.publishDraft(next.id);
  const clone = await world.init('mine', 'one', { source: { type: 'clone', upstream: { revisionId: first.id } } });
  const kptfile = await world.git('show', 'main:blueprint/Kptfile');
  const pinned = (ref: string, commit: string) => {
    const source = `git:\n    repo: ${world.url}\n    directory: blueprint\n    ref: ${ref}\n`;
    return `${kptfile}\nupstream:\n  type: git\n  ${source}upstreamLock:\n  type: git\n  ${source}    commit: ${commit}\n`;
  };
  await world.edit(clone.id, { Kptfile: pinned('blueprint/v9', '1'.repeat(40)) });
  const unknown = await world.publishDraft(clone.id);
  expect(unknown).toMatchObject({ upstreamRevisionId: first.id, upstream: { ref: 'blueprint/v1' } });

  const merged = await world.copy(unknown, 'two');
  await world.edit(merged.id, { Kptfile: pinned('blueprint/v2', second.commit ?? '') });
  const row = await world.publishDraft(merged.id);
  const upstream = { ref: 'blueprint/v2', directory: 'blueprint', commit: second.commit, tree: second.tree };
  expect(row).toMatchObject({ upstreamRevisionId: second.id, upstream, upstreamCommit: second.commit });
  expect(await world.git('log', '-1', '--format=%(trailers:key=Upstream,valueonly)', 'mine/v2')).toContain(
    'blueprint/v2',
  );
  await world.forget();
  const again = await world.revision('blueprint', 'v2');
  expect(await world.revision('mine', 'v2')).toMatchObject({ upstream, upstreamRevisionId: again.id });
});

describe('people whom the identity provider has told of', () => {
  it('sign commits and tags with the name that it has stated and the address that it has verified', async () => {
    await start();
    const known = { groups: [], statedAt: new Date() };
    const people = [
      { user: 'ada', email: 'ada@example.com', name: null, ...known },
      { user: 'grace', email: null, name: 'Grace Brewster, PhD', ...known },
    ];
    await world.database.client.knownUser.createMany({ data: people });
    const draft = await world.init('core');
    await world.visit();
    expect(await world.git('log', '-1', '--format=%an <%ae>', 'drafts/core/one')).toBe('ada <ada@example.com>');
    await world.propose(draft.id);
    await world.approve(draft.id);
    await world.visit();
    expect(await world.git('log', '-1', '--format=%an <%ae>', 'main')).toBe('Grace Brewster, PhD <grace@localhost>');
    expect(await world.git('for-each-ref', '--format=%(taggername)', 'refs/tags/core/v1')).toBe('Grace Brewster, PhD');
    expect(await world.row(draft.id)).toMatchObject({ publishedBy: 'grace' });
    await world.database.client.knownUser.deleteMany();
  });
});
