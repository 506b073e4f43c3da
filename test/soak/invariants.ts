import type { Database } from '../../src/database/database.js';
import { checkAccepted } from '../chaos/accepted.check.js';
import { checkAudit } from '../chaos/audit.check.js';
import { Client, type SentRequest } from '../chaos/client.js';
import type { Cluster } from '../chaos/cluster.js';
import type { Evidence } from '../chaos/evidence.js';
import { checkEvents, checkStream } from '../chaos/events.check.js';
import type { Figures } from '../chaos/figures.js';
import type { Follower } from '../chaos/follower.js';
import { checkIndex } from '../chaos/index.check.js';
import type { Ledger } from '../chaos/ledger.js';
import { checkOthers } from '../chaos/others.check.js';
import { checkPublished } from '../chaos/published.check.js';
import { checkRebuild } from '../chaos/rebuild.check.js';
import type { World, WorldRepository } from '../chaos/world.js';
import type { StreamedEvent } from '../support/event-reader.js';

/** What a round has left to be judged by. */
export interface RoundRecord {
  cluster: Cluster;
  world: World;
  forced: ReadonlySet<WorldRepository>;
  ledger: Ledger;
  requests: readonly SentRequest[];
  /** The first has never stayed away. */
  followers: readonly Follower[];
  observer: Client;
}

/** Every promise of docs/architecture.md, held against Git and against what the clients were told. Gives what does not hold. */
export async function checkInvariants(
  record: RoundRecord,
  evidence: readonly Evidence[],
  figures: Figures,
): Promise<string[]> {
  const { cluster, world, observer } = record;
  const { database } = cluster.test;
  const faults = evidence.flatMap(checkEndings);
  for (const one of evidence) {
    faults.push(...checkAccepted(one));
    if (!record.forced.has(one.repository)) faults.push(...checkPublished(one), ...checkOthers(one));
    faults.push(...(await checkIndex(one, database, observer)));
  }
  const own = evidence.filter(({ repository }) => world.repositories.includes(repository));
  faults.push(...(await checkAudit(database, own, record.requests)));
  // Each waits until its reader has come to the last event.
  const [first, ...late] = record.followers;
  if (first) {
    const retries = await retriesOf(database);
    faults.push(...(await checkEvents(database, evidence, first)), ...checkTold(first.seen, record.ledger, retries));
  }
  for (const follower of late) faults.push(...(await checkStream(database, follower)));
  const fresh = new Client(cluster.fresh.door, 'observer', figures.clients);
  // What is not right in the index has been told already.
  return faults.length > 0 ? faults : checkRebuild(world, own, { kept: observer, fresh });
}

/** How often a failed operation was asked for again, by its id. */
async function retriesOf({ client }: Database): Promise<Map<string, number>> {
  const entries = await client.auditEntry.groupBy({
    by: ['resourceId'],
    where: { action: 'retryOperation', outcome: 'succeeded' },
    _count: true,
  });
  return new Map(entries.map(({ resourceId, _count }) => [resourceId ?? '', _count]));
}

/** What happens once is told once, and what clients were told is done is told at all. */
function checkTold(seen: readonly StreamedEvent[], ledger: Ledger, retries: ReadonlyMap<string, number>): string[] {
  const told = new Map<string, number>();
  const mayEnd = (key: string): number => {
    const [, failed] = /^operation\.finished (\S+) failed$/.exec(key) ?? [];
    return 1 + (failed === undefined ? 0 : (retries.get(failed) ?? 0));
  };
  for (const { type, subject, data } of seen) {
    // What failed and was asked for again ends twice: in another way, or in the same.
    const end = data.operation ? ` ${data.operation.state}` : '';
    const key = `${type.replace(/^dev\.pkgserver\./, '')} ${subject.split('/')[1]}${end}`;
    told.set(key, (told.get(key) ?? 0) + 1);
  }
  const twice = [...told]
    .filter(
      ([key, count]) =>
        count > mayEnd(key) && /^(operation\.finished|packageRevision\.(created|published|deleted)) /.test(key),
    )
    .map(([key, count]) => `events: ${key} was told ${count} times`);
  const missing = [...ledger.revisions.values()].flatMap(({ id, trees }) => {
    const edits = trees.filter(({ sure }) => sure).length - 1;
    const [created, edited] = [
      told.get(`packageRevision.created ${id}`) ?? 0,
      told.get(`packageRevision.edited ${id}`) ?? 0,
    ];
    return [
      ...(created === 1 ? [] : [`events: the creation of ${id} was told ${created} times`]),
      ...(edited >= edits ? [] : [`events: ${edits} edits of ${id} were accepted, and ${edited} told`]),
    ];
  });
  return [...twice, ...missing];
}

/** Every operation has one end. */
function checkEndings({ operations }: Evidence): string[] {
  return [...operations.values()]
    .filter(({ state, finishedAt }) => state === 'queued' || state === 'running' || finishedAt === null)
    .map(({ id, kind, state }) => `6: the ${kind} operation ${id} has not ended: ${state}`);
}
