import { describe, expect, it } from 'vitest';
import { CONFIG_MAP, DiscoveryWorld, KPTFILE } from '../support/discovery.js';

const world = DiscoveryWorld.create();

interface Case {
  folder: string;
  catalog: { realm: string; package: string };
  deployment: { target: string | null; realm: string; package: string };
}

const CASES: Case[] = [
  {
    folder: 'a/b/c',
    catalog: { realm: 'a/b', package: 'c' },
    deployment: { target: 'a', realm: 'b', package: 'c' },
  },
  { folder: 'c', catalog: { realm: '', package: 'c' }, deployment: { target: null, realm: '', package: 'c' } },
  {
    folder: 'a/b/c/d',
    catalog: { realm: 'a/b/c', package: 'd' },
    deployment: { target: 'a', realm: 'b/c', package: 'd' },
  },
  { folder: 'a/d', catalog: { realm: 'a', package: 'd' }, deployment: { target: 'a', realm: '', package: 'd' } },
];

describe.each([{ deployment: false }, { deployment: true }])('identity (deployment: $deployment)', ({ deployment }) => {
  it.each(CASES)('of $folder, from its tag and its branch', async (given) => {
    await world.remote.commit({ files: { [`${given.folder}/Kptfile`]: KPTFILE } });
    await world.remote.tag(`${given.folder}/v3`);
    await world.remote.branch(`drafts/${given.folder}/ws3`, 'main');
    await world.remote.tag('v3');
    const { id } = await world.discover({ deployment });
    const expected = deployment ? given.deployment : { target: null, ...given.catalog };
    const rows = await world.revisions(id);
    expect(
      rows.map(({ target, realm, packageName, revision, workspace }) => ({
        ...{ target, realm, package: packageName, revision, workspace },
      })),
    ).toEqual([
      { ...expected, revision: 'v3', workspace: 'v3' },
      { ...expected, revision: null, workspace: 'ws3' },
    ]);
    expect((await world.repository(id)).ignoredTags).toBe(1);
    expect(rows[1]?.name).toBe(
      [
        deployment ? (expected.target ?? '') : 'catalog',
        world.name,
        expected.realm.replaceAll('/', ':'),
        expected.package,
        'ws3',
      ].join('.'),
    );
  });
});

