import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Condition } from '../../src/domain/revision.js';
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
  it.each([
    [
      'tags',
      'case "$1" in refs/tags/*) echo "tags are frozen" >&2; exit 1;; esac',
      'refs/tags/core/v1',
      'tags are frozen',
    ],
    [
      'the branch',
      'case "$1" in refs/heads/main) echo "main is protected" >&2; exit 1;; esac',
      'refs/heads/main',
      'main is protected',
    ],
  ])(
    'and refuses %s delivers nothing that is not published, and publishes it once it does not',
    async (_, hook, ref, words) => {
      await start({ remote: ONE_BY_ONE });
      const { draft, operation } = await approved();
      const before = await world.remote.refs();
      await updateHook(hook);
      await world.visit();
      expect(await world.operation(operation.id)).toMatchObject({
        state: 'failed',
        error: { code: 'remoteRejected', detail: expect.stringContaining(words), data: { refs: [{ ref }] } },
      });
      expect(await world.remote.refs()).toEqual(before);
      expect(await world.row(draft.id)).toMatchObject({ lifecycle: 'proposed', revision: null });

      await updateHook(null);
      await world.operations.retry(operation.id, someone('root'));
      await world.visitNow();
      expect(await world.row(draft.id)).toMatchObject({ lifecycle: 'published', revision: 'v1' });
      expect(await world.refs()).toEqual(['heads/main', 'tags/core/v1']);
      expect(await world.git('rev-parse', 'core/v1^{}')).toBe(await world.git('rev-parse', 'main'));
    },
  );

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
    ['by its configuration', { 'receive.denyDeletes': 'true' }, null],
    ['by its configuration, ref by ref', { 'receive.denyDeletes': 'true', ...ONE_BY_ONE }, null],
    ['by a rule', {}, HOOK],
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

it('a lock that was left behind on the host is told in its own words, and all goes on once it is gone', async () => {
  await start();
  const { draft, operation } = await approved();
  const lock = join(world.remote.path, 'refs/heads/main.lock');
  await writeFile(lock, '');
  await world.visit();
  expect(await world.operation(operation.id)).toMatchObject({
    state: 'running',
    waitingFor: expect.stringMatching(/does not change .*refs\/heads\/main \(.*main\.lock/s),
  });
  await rm(lock);
  await world.visitNow();
  expect(await world.row(draft.id)).toMatchObject({ lifecycle: 'published', revision: 'v1' });
  expect(await world.git('rev-list', '--first-parent', '--count', 'main')).toBe('2');
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
