import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ComparedStore } from '../../src/content/compared.store.js';
import type { Database } from '../../src/database/database.js';
import { HISTORY_SORTS } from '../../src/features/package-history/package-history.filter.js';
import { PackageHistoryStore } from '../../src/features/package-history/package-history.store.js';
import { PackageDiffStore } from '../../src/features/package-diffs/package-diff.store.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { addRepository } from '../support/index-rows.js';
import { openExplainedDatabase, type Plan, rowsRead } from '../support/query-plans.js';

const VERSIONS = 1_000;
const FILES = 2_000;
/** As of the trees and blobs of one version. */
const oid = (kind: string, number: string) => `md5('${kind}' || (${number})) || 'c0ffee00'`;

let index: TestDatabase;
let database: Database;
let takePlans: () => Promise<Plan[]>;
let repositoryId: string;
const packageId = uuidv7();

/** The planner is told nothing of these rows, as in the minute after they were discovered. */
beforeAll(async () => {
  index = await createTestDatabase();
  const { client } = index.database;
  ({ id: repositoryId } = await addRepository(index.database));
  const statements = [
    ...['package_revision', 'package_commit', 'ref_commit', 'package_file'].map(
      (table) => `ALTER TABLE ${table} SET (autovacuum_enabled = false)`,
    ),
    `INSERT INTO package (id, repository_id, path, realm, name, created_at, updated_at)
     VALUES ('${packageId}', '${repositoryId}', 'app', '', 'app', now(), now())`,
    `INSERT INTO package_revision (id, repository_id, package_id, repository_name, path, realm, package_name, name, workspace,
       revision, lifecycle, latest, source, tree, commit, external, git_state, created_at, created_by, updated_at, updated_by,
       published_at, published_by, as_found)
     SELECT overlay(overlay(md5('revision' || n) placing '7' from 13) placing '8' from 17)::uuid, '${repositoryId}',
       '${packageId}', 'catalog', 'app', '', 'app', 'catalog.app.v' || n, 'v' || n, 'v' || n, 'published', n = ${VERSIONS},
       '{"type": "discovered"}', ${oid('tree', 'n')}, ${oid('commit', 'n')}, n % 2 = 0, 'synced', now(), 'alice', now(), 'alice',
       timestamptz '2026-01-31Z' - n * interval '1 minute', 'alice', true FROM generate_series(1, ${VERSIONS}) n`,
    `INSERT INTO ref_history (repository_id, tip, tip_position, next_position) VALUES ('${repositoryId}', 'x', 0, -1)`,
    `INSERT INTO ref_commit (repository_id, oid, position, author, committer, subject)
     SELECT '${repositoryId}', ${oid('commit', 'n')}, n, 'Alice <alice@example.com>', 'x', 'Release' FROM generate_series(1, ${VERSIONS}) n`,
    `INSERT INTO package_commit (repository_id, oid, path, position, committed_at, tree_before, tree_after)
     SELECT '${repositoryId}', ${oid('commit', 'n')}, 'app', n, timestamptz '2026-01-31Z' - n * interval '1 minute', ${oid('tree', 'n - 1')}, ${oid('tree', 'n')}
     FROM generate_series(1, ${VERSIONS}) n`,
    `INSERT INTO blob (oid, content, parsed) SELECT ${oid('blob', 'n')}, 'x', true FROM generate_series(0, ${FILES}) n`,
    `INSERT INTO krm_object (blob_oid, position, api_version, kind, name, images, body)
     SELECT ${oid('blob', 'n')}, 0, CASE WHEN n = 7 THEN 'apiextensions.k8s.io/v1' WHEN n <= 3 THEN 'example.com/v1' ELSE 'other.com/v1' END,
       CASE WHEN n = 7 THEN 'CustomResourceDefinition' ELSE 'Thing' END, 'thing', '{}', '{}' FROM generate_series(1, ${FILES}) n`,
    `INSERT INTO package_tree (oid, file_count, size_bytes, created_at)
     SELECT tree, ${FILES}, ${FILES}, now() FROM unnest(ARRAY['before', 'after']) tree`,
    `INSERT INTO package_file (tree_oid, path, mode, blob_oid, size_bytes)
     SELECT tree, 'part/' || n || '.yaml', CASE WHEN n = 3 AND tree = 'after' THEN '100755' ELSE '100644' END,
       CASE WHEN n = 1 AND tree = 'after' THEN ${oid('blob', '0')} ELSE ${oid('blob', 'n')} END, 1
     FROM generate_series(1, ${FILES}) n CROSS JOIN unnest(ARRAY['before', 'after']) tree
     WHERE NOT (n = 2 AND tree = 'after')`,
  ];
  for (const statement of statements) await client.$executeRawUnsafe(statement);
  ({ database, takePlans } = openExplainedDatabase(index.url));
}, 60_000);
afterAll(async () => {
  await database.onModuleDestroy();
  await index.drop();
});

