import { afterEach, describe, expect, it } from 'vitest';
import { RepositoryService } from '../../src/features/repositories/repository.service.js';
import { PublishingWorld, type WorldOptions } from '../support/publishing.js';

let world: PublishingWorld;
const start = async (options: WorldOptions = {}) => (world = await PublishingWorld.start(options));
afterEach(() => world?.stop());

describe('a draft on the remote', () => {
  it('is a branch on top of its base, with exactly the package replaced; an edit is the next commit', async () => {
    await start();
    await world.remote.commit({ files: { 'other/Kptfile': 'x: 1\n', 'nf/note.txt': 'kept\n' } });
    await world.visitNow();
    const base = await world.remote.revParse('main');
    const draft = await world.init('nf/core');
    await world.visit();
    const tip = await world.remote.revParse('drafts/nf/core/one');
    expect(await world.git('rev-list', '--parents', '-1', tip)).toBe(`${tip} ${base}`);
    expect(await world.git('rev-parse', `${tip}:nf/core`)).toBe(draft.tree);
    const files = (await world.remote.lsTree(tip)).map(({ path }) => path);
    expect(files).toEqual(['README.md', 'nf/core/Kptfile', 'nf/note.txt', 'other/Kptfile']);
    expect(await world.row(draft.id)).toMatchObject({
      gitState: 'synced',
      commit: tip,
      branch: 'refs/heads/drafts/nf/core/one',
    });

    const edited = await world.edit(draft.id, { 'a.yaml': 'a: 1\n' });
    expect(edited.gitState).toBe('pending');
    await world.visit();
    const next = await world.remote.revParse('drafts/nf/core/one');
    expect(await world.git('rev-list', '--parents', '-1', next)).toBe(`${next} ${tip}`);
    expect(await world.git('rev-parse', `${next}:nf/core`)).toBe(edited.tree);
    expect(await world.git('diff', '--name-only', tip, next)).toBe('nf/core/a.yaml');
    await world.remote.check();
  });

  it('is moved by propose and reject, and goes when it is deleted', async () => {
    await start();
    const draft = await world.init('core');
    await world.visit();
    const tip = await world.remote.revParse('drafts/core/one');
    await world.lifecycle.propose(draft.id, 'bob');
    await world.visit();
    expect(await world.refs()).toEqual(['heads/main', 'heads/proposed/core/one']);
    const proposal = await world.remote.revParse('proposed/core/one');
    expect(await world.git('rev-list', '--parents', '-1', proposal)).toBe(`${proposal} ${tip}`);
    expect(await world.git('diff', '--name-only', tip, proposal)).toBe('');
    expect(await world.git('log', '-1', '--format=%an %(trailers:key=Proposed-by,valueonly)', proposal)).toBe(
      'bob bob',
    );
    await world.lifecycle.reject(draft.id, 'grace');
    await world.visit();
    expect(await world.refs()).toEqual(['heads/drafts/core/one', 'heads/main']);
    const rejected = await world.remote.revParse('drafts/core/one');
    expect(await world.git('rev-list', '--parents', '-1', rejected)).toBe(`${rejected} ${proposal}`);
    expect(await world.git('diff', '--name-only', proposal, rejected)).toBe('');
    expect(await world.git('log', '-1', '--format=%an %(trailers:key=Decided-by,valueonly)', rejected)).toBe(
      'grace grace',
    );
    await world.deleteDraft(draft.id);
    await world.visit();
    expect(await world.refs()).toEqual(['heads/main']);
    expect(await world.unfinished()).toBe(0);
  });

  it('is by whoever changed its content, and names everybody who did', async () => {
    await start();
    const draft = await world.init('core');
    for (const who of ['bob', 'eve', 'bob']) await world.edit(draft.id, { 'a.yaml': `by: ${who}\n` }, who);
    await world.lifecycle.propose(draft.id, 'pam');
    await world.visit();
    const [tip] = await world.remote.log('proposed/core/one');
    expect(tip?.author).toContain('bob');
    expect(tip?.message.split('\n').filter((line) => /^(Created|Edited|Proposed)-by: /.test(line))).toEqual([
      'Created-by: ada',
      'Edited-by: eve',
      'Edited-by: bob',
      'Proposed-by: pam',
    ]);
    // Nothing more to say, so no other commit.
    await world.lifecycle.reject(draft.id, 'grace');
    await world.lifecycle.propose(draft.id, 'pam');
    await world.visit();
    expect((await world.remote.log('proposed/core/one'))[0]?.oid).toBe(tip?.oid);
  });

  it('says what it is in trailers and in the kpt line', async () => {
    await start();
    const draft = await world.init('nf/core');
    await world.visit();
    const operation = await world.database.client.operation.findFirstOrThrow({ where: { kind: 'push' } });
    const message = await world.git('log', '-1', '--format=%B', 'drafts/nf/core/one');
    const trailers = await world.git('log', '-1', '--format=%(trailers:only,unfold)', 'drafts/nf/core/one');
    expect(trailers.split('\n')).toEqual([
      'Package: nf/core',
      'Workspace: one',
      `Base: ${draft.baseCommit}`,
      'Source: init',
      'Created-by: ada',
      `Operation: ${operation.id}`,
      `Changed-at: ${draft.updatedAt.toISOString()}`,
      expect.stringMatching(/^Seal: [\w-]{43}$/),
    ]);
    const kpt = message.split('\n').find((line) => line.startsWith('kpt:')) ?? '';
    expect(JSON.parse(kpt.slice(4))).toEqual({
      package: 'nf/core',
      workspaceName: 'one',
      revision: '0',
      task: { type: 'init' },
    });
    expect(await world.git('log', '-1', '--format=%an <%ae>|%cn <%ce>', 'drafts/nf/core/one')).toBe(
      'ada <ada@localhost>|pkgserver <pkgserver@localhost>',
    );
  });

  it('lies below the directory of the repository', async () => {
    await start({ directory: 'catalog' });
    await world.remote.commit({ files: { 'nf/outside.txt': 'kept\n' } });
    await world.visitNow();
    const draft = await world.init('nf/core');
    await world.visit();
    expect(await world.git('rev-parse', 'drafts/catalog/nf/core/one:catalog/nf/core')).toBe(draft.tree);
    await world.publishDraft(draft.id);
    expect(await world.refs()).toEqual(['heads/main', 'tags/catalog/nf/core/v1']);
    expect(await world.git('rev-parse', 'main:catalog/nf/core')).toBe(draft.tree);
    expect((await world.remote.lsTree('main')).map(({ path }) => path)).toContain('nf/outside.txt');
  });

  it('keeps executable bits, CRLF, binary files, symlinks and submodules through an edit of another file', async () => {
    await start();
    await world.remote.commit({
      files: {
        'core/Kptfile': 'apiVersion: kpt.dev/v1\nkind: Kptfile\n',
        'core/run.sh': '#!/bin/sh\r\n',
        'core/logo.bin': Buffer.from([0, 255, 13, 10]),
      },
      executable: ['core/run.sh'],
      symlinks: { 'core/link': 'run.sh' },
      submodules: { 'core/module': 'a'.repeat(40) },
    });
    await world.remote.tag('core/v1');
    await world.visitNow();
    const before = await world.remote.lsTree('main', 'core');
    const v1 = await world.database.client.packageRevision.findFirstOrThrow({ where: { revision: 'v1' } });
    const draft = await world.copy(v1, 'two');
    const edited = await world.edit(draft.id, { 'new.yaml': 'a: 1\n' });
    await world.visit();
    expect(await world.git('rev-parse', 'drafts/core/two:core')).toBe(edited.tree);
    const kept = (await world.remote.lsTree('drafts/core/two', 'core')).filter(({ path }) => path !== 'new.yaml');
    expect(kept).toEqual(before);
    const published = await world.publishDraft(draft.id);
    expect(published.revision).toBe('v2');
    expect(await world.git('rev-parse', 'main:core')).toBe(edited.tree);
    await world.remote.check();
  });
});

