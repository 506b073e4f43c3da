import { type ClientFigures, noFigures } from './client.js';
import type { Cluster } from './cluster.js';
import type { Evidence } from './evidence.js';
import type { Reader } from './reader.js';
import type { ThirdParty } from './third-party.js';

/** What has happened in all seeds together. */
export interface Figures {
  seeds: number;
  clients: ClientFigures;
  operations: Record<string, number>;
  attempts: number;
  failures: Record<string, number>;
  thirdPartyPushes: number;
  consistentReads: number;
  /** How often the one who follows events had to come (again). */
  eventStreams: number;
  /** Milliseconds spent in each part of the seeds. */
  phases: Record<string, number>;
}

export const newFigures = (): Figures => ({
  ...{ seeds: 0, clients: noFigures(), operations: {}, attempts: 0, failures: {}, thirdPartyPushes: 0 },
  consistentReads: 0,
  eventStreams: 0,
  phases: {},
});

/** Runs a part of a seed and adds what it took. */
export async function timed<T>(figures: Figures, phase: string, work: () => Promise<T>): Promise<T> {
  const start = Date.now();
  try {
    return await work();
  } finally {
    figures.phases[phase] = (figures.phases[phase] ?? 0) + Date.now() - start;
  }
}

export function count(
  figures: Figures,
  evidence: readonly Evidence[],
  others: readonly ThirdParty[],
  readers: readonly Reader[],
): void {
  figures.seeds += 1;
  for (const { reads } of readers) figures.consistentReads += reads;
  for (const { pushes } of others) figures.thirdPartyPushes += pushes;
  for (const { operations } of evidence) {
    for (const { kind, state, attempts, error } of operations.values()) {
      add(figures.operations, `${kind} ${state}`);
      figures.attempts += Math.max(0, attempts - 1);
      if (error !== null) add(figures.failures, (error as { code: string }).code);
    }
  }
}

export function report(figures: Figures, cluster: Cluster): string {
  const { clients, operations, failures } = figures;
  const list = (counts: Record<string, number>) =>
    Object.entries(counts)
      .sort()
      .map(([name, number]) => `${name} ${number}`)
      .join(', ');
  const connections = Object.entries(cluster.proxies).map(([name, { counts }]) => `${name}: ${list({ ...counts })}`);
  return [
    `seeds ${figures.seeds}, kills ${cluster.kills}, freezes ${cluster.freezes}, third-party pushes ${figures.thirdPartyPushes}`,
    `requests ${clients.requests}, changes acknowledged ${clients.accepted}, answers lost ${clients.lost}, ` +
      `repeated ${clients.retries}, refused by status: ${list(clients.refused)}`,
    `operations: ${list(operations)}; repeated attempts ${figures.attempts}`,
    `operations failed with: ${list(failures) || 'nothing'}; reads checked ${figures.consistentReads}; streams of events opened ${figures.eventStreams}`,
    `milliseconds: ${list(figures.phases)}`,
    `connections: ${connections.join('; ')}; starts that found no Postgres ${cluster.failedStarts}`,
  ].join('\n');
}

function add(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
