import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.js';
import type { Part } from '../../src/domain/list.js';
import { UPSTREAM_STATES, type UpstreamState } from '../../src/domain/upstream-status.js';
import { PACKAGE_SORTS } from '../../src/revisions/package.filter.js';
import { PackageStore } from '../../src/revisions/package.store.js';
import { REVISION_SORTS } from '../../src/revisions/package-revision.filter.js';
import { PackageRevisionStore } from '../../src/revisions/package-revision.store.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { fillFolders, fillIndex, idIn } from '../support/filled-index.js';
import { openExplainedDatabase, type Plan, rowsRead } from '../support/query-plans.js';

const FILL = { repositories: 2_500, packages: 4, revisions: 5, operations: 500, auditEntries: 500, giant: 7_000 };
/** Each package has three folders that were made from others. */
const FOLDERS = 3 * FILL.repositories * FILL.packages * FILL.revisions;
/** A page looks at what comes before its end in its order, and never at all folders. */
const MOST_ROWS = FOLDERS / 7;

let filled: TestDatabase;
let database: Database;
let takePlans: () => Promise<Plan[]>;

beforeAll(async () => {
  filled = await createTestDatabase();
  const client = new pg.Client(filled.url);
  await client.connect();
  await fillIndex(client, FILL);
  await fillFolders(client);
  await client.end();
  ({ database, takePlans } = openExplainedDatabase(filled.url));
}, 180_000);
afterAll(async () => {
  await database.onModuleDestroy();
  await filled.drop();
});

async function expectIndexed(list: () => Promise<unknown>): Promise<void> {
  await takePlans();
  await list();
  for (const { lines, nodes } of await takePlans()) {
    expect(Math.max(...nodes.map(rowsRead)), `reads too much:\n${lines}`).toBeLessThanOrEqual(MOST_ROWS);
  }
}

const size = 100;
const states: [string, UpstreamState[]][] = [
  ...UPSTREAM_STATES.map((state): [string, UpstreamState[]] => [state, [state]]),
  ['two that are rare', ['gone', 'diverged']],
  ['none, or one that is rare', ['none', 'gone']],
];
const starts: [string, (table: 'package' | 'package_revision', count: number) => Part][] = [
  ['from the start', () => ({ size })],
  ['from the middle', (table, count) => ({ size, after: [idIn(table, count / 2)] })],
];

describe.each(starts)('where every package is composed of others, %s', (_, partOf) => {
  describe.each(states)('the state of an upstream, be it of a folder: %s', (_name, upstreamState) => {
    const packages = FILL.repositories * FILL.packages;

    it.each([{}, { latest: true }, { repository: 'repository-1234' }, { target: 'edge-77' }])(
      'finds package revisions, also by %o',
      async (filter) => {
        const part = partOf('package_revision', packages * FILL.revisions);
        await expectIndexed(() => new PackageRevisionStore(database).list({ ...filter, upstreamState }, 'all', part));
      },
    );

    it.each([{}, { repository: 'repository-1234' }, { target: 'edge-77' }])(
      'finds packages, also by %o',
      async (filter) => {
        const part = partOf('package', packages);
        await expectIndexed(() => new PackageStore(database).list({ ...filter, upstreamState }, 'all', part));
      },
    );
  });
});

describe('where every package is composed of others', () => {
  it.each(Object.keys(REVISION_SORTS).flatMap((sort) => [sort, `-${sort}`]))(
    'package revisions are listed by %s',
    async (sort) => {
      await expectIndexed(() =>
        new PackageRevisionStore(database).list({ upstreamState: ['behind'] }, 'all', { sort, size }),
      );
    },
  );

  it.each(Object.keys(PACKAGE_SORTS).flatMap((sort) => [sort, `-${sort}`]))(
    'packages are listed by %s',
    async (sort) => {
      await expectIndexed(() => new PackageStore(database).list({ upstreamState: ['behind'] }, 'all', { sort, size }));
    },
  );
});