describe('a branch that others wrote to', () => {
  const theirs = (name: string) =>
    world.remote.commit({ branch: name, files: { 'core/theirs.yaml': 'theirs: 1\n' }, message: 'Theirs\n' });

  it('is adopted when nothing of ours waits', async () => {
    await start();
    const draft = await world.init('core');
    await world.visit();
    const tip = await theirs('drafts/core/one');
    await world.visitNow();
    const row = await world.row(draft.id);
    expect(row).toMatchObject({ commit: tip, gitState: 'synced', tree: await world.git('rev-parse', `${tip}:core`) });
    expect(row.version).toBeGreaterThan(draft.version);
  });

  it.each(['draft', 'remote'] as const)(
    'is a conflict when an edit waits; both are kept; %s can be chosen',
    async (keep) => {
      await start();
      const draft = await world.init('core');
      await world.visit();
      const tip = await theirs('drafts/core/one');
      const edited = await world.edit(draft.id, { 'ours.yaml': 'ours: 1\n' });
      await world.visitNow();
      const row = await world.row(draft.id);
      expect(row).toMatchObject({ gitState: 'conflict', tree: edited.tree, conflictCommit: tip });
      expect(await world.remote.revParse('drafts/core/one')).toBe(tip);

      await world.resolve(draft.id, keep);
      await world.visit();
      const after = await world.remote.revParse('drafts/core/one');
      const theirTree = await world.git('rev-parse', `${tip}:core`);
      expect(await world.git('rev-parse', `${after}:core`)).toBe(keep === 'draft' ? edited.tree : theirTree);
      expect(await world.git('merge-base', tip, after)).toBe(tip);
      expect(await world.row(draft.id)).toMatchObject({ gitState: 'synced', commit: after });
    },
  );

  it('is not overwritten when it has the name that a new draft needs; the draft is pushed once it is gone', async () => {
    // A remote that would take a forced update.
    await start({ remote: { 'receive.denyNonFastForwards': 'false' } });
    const published = await world.publish('core');
    // Left beside the tag, it says nothing new; it is still somebody's.
    const tip = await world.remote.commit({ branch: 'drafts/core/one', files: { 'core/theirs.yaml': 'x: 1\n' } });
    await world.visitNow();
    await world.requestDeletion(published.id);
    // The tag is gone, and nobody has looked at the branch since.
    const creation = new Promise<{ id: string; tree: string }>((resolve, reject) =>
      world.server.onRequest(async ({ service, phase }) => {
        if (service !== 'git-upload-pack' || phase !== 'before') return;
        if ((await world.database.client.packageRevision.count()) > 0) return;
        world.server.onRequest(null);
        await world.init('core', 'one').then(resolve, reject);
      }),
    );
    await world.visit();
    const again = await creation;
    expect(await world.remote.revParse('drafts/core/one')).toBe(tip);
    expect(await world.row(again.id)).toMatchObject({ gitState: 'conflict', tree: again.tree });
    expect((await world.row(again.id)).gitMessage).toContain('drafts/core/one');
    await world.remote.deleteRef('refs/heads/drafts/core/one');
    await world.visitNow();
    expect(await world.git('rev-parse', 'drafts/core/one:core')).toBe(again.tree);
  });

  it('since the draft was deleted is not removed with it', async () => {
    await start();
    const draft = await world.init('core');
    await world.visit();
    await world.deleteDraft(draft.id);
    const tip = await theirs('drafts/core/one');
    await world.visit();
    expect(await world.remote.revParse('drafts/core/one')).toBe(tip);
    // It is a draft of theirs now.
    expect(await world.database.client.packageRevision.findFirstOrThrow({})).toMatchObject({ commit: tip });
  });

  it('since the draft was deleted is no draft any more once they take it away, whatever was read in between', async () => {
    await start();
    const draft = await world.init('core');
    await world.visit();
    await world.deleteDraft(draft.id);
    const tip = await theirs('drafts/core/one');
    const rows = () => world.database.client.packageRevision.findMany({ select: { commit: true } });
    const seen: unknown[] = [];
    world.server.onRequest(async ({ phase }) => {
      // The discard has found their commit, and nothing was read since.
      if (phase !== 'before' || (await rows()).length === 0) return;
      world.server.onRequest(null);
      seen.push(...(await rows()));
      await world.remote.deleteRef('refs/heads/drafts/core/one');
    });
    await world.visit();
    await world.visitNow();
    expect(seen).toEqual([{ commit: tip }]);
    expect(await rows()).toEqual([]);
    expect(await world.database.client.package.count()).toBe(0);
  });

  it('that a push has made unheard goes with the draft, should that be deleted while the branch is read', async () => {
    await start();
    const draft = await world.init('core');
    const { database, server } = world;
    server.onRequest(({ service, method, phase }) =>
      service === 'git-receive-pack' && method === 'POST' && phase === 'after' ? 'drop' : undefined,
    );
    await world.visit();
    server.onRequest(null);
    expect(await world.refs()).toContain('heads/drafts/core/one');
    const { promise: locked, resolve: isLocked } = promised();
    const deletion = database.transaction(async () => {
      await database.client.$queryRaw`SELECT 1 FROM package_revision WHERE id = ${draft.id}::uuid FOR UPDATE`;
      isLocked();
      // The sync has read the row by then, and waits for the lock to settle it with its branch.
      const waiting = () =>
        database.client.$queryRaw<unknown[]>`
          SELECT 1 FROM pg_locks l WHERE NOT l.granted AND pg_backend_pid() = ANY(pg_blocking_pids(l.pid))`;
      await expect.poll(async () => (await waiting()).length).toBeGreaterThan(0);
      await world.deleteDraft(draft.id);
    });
    await locked;
    await Promise.all([world.visitNow(), deletion]);
    await world.visit();
    expect(await world.refs()).toEqual(['heads/main']);
    expect(await database.client.packageRevision.count()).toBe(0);
    expect(await world.unfinished()).toBe(0);
  });

  it('beside the proposed one survives the publication', async () => {
    await start();
    const draft = await world.init('core');
    await world.propose(draft.id);
    await world.visit();
    const tip = await world.remote.commit({ branch: 'drafts/core/one', files: { 'core/theirs.yaml': 'x: 1\n' } });
    await world.visitNow();
    await world.approve(draft.id);
    await world.visit();
    expect(await world.row(draft.id)).toMatchObject({ lifecycle: 'published' });
    expect(await world.remote.revParse('drafts/core/one')).toBe(tip);
    expect(await world.refs()).not.toContain('heads/proposed/core/one');
  });
});

