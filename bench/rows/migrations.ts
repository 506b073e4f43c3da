import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '../../src/database/migrate.js';
import { writeIndex } from '../data/index-rows.js';
import type { Result } from '../report/result.js';
import { figure } from '../report/table.js';
import { withClient } from '../stage/postgres.js';
import type { Stage } from '../stage/stage.js';

const MIGRATIONS = resolve(import.meta.dirname, '../../../prisma/migrations');
/** The oldest one after which the tables take what the bench fills them with. */
const FILLED_AT = '20261129003300_search';
/** The last one that had landed before locks were measured: none of them changes any more. */
const LANDED = '20261130111613_variant_merge';
/** Milliseconds between two looks at the locks. */
const LOOK = 2;
/** How many of the longest are told. */
const NAMED = 4;

interface Applied {
  name: string;
  took: number;
  /** How long other sessions could not write to a table that was there, or to the rows of it that the migration changes. */
  held: number;
  table: string;
}

/** How long migrations keep the service, which goes on meanwhile, from the tables that it uses. */
export async function migrations(stage: Stage): Promise<Result[]> {
  const revisions = stage.options.quick ? 10_000 : 100_000;
  const url = await stage.postgres.empty();
  const folder = await mkdtemp(join(stage.folder, 'migrations-'));
  const names = (await readdir(MIGRATIONS, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const sorted = names.map(({ name }) => name).sort();
  for (const name of sorted.filter((one) => one <= FILLED_AT)) await copy(name, folder);
  await migrate(url, folder);
  await writeIndex(url, { seed: stage.options.seed, revisions });
  const applied: Applied[] = [];
  for (const name of sorted.filter((one) => one > FILLED_AT)) {
    await copy(name, folder);
    applied.push(await watched(url, name, () => migrate(url, folder)));
  }
  await rm(folder, { recursive: true });
  const newer = applied.filter(({ name }) => name > LANDED);
  const longest = applied.toSorted((left, right) => right.held - left.held).slice(0, NAMED);
  return [
    {
      ...{ row: 'migrations', unit: 'ms', ours: [Math.max(...applied.map(({ held }) => held))], native: [] },
      work: `longest lock of the ${applied.length - newer.length} migrations up to ${LANDED}, on ${revisions} revisions`,
      notes: longest
        .slice(0, 8)
        .map(({ name, table, held, took }) => `${name}: ${figure(held)} ms on ${table}, ${figure(took)} ms in all`),
    },
    {
      ...{ row: 'migrations', unit: 'ms', ours: [Math.max(0, ...newer.map(({ held }) => held))], native: [] },
      work: `longest lock of the ${newer.length} migrations since`,
      limit: { of: 'ours', comparison: '<=', value: 1000 },
      notes: [],
    },
  ];
}

const copy = (name: string, folder: string) => cp(join(MIGRATIONS, name), join(folder, name), { recursive: true });

/** Looks at the locks of all other sessions while the migration is applied. */
async function watched(url: string, name: string, apply: () => Promise<unknown>): Promise<Applied> {
  return withClient(url, async (client) => {
    const { rows: tables } = await client.query<{ oid: number }>(`SELECT oid FROM pg_class WHERE relkind = 'r'`);
    const there = tables.map(({ oid }) => oid);
    const since = new Map<string, number>();
    let [held, table] = [0, ''];
    const begun = performance.now();
    const ended = new AbortController();
    const applying = apply().finally(() => ended.abort());
    while (!ended.signal.aborted) {
      const { rows } = await client.query<{ name: string }>(LOCKS, [there]);
      const now = performance.now();
      for (const { name: locked } of rows) {
        const first = since.get(locked) ?? now;
        since.set(locked, first);
        if (now - first > held) [held, table] = [now - first, locked];
      }
      await sleep(LOOK);
    }
    await applying;
    return { name, took: performance.now() - begun, held, table };
  });
}

/** Tables of which somebody else has locked all, or the rows that they change. */
const LOCKS = `
  SELECT DISTINCT relation::regclass::text AS name FROM pg_locks
  WHERE relation = ANY($1) AND granted AND pid <> pg_backend_pid()
    AND mode IN ('RowExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`;
