import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Condition } from '../../src/domain/revision.js';
import { RepositoryService } from '../../src/features/repositories/repository.service.js';
import { KPTFILE } from '../support/discovery.js';
import { git } from '../support/git-command.js';
import { GitFixture } from '../support/git-fixture.js';
import { someone } from '../support/service-callers.js';
import { PublishingWorld, type WorldOptions } from '../support/publishing.js';

const ONE_BY_ONE = { 'receive.advertiseAtomic': 'false' };

let world: PublishingWorld;
const start = async (options: WorldOptions = {}) => (world = await PublishingWorld.start(options));
afterEach(() => world?.stop());

/** The host asks this script about each ref: `$1` is its name, `$3` the new value. Null asks nobody. */
async function updateHook(script: string | null): Promise<void> {
  const path = join(world.remote.path, 'hooks/update');
  if (script === null) await rm(path);
  else await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

async function condition(type: string): Promise<Condition | undefined> {
  const { id } = world.repository;
  const { conditions } = await world.database.client.repository.findUniqueOrThrow({ where: { id } });
  return (conditions as unknown as Condition[]).find((one) => one.type === type);
}

/** A draft whose branch is on the remote, proposed there and approved. */
async function approved(path = 'core') {
  const draft = await proposed(path);
  return { draft, operation: await world.approve(draft.id) };
}

async function proposed(path: string) {
  const draft = await world.init(path);
  await world.visit();
  await world.propose(draft.id);
  await world.visit();
  return draft;
}

const tidy = async () => {
  await world.database.client.repositoryPolling.updateMany({ data: { tidyAt: new Date(0) } });
  await world.visitNow();
};

describe('a host that changes refs one by one', () => {
  it('and refuses the branch, and to take the tag back, has a published revision that is delivered by a retry', async () => {
    await start({ remote: ONE_BY_ONE });
    const { draft, operation } = await approved();
    await updateHook('case "$1 $3" in "refs/heads/main "*|refs/tags/*" 0000"*) exit 1;; esac');
    await world.visit();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'failed', error: { code: 'remoteRejected' } });
    await world.visitNow();
    expect(await world.row(draft.id)).toMatchObject({ lifecycle: 'published', revision: 'v1' });
    await updateHook(null);
    await world.operations.retry(operation.id, someone('root'));
    await world.visitNow();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'succeeded', result: { revision: 'v1' } });
    expect(await world.refs()).toEqual(['heads/main', 'tags/core/v1']);
    expect(await world.git('rev-parse', 'core/v1^{}')).toBe(await world.git('rev-parse', 'main'));
  });

  it('takes a group of publications apart where it refuses the tag of one', async () => {
    await start({ remote: ONE_BY_ONE });
    const drafts = [await proposed('one'), await proposed('two')];
    const [first = '', second = ''] = await Promise.all(drafts.map(async ({ id }) => (await world.approve(id)).id));
    await updateHook('case "$1" in refs/tags/one/*) exit 1;; esac');
    await world.visit();
    await world.visitNow();
    expect(await world.operation(first)).toMatchObject({ state: 'failed' });
    expect(await world.operation(second)).toMatchObject({ state: 'succeeded' });
    expect(await world.refs()).toEqual(['heads/main', 'heads/proposed/one/one', 'tags/two/v1']);
    expect(await world.git('ls-tree', '--name-only', 'main')).toBe('README.md\ntwo');
  });
});

