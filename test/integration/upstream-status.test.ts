import { beforeEach, describe, expect, it } from 'vitest';
import { RepositoryService } from '../../src/features/repositories/repository.service.js';
import { UpstreamWorld } from '../support/upstream-world.js';

const start = UpstreamWorld.inOneDatabase();
let world: UpstreamWorld;
beforeEach(async () => {
  world = await start();
});

/** After the index was made again from Git, everything reads the same. */
async function expectRebuilt(): Promise<void> {
  const before = await world.statuses();
  await world.rebuild();
  expect(await world.statuses()).toEqual(before);
}

const kptfile = (name: string) => `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\n`;
/** A version that somebody else publishes. */
async function tagByHand(path: string, revision: string): Promise<string> {
  const { remote } = world.catalog;
  await remote.commit({ files: { [`${path}/Kptfile`]: kptfile('x'), [`${path}/a.yaml`]: `a: ${revision}\n` } });
  await remote.tag(`${path}/${revision}`);
  await world.catalog.visitNow();
  return remote.revParse(`${path}/${revision}^{commit}`);
}

describe('the state of an upstream', () => {
  it('is up to date until a newer version is published, by an approval or by hand', async () => {
    const v1 = await world.version('core', 'a: 1\n');
    const clone = await world.clone(v1, 'core');
    expect(await world.status(clone.id)).toBe('upToDate 0 v1 v1');
    expect(await world.statuses()).toEqual({ core: 'none' });
    await world.fleet.publishDraft(clone.id);
    expect(await world.statuses()).toEqual({ core: 'upToDate 0 v1 v1' });
    const v2 = await world.version('core', 'a: 2\n');
    expect(await world.status(clone.id)).toBe('behind 1 v1 v2');
    await tagByHand('core', 'v3');
    expect(await world.statuses()).toEqual({ core: 'behind 2 v1 v3' });
    // A downgrade, made while v3 is there.
    await world.cloned(v2, 'older');
    expect(await world.statuses()).toEqual({ core: 'behind 2 v1 v3', older: 'behind 1 v2 v3' });
    expect(await world.status(v1.id)).toBe('none');
    await expectRebuilt();
  });

  it('goes back when the newest version is deleted', async () => {
    const v1 = await world.version('core', 'a: 1\n');
    await world.cloned(v1, 'core');
    const v2 = await world.version('core', 'a: 2\n');
    await world.catalog.requestDeletion(v2.id);
    await world.catalog.visit();
    expect(await world.statuses()).toEqual({ core: 'upToDate 0 v1 v1' });
  });

  it('counts pre-releases only for what is on one, or where there is nothing else', async () => {
    await tagByHand('core', 'v1.0.0-rc.1');
    await tagByHand('core', 'v1.0.0-rc.2');
    const at = (revision: string) => world.catalog.revision('core', revision);
    await world.cloned(await at('v1.0.0-rc.1'), 'early');
    expect(await world.statuses()).toEqual({ early: 'behind 1 v1.0.0-rc.1 v1.0.0-rc.2' });
    await tagByHand('core', 'v1.0.0');
    await world.cloned(await at('v1.0.0'), 'stable');
    await tagByHand('core', 'v1.1.0-rc.1');
    expect(await world.statuses()).toEqual({
      early: 'behind 3 v1.0.0-rc.1 v1.1.0-rc.1',
      stable: 'upToDate 0 v1.0.0 v1.0.0',
    });
    await world.cloned(await at('v1.1.0-rc.1'), 'next');
    expect(await world.statuses()).toMatchObject({ next: 'upToDate 0 v1.1.0-rc.1 v1.1.0-rc.1' });
    await expectRebuilt();
  });

  it('is unknown of what is no version', async () => {
    await tagByHand('core', 'stable');
    await tagByHand('core', 'v1');
    await world.cloned(await world.catalog.revision('core', 'stable'), 'core');
    expect(await world.statuses()).toEqual({ core: 'unknown stable v1' });
    await expectRebuilt();
  });

  it.each(['the service', 'somebody else'])('is diverged once a tag of %s was moved, until it is back', async (who) => {
    if (who === 'the service') await world.version('core', 'a: 1\n');
    else await tagByHand('core', 'v1');
    await world.cloned(await world.catalog.revision('core', 'v1'), 'core');
    const { remote } = world.catalog;
    const before = await remote.revParse('core/v1^{commit}');
    await remote.commit({ files: { 'core/a.yaml': 'a: moved\n' } });
    await remote.moveTag('core/v1', 'main');
    await world.catalog.visitNow();
    expect(await world.statuses()).toEqual({ core: 'diverged 0 - v1' });
    await expectRebuilt();
    await remote.moveTag('core/v1', before);
    await world.catalog.visitNow();
    expect(await world.statuses()).toEqual({ core: 'upToDate 0 v1 v1' });
  });

  it.each(['the service', 'somebody else'])('is gone once a tag of %s was deleted', async (who) => {
    if (who === 'the service') await world.version('core', 'a: 1\n');
    else await tagByHand('core', 'v1');
    await tagByHand('core', 'v2');
    await world.cloned(await world.catalog.revision('core', 'v1'), 'core');
    await world.catalog.remote.deleteRef('refs/tags/core/v1');
    await world.catalog.visitNow();
    expect(await world.statuses()).toEqual({ core: 'gone 1 - v2' });
    await expectRebuilt();
  });

  it('is gone once the package was deleted', async () => {
    const v1 = await world.version('core', 'a: 1\n');
    await world.cloned(v1, 'core');
    await world.catalog.requestDeletion(v1.id, 'restore', true);
    await world.catalog.visit();
    expect(await world.catalog.database.client.package.count({ where: { id: v1.packageId } })).toBe(0);
    expect(await world.statuses()).toEqual({ core: 'gone - -' });
    await expectRebuilt();
  });

  it('is that of the head from which it was made, while a publication equals that', async () => {
    const v1 = await world.version('core', 'a: 1\n');
    await world.cloned({ packageId: v1.packageId }, 'of-v1');
    expect(await world.statuses()).toEqual({ 'of-v1': 'upToDate 0 v1 v1' });
    await world.catalog.remote.commit({ files: { 'core/a.yaml': 'a: direct\n' } });
    await world.catalog.visitNow();
    await world.cloned({ packageId: v1.packageId }, 'of-head');
    expect(await world.statuses()).toEqual({ 'of-v1': 'upToDate 0 v1 v1', 'of-head': 'diverged - v1' });
    await expectRebuilt();
    await world.catalog.remote.tag('core/v2');
    await world.catalog.visitNow();
    expect(await world.statuses()).toEqual({ 'of-v1': 'behind 1 v1 v2', 'of-head': 'upToDate 0 v2 v2' });
    await expectRebuilt();
  });

  it('is read from a Kptfile where nothing else tells, and unknown of a place that is not registered', async () => {
    const commit = await tagByHand('core', 'v1');
    const { url } = world.catalog;
    await world.byHand('core', { url, directory: 'core', ref: 'core/v1', commit });
    await world.byHand('short', { url: url.replace(/\.git$/, '/'), directory: 'core', ref: 'v1', commit });
    const elsewhere = 'https://git.example.com/elsewhere.git';
    await world.byHand('elsewhere', { url: elsewhere, directory: 'core', ref: 'core/v1', commit: 'f'.repeat(40) });
    await tagByHand('core', 'v2');
    expect(await world.statuses()).toEqual({
      core: 'behind 1 v1 v2',
      short: 'behind 1 v1 v2',
      elsewhere: 'unknown - -',
    });
    await expectRebuilt();
  });

  it('is gone of an unregistered repository whose revisions were cloned here, and comes back with it', async () => {
    const v1 = await world.version('core', 'a: 1\n');
    await world.cloned(v1, 'core');
    await world.byHand('by-hand', {
      ...{ url: world.catalog.url, directory: 'core', ref: 'core/v1', commit: v1.commit ?? '' },
    });
    await world.version('core', 'a: 2\n');
    const before = { core: 'behind 1 v1 v2', 'by-hand': 'behind 1 v1 v2' };
    expect(await world.statuses()).toEqual(before);
    await world.get(RepositoryService).delete(world.catalog.repository.id, 'discard', { ifMatch: '*' });
    expect(await world.statuses()).toEqual({ core: 'gone - -', 'by-hand': 'unknown - -' });
    const { name, url } = world.catalog.repository;
    world.catalog.repository = await world.catalog.engine.register({ name, url });
    expect(await world.statuses()).toMatchObject({ core: 'gone - -' });
    await world.catalog.visit();
    expect(await world.statuses()).toEqual(before);
  });
});

it('settles a clone and a publication of its upstream that do not see each other', async () => {
  const v1 = await world.version('core', 'a: 1\n');
  // Its publication writes the row of the latest one, which is not what is cloned.
  const draft = await world.catalog.copy(await world.version('core', 'a: 2\n'), 'three');
  await world.catalog.edit(draft.id, { 'a.yaml': 'a: 3\n' });
  await world.catalog.proposeAndApprove(draft.id);
  // The clone has looked at what is published, when the publication commits, and commits itself after that.
  const id = await world.database.transaction(async () => {
    const clone = await world.clone(v1, 'core');
    await world.database.gather(['last'], () => world.database.apart(() => world.catalog.visit()));
    return clone.id;
  });
  expect(await world.status(id)).toBe('behind 2 v1 v3');
});
