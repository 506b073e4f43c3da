import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PackageRevisionStore } from '../../src/revisions/package-revision.store.js';
import { serveBundle, hasCorpora } from '../support/corpora.js';
import { startEngine, type TestEngine } from '../support/engine.js';
import { GitServer } from '../support/git-server.js';

const CATALOGS = [
  { name: 'nephio-catalog', revisions: 127, packages: 60, ignoredTags: 4, heads: 79 },
  { name: 'nephio-example-packages', revisions: 67, packages: 26, ignoredTags: 4, heads: 26 },
  { name: 'kpt-samples', revisions: 11, packages: 8, ignoredTags: 0, heads: 8 },
  { name: 'pkgserver-demo-catalog', revisions: 3, packages: 1, ignoredTags: 0, heads: 1 },
];

describe.skipIf(!hasCorpora)('real catalogs', () => {
  let server: GitServer;
  let engine: TestEngine;
  beforeAll(async () => {
    server = await GitServer.start();
    engine = await startEngine();
  });
  afterAll(async () => {
    await engine?.close();
    await server?.stop();
  });

  it.each(CATALOGS)('$name gives the counts of its README, and a second sync writes nothing', async (catalog) => {
    const url = await serveBundle(server, catalog.name);
    const { id } = await engine.register({ name: catalog.name, url });
    await engine.visit(id);
    expect(await counts(engine, id)).toEqual({
      ready: 'True',
      revisions: catalog.revisions,
      packages: catalog.packages,
      ignoredTags: catalog.ignoredTags,
      heads: catalog.heads,
    });
    const before = await writes(engine);
    await engine.database.client.repositoryPolling.update({
      where: { repositoryId: id },
      data: { nextSyncAt: new Date(0) },
    });
    await engine.visit(id);
    expect(await writes(engine)).toEqual(before);
    const polling = await engine.database.client.repositoryPolling.findUniqueOrThrow({ where: { repositoryId: id } });
    expect(polling.nextSyncAt.getTime()).toBeGreaterThan(Date.now());
  });

  it.each([
    { name: 'flux2-kustomize-helm-example', packages: 7, held: 10 },
    { name: 'kubernetes-examples', packages: 51, held: 72 },
  ])('$name, which has no Kptfile, says what to set, and then gives its packages', async ({ name, packages, held }) => {
    const { id } = await engine.register({ name, url: await serveBundle(server, name) });
    await engine.visit(id);
    const { conditions } = await engine.database.client.repository.findUniqueOrThrow({ where: { id } });
    expect(conditions).toContainEqual(
      expect.objectContaining({
        type: 'PackagesFound',
        status: 'False',
        message: expect.stringContaining(`${held} directories hold`) as string,
      }),
    );
    await engine.database.client.repository.update({ where: { id }, data: { discovery: { mode: 'krm' } } });
    await engine.database.client.repositoryPolling.update({
      where: { repositoryId: id },
      data: { nextSyncAt: new Date(0) },
    });
    await engine.visit(id);
    expect((await counts(engine, id)).heads).toBe(packages);
    const rows = await engine.database.client.repository.findUniqueOrThrow({ where: { id } });
    expect(JSON.stringify(rows.conditions)).not.toContain('PackagesFound');
  });

  it('tells of each time of a publication what the tags of then were', async () => {
    const { client } = engine.database;
    const rows = await client.packageRevision.findMany({ where: { lifecycle: 'published' } });
    const times = [...new Set(rows.map(({ publishedAt }) => publishedAt?.getTime() ?? 0))].sort((a, b) => a - b);
    expect(times.length).toBeGreaterThan(20);
    for (const time of times) {
      const there = rows.filter(({ publishedAt }) => publishedAt && publishedAt.getTime() <= time);
      const ranked = there
        .filter(({ versionKey }) => versionKey !== null)
        .toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1));
      const latest = [...new Map(ranked.map((row) => [`${row.repositoryId}/${row.path}`, row])).values()];
      const filter = { asOf: new Date(time) };
      const page = await engine.get(PackageRevisionStore).list(filter, 'all', { size: 500 });
      expect(page.rows.map(({ tag }) => tag).sort()).toEqual(there.map(({ tag }) => tag).sort());
      const top = await engine.get(PackageRevisionStore).list({ ...filter, latest: true }, 'all', { size: 500 });
      expect(top.rows.map(({ tag }) => tag).sort()).toEqual(latest.map(({ tag }) => tag).sort());
    }
  });

  it('reads dates, sizes and the file that only the second parser takes', async () => {
    const { client } = engine.database;
    const rows = await client.packageRevision.findMany({
      where: { repositoryName: 'pkgserver-demo-catalog' },
      orderBy: { revision: 'asc' },
    });
    const trees = await client.packageTree.findMany({ where: { oid: { in: rows.map((row) => row.tree) } } });
    expect(rows.map((row) => [row.name, row.revision, row.publishedAt?.toISOString()])).toEqual([
      ['catalog.pkgserver-demo-catalog.nf.example.v1', 'v1', '2024-05-13T06:35:43.000Z'],
      ['catalog.pkgserver-demo-catalog.nf.example.v2', 'v2', '2024-05-14T06:23:45.000Z'],
      ['catalog.pkgserver-demo-catalog.nf.example.v3', 'v3', '2024-05-14T18:38:04.000Z'],
    ]);
    expect(rows.map((row) => Number(trees.find((tree) => tree.oid === row.tree)?.sizeBytes))).toEqual([
      1632, 1622, 1624,
    ]);
    expect(rows.map((row) => row.latest)).toEqual([false, false, true]);
    const file = await client.packageFile.findFirstOrThrow({ where: { path: { endsWith: 'spiffe-csi.yaml' } } });
    const blob = await client.blob.findUniqueOrThrow({ where: { oid: file.blobOid }, include: { objects: true } });
    expect(blob.parseError).toBeNull();
    expect(blob.objects.length).toBeGreaterThan(0);
  });
});

/** Two tags can be of one version. */
const rank = ({ versionKey, revision }: { versionKey: string | null; revision: string | null }) =>
  `${versionKey} ${revision}`;

async function counts(engine: TestEngine, repositoryId: string) {
  const { client } = engine.database;
  const repository = await client.repository.findUniqueOrThrow({ where: { id: repositoryId } });
  const [ready] = repository.conditions as { status: string }[];
  return {
    ready: ready?.status,
    revisions: await client.packageRevision.count({ where: { repositoryId, lifecycle: 'published' } }),
    packages: await client.package.count({ where: { repositoryId, revisions: { some: { lifecycle: 'published' } } } }),
    ignoredTags: repository.ignoredTags,
    heads: await client.package.count({ where: { repositoryId, headTree: { not: null } } }),
  };
}

/** Rows written so far, by table of the index, as PostgreSQL's own statistics count them. */
async function writes(engine: TestEngine): Promise<unknown> {
  await engine.database.client.$executeRaw`SELECT pg_stat_force_next_flush()`;
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await engine.database.client.$executeRaw`SELECT pg_stat_clear_snapshot()`;
  return engine.database.client.$queryRaw`
    SELECT relname, n_tup_ins + n_tup_upd + n_tup_del AS writes FROM pg_stat_user_tables
    WHERE relname IN ('repository', 'remote_ref', 'revision_counter', 'package', 'package_revision', 'package_tree',
      'package_file', 'blob', 'krm_object', 'operation') ORDER BY relname`;
}