describe('a host that deletes no branches', () => {
  const HOOK = 'case "$1 $3" in refs/heads/*" 0000"*) echo "branches stay" >&2; exit 1;; esac';
  const ALL = 'while read -r old new ref; do case "$new $ref" in 0000*" refs/heads/"*) exit 1;; esac; done; exit 0';

  it.each([
    ['by its configuration, ref by ref', { 'receive.denyDeletes': 'true', ...ONE_BY_ONE }, null],
    ['by a rule, ref by ref', ONE_BY_ONE, HOOK],
  ])('%s, publishes, and has them left over until it does', async (_, remote, hook) => {
    await start();
    const { draft, operation } = await approved();
    for (const [name, value] of Object.entries(remote)) await world.remote.config(name, value);
    await updateHook(hook ?? 'exit 0');
    await world.visit();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'succeeded' });
    expect(await world.row(draft.id)).toMatchObject({ lifecycle: 'published', revision: 'v1', branch: null });
    expect(await world.refs()).toEqual(['heads/main', 'heads/proposed/core/one', 'tags/core/v1']);
    expect(await condition('BranchesLeftOver')).toMatchObject({
      status: 'True',
      reason: 'DeletionRefused',
      message: expect.stringMatching(/1 branches .*\((deletion prohibited|hook declined)\): proposed\/core\/one\./),
    });
    expect(await condition('Ready')).toMatchObject({ status: 'True' });
    await tidy();
    expect(await world.refs()).toHaveLength(3);
    await world.remote.commit({ files: { 'else.txt': 'x' } });
    await world.visitNow();
    expect(await world.database.client.packageRevision.count()).toBe(1);

    await world.remote.config('receive.denyDeletes', 'false');
    await updateHook('exit 0');
    await tidy();
    expect(await world.refs()).toEqual(['heads/main', 'tags/core/v1']);
    expect(await condition('BranchesLeftOver')).toBeUndefined();
  });

  it('does not say which ref it refuses', async () => {
    await start();
    const { operation } = await approved();
    const other = await world.init('other');
    await writeFile(join(world.remote.path, 'hooks/pre-receive'), `#!/bin/sh\n${ALL}\n`, { mode: 0o755 });
    await world.visit();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'succeeded' });
    expect(await world.row(other.id)).toMatchObject({ gitState: 'synced' });
    expect(await condition('BranchesLeftOver')).toMatchObject({ status: 'True' });
    expect(await world.refs()).toEqual([
      'heads/drafts/other/one',
      'heads/main',
      'heads/proposed/core/one',
      'tags/core/v1',
    ]);
  });

  it('has no draft come back that was deleted, lets its name be used again, and drafts go to and fro', async () => {
    await start();
    await world.remote.config('receive.denyDeletes', 'true');
    const gone = await world.init('core');
    await world.visit();
    await world.deleteDraft(gone.id);
    await world.visitNow();
    expect(await world.database.client.packageRevision.count()).toBe(0);
    expect(await world.unfinished()).toBe(0);

    const draft = await world.init('core');
    await world.edit(draft.id, { 'a.yaml': 'a: 1\n' });
    await world.visitNow();
    expect(await world.row(draft.id)).toMatchObject({ gitState: 'synced' });
    await world.propose(draft.id);
    await world.visit();
    await world.lifecycle.reject(draft.id, 'grace');
    const edited = await world.edit(draft.id, { 'a.yaml': 'a: 2\n' });
    await world.visit();
    expect(await world.row(draft.id)).toMatchObject({ lifecycle: 'draft', gitState: 'synced', tree: edited.tree });
    await world.remote.commit({ branch: 'drafts/core/one', files: { 'core/b.yaml': 'b: 1\n' } });
    await world.visitNow();
    const theirs = await world.row(draft.id);
    expect(theirs).toMatchObject({ lifecycle: 'draft', gitState: 'synced' });
    expect(await world.git('rev-parse', 'drafts/core/one:core')).toBe(theirs.tree);
    const row = await world.publishDraft(draft.id);
    expect(row).toMatchObject({ lifecycle: 'published', tree: theirs.tree });
    await world.remote.check();
  });
});

it('a branch in the way of all drafts is told on the repository, with what to do, and drafts are pushed once it is gone', async () => {
  await start();
  await world.remote.branch('drafts', 'main');
  const draft = await world.init('core');
  await world.visitNow();
  expect(await condition('DraftsWritable')).toMatchObject({
    status: 'False',
    reason: 'BranchInTheWay',
    message: expect.stringMatching(/branch "drafts".*Rename it/),
  });
  expect(await condition('Ready')).toMatchObject({ status: 'True' });
  expect(await world.row(draft.id)).toMatchObject({ gitState: 'pending' });
  await world.remote.deleteRef('refs/heads/drafts');
  await world.visitNow();
  expect(await world.row(draft.id)).toMatchObject({ gitState: 'synced' });
  expect(await condition('DraftsWritable')).toBeUndefined();
});

