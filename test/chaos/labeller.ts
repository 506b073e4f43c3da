import type { Random } from '../support/random.js';
import type { Answer, Client } from './client.js';
import type { RevisionRecord } from './ledger.js';

/** Sets a label of a revision, mostly on what it has just read. */
export class Labeller {
  private count = 0;

  constructor(
    private readonly client: Client,
    private readonly random: Random,
  ) {}

  async label(record: RevisionRecord, seen: Answer): Promise<void> {
    this.count += 1;
    const value = `${this.client.name}-${this.count}`;
    const ifMatch = this.random.chance(0.1) ? '1.00000000' : seen.etag;
    const path = `/package-revisions/${record.id}`;
    const answer = await this.client.once('PATCH', path, ifMatch, { labels: { chaos: value } });
    const { start } = answer;
    if (answer.status === 200) record.labels.push({ value, start, end: answer.end, sure: true });
    if (answer.status !== 0) return;
    const now = await this.client.get(path);
    const done = (now.body.labels as Record<string, string> | undefined)?.chaos === value;
    record.labels.push({ value, start, end: done ? now.end : Infinity, sure: done });
  }
}
