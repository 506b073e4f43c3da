import { Recent } from './recent.js';

/** An answer weighs at least so much, in bytes of JSON. */
const LEAST_WEIGHT = 4 * 1024;

/** Answers that take long: each is computed once, however many ask at a time, and kept until others were asked for since. */
export class KeptAnswers<Answer extends { weight: number }> {
  private readonly kept: Recent<Answer>;
  private readonly open = new Map<string, Promise<Answer>>();

  /** `most`: how much is kept, in bytes of JSON, about. */
  constructor(most: number) {
    this.kept = new Recent(most);
  }

  /** Gives the answer that belongs to `key`. One that fails is not kept. */
  async get(key: string, compute: () => Promise<Answer>): Promise<Answer> {
    const known = this.kept.get(key);
    if (known !== undefined) return known;
    // The caller whose computation this one waits for may have asked a replica that failed; this one computes anew, and may ask the primary.
    return (
      this.open.get(key)?.catch(() => this.open.get(key) ?? this.compute(key, compute)) ?? this.compute(key, compute)
    );
  }

  private async compute(key: string, compute: () => Promise<Answer>): Promise<Answer> {
    const work = compute().finally(() => this.open.delete(key));
    this.open.set(key, work);
    const answer = await work;
    this.kept.set(key, answer, LEAST_WEIGHT + key.length + answer.weight);
    return answer;
  }
}