describe('a host that takes no pushes', () => {
  const FORBIDDEN = { status: 403, contentType: 'text/plain', body: 'Pushing is for members.' };
  const forbid = async (on: boolean) =>
    world.server.refuse('blueprints', on ? { ...FORBIDDEN, service: 'git-receive-pack' } : null);
  const hook = (on: boolean) =>
    updateHook(on ? 'echo "GitLab: You are not allowed to push code to this project." >&2; exit 1' : null);
  const draft = async () => void (await world.init('core'));
  const proposal = async () => void (await world.propose((await world.draft('core', 'one')).id));
  const publication = async () => void (await world.approve((await world.draft('core', 'one')).id));
  const deletion = async () => void (await world.requestDeletion((await world.draft('core', 'one')).id));

  it.each([
    ['HTTP 403', 'a draft', [draft], forbid, /refuses access \(HTTP 403\): Pushing is for members\. Give/],
    ['HTTP 403', 'a publication', [draft, proposal, publication], forbid, /HTTP 403/],
    ['HTTP 403', 'a deletion', [draft, proposal, publication, deletion], forbid, /HTTP 403/],
    [
      'a hook',
      'a draft',
      [draft],
      hook,
      /hook declined\)\. remote: GitLab: You are not allowed to push code to this project.* Give/,
    ],
    ['a hook', 'a publication', [draft, proposal, publication], hook, /not allowed to push/],
  ])(
    'by %s, and is to take %s, has it told on the repository until it takes one',
    async (...[, , steps, refuse, words]) => {
      await start();
      for (const step of steps.slice(0, -1)) {
        await step();
        await world.visit();
      }
      await refuse(true);
      await steps.at(-1)?.();
      await world.visit();
      const told = { status: 'False', reason: 'PushRefused', message: expect.stringMatching(words) };
      expect(await condition('DraftsWritable')).toMatchObject(told);
      expect(await condition('Ready')).toMatchObject({ status: 'True' });
      await world.remote.commit({ files: { 'else.txt': 'x' } });
      await world.visitNow();
      expect(await condition('DraftsWritable')).toMatchObject(told);
      await refuse(false);
      await world.init('other');
      await world.visitNow();
      expect(await condition('DraftsWritable')).toBeUndefined();
      expect(await world.unfinished()).toBe(0);
    },
  );

  it('for a moment, or for what they hold, says nothing of the kind on the repository', async () => {
    await start();
    const { id } = await world.init('core');
    const lock = join(world.remote.path, 'refs/heads/drafts/core/one.lock');
    await mkdir(dirname(lock), { recursive: true });
    await writeFile(lock, '');
    await world.visit();
    expect(await world.row(id)).toMatchObject({ gitState: 'pending', gitMessage: expect.stringContaining('lock') });
    expect(await condition('DraftsWritable')).toBeUndefined();
    await rm(lock);
    await updateHook('echo "A file is larger than 1 MB." >&2; exit 1');
    await world.visitNow();
    expect(await world.row(id)).toMatchObject({ gitState: 'pending', gitMessage: expect.stringContaining('1 MB') });
    expect(await condition('DraftsWritable')).toBeUndefined();
  });
});

