import { expect, it } from 'vitest';
import type { GitFixture } from '../support/git-fixture.js';
import { BOB } from '../support/git-fixture.js';
import { DiscoveryWorld, KPTFILE } from '../support/discovery.js';

const world = DiscoveryWorld.create({ empty: true });

const kptfile = (name: string, more = ''): string => KPTFILE.replace('example', name) + more;
const kpt = (data: object): string => `kpt:${JSON.stringify(data)}`;

/** main: basens, empty, istions; five tags on plain commits; three drafts of the older dialect. */
async function simple(remote: GitFixture): Promise<void> {
  const publish = async (name: string, revision: string) => {
    await remote.commit({ files: { [`${name}/Kptfile`]: kptfile(name, `# ${revision}\n`) }, author: BOB });
    await remote.tag(`${name}/${revision}`, { annotated: false });
  };
  await publish('empty', 'v1');
  for (const name of ['basens', 'istions']) for (const revision of ['v1', 'v2']) await publish(name, revision);
  await remote.branch('drafts/bucket/v1', 'main');
  await remote.branch('drafts/none/v1', 'main');
  await remote.branch('drafts/pkg-with-history/v1', 'main');
  for (const step of ['one', 'two', 'three']) {
    await remote.commit({
      branch: 'drafts/bucket/v1',
      files: { 'bucket/Kptfile': kptfile('bucket'), [`bucket/${step}.yaml`]: `step: ${step}\n` },
      message: `${step}\n`,
    });
  }
  await remote.commit({ branch: 'drafts/none/v1', files: { 'none/Kptfile': kptfile('none') } });
  for (const type of ['init', 'eval', 'patch']) {
    const line = kpt({ package: 'pkg-with-history', revision: 'v1', task: { type, eval: { image: 'set-labels' } } });
    await remote.commit({
      branch: 'drafts/pkg-with-history/v1',
      files: { 'pkg-with-history/Kptfile': kptfile('pkg-with-history', `# ${type}\n`) },
      message: `Intermediate commit: ${type}\n\n${line}\n`,
      author: BOB,
    });
  }
}

it('reads the simple repository: 5 published, 3 drafts, 3 heads', async () => {
  await simple(world.remote);
  const { id } = await world.discover();
  expect(await world.published(id)).toEqual(['basens@v1', 'basens@v2', 'empty@v1', 'istions@v1', 'istions@v2']);
  expect(await world.drafts(id)).toEqual(['bucket/v1 (draft)', 'none/v1 (draft)', 'pkg-with-history/v1 (draft)']);
  expect(await world.heads(id)).toEqual(['basens', 'empty', 'istions']);
  const rows = await world.revisions(id);
  const main = await world.remote.revParse('main');
  for (const row of rows.filter((one) => one.lifecycle === 'draft')) {
    expect(row).toMatchObject({ baseCommit: main, gitState: 'synced', branch: `refs/heads/drafts/${row.path}/v1` });
    expect(row.tree).toBe(await world.remote.revParse(`drafts/${row.path}/v1:${row.path}`));
  }
  expect(rows.find((row) => row.path === 'pkg-with-history')).toMatchObject({ updatedBy: BOB.name });
  expect(rows.filter((row) => row.latest).map((row) => `${row.path}@${row.revision}`)).toEqual([
    'basens@v2',
    'empty@v1',
    'istions@v2',
  ]);
});

it('takes publishedBy and publishedAt from the commit, whether it says that it approves or nothing', async () => {
  const date = 1_600_000_000;
  await world.remote.commit({ files: { 'pkg/Kptfile': kptfile('pkg') }, author: BOB, date });
  await world.remote.tag('pkg/v1', { annotated: false });
  const message = `Approve pkg/v2\n\n${kpt({ package: 'pkg', revision: 'v2' })}\n`;
  await world.remote.commit({ files: { 'pkg/a.yaml': 'a: 1\n' }, author: BOB, date: date + 5, message });
  await world.remote.tag('pkg/v2', { annotated: false });
  const { id } = await world.discover();
  expect(await world.revisions(id)).toMatchObject([
    { revision: 'v1', workspace: 'v1', publishedBy: BOB.name, publishedAt: new Date(date * 1000) },
    { revision: 'v2', workspace: 'v2', publishedBy: BOB.name, publishedAt: new Date((date + 5) * 1000) },
  ]);
});

it('reads nested packages, and with a directory the same ones without its prefix', async () => {
  const files: Record<string, string> = {};
  for (const folder of ['catalog/namespace/basens', 'catalog/gcp/bucket', 'sample']) {
    files[`${folder}/Kptfile`] = kptfile(folder);
  }
  await world.remote.commit({ files });
  const tags = ['catalog/namespace/basens/v1', 'catalog/namespace/basens/v2', 'catalog/namespace/basens/v3'];
  tags.push('catalog/gcp/bucket/v1', 'sample/v1', 'sample/v2');
  for (const tag of tags) await world.remote.tag(tag, { annotated: false });
  await world.remote.commit({
    branch: 'drafts/catalog/gcp/spanner/v1',
    files: { 'catalog/gcp/spanner/Kptfile': kptfile('spanner') },
  });
  const whole = await world.discover({}, `${world.name}-whole`);
  const nested = await world.discover({ directory: 'catalog' }, `${world.name}-nested`);
  const identities = async (id: string) =>
    (await world.revisions(id)).map(({ realm, packageName, revision, workspace }) =>
      [realm, packageName, revision ?? `draft ${workspace}`].join(' | '),
    );
  expect(await identities(whole.id)).toEqual([
    'catalog/gcp | bucket | v1',
    'catalog/gcp | spanner | draft v1',
    'catalog/namespace | basens | v1',
    'catalog/namespace | basens | v2',
    'catalog/namespace | basens | v3',
    ' | sample | v1',
    ' | sample | v2',
  ]);
  expect(await identities(nested.id)).toEqual([
    'gcp | bucket | v1',
    'gcp | spanner | draft v1',
    'namespace | basens | v1',
    'namespace | basens | v2',
    'namespace | basens | v3',
  ]);
  expect(await world.heads(nested.id)).toEqual(['gcp/bucket', 'namespace/basens']);
});

