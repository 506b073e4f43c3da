import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../src/database/database.js';
import type { Client } from './client.js';
import type { World } from './world.js';

/** How long work may take once all faults are gone. */
const LIMIT_MS = 40_000;

/** Waits until nothing is left to do, settling draft conflicts on the way; gives what does not end. */
export async function quiet(world: World, database: Database, client: Client): Promise<string[]> {
  const deadline = Date.now() + LIMIT_MS;
  for (let rounds = 0; ;) {
    const open = await openWork(world, database);
    if (open.length === 0 && !(await resolveConflicts(world, database, client))) {
      // What the last sync finds may leave work as well.
      if (rounds >= 1) return [];
      await syncAll(world, client);
      rounds += 1;
    } else if (Date.now() > deadline) return open.map((operation) => `leak: ${operation} does not end`);
    else await sleep(50);
  }
}

async function openWork({ repositories }: World, database: Database): Promise<string[]> {
  const rows = await database.client.operation.findMany({
    where: { repositoryId: { in: repositories.map(({ id }) => id) }, state: { in: ['queued', 'running'] } },
  });
  return rows.map(
    ({ id, kind, state, waitingFor, attempts }) => `${kind} ${id} (${state}, ${attempts}: ${waitingFor})`,
  );
}

async function resolveConflicts({ repositories }: World, database: Database, client: Client): Promise<boolean> {
  const rows = await database.client.packageRevision.findMany({
    where: { repositoryId: { in: repositories.map(({ id }) => id) }, gitState: 'conflict' },
  });
  for (const { id, conflictTree } of rows) {
    const keep = conflictTree === null ? 'draft' : 'remote';
    await client.post(`/package-revisions/${id}/resolve`, { keep }, { 'If-Match': '*' });
  }
  return rows.length > 0;
}

async function syncAll({ repositories }: World, client: Client): Promise<void> {
  for (const { id, name } of repositories) {
    const { status, body } = await client.post(`/repositories/${id}/sync`, undefined, { Prefer: 'wait=30' });
    if (status !== 200) throw new Error(`The last sync of ${name} ended with ${status}: ${JSON.stringify(body)}`);
  }
}