describe('the branch of a draft that the index does not know any more', () => {
  it('is a draft again when its repository is unregistered and registered again', async () => {
    await start();
    const draft = await world.init('kept');
    await world.edit(draft.id, { 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n' });
    await world.visit();
    const refs = await world.refs();
    const { name, id } = world.repository;
    await world.get(RepositoryService).delete(id, 'discard', { ifMatch: '*' });
    await world.visit();
    world.repository = await world.engine.register({ name, url: world.url });
    await world.visit();
    await world.visitNow();
    expect(await world.refs()).toEqual(refs);
    const rows = await world.database.client.packageRevision.findMany({ where: { path: 'kept' } });
    expect(rows).toMatchObject([{ workspace: 'one', lifecycle: 'draft', gitState: 'synced' }]);
  });

  it('is a draft again when the push that made it had not ended for the repository as it was registered before', async () => {
    await start();
    const draft = await world.init('unheard');
    await world.visit();
    const refs = await world.refs();
    const { name, id } = world.repository;
    await world.get(RepositoryService).delete(id, 'discard', { ifMatch: '*' });
    const push = { revisionId: draft.id, kind: 'push' } as const;
    await world.database.client.operation.updateMany({ where: push, data: { state: 'running', finishedAt: null } });
    world.repository = await world.engine.register({ name, url: world.url });
    await world.visit();
    await world.visitNow();
    expect(await world.refs()).toEqual(refs);
    expect(await world.database.client.packageRevision.count({ where: { path: 'unheard' } })).toBe(1);
  });

  it('is in conflict where a restored index has an edit that another one of the same second followed', async () => {
    await start();
    const { id } = await world.init('restored');
    const { packageRevision, operation, repositoryPolling, remoteRef } = world.database.client;
    const changedAt = (updatedAt: string) => packageRevision.update({ where: { id }, data: { updatedAt } });
    await changedAt('2036-03-14T09:26:53.100Z');
    const { tree, updatedAt, version, gitState, commit, branch, pushedTree, pushedBase } = await world.row(id);
    await world.edit(id, { 'a.yaml': 'a: 1\n' });
    await changedAt('2036-03-14T09:26:53.101Z');
    await world.visit();
    const tip = await world.remote.revParse('drafts/restored/one');
    const backup = { tree, updatedAt, version, gitState, commit, branch, pushedTree, pushedBase };
    await packageRevision.update({ where: { id }, data: backup });
    await operation.updateMany({ where: { revisionId: id }, data: { state: 'running', finishedAt: null } });
    const place = { repositoryId: world.repository.id };
    await remoteRef.deleteMany({ where: { ...place, name: 'refs/heads/drafts/restored/one' } });
    await repositoryPolling.update({ where: place, data: { refsDigest: null } });
    await world.visitNow();
    expect(await world.row(id)).toMatchObject({ gitState: 'conflict', tree, conflictCommit: tip });
    expect(await world.remote.revParse('drafts/restored/one')).toBe(tip);
  });

  it('is a draft again when somebody has deleted it and takes that back', async () => {
    await start();
    const draft = await world.init('restored');
    await world.visit();
    const { branch, commit, tree } = await world.row(draft.id);
    await world.remote.deleteRef(branch ?? '');
    await world.visitNow();
    expect(await world.database.client.packageRevision.count({ where: { path: 'restored' } })).toBe(0);
    await world.git('update-ref', branch ?? '', commit ?? '');
    await world.visitNow();
    await world.visitNow();
    expect(await world.remote.revParse(branch ?? '')).toBe(commit);
    const rows = await world.database.client.packageRevision.findMany({ where: { path: 'restored' } });
    expect(rows).toMatchObject([{ workspace: 'one', lifecycle: 'draft', tree }]);
  });
});

function promised(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
