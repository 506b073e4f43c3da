import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Client } from '../../chaos/client.js';
import type { Cluster } from '../../chaos/cluster.js';
import type { Evidence } from '../../chaos/evidence.js';
import type { WorldRepository } from '../../chaos/world.js';
import type { Random } from '../../support/random.js';
import { approve, endOf, proposal } from '../drafting.js';
import { evidenceOf, type Guest, type Stage } from '../stage.js';

const MOST_MOVES = 3;

/** Somebody whose repository moves to another place while it is worked on. */
export class Mover implements Guest {
  readonly kind = 'mover';
  readonly weight = 2;
  private readonly accepted = new Map<string, string>();
  private count = 0;
  private moves = 0;

  private constructor(
    private readonly cluster: Cluster,
    private readonly repository: WorldRepository,
    private readonly client: Client,
    private readonly random: Random,
  ) {}

  static async create(stage: Stage): Promise<Mover> {
    const repository = await stage.open('moving', { selfApproval: true });
    return new Mover(stage.cluster, repository, await stage.client('mover'), stage.fork());
  }

  async act(): Promise<void> {
    if (this.random.chance(0.25) && this.moves < MOST_MOVES) return this.move();
    this.count += 1;
    const seen = await proposal(this.client, this.repository.id, `p${this.count}`);
    if (!seen) return;
    const answer = await approve(this.client, seen);
    if (answer.status === 202) this.accepted.set(answer.body.id, seen.body.tree);
  }

  /** What found nothing where the repository had been fails, and is asked for again. */
  async settle(): Promise<void> {
    await this.follow();
    for (const id of this.accepted.keys()) {
      const end = await endOf(this.client, id);
      if ((end?.body.error as { code: string } | null | undefined)?.code !== 'remoteNotFound') continue;
      await this.client.post(`/operations/${id}/retry`);
      await endOf(this.client, id);
    }
  }

  /** Whatever was accepted before a move is published after it. */
  async check(all: readonly Evidence[]): Promise<string[]> {
    const { operations, git } = evidenceOf(all, this.repository);
    return [...this.accepted].flatMap(([id, tree]) => {
      const operation = operations.get(id);
      const { tag = '', commit = '' } = (operation?.result ?? {}) as { tag?: string; commit?: string };
      const published = git.has(commit) ? git.treeAt(commit, tag.replace(/\/[^/]+$/, '')) : null;
      const fits = operation?.state === 'succeeded' && published === tree;
      return fits ? [] : [`moves: ${id} is ${operation?.state} with ${published}; accepted was ${tree}`];
    });
  }

  private async move(): Promise<void> {
    this.moves += 1;
    const name = `${this.repository.name}-${this.moves}`;
    const path = join(dirname(this.repository.path), `${name}.git`);
    await rename(this.repository.path, path);
    Object.assign(this.repository, { path, url: this.cluster.gitUrl(name) });
    await this.follow();
  }

  /** Until the service has been told where it is now. */
  private async follow(): Promise<void> {
    for (;;) {
      const body = { git: { url: this.repository.url } };
      const { status } = await this.client.once('PATCH', `/repositories/${this.repository.id}`, '*', body);
      if (status !== 0) return;
    }
  }
}
