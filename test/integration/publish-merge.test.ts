import { afterEach, describe, expect, it } from 'vitest';
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
    await world.operations.retry(operation.id);
    await world.visit();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'failed', error: { code: 'contentChanged' } });
    expect(await world.refs()).toEqual(['heads/main', 'heads/proposed/core/one']);
  });
});
