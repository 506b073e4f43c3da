import type { Random } from '../support/random.js';
import type { Fault } from '../support/tcp-proxy.js';
import type { Cluster } from './cluster.js';

const WEIGHTS = {
  kill: 3,
  freeze: 2,
  cutPostgres: 3,
  cutGit: 3,
  cutApi: 2,
  cutRedis: 2,
  outage: 2,
  nothing: 3,
} as const;

/** Ends processes and connections at random moments. */
export class Saboteur {
  private killed = 0;
  private outageUntil = 0;

  constructor(
    private readonly cluster: Cluster,
    private readonly random: Random,
    /** A start costs half a second of processor: so few leave time for work. */
    private readonly mostKills = 2,
  ) {}

  begin(): void {
    const { api, git, postgres, redis } = this.cluster.proxies;
    git.onConnection(() => (Date.now() < this.outageUntil ? { refuse: true } : this.onRemote()));
    postgres.onConnection(() => this.onPostgres());
    redis?.onConnection(() => this.onRedis());
    api.onConnection(() => this.onApi());
  }

  end(): void {
    for (const proxy of Object.values(this.cluster.proxies)) {
      proxy.onConnection(null);
      // Connections that were doomed when they were made must not outlive the chaos.
      proxy.cutNow();
    }
  }

  async act(): Promise<void> {
    const action = this.random.weighted(WEIGHTS);
    const { api, git, postgres, redis } = this.cluster.proxies;
    if (action === 'kill') await this.kill();
    if (action === 'freeze') await this.freeze();
    if (action === 'cutGit') git.cutNow();
    if (action === 'cutPostgres') postgres.cutNow(() => this.random.chance(0.4));
    if (action === 'cutRedis') redis?.cutNow();
    if (action === 'cutApi') api.cutNow(() => this.random.chance(0.5));
    if (action === 'outage') this.outageUntil = Date.now() + this.random.between(100, 500);
  }

  /** Every seed has one at least. */
  async finish(): Promise<void> {
    while (this.killed === 0) await this.kill();
  }

  private async kill(): Promise<void> {
    if (this.killed >= this.mostKills) return;
    const name = this.random.pick(this.cluster.names);
    if (name === undefined || !this.cluster.isUp(name)) return this.cluster.allUp();
    this.killed += 1;
    await this.cluster.kill(name);
  }

  /** For longer than a lease: whoever wakes up must not go on as if nothing had happened. */
  private async freeze(): Promise<void> {
    const name = this.random.pick(this.cluster.workers);
    const milliseconds = this.random.between(1_100, 2_000);
    if (name !== undefined) await this.cluster.freeze(name, milliseconds);
  }

  private onRemote(): Fault {
    const { random } = this;
    const fault: Fault = {};
    if (random.chance(0.08)) fault.refuse = true;
    if (random.chance(0.25)) fault.delay = random.between(1, 40);
    if (random.chance(0.15)) {
      fault.cutAfter = { bytes: random.between(1, 6000), from: random.chance(0.6) ? 'server' : 'client' };
    }
    return fault;
  }

  private onPostgres(): Fault {
    const { random } = this;
    const fault: Fault = {};
    if (random.chance(0.08)) fault.refuse = true;
    if (random.chance(0.1)) fault.delay = random.between(1, 5);
    if (random.chance(0.4)) {
      fault.cutAfter = { bytes: random.between(500, 60_000), from: random.chance(0.6) ? 'server' : 'client' };
    }
    return fault;
  }

  /** Its connections are few, and meant to last. */
  private onRedis(): Fault {
    const { random } = this;
    if (random.chance(0.2)) return { refuse: true };
    if (!random.chance(0.5)) return {};
    return { cutAfter: { bytes: random.between(500, 30_000), from: random.chance(0.6) ? 'server' : 'client' } };
  }

  private onApi(): Fault {
    const { random } = this;
    if (random.chance(0.05)) return { refuse: true };
    if (!random.chance(0.3)) return {};
    return { cutAfter: { bytes: random.between(200, 30_000), from: random.chance(0.7) ? 'server' : 'client' } };
  }
}