/** The most rows that any one part of the statements has looked at. */
async function mostRead(work: () => Promise<unknown>): Promise<{ rows: number; statements: number; lines: string }> {
  await takePlans();
  await work();
  const plans = await takePlans();
  const [worst] = plans
    .flatMap(({ nodes, lines }) => nodes.map((node) => ({ rows: rowsRead(node), lines })))
    .sort((a, b) => b.rows - a.rows);
  if (worst === undefined) throw new Error('No statement has run.');
  return { ...worst, statements: plans.length };
}

describe('the history of a package of a thousand versions', () => {
  it('is read without comparing all its versions with all its commits', async () => {
    const store = new PackageHistoryStore(database);
    for (const sort of Object.keys(HISTORY_SORTS).flatMap((name) => [name, `-${name}`])) {
      const { rows, lines } = await mostRead(() => store.list({ repositoryId, path: 'app' }, { sort, size: 20 }));
      // A page of 20 may look each of its entries up among all versions, at the worst.
      expect(rows, lines).toBeLessThanOrEqual(2 * VERSIONS);
    }
  });

  it('tells a publication of others beside its commit, and of what was published here no commit', async () => {
    const { rows } = await new PackageHistoryStore(database).list({ repositoryId, path: 'app' }, { size: 4 });
    expect(rows.map(({ event, revision, subject }) => `${event} ${revision} ${subject}`)).toEqual([
      'published v1 Release',
      'published v2 Release',
      'committed v2 Release',
      'published v3 Release',
    ]);
    expect(rows.map(({ treeBefore }) => treeBefore)).not.toContain(null);
  });
});

describe('two trees of two thousand files of which three differ', () => {
  const shown = ({ path, mode }: { path: string; mode: string }) => `${mode} ${path}`;

  it('are compared without reading what is the same in both, and without comparing all files with all', async () => {
    const store = new ComparedStore(database);
    const read = await store.entries('before', 'after');
    expect(read.from.map(shown)).toEqual([
      '100644 part/1.yaml',
      '100644 part/2.yaml',
      '100644 part/3.yaml',
      '100644 part/7.yaml',
    ]);
    expect(read.to.map(shown)).toEqual(['100644 part/1.yaml', '100755 part/3.yaml', '100644 part/7.yaml']);
    const { rows, statements, lines } = await mostRead(() => store.entries('before', 'after'));
    expect(statements).toBe(1);
    expect(rows, lines).toBeLessThanOrEqual(2 * FILES);
  });

  it('need the definitions of what differs alone', async () => {
    const store = new PackageDiffStore(database);
    expect(await store.groupsThatDiffer('before', 'after')).toEqual(['example.com']);
    const { rows, lines } = await mostRead(() => store.groupsThatDiffer('before', 'after'));
    expect(rows, lines).toBeLessThanOrEqual(2 * FILES);
  });

  it('differ from none in all files, of which some define custom resources', async () => {
    const read = await new ComparedStore(database).entries(null, 'after');
    expect([read.from.length, read.to.length, read.defining]).toEqual([0, FILES - 1, [await blobOf('part/7.yaml')]]);
    const same = await new ComparedStore(database).entries('after', 'after');
    expect([same.from.map(shown), same.to.map(shown)]).toEqual([['100644 part/7.yaml'], ['100644 part/7.yaml']]);
  });

  const blobOf = async (path: string): Promise<string> => {
    const row = await index.database.client.packageFile.findFirstOrThrow({ where: { treeOid: 'after', path } });
    return row.blobOid;
  };
});
