import { setTimeout as sleep } from 'node:timers/promises';
import { ChainStore } from '../../src/audit/chain.store.js';
import { verifyChain } from '../../src/audit/chain-verifier.js';
import type { Database } from '../../src/database/database.js';
import type { AuditEntry } from '../../src/database/generated/client.js';
import type { SentRequest } from './client.js';
import type { Evidence } from './evidence.js';

const LINKED_WITHIN_MS = 10_000;

/** What the audit log calls the end of an operation, where that is written down. */
const ENDS: Record<string, string> = { publish: 'packageRevision.published', delete: 'packageRevision.deleted' };

/** Whatever was accepted stands in the audit log, once, and nothing else does; its chain holds. */
export async function checkAudit(
  database: Database,
  evidence: readonly Evidence[],
  requests: readonly SentRequest[],
): Promise<string[]> {
  const faults: string[] = await checkChain(database);
  const known = [...new Set(requests.map(({ requestId }) => requestId))];
  const ofOthers = ['packageRevision.publishedExternally', 'repository.discovered'];
  const entries = await database.client.auditEntry.findMany({
    where: {
      outcome: 'succeeded',
      action: { notIn: ofOthers },
      OR: [{ requestId: { in: known } }, { repositoryId: { in: evidence.map(({ repository }) => repository.id) } }],
    },
  });
  const ends = new Set(Object.values(ENDS));
  const byEngine = grouped(
    entries.filter(({ action }) => ends.has(action)),
    ({ operationId }) => operationId,
  );
  const byRequest = grouped(
    entries.filter(({ action }) => !ends.has(action)),
    ({ requestId }) => requestId,
  );
  for (const request of requests) {
    faults.push(...checkRequest(request, byRequest.get(request.requestId) ?? []));
    byRequest.delete(request.requestId);
  }
  for (const { operations } of evidence) {
    for (const { id, kind, state, requestedBy } of operations.values()) {
      const made = byEngine.get(id) ?? [];
      byEngine.delete(id);
      const due = state === 'succeeded' && kind in ENDS ? 1 : 0;
      if (made.length !== due)
        faults.push(`audit: the ${kind} operation ${id} (${state}) has ${made.length} audit entries`);
      const wrong = made.filter(({ action, actor }) => action !== ENDS[kind] || actor !== requestedBy);
      faults.push(...wrong.map((entry) => `audit: the ${kind} operation ${id} is told as ${show(entry)}`));
    }
  }
  const unknown = [...byEngine.values(), ...byRequest.values()].flat();
  return [...faults, ...unknown.map((entry) => `audit: nobody asked for what the audit log tells: ${show(entry)}`)];
}

function checkRequest({ requestId, method, path, status, actor }: SentRequest, made: readonly AuditEntry[]): string[] {
  const what = `${method} ${path} of ${actor} (${status}, ${requestId})`;
  // Without an answer, nobody knows whether it was done; but twice it never is.
  const fits = status === 0 ? made.length <= 1 : made.length === (status < 300 ? 1 : 0);
  if (!fits) return [`audit: ${what} has ${made.length} audit entries: ${made.map(show).join('; ')}`];
  return made.filter((entry) => entry.actor !== actor).map((entry) => `audit: ${what} is told as ${show(entry)}`);
}

async function checkChain(database: Database): Promise<string[]> {
  const store = new ChainStore(database);
  for (const deadline = Date.now() + LINKED_WITHIN_MS; await store.hasPending(); await sleep(100)) {
    if (Date.now() > deadline) return ['audit: audit entries wait for their links and get none'];
  }
  const { entries, links, fault } = await verifyChain(store);
  if (fault) return [`audit: the chain of audit entries does not hold at ${fault.sequence}: ${fault.message}`];
  return entries === links ? [] : [`audit: there are ${entries} audit entries and ${links} links`];
}

function grouped(
  entries: readonly AuditEntry[],
  keyOf: (entry: AuditEntry) => string | null,
): Map<string, AuditEntry[]> {
  const groups = new Map<string, AuditEntry[]>();
  for (const entry of entries)
    groups.set(keyOf(entry) ?? entry.id, [...(groups.get(keyOf(entry) ?? entry.id) ?? []), entry]);
  return groups;
}

const show = ({ action, actor, resourceType, resourceId, requestId }: AuditEntry): string =>
  `${action} of ${resourceType} ${resourceId} by ${actor} (${requestId})`;
