import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../chaos/cluster.js';
import { openHandles, residentBytes } from '../chaos/process-facts.js';
import type { Database } from '../../src/database/database.js';
import { Prisma } from '../../src/database/generated/client.js';

/** docs/operating.md, "Sizes". */
const MOST_BYTES = 512 * 2 ** 20;
/** The pool, the queue, the event log, what HTTP keeps open, and what Node and the loader need for themselves. */
const MOST_HANDLES = 120;
/** Of each process: its pool, one for events while somebody follows them, and some four of the queue. */
const MOST_CONNECTIONS: Record<string, number> = { 'pkgserver events': 1, 'pkgserver queue': 6 };
const POOL_SIZE = 10;
/** How long what ends with its repositories, or in seconds, may take. */
const PATIENCE_MS = 30_000;

/** What docs/operating.md says goes with its repository, and what waits for seconds only. */
const EMPTY_ROWS = ['what Git holds', 'publications', 'waiting to be numbered or sealed'];
/** What packages were made from is looked through once an hour. */
const LATER = ['upstream'];
const EMPTY_TABLES = ['repository', 'repository_polling', 'ref_history', 'lease'];

/** What is left once every repository is unregistered and nobody asks for anything. Gives what is beyond its bound. */
export async function checkBounds(cluster: Cluster): Promise<string[]> {
  const { database } = cluster.test;
  return [
    ...(await untilNone(() => rowsLeft(database))),
    ...(await untilNone(() => contentsLeft(database))),
    ...(await untilNone(() => ofProcesses(cluster))),
    ...(await untilNone(() => connections(cluster))),
    ...(await untilNone(() => deadRows(database))),
  ];
}

/** What is left once every process has been told to end. */
export async function checkEnd(cluster: Cluster): Promise<string[]> {
  const { database } = cluster.test;
  await cluster.endAll();
  const left = await database.client.$queryRaw<{ name: string }[]>`
    SELECT application_name AS name FROM pg_stat_activity WHERE application_name LIKE 'pkgserver%'
      AND application_name NOT LIKE '%database' AND datname = current_database()`;
  return [
    ...cluster.faults(),
    ...left.map(({ name }) => `bounds: a connection is left: ${name}`),
    ...cluster.names.flatMap((name) => filesLeft(cluster.folder, name)),
  ];
}

async function untilNone(look: () => Promise<string[]>): Promise<string[]> {
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(250)) {
    const found = await look();
    if (found.length === 0 || Date.now() > end) return found.map((what) => `bounds: ${what}`);
  }
}

async function rowsLeft(database: Database): Promise<string[]> {
  const page = await readFile('docs/operating.md', 'utf8');
  const named = EMPTY_ROWS.flatMap((what) => {
    const row = page.split('\n').find((line) => line.startsWith(`| ${what} `)) ?? '';
    const names = [...(row.split('|')[2] ?? '').matchAll(/`([a-z_]+)`/g)].map(([, name]) => name ?? '');
    if (names.length === 0) throw new Error(`docs/operating.md names no tables of ${what}`);
    return names;
  });
  const found: string[] = [];
  for (const table of [...named, ...EMPTY_TABLES].filter((name) => !LATER.includes(name))) {
    const [row] = await database.client.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM ${Prisma.raw(`"${table}"`)}`;
    if (row?.count !== 0) found.push(`${table} still has ${row?.count} rows`);
  }
  return found;
}

/** A day passes for contents that nothing names any more; campaigns stay as the record of what they did, with their trees. */
async function contentsLeft({ client }: Database): Promise<string[]> {
  const day = Prisma.sql`unused_since = unused_since - interval '2 days'`;
  await client.$executeRaw`UPDATE package_tree SET ${day} WHERE unused_since > now() - interval '1 day'`;
  await client.$executeRaw`UPDATE blob SET ${day} WHERE unused_since > now() - interval '1 day'`;
  const [row] = await client.$queryRaw<{ trees: number; blobs: number }[]>`
    SELECT (SELECT count(*)::int FROM package_tree t WHERE NOT EXISTS (
        SELECT 1 FROM campaign_item i
        WHERE t.oid IN (i.tree, i.result_tree, i.plan #>> '{trees,base}', i.plan #>> '{trees,theirs}'))) AS trees,
      (SELECT count(*)::int FROM blob b WHERE NOT EXISTS (SELECT 1 FROM package_file f WHERE f.blob_oid = b.oid)) AS blobs`;
  if (row?.trees === 0 && row.blobs === 0) return [];
  return [`${row?.trees} trees and ${row?.blobs} blobs are left that nothing names`];
}

async function ofProcesses(cluster: Cluster): Promise<string[]> {
  const { token } = await cluster.door('observer');
  const found: string[] = [];
  for (const { name, pid, url } of cluster.running()) {
    const [bytes, handles] = [residentBytes(pid), openHandles(pid)];
    if (bytes > MOST_BYTES) found.push(`${name} takes ${Math.round(bytes / 2 ** 20)} MiB`);
    if (handles > MOST_HANDLES) found.push(`${name} has ${handles} files and connections open`);
    const answer = await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${token}` } });
    const text = await answer.text();
    const value = (metric: string) => Number(new RegExp(`^${metric} (\\S+)$`, 'm').exec(text)?.[1] ?? NaN);
    const streams = name.startsWith('api') ? value('pkgserver_event_streams') : 0;
    if (streams !== 0) found.push(`${name} counts ${streams} streams of events, and nobody follows them`);
  }
  return found;
}

async function connections({ names, test }: Cluster): Promise<string[]> {
  const rows = await test.database.client.$queryRaw<{ name: string; count: number; idle: number }[]>`
    SELECT application_name AS name, count(*)::int AS count,
      (count(*) FILTER (WHERE state LIKE 'idle in transaction%' AND xact_start < now() - interval '5 s'))::int AS idle
    FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'pkgserver%' GROUP BY 1`;
  return rows.flatMap(({ name, count, idle }) => {
    const most = (MOST_CONNECTIONS[name] ?? POOL_SIZE) * names.length;
    return [
      ...(count > most ? [`${count} connections of ${name}, more than ${most}`] : []),
      ...(idle > 0 ? [`${idle} transactions of ${name} are left open`] : []),
    ];
  });
}

/** Nobody keeps PostgreSQL from cleaning up: no row that is dead by now stays when it does. */
async function deadRows({ client }: Database): Promise<string[]> {
  await client.$executeRawUnsafe('VACUUM (ANALYZE)');
  const rows = await client.$queryRaw<{ name: string; dead: number; live: number }[]>`
    SELECT relname AS name, n_dead_tup::int AS dead, n_live_tup::int AS live FROM pg_stat_user_tables WHERE n_dead_tup > 50`;
  return rows.map(({ name, dead, live }) => `${name} keeps ${dead} dead rows beside ${live}`);
}

/** A process that was told to end has nothing under way: what is not finished is finished by nobody. */
function filesLeft(folder: string, name: string): string[] {
  const temporary = readdirSync(join(folder, `${name}-tmp`));
  const data = readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' });
  const passing = data.filter((path) => /(^|\/)(tmp_|place-)|(^|\/)run\/[^/]+$|\.(tmp|lock)$/.test(path));
  return [...temporary, ...passing].map((path) => `bounds: ${name} left the file ${path} behind`);
}
