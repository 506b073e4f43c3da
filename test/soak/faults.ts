import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../chaos/cluster.js';
import { Saboteur } from '../chaos/saboteur.js';
import type { Random } from '../support/random.js';
import type { Actor } from './schedule.js';

const WEIGHTS = { sabotage: 16, restart: 2, crash: 2, loseRedis: 2, switchQueue: 1, endAll: 2 } as const;
type Kind = keyof typeof WEIGHTS;

/** All that is up has to come up again each time, which is most of what a small machine can do. */
const MOST_A_MINUTE = { restart: 2, crash: 2, loseRedis: 2, switchQueue: 1, endAll: 1 };
const KILLS_A_MINUTE = 6;

/** What happens to the machines of the service in a day. */
export class Faults implements Actor {
  readonly done: Partial<Record<Kind, number>> = {};
  private readonly saboteur: Saboteur;

  constructor(
    private readonly cluster: Cluster,
    private readonly random: Random,
    private readonly minutes: number,
  ) {
    this.saboteur = new Saboteur(cluster, random.fork(), Math.ceil(KILLS_A_MINUTE * minutes));
  }

  begin(): void {
    this.saboteur.begin();
  }

  /** All is up, and stays so. */
  async end(): Promise<void> {
    this.saboteur.end();
    await this.cluster.allUp();
  }

  async act(): Promise<void> {
    const kind = this.random.weighted(WEIGHTS);
    const pause = this.random.between(0, 500);
    if (kind === 'sabotage') return this.saboteur.act();
    if ((this.done[kind] ?? 0) >= Math.round(MOST_A_MINUTE[kind] * this.minutes)) return;
    this.done[kind] = (this.done[kind] ?? 0) + 1;
    await this.strike(kind, pause);
  }

  private async strike(kind: Exclude<Kind, 'sabotage'>, pause: number): Promise<void> {
    const { cluster } = this;
    if (kind === 'restart') return cluster.restartPostgres({ crashes: false });
    if (kind === 'crash') return cluster.restartPostgres({ crashes: true });
    if (kind === 'switchQueue') return cluster.switchQueue(cluster.queue === 'redis' ? 'postgres' : 'redis');
    if (kind === 'endAll') {
      await Promise.all(cluster.names.map((name) => cluster.kill(name)));
      return cluster.allUp();
    }
    await cluster.redis?.kill();
    await sleep(pause);
    await cluster.redis?.resume();
  }
}
