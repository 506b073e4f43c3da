import type { Client } from '../../chaos/client.js';
import type { Cluster } from '../../chaos/cluster.js';
import type { WorldRepository } from '../../chaos/world.js';
import { gather } from '../../chaos/evidence.js';
import { Ledger } from '../../chaos/ledger.js';
import { git } from '../../support/git-command.js';
import { GitFixture } from '../../support/git-fixture.js';
import type { Random } from '../../support/random.js';
import { approve, endOf, proposal } from '../drafting.js';
import type { Guest, Stage } from '../stage.js';

/** Somebody who forces the ref back, so that it loses what was published on it: that stays published all the same. */
export class Rewriter implements Guest {
  readonly kind = 'force';
  readonly weight = 2;
  private readonly accepted = new Map<string, { revisionId: string; tree: string }>();
  private readonly fixture: GitFixture;
  private count = 0;

  private constructor(
    private readonly cluster: Cluster,
    private readonly repository: WorldRepository,
    private readonly client: Client,
    private readonly random: Random,
  ) {
    this.fixture = GitFixture.create(repository.path);
  }

  static async create(stage: Stage): Promise<Rewriter> {
    const repository = await stage.open('forced', { selfApproval: true });
    stage.forced.add(repository);
    return new Rewriter(stage.cluster, repository, await stage.client('forcer'), stage.fork());
  }

  async act(): Promise<void> {
    this.count += 1;
    if (this.random.chance(0.3)) return this.force();
    const seen = await proposal(this.client, this.repository.id, `p${this.count}`);
    if (!seen) return;
    const answer = await approve(this.client, seen);
    const { id: revisionId, tree } = seen.body;
    if (answer.status === 202) this.accepted.set(answer.body.id, { revisionId, tree });
  }

  async settle(): Promise<void> {
    for (const id of this.accepted.keys()) await endOf(this.client, id);
  }

  async check(): Promise<string[]> {
    const { git: now, operations, revisions } = await gather(this.cluster.test.database, this.repository, new Ledger());
    return [...this.accepted].flatMap(([id, { revisionId, tree }]) => {
      const operation = operations.get(id);
      const { tag = '', commit } = (operation?.result ?? {}) as { tag?: string; commit?: string };
      const tagged = now.peel(now.refs.get(`refs/tags/${tag}`) ?? '');
      const held = tagged === null ? null : now.treeAt(tagged, tag.replace(/\/[^/]+$/, ''));
      const row = revisions.get(revisionId);
      const fits = operation?.state === 'succeeded' && tagged === commit && held === tree && row?.tree === tree;
      const what = `${operation?.state}, its tag ${tag} at ${tagged} with ${held}, the index has ${row?.tree}`;
      return fits ? [] : [`forced: ${id} published ${tree} as ${commit}: it is ${what}`];
    });
  }

  private async force(): Promise<void> {
    const [, ...older] = await this.fixture.log();
    const target = this.random.pick(older.slice(0, 3));
    const tip = await this.fixture.revParse('main');
    if (!target) return;
    // As `push --force-with-lease` does; whoever is late leaves it.
    const set = git(['update-ref', 'refs/heads/main', target.oid, tip], { gitDir: this.repository.path });
    await set.catch(() => undefined);
  }
}