describe('a repository that was moved', () => {
  const patch = async (git: { url?: string; ref?: string }) => {
    const { id } = world.repository;
    await world.get(RepositoryService).update(id, { git }, { ifMatch: '*' }, someone('ada'));
    await world.visitNow();
    return world.database.client.repository.findUniqueOrThrow({ where: { id } });
  };

  it('to another host, and to another branch there, keeps ids and drafts, and pushes those that are not there', async () => {
    await start();
    const first = await world.publish('core');
    const draft = await world.copy(first, 'two');
    const waiting = await world.init('other');
    await world.visit();
    const { path, url } = await world.server.createRepository('elsewhere', { empty: true });
    await world.git('push', path, 'main:refs/heads/trunk', '--tags');
    await GitFixture.create(path).commit({ branch: 'trunk', files: { 'else.txt': 'x' } });

    expect(await patch({ url, ref: 'trunk' })).toMatchObject({ url, ref: 'trunk', moved: false });
    expect(await condition('Ready')).toMatchObject({ status: 'True' });
    expect(await world.row(first.id)).toMatchObject({ lifecycle: 'published', revision: 'v1' });
    await world.visitNow();
    for (const { id } of [draft, waiting]) expect(await world.row(id)).toMatchObject({ gitState: 'synced' });
    const remote = GitFixture.create(path);
    expect([...(await remote.refs()).keys()]).toEqual([
      ...['refs/heads/drafts/core/two', 'refs/heads/drafts/other/one', 'refs/heads/trunk', 'refs/tags/core/v1'],
    ]);
    await world.edit(draft.id, { 'a.yaml': 'a: 1\n' });
    expect(await world.publishDraft(draft.id)).toMatchObject({ revision: 'v2', lifecycle: 'published' });
    expect([...(await remote.refs()).keys()]).toContain('refs/tags/core/v2');
    await remote.check();
  });

  it('whose branch was renamed is followed', async () => {
    await start();
    const first = await world.publish('core');
    await world.remote.branch('trunk', 'main');
    await world.remote.deleteRef('refs/heads/main');
    await world.visitNow();
    expect(await condition('Ready')).toMatchObject({
      reason: 'RefNotFound',
      message: 'The repository has no branch "main". It has "trunk"; set git.ref.',
    });
    expect(await patch({ ref: 'trunk' })).toMatchObject({ ref: 'trunk', commit: await world.remote.revParse('trunk') });
    expect(await condition('Ready')).toMatchObject({ status: 'True' });
    expect(await world.row(first.id)).toMatchObject({ lifecycle: 'published' });
  });

  it.each([
    ['has another history', false],
    ['is empty', true],
  ])('to a place that %s is neither read nor written there, and goes on once it is moved back', async (_, empty) => {
    await start();
    const first = await world.publish('core');
    const { path, url } = await world.server.createRepository('other-history', { empty });
    const refs = await GitFixture.create(path).refs();
    expect(await patch({ url })).toMatchObject({ moved: true });
    expect(await condition('Ready')).toMatchObject({
      ...{ status: 'False', reason: 'HistoryDiffers' },
      message: expect.stringMatching(
        /Nothing was read\. Set git\.url and git\.ref to a place that holds it, or [\w ]+\.$/,
      ),
    });
    const draft = await world.copy(first, 'two');
    await world.visitNow();
    expect(await GitFixture.create(path).refs()).toEqual(refs);
    expect(await world.row(first.id)).toMatchObject({ lifecycle: 'published' });

    await patch({ url: world.url });
    await world.visitNow();
    expect(await condition('Ready')).toMatchObject({ status: 'True' });
    expect(await world.row(draft.id)).toMatchObject({ gitState: 'synced' });
  });
});

describe('a repository that is registered without a branch', () => {
  it.each([
    ['the one that HEAD names', 'trunk', ['develop'], false],
    ['the one that HEAD names, as an old server tells it', 'trunk', ['develop'], true],
    ['main, on an empty remote', 'main', [], false],
  ])('takes %s', async (_, expected, others, old) => {
    await start();
    const name = `head-${expected}-${old}`;
    const { path, url } = await world.server.createRepository(name, { empty: true });
    const remote = GitFixture.create(path);
    if (others.length > 0) {
      for (const branch of [...others, expected]) await remote.commit({ branch, files: { 'core/Kptfile': KPTFILE } });
      await git(['symbolic-ref', 'HEAD', `refs/heads/${expected}`], { gitDir: path });
    }
    if (old) world.server.speakOldProtocol(name);
    const { id } = await world.engine.register({ name, url, ref: '' });
    await world.engine.visit(id);
    expect(await world.database.client.repository.findUnique({ where: { id } })).toMatchObject({ ref: expected });
    const packages = await world.database.client.package.count({
      where: { repositoryId: id, headTree: { not: null } },
    });
    expect(packages).toBe(others.length);
  });
});