describe('discovery', () => {
  it('lists exactly what is tagged and is a package, and counts the rest', async () => {
    await world.remote.commit({
      files: {
        'nf/example/configmap.yaml': CONFIG_MAP,
        'nf/example2/configmap.yaml': CONFIG_MAP.replace('example', 'example2'),
        'top/configmap.yaml': CONFIG_MAP.replace('example', 'top'),
      },
    });
    await world.remote.tag('nf/example/v1');
    for (const tag of ['nf/example2/v9', 'nf/example/release-7', 'top/v1', 'v5', 'ghost/pkg/v1']) {
      await world.remote.tag(tag, { annotated: false });
    }
    await world.remote.commit({ branch: 'drafts/nf/example/one', files: { 'nf/example/configmap.yaml': CONFIG_MAP } });
    const { id } = await world.discover();
    expect(await world.published(id)).toEqual(['nf/example@release-7', 'nf/example@v1', 'nf/example2@v9', 'top@v1']);
    expect(await world.drafts(id)).toEqual(['nf/example/one (draft)']);
    expect(await world.repository(id)).toMatchObject({ ignoredTags: 2 });
    const latest = (await world.revisions(id)).filter((row) => row.latest).map((row) => `${row.path}@${row.revision}`);
    expect(latest).toEqual(['nf/example@v1', 'nf/example2@v9', 'top@v1']);
    expect(await world.ready(id)).toMatchObject({ status: 'True', reason: 'Synced' });
  });

  it('finds no package in a repository of Go modules, and keeps nothing of its files', async () => {
    await world.remote.commit({ files: { 'api/go.mod': 'module x\n', 'api/api.go': 'package api // only here\n' } });
    await world.remote.tag('api/v0.1.0');
    await world.remote.tag('api/v0.2.0');
    const { id } = await world.discover();
    expect(await world.packages(id)).toEqual([]);
    expect(await world.revisions(id)).toEqual([]);
    expect(await world.repository(id)).toMatchObject({ ignoredTags: 2 });
    expect(await world.database.packageFile.count({ where: { path: 'go.mod' } })).toBe(0);
  });

  it('takes a directory for a package by its own files only, Kptfile or KRM object', async () => {
    await world.remote.commit({
      files: {
        'by-kptfile/Kptfile': 'no: yaml: [\n',
        'by-object/a.yml': CONFIG_MAP,
        'by-values/values.yaml': 'replicas: 1\n',
        'by-child/child/Kptfile': KPTFILE,
        'by-text/object.txt': CONFIG_MAP,
        'by-link/elsewhere/Kptfile': KPTFILE,
      },
      symlinks: { 'by-link/Kptfile': 'elsewhere/Kptfile' },
    });
    const folders = ['by-kptfile', 'by-object', 'by-values', 'by-child', 'by-text', 'by-link'];
    for (const folder of folders) await world.remote.tag(`${folder}/v1`);
    const { id } = await world.discover();
    expect(await world.published(id)).toEqual(['by-kptfile@v1', 'by-object@v1']);
    // Again with everything in the index already: the answer must not depend on it.
    for (const folder of folders) await world.remote.tag(`${folder}/v2`);
    await world.sync(id);
    expect(await world.published(id)).toEqual(['by-kptfile@v1', 'by-kptfile@v2', 'by-object@v1', 'by-object@v2']);
  });

  it('keeps to its directory, which may be the package itself', async () => {
    await world.remote.commit({
      files: { 'one/Kptfile': KPTFILE, 'one-more/Kptfile': KPTFILE, 'two/a/b/Kptfile': KPTFILE },
    });
    for (const tag of ['one/v1', 'one-more/v1', 'two/a/b/v1']) await world.remote.tag(tag);
    const one = await world.discover({ directory: 'one' }, `${world.name}-one`);
    expect((await world.revisions(one.id)).map(({ name, path }) => ({ name, path }))).toEqual([
      { name: `catalog.${world.name}-one..one.v1`, path: '' },
    ]);
    expect(await world.heads(one.id)).toEqual(['']);
    expect((await world.repository(one.id)).ignoredTags).toBe(0);
    const two = await world.discover({ directory: 'two', deployment: true }, `${world.name}-two`);
    expect(await world.revisions(two.id)).toMatchObject([
      { name: `a.${world.name}-two..b.v1`, path: 'a/b', target: 'a', realm: '', packageName: 'b' },
    ]);
  });

  it('keeps a package and one inside it apart, down to the same last name', async () => {
    await world.remote.commit({ files: { 'x/Kptfile': KPTFILE, 'x/x/Kptfile': KPTFILE, 'x/v1/Kptfile': KPTFILE } });
    for (const tag of ['x/v2', 'x/x/v2', 'x/v1/v2']) await world.remote.tag(tag);
    const whole = await world.discover({}, `${world.name}-whole`);
    expect(await world.published(whole.id)).toEqual(['x@v2', 'x/v1@v2', 'x/x@v2']);
    // Below `x`, both are called x, and have names of their own.
    const below = await world.discover({ directory: 'x' }, `${world.name}-below`);
    expect(await world.ready(below.id)).toMatchObject({ status: 'True' });
    expect(await world.published(below.id)).toEqual(['@v2', 'v1@v2', 'x@v2']);
  });

  it('orders versions, lists other leaves without order, and takes odd names as they are', async () => {
    await world.remote.commit({ files: { 'Ünï/Co#de/Kptfile': KPTFILE, 'dotted.name/Kptfile': KPTFILE } });
    const leaves = ['v2', 'v10', 'v9.1.0', '1.2.3', 'v10-rc1', 'Release#7', 'größer', 'latest'];
    for (const leaf of leaves) await world.remote.tag(`Ünï/Co#de/${leaf}`);
    await world.remote.tag('dotted.name/v1.0.0');
    await world.remote.branch('drafts/dotted.name/my.draft', 'main');
    const { id } = await world.discover();
    const rows = await world.revisions(id);
    const ordered = rows.filter((row) => row.path.startsWith('Ü') && row.versionKey !== null);
    ordered.sort((a, b) => ((a.versionKey ?? '') < (b.versionKey ?? '') ? -1 : 1));
    expect(ordered.map((row) => row.revision)).toEqual(['1.2.3', 'v2', 'v9.1.0', 'v10-rc1', 'v10']);
    expect(rows.filter((row) => row.path.startsWith('Ü'))).toHaveLength(leaves.length);
    expect(rows.find((row) => row.latest && row.path.startsWith('Ü'))?.revision).toBe('v10');
    expect(rows.filter((row) => row.path === 'dotted.name').map((row) => row.name)).toEqual([
      `catalog.${world.name}..dotted~name.v1~0~0`,
      `catalog.${world.name}..dotted~name.my~draft`,
    ]);
  });

  it('peels tags of tags, and ignores those of trees and blobs', async () => {
    const commit = await world.remote.commit({ files: { 'a/Kptfile': KPTFILE } });
    await world.remote.tag('inner/tag', { tagger: { name: 'Inner', email: 'i@example.com' } });
    await world.remote.tag('a/v1', { at: 'inner/tag', tagger: { name: 'Outer', email: 'o@example.com' } });
    await world.remote.tag('a/v2', { at: 'main^{tree}' });
    await world.remote.tag('a/v3', { at: 'main:a/Kptfile', annotated: false });
    const { id } = await world.discover();
    expect(await world.revisions(id)).toMatchObject([{ revision: 'v1', commit, publishedBy: 'Outer' }]);
    expect((await world.repository(id)).ignoredTags).toBe(3);
    // What a number was once used for does not matter: it is not given out again.
    const [counter] = await world.database.revisionCounter.findMany({ where: { repositoryId: id, path: 'a' } });
    expect(Number(counter?.highest)).toBe(3);
  });
});

it('a directory that is a package, and one of its name right below it, are both there with names of their own', async () => {
  await world.remote.commit({ files: { 'p/foo/Kptfile': KPTFILE, 'p/foo/foo/Kptfile': KPTFILE } });
  for (const tag of ['p/foo/v1', 'p/foo/foo/v1']) await world.remote.tag(tag);
  for (const deployment of [false, true]) {
    const { id } = await world.discover({ directory: 'p/foo', deployment }, `namesakes-${deployment}`);
    expect(await world.published(id)).toEqual(['@v1', 'foo@v1']);
  }
});
