import { afterEach, describe, expect, it } from 'vitest';
import { someone } from '../support/service-callers.js';
import { KPTFILE } from '../support/discovery.js';
import { PublishingWorld, type WorldOptions } from '../support/publishing.js';

let world: PublishingWorld;
const start = async (options: WorldOptions = {}) => (world = await PublishingWorld.start(options));
afterEach(() => world?.stop());

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
    const owner = await world.database.client.package.findFirstOrThrow({ where: { path: 'nf/core' } });
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

  it('takes many drafts of one package at once: each its own number, none lost', async () => {
    await start();
    const first = await world.publish('core');
    const drafts = [];
    for (let index = 0; index < 8; index += 1) {
      const draft = await world.copy(first, `w${index}`);
      drafts.push(await world.edit(draft.id, { 'a.yaml': `a: ${index}\n` }));
    }
    await world.visit();
    const before = world.server.requests;
    for (const draft of drafts) await world.proposeAndApprove(draft.id);
    await world.visit();
    expect(world.server.requests - before).toBeLessThan(8);
    expect(await world.published('core')).toEqual([
      ['v1', 'one'],
      ...drafts.map((draft, index) => [`v${index + 2}`, draft.workspace]),
    ]);
    for (const [index, draft] of drafts.entries()) {
      expect(await world.git('rev-parse', `core/v${index + 2}:core`)).toBe(draft.tree);
    }
    expect(await world.git('rev-list', '--first-parent', '--count', 'main')).toBe('10');
    const rows = await world.database.client.packageRevision.findMany({ where: { latest: true } });
    expect(rows.map((row) => row.revision)).toEqual(['v9']);
    await world.remote.check();
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

    await world.lifecycle.reject(draft.id, 'grace');
    await world.rebase(draft.id);
    const row = await world.publishDraft(draft.id);
    expect(row.revision).toBe('v2');
    expect(await world.git('rev-parse', 'main:core')).toBe(row.tree);
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
    for (const [name, value] of Object.entries(STRICT)) await remote.config(name, value);
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
    for (const [name, value] of Object.entries(STRICT)) await remote.config(name, value);
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
    await start({ settings: { MAX_PACKAGE_BYTES: String(1024 * 1024) } });
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
