import type { Client } from '../../chaos/client.js';
import { type Evidence, publishCommits } from '../../chaos/evidence.js';
import type { WorldRepository } from '../../chaos/world.js';
import { draft, endOf } from '../drafting.js';
import { evidenceOf, type Guest, type Stage } from '../stage.js';

const BATCH = 4;

interface Batch {
  ids: string[];
  isProposed: boolean;
}

/** Somebody who proposes and approves many at once. */
export class BulkApprover implements Guest {
  readonly kind = 'bulk';
  readonly weight = 3;
  private readonly operations: { id: string; ids: readonly string[] }[] = [];
  private batch: Batch = { ids: [], isProposed: false };
  private count = 0;

  private constructor(
    private readonly repository: WorldRepository,
    private readonly client: Client,
  ) {}

  static async create(stage: Stage): Promise<BulkApprover> {
    return new BulkApprover(await stage.open('bulk', { selfApproval: true }), await stage.client('bulk'));
  }

  /** One step of what is done with a batch. */
  async act(): Promise<void> {
    const { batch } = this;
    if (batch.ids.length < BATCH) {
      this.count += 1;
      const made = await draft(this.client, this.repository.id, `p${this.count}`);
      if (made?.status === 200) batch.ids.push(made.body.id);
    } else if (!batch.isProposed) {
      const items = batch.ids.map((id) => ({ id }));
      const { status } = await this.client.post('/package-revisions/bulk', { action: 'propose', items });
      batch.isProposed = status === 200;
    } else {
      const items = batch.ids.map((id) => ({ id, etag: '*' }));
      const answer = await this.client.post('/package-revisions/bulk', { action: 'approve', items });
      if (answer.status === 202) this.operations.push({ id: answer.body.id, ids: batch.ids });
      this.batch = { ids: [], isProposed: false };
    }
  }

  async settle(): Promise<void> {
    for (const { id } of this.operations) await endOf(this.client, id);
  }

  async check(all: readonly Evidence[]): Promise<string[]> {
    const evidence = evidenceOf(all, this.repository);
    const commits = publishCommits(evidence);
    const faults: string[] = [];
    for (const { id, ids } of this.operations) {
      const end = await endOf(this.client, id, 1);
      if (end?.body.state !== 'succeeded')
        faults.push(`bulk: ${id} of ${ids.length} ended as ${String(end?.body.state)}`);
      const { body } = await this.client.get(`/operations/${id}/items?pageSize=500`);
      const items = body.items ?? [];
      const answered = items.map((item) => item.id);
      if (answered.join() !== ids.join())
        faults.push(`bulk: ${id} answers for ${answered.join()}, asked for ${ids.join()}`);
      for (const item of items) {
        const published = commits.get(String(item.operationId)) ?? [];
        const isPublished = evidence.revisions.get(item.id)?.lifecycle === 'published';
        const fits = item.status === 'succeeded' ? published.length === 1 && isPublished : !isPublished;
        if (!fits || item.status === 'pending') {
          faults.push(
            `bulk: ${item.id} is ${String(item.status)} in ${id}, and Git has ${published.length} publications`,
          );
        }
      }
    }
    return faults;
  }
}