it('reads the workspace from the kpt line, and a line that is no JSON as if there were none', async () => {
  const publish = async (revision: string, line: string) => {
    await world.remote.commit({
      files: { 'pkg/n.yaml': `n: ${revision}\n`, 'pkg/Kptfile': KPTFILE },
      message: `x\n\n${line}\n`,
    });
    await world.remote.tag(`pkg/${revision}`, { annotated: false });
  };
  await publish('v1', kpt({ package: 'pkg', workspaceName: 'first', revision: '1' }));
  await publish('v2', 'kpt:{"package":"pkg","workspaceName":"second"');
  await publish('v3', 'kpt:null');
  await publish('v4', kpt({ package: 'other', workspaceName: 'of-another', revision: '4' }));
  await publish('v5', kpt({ package: 'pkg', workspaceName: 'first', revision: '5' }));
  await publish('v6', kpt({ package: 'pkg', workspaceName: 'nul\0 a/b ~^: x', revision: '6' }));
  await publish('v7', kpt({ package: 'pkg', workspaceName: 'w'.repeat(100_000), revision: '7' }));
  const { id } = await world.discover();
  expect((await world.revisions(id)).map((row) => [row.revision, row.workspace])).toEqual([
    ['v1', 'first'],
    ['v2', 'v2'],
    ['v3', 'v3'],
    ['v4', 'v4'],
    ['v5', 'v5'],
    ['v6', 'v6'],
    ['v7', 'v7'],
  ]);
});

/** A blueprint, tagged in the world's repository, and a clone of it, tagged and discovered in another. */
async function discoverClone() {
  // A commit of its own: the same one in two repositories is the same upstream.
  await world.remote.commit({ files: { 'blue/print/Kptfile': kptfile('print'), readme: world.name } });
  await world.remote.tag('blue/print/v1', { annotated: false });
  const commit = await world.remote.revParse('main');
  const url = world.server.url(world.name);
  const git = { repo: url, directory: '/blue/print', ref: 'blue/print/v1' };
  const upstream = `upstream: ${JSON.stringify({ type: 'git', git })}\nupstreamLock: ${JSON.stringify({ type: 'git', git: { ...git, commit } })}\n`;
  const clones = await world.newRemote(true);
  const name = `remote-${world.name.replace('remote-', '')}-clones`;
  await clones.commit({ files: { 'site/print/Kptfile': kptfile('print', upstream) } });
  await clones.tag('site/print/v1', { annotated: false });
  const path = clones.path.split('/').pop()?.replace('.git', '') ?? '';
  const deployment = await world.engine.register({ name, url: world.server.url(path), deployment: true });
  await world.sync(deployment.id);
  return { url, commit, deployment };
}

it('reads the upstream of a clone from its Kptfile and finds the revision, in whatever order they are discovered', async () => {
  const { url, commit, deployment } = await discoverClone();
  const [before] = await world.revisions(deployment.id);
  expect(before).toMatchObject({
    upstream: { url, directory: 'blue/print', ref: 'blue/print/v1', commit, tree: null },
    upstreamRevisionId: null,
  });
  const catalog = await world.discover();
  const [original] = await world.revisions(catalog.id);
  const [after] = await world.revisions(deployment.id);
  expect(original?.id).toBeDefined();
  expect(after?.upstreamRevisionId).toBe(original?.id);
});

it('ties a clone to the upstream revision only while that is the commit that was cloned', async () => {
  const { commit, deployment } = await discoverClone();
  const catalog = await world.discover();
  const link = async () => {
    await world.sync(catalog.id);
    const [clone] = await world.revisions(deployment.id);
    const [upstream] = await world.revisions(catalog.id);
    return clone?.upstreamRevisionId == null ? null : clone.upstreamRevisionId === upstream?.id;
  };
  expect(await link()).toBe(true);
  await world.remote.commit({ files: { 'blue/print/a.yaml': 'a: 1\n' } });
  await world.remote.moveTag('blue/print/v1', 'main', { annotated: false });
  expect(await link(), 'moved away').toBeNull();
  await world.remote.moveTag('blue/print/v1', commit, { annotated: false });
  expect(await link(), 'moved back').toBe(true);
  await world.remote.deleteRef('refs/tags/blue/print/v1');
  expect(await link(), 'deleted').toBeNull();
  await world.remote.tag('blue/print/v1', { annotated: false, at: commit });
  expect(await link(), 'set again').toBe(true);
});
