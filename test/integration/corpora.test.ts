import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BlobStore } from '../../src/content/blob-store/blob-store.js';
import { ContentReader } from '../../src/content/content.reader.js';
import { SubpackageStore } from '../../src/content/subpackage.store.js';
import { ContentStore } from '../../src/content/content.store.js';
import { Sboms } from '../../src/content/sboms.js';
import type { Place } from '../../src/domain/list.js';
import { PackageSbomService } from '../../src/features/package-sboms/package-sbom.service.js';
import { BoundedReads } from '../../src/features/search/bounded-reads.store.js';
import { SearchStore } from '../../src/features/search/search.store.js';
import { parseQuery } from '../../src/search/parse-query.js';
import { PackageRevisionStore } from '../../src/revisions/package-revision.store.js';
import { serveBundle, hasCorpora } from '../support/corpora.js';
import { startEngine, type TestEngine } from '../support/engine.js';
import { type CycloneDxSbom, cycloneDxFaults, spdxFaults, type SpdxSbom } from '../support/sboms.js';
import { type Candidate, searchSlowly } from '../support/search-oracle.js';
import { GitServer } from '../support/git-server.js';

const CATALOGS = [
  { name: 'nephio-catalog', revisions: 127, packages: 60, ignoredTags: 4, heads: 79 },
  { name: 'nephio-example-packages', revisions: 67, packages: 26, ignoredTags: 4, heads: 26 },
  { name: 'kpt-samples', revisions: 11, packages: 8, ignoredTags: 0, heads: 8 },
  { name: 'pkgserver-demo-catalog', revisions: 3, packages: 1, ignoredTags: 0, heads: 1 },
];

/** Of how many revisions SBOMs are written. */
const SBOM_REVISIONS = Number(process.env.SBOM_REVISIONS ?? 40);

/** With how many results there are at least. */
const SEARCHES: readonly (readonly [query: string, least: number])[] = [
  ['kind = Deployment', 20],
  ['kind = Kptfile AND info.description : network', 1],
  ['kind = Deployment AND spec.replicas = 1', 1],
  ['spec.template.spec.containers.image : "gcr.io"', 1],
  ['image : nephio', 1],
  ['image:* AND NOT image : nephio', 1],
  ['group = apps AND label.app:*', 1],
  ['rules.verbs = "*"', 1],
  ['rules.verbs IN (watch, list) AND kind = ClusterRole', 1],
  ['spec.ports.port > 1000', 1],
  ['spec.ports.port >= 443 AND spec.ports.port <= 443', 1],
  ['annotation.config.kubernetes.io/local-config = true', 1],
  ['annotation."config.kubernetes.io/local-config" : TRU', 1],
  ['kind = CustomResourceDefinition AND spec.versions.name = v1alpha1', 1],
  ['kind != CustomResourceDefinition AND spec.group:*', 0],
  ['pipeline.mutators.image : apply', 1],
  ['upstream.git.repo : github', 1],
  ['NOT metadata.namespace:* AND namespace = ""', 1],
  ['spec.template.spec.containers.securityContext.allowPrivilegeEscalation = false', 1],
  ['spec.template.spec.containers.args : "--"', 1],
  ['latest = true AND repository = nephio-catalog', 1],
  ['path : Kptfile AND packagePath : nephio', 0],
  ['.data:* OR name = x', 0],
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

  it('are searched, and give what looking at each object gives', async () => {
    const { database } = engine;
    const rows = await database.client.$queryRaw<(Candidate & Candidate['revision'] & Record<string, string | null>)[]>`
      SELECT o.body, o.images, o.position, o.api_version AS "apiVersion", o.kind, o.namespace, o.name, f.path AS file, r.id,
        r.repository_name AS repository, r.target, r.realm, r.package_name AS package, r.path, r.workspace, r.revision,
        r.lifecycle::text, r.latest, r.created_by AS "createdBy", r.created_at AS "createdAt", r.published_at AS "publishedAt"
      FROM krm_object o JOIN package_file f ON f.blob_oid = o.blob_oid JOIN package_revision r ON r.tree = f.tree_oid`;
    const candidates = rows.map((row): Candidate => {
      const { body, images, position, file, apiVersion, kind, name, namespace } = row;
      const metadata = {
        ...(body.metadata as object | undefined),
        ...(name && { name }),
        ...(namespace && { namespace }),
      };
      return { body: { ...body, apiVersion, kind, metadata }, images, position, file, revision: row };
    });
    expect(candidates.length).toBeGreaterThan(1_000);
    const store = new SearchStore(new BoundedReads(database));
    for (const [text, least] of SEARCHES) {
      const keys: string[] = [];
      for (let after: Place | undefined | null; after !== null;) {
        const search = { query: parseQuery(text), scope: {}, visible: 'all' } as const;
        const { rows: hits, next } = await store.find(search, { size: 5_000, after });
        keys.push(...hits.map(({ revisionId, file, position }) => `${revisionId} ${file} ${position}`));
        after = next;
      }
      const expected = searchSlowly(text, candidates);
      expect(expected.length, text).toBeGreaterThanOrEqual(least);
      expect(keys.sort(), text).toEqual(
        expected.map((each) => `${each.revision.id} ${each.file} ${each.position}`).sort(),
      );
    }
  });

  it('have SBOMs that are valid, of all their files', async () => {
    const { client } = engine.database;
    const where = { lifecycle: 'published' as const };
    const revisions = await client.packageRevision.findMany({ where, orderBy: { tree: 'asc' }, take: SBOM_REVISIONS });
    expect(revisions.length).toBeGreaterThan(10);
    const blobStore = BlobStore.none(engine.database);
    const reader = new ContentReader(engine.database, blobStore);
    const subpackages = new SubpackageStore(engine.database);
    const sboms = new Sboms(new ContentStore(engine.database, subpackages, blobStore), reader);
    const service = new PackageSbomService(new PackageRevisionStore(engine.database), sboms);
    let images = 0;
    for (const { id, name, tree } of revisions) {
      const [cycloneDx, spdx] = [(await service.sbom(id, 'cyclonedx')).text, (await service.sbom(id, 'spdx')).text];
      expect([...(await cycloneDxFaults(cycloneDx)), ...spdxFaults(spdx)], name).toEqual([]);
      const paths = (await reader.files(tree)).map(({ path }) => path);
      const { components = [] } = JSON.parse(cycloneDx) as CycloneDxSbom;
      expect(components.filter(({ type }) => type === 'file').map((file) => file.name)).toEqual(paths);
      expect((JSON.parse(spdx) as SpdxSbom).files.map(({ fileName }) => fileName.slice(2))).toEqual(paths);
      images += components.filter(({ type }) => type === 'container').length;
    }
    expect(images).toBeGreaterThan(10);
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

/** How many rows each table of the index has, and which transaction was the last to write one. */
async function writes({ database }: TestEngine): Promise<unknown> {
  const tables = ['repository', 'remote_ref', 'revision_counter', 'package', 'package_revision', 'package_tree'];
  const counts = [...tables, 'package_file', 'blob', 'krm_object', 'operation'].map(
    (table) => `SELECT '${table}' AS "table", count(*), max(xmin::text::bigint) AS "lastWrite" FROM ${table}`,
  );
  return database.client.$queryRawUnsafe(counts.join(' UNION ALL '));
}
