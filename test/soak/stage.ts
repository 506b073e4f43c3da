import { Client } from '../chaos/client.js';
import type { Cluster } from '../chaos/cluster.js';
import type { Evidence } from '../chaos/evidence.js';
import type { Figures } from '../chaos/figures.js';
import { keepUpdateLog } from '../chaos/update-log.js';
import { register, type WorldRepository } from '../chaos/world.js';
import type { StreamedEvent } from '../support/event-reader.js';
import type { Random } from '../support/random.js';
import { Steps } from '../support/steps.js';
import type { Actor } from './schedule.js';

/** What the actors of a round have to work with, besides the authors' repositories. */
export class Stage {
  readonly repositories: WorldRepository[] = [];
  /** Those whose ref somebody forces back: it may lose what was on it, and whoever forces it judges what may not be lost. */
  readonly forced = new Set<WorldRepository>();
  /** Answers that nobody who may do everything should get. */
  readonly clients: Client[] = [];

  constructor(
    readonly cluster: Cluster,
    readonly round: string,
    readonly figures: Figures,
    private readonly observer: Client,
    private readonly random: Random,
  ) {}

  fork(): Random {
    return this.random.fork();
  }

  async client(name: string): Promise<Client> {
    const client = new Client(await this.cluster.door(name), name, this.figures.clients);
    this.clients.push(client);
    return client;
  }

  /** For what is done while nothing fails: before the faults begin. */
  async steps(name: string): Promise<Steps> {
    const { url, token } = await this.cluster.door(name);
    return new Steps(url, { Authorization: `Bearer ${token}` });
  }

  /** A new repository on the remote, whose every change of a ref is noted. */
  async createRepository(name: string): Promise<{ url: string; path: string }> {
    const { path } = await this.cluster.git.createRepository(name);
    await keepUpdateLog(path);
    return { url: this.cluster.gitUrl(name), path };
  }

  /** One that is registered as well. */
  async open(kind: string, policy: object, deployment = false): Promise<WorldRepository> {
    const plan = { name: `${kind}-${this.round}`, deployment, directory: '' };
    const { url, path } = await this.createRepository(plan.name);
    const id = await register(this.observer, { ...plan, url, policy });
    return this.keep({ ...plan, id, url, path });
  }

  keep(repository: WorldRepository): WorldRepository {
    this.repositories.push(repository);
    return repository;
  }
}

/** An actor with work of its own, which it brings to an end and then judges. */
export interface Guest extends Actor {
  kind: string;
  weight: number;
  /** Once no fault comes any more. */
  settle(): Promise<void>;
  /** Gives what does not hold, by what Git and the index have, and by all that was told. */
  check(evidence: readonly Evidence[], told: readonly StreamedEvent[]): Promise<string[]>;
}

export const evidenceOf = (evidence: readonly Evidence[], { id }: WorldRepository): Evidence => {
  const found = evidence.find(({ repository }) => repository.id === id);
  if (!found) throw new Error(`Nothing is known of the repository ${id}`);
  return found;
};
