import { expect, it } from 'vitest';
import { CONFIG_MAP, DiscoveryWorld, KPTFILE } from '../support/discovery.js';
import { git } from '../support/git-command.js';

const world = DiscoveryWorld.create();

it('lists directories with a Kptfile, tagged or not, and none below one', async () => {
  await world.remote.commit({
    files: {
      Kptfile: KPTFILE,
      'a/Kptfile': KPTFILE,
      'a/sub/Kptfile': KPTFILE,
      'b/c/Kptfile': KPTFILE,
      'b/objects/config.yaml': CONFIG_MAP,
    },
  });
  const { id } = await world.discover();
  expect(await world.heads(id)).toEqual(['a', 'b/c']);
  const [a] = await world.packages(id);
  expect(a?.headTree).toBe(await world.remote.revParse('main:a'));
  expect(await world.repository(id)).toMatchObject({ commit: await world.remote.revParse('main') });
});

it('follows packages that change, move, begin inside another, or go', async () => {
  await world.remote.commit({
    files: { 'old/Kptfile': KPTFILE, 'kept/Kptfile': KPTFILE, 'outer/sub/Kptfile': KPTFILE },
  });
  await world.remote.tag('kept/v1');
  const { id } = await world.discover();
  expect(await world.heads(id)).toEqual(['kept', 'old', 'outer/sub']);

  await world.remote.commit({
    files: { 'old/Kptfile': null, 'new/place/Kptfile': KPTFILE, 'kept/Kptfile': null, 'outer/Kptfile': KPTFILE },
  });
  await world.sync(id);
  expect(await world.heads(id)).toEqual(['new/place', 'outer']);
  // With neither a head nor a revision a package is gone; with a revision it stays.
  expect((await world.packages(id)).map((row) => row.path)).toEqual(['kept', 'new/place', 'outer']);

  await world.remote.commit({ files: { 'outer/Kptfile': null, 'kept/Kptfile': KPTFILE } });
  await world.sync(id);
  expect(await world.heads(id)).toEqual(['kept', 'new/place', 'outer/sub']);
  expect((await world.packages(id)).find((row) => row.path === 'kept')?.headTree).toBe(
    await world.remote.revParse('main:kept'),
  );
});

it('follows a ref that was set back, replaced by another history, or deleted', async () => {
  const first = await world.remote.commit({ files: { 'a/Kptfile': KPTFILE } });
  await world.remote.commit({ files: { 'b/Kptfile': KPTFILE } });
  const { id } = await world.discover();
  await world.remote.branch('main', first);
  await world.sync(id);
  expect(await world.heads(id)).toEqual(['a']);

  await world.remote.commit({ branch: 'other', files: { 'c/Kptfile': KPTFILE } });
  await world.remote.branch('main', 'other');
  // Nothing is left of what the index knows: it has to notice by itself that `a` is gone.
  await world.engine.dropMirror(id);
  await git(['reflog', 'expire', '--expire=now', '--all'], { gitDir: world.remote.path });
  await git(['gc', '--quiet', '--prune=now'], { gitDir: world.remote.path });
  await world.sync(id);
  expect(await world.heads(id)).toEqual(['c']);

  await world.remote.deleteRef('refs/heads/main');
  await world.sync(id);
  expect(await world.ready(id)).toMatchObject({ status: 'False', reason: 'RefNotFound' });
  expect(await world.heads(id)).toEqual(['c']);
});

it('remembers the numbers given out before a tag was deleted, from the publish commits on the ref', async () => {
  const trailers = 'Package: a\nWorkspace: one\nRevision: v7\n';
  await world.remote.commit({ files: { 'a/Kptfile': KPTFILE }, message: `Publish a/v7\n\n${trailers}` });
  const line = `kpt:${JSON.stringify({ package: 'b', revision: 'v4' })}`;
  await world.remote.commit({ files: { 'b/Kptfile': KPTFILE }, message: `Approve b/v4\n\n${line}\n` });
  const draft = `kpt:${JSON.stringify({ package: 'c', workspaceName: 'x', revision: '0' })}`;
  await world.remote.commit({ files: { 'c/Kptfile': KPTFILE }, message: `Draft\n\n${draft}\n` });
  const { id } = await world.discover();
  const counters = async () =>
    (await world.database.revisionCounter.findMany({ where: { repositoryId: id }, orderBy: { path: 'asc' } })).map(
      ({ path, highest }) => `${path} ${highest}`,
    );
  expect(await counters()).toEqual(['a 7', 'b 4']);
  await world.remote.tag('a/v9');
  await world.sync(id);
  await world.remote.deleteRef('refs/tags/a/v9');
  await world.sync(id);
  expect(await counters()).toEqual(['a 9', 'b 4']);
});
