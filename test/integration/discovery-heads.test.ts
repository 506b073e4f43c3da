import { describe, expect, it } from 'vitest';
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

it('follows what a tag names below a package that is the directory of the repository itself', async () => {
  await world.remote.commit({ files: { 'all/Kptfile': KPTFILE, 'all/a/config.yaml': CONFIG_MAP } });
  await world.remote.tag('all/a/v1');
  const { id } = await world.discover({ directory: 'all' });
  await world.remote.commit({ files: { 'all/a/config.yaml': `${CONFIG_MAP}# changed\n` } });
  await world.sync(id);
  const heads = (await world.packages(id)).map(({ path, headTree, headState }) => [path, headTree, headState]);
  expect(heads).toEqual([
    ['', await world.remote.revParse('main:all'), 'unpublished'],
    ['a', await world.remote.revParse('main:all/a'), 'differs'],
  ]);
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
      ({ path, highest }) => `${path} ${Number(highest)}`,
    );
  expect(await counters()).toEqual(['a 7', 'b 4']);
  await world.remote.tag('a/v9');
  await world.sync(id);
  await world.remote.deleteRef('refs/tags/a/v9');
  await world.sync(id);
  expect(await counters()).toEqual(['a 9', 'b 4']);
});

describe('with another discovery', () => {
  const { KRM, CHART } = { KRM: CONFIG_MAP, CHART: 'apiVersion: v2\nname: chart\n' };
  const set = async (id: string, discovery: object) => {
    await world.database.repository.update({ where: { id }, data: { discovery } });
    await world.sync(id);
  };
  const found = async (id: string) => {
    const conditions = (await world.repository(id)).conditions as { type: string; reason: string; message: string }[];
    return conditions.find(({ type }) => type === 'PackagesFound');
  };

  it('takes the topmost directories with KRM for packages, and none in a Helm chart', async () => {
    await world.remote.commit({
      files: {
        'root.yaml': KRM,
        'apps/base/web/deploy.yaml': KRM,
        'apps/base/web/more/deploy.yaml': KRM,
        'apps/README.md': '# x\n',
        'clusters/prod/all.json':
          '{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Pod"}]}',
        'chart/Chart.yaml': CHART,
        'chart/crds/crd.yaml': KRM,
        'values/values.yaml': 'a: b\n',
      },
    });
    const { id } = await world.discover();
    expect(await world.heads(id)).toEqual([]);
    expect(await found(id)).toMatchObject({
      status: 'False',
      reason: 'NoKptfile',
      message: expect.stringContaining(
        '4 directories hold Kubernetes objects; set `discovery.mode` to `krm`',
      ) as string,
    });
    await set(id, { mode: 'krm' });
    expect(await world.heads(id)).toEqual(['apps/base/web', 'clusters/prod']);
    expect(await found(id)).toBeUndefined();

    await world.remote.commit({ files: { 'apps/kustomization.yaml': KRM, 'clusters/prod/all.json': '{}' } });
    await world.sync(id);
    expect(await world.heads(id)).toEqual(['apps']);
    await world.remote.commit({ files: { 'apps/kustomization.yaml': null, 'values/config.yml': KRM } });
    await world.sync(id);
    expect(await world.heads(id)).toEqual(['apps/base/web', 'values']);
  });

  it('takes what matches a pattern, and what holds KRM anywhere in it', async () => {
    await world.remote.commit({
      files: {
        'apps/a/x/deploy.yaml': KRM,
        'apps/b/deploy.yaml': KRM,
        'apps/c/README.md': '# nothing\n',
        'apps/d/chart/Chart.yaml': CHART,
        'apps/d/chart/crd.yaml': KRM,
        'apps/e/testdata/deploy.yaml': KRM,
        'other/deploy.yaml': KRM,
        'k/one/Kptfile': KPTFILE,
        'k/two/Kptfile': KPTFILE,
      },
    });
    const { id } = await world.discover();
    expect(await world.heads(id)).toEqual(['k/one', 'k/two']);
    await set(id, { mode: 'krm', include: ['apps/*'], exclude: ['**/testdata'] });
    expect(await world.heads(id)).toEqual(['apps/a', 'apps/b']);
    await set(id, { include: ['**/one', 'apps/**'] });
    expect(await world.heads(id)).toEqual(['k/one']);
    await set(id, { mode: 'krm', include: ['nowhere/*'] });
    expect(await found(id)).toMatchObject({ status: 'False', reason: 'NothingMatches' });
    await set(id, {});
    expect([await world.heads(id), await found(id)]).toEqual([['k/one', 'k/two'], undefined]);
  });

  it('takes the directory of the repository itself only where nothing below it counts, and loses no revision', async () => {
    await world.remote.commit({ files: { 'env/all.yaml': KRM, 'env/a/README.md': '# a\n', 'x/b.yaml': KRM } });
    await world.remote.tag('env/v1');
    const { id } = await world.discover({ directory: 'env' });
    await set(id, { mode: 'krm' });
    expect(await world.heads(id)).toEqual(['']);
    await world.remote.commit({ files: { 'env/a/deploy.yaml': KRM } });
    await world.sync(id);
    expect(await world.heads(id)).toEqual(['a']);
    await world.remote.commit({ files: { 'env/a/deploy.yaml': null } });
    await world.sync(id);
    expect(await world.heads(id)).toEqual(['']);
    await set(id, { mode: 'krm', exclude: ['**'] });
    expect(await world.heads(id)).toEqual([]);
    expect((await world.packages(id)).map(({ path }) => path)).toEqual(['']);
  });
});

it('keeps what people say of a package through changes, and when its repository is read anew elsewhere', async () => {
  await world.remote.commit({ files: { 'a/Kptfile': KPTFILE } });
  await world.remote.tag('a/v1');
  const { id } = await world.discover();
  const [{ id: packageId } = { id: '' }] = await world.packages(id);
  const said = { labels: { team: 'net' }, annotations: { note: 'ours' } };
  await world.database.package.update({ where: { id: packageId }, data: said });

  await world.remote.commit({ files: { 'a/more.yaml': CONFIG_MAP } });
  await world.remote.tag('a/v2');
  await world.sync(id);
  expect(await world.packages(id)).toMatchObject([{ id: packageId, ...said }]);

  const elsewhere = await world.newRemote(true);
  await git(['fetch', '-q', world.remote.path, '+refs/*:refs/*'], { gitDir: elsewhere.path });
  const url = world.server.url(
    elsewhere.path
      .split('/')
      .at(-1)
      ?.replace(/\.git$/, '') ?? '',
  );
  await world.database.repository.update({ where: { id }, data: { url, urlKey: url, moved: true } });
  await world.database.remoteRef.updateMany({ where: { repositoryId: id }, data: { oid: '' } });
  await world.sync(id);
  expect((await world.repository(id)).moved).toBe(false);
  expect(await world.packages(id)).toMatchObject([{ id: packageId, ...said }]);
});
