import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../chaos/client.js';
import type { Cluster } from '../../chaos/cluster.js';
import type { Evidence } from '../../chaos/evidence.js';
import type { WorldRepository } from '../../chaos/world.js';
import { treeOid } from '../../chaos/tree-hash.js';
import { configMap } from '../../support/steps.js';
import { evidenceOf, type Guest, type Stage } from '../stage.js';

/** Somebody whose drafts are all that there is of them when the remote is away and every process ends. */
export class Blackout implements Guest {
  readonly kind = 'drafter';
  readonly weight = 1;
  /** What the drafts hold that are accepted: by id. */
  private readonly trees = new Map<string, string>();
  private count = 0;

  private constructor(
    private readonly cluster: Cluster,
    private readonly repository: WorldRepository,
    private readonly client: Client,
  ) {}

  static async create(stage: Stage): Promise<Blackout> {
    return new Blackout(stage.cluster, await stage.open('drafts', {}), await stage.client('drafter'));
  }

  async act(): Promise<void> {
    this.count += 1;
    const name = `p${this.count}`;
    const place = { repositoryId: this.repository.id, package: name, workspace: 'w1' };
    const created = await this.client.post('/package-revisions', { ...place, source: { type: 'init' } });
    if (created.status !== 201) return;
    const { id, tree } = created.body;
    this.trees.set(id, tree);
    const path = `/package-revisions/${id}/resources`;
    const before = await this.client.get(path);
    const content = configMap(name, 'kept');
    const edited = await this.client.once('PATCH', path, '*', { files: { 'config.yaml': content } });
    if (edited.status === 200) {
      const files = { ...before.body.files, 'config.yaml': { content, encoding: 'utf-8' } };
      this.trees.set(id, before.status === 200 ? treeOid(files) : edited.body.etag);
    } else {
      // Nobody can say whether it was done; nothing is asked of it.
      this.trees.delete(id);
    }
  }

  /** The remote goes, drafts are accepted all the same, every process ends at once, and comes back before the remote does. */
  async strike(): Promise<void> {
    await this.cluster.allUp();
    await this.cluster.git.down();
    for (let draft = 0; draft < 3; draft += 1) await this.act();
    await Promise.all(this.cluster.names.map((name) => this.cluster.kill(name)));
    await this.cluster.allUp();
    await sleep(500);
    await this.cluster.git.up();
  }

  async settle(): Promise<void> {
    return undefined;
  }

  async check(all: readonly Evidence[]): Promise<string[]> {
    const { git, revisions } = evidenceOf(all, this.repository);
    if (this.trees.size === 0) return ['drafts: none was accepted, so that nothing can be told of them'];
    return [...this.trees].flatMap(([id, tree]) => {
      const row = revisions.get(id);
      if (!row) return [`drafts: ${id} was accepted, and is gone`];
      const tip = row.branch === null ? undefined : git.refs.get(row.branch);
      const pushed = tip === undefined ? null : git.treeAt(tip, row.path);
      const fits = row.tree === tree && pushed === tree;
      return fits ? [] : [`drafts: ${row.name} holds ${row.tree} and its branch ${pushed}; accepted was ${tree}`];
    });
  }
}
