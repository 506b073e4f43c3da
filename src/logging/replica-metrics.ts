import { Counter, Gauge, type Registry } from 'prom-client';
import type { ReplicaFacts } from './metric-sources.js';

/** What a process knows of the replicas that it reads from; nothing where it has none. */
export function addReplicaMetrics(registry: Registry, facts: () => ReplicaFacts | undefined): void {
  const registers = [registry];
  new Gauge({
    name: 'pkgserver_replica_serves',
    help: 'Whether this process reads from a replica: 1 yes, 0 no.',
    labelNames: ['replica'],
    registers,
    collect() {
      this.reset();
      for (const { server, serves } of facts()?.states ?? []) this.set({ replica: server }, serves ? 1 : 0);
    },
  });
  new Gauge({
    name: 'pkgserver_replica_lag_seconds',
    help: 'So far a replica is behind the primary at most, where that is known.',
    labelNames: ['replica'],
    registers,
    collect() {
      this.reset();
      for (const { server, lagSeconds } of facts()?.states ?? [])
        if (lagSeconds !== null) this.set({ replica: server }, lagSeconds);
    },
  });
  new Counter({
    name: 'pkgserver_reads_total',
    help: 'Requests that a replica may answer, by what has answered them: a replica, or the primary in its place.',
    labelNames: ['from'],
    registers,
    collect() {
      this.reset();
      for (const [from, count] of Object.entries(facts()?.reads ?? {})) this.inc({ from }, count);
    },
  });
}
