import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { InstanceHandler, InstanceWork } from '../jobs/instance/instance-handler.js';
import type { TypedOperation } from '../jobs/typed-operation.js';
import { UpstreamNews } from '../revisions/upstreams/upstream-news.js';
import { UpstreamStore } from '../revisions/upstreams/upstream.store.js';
import { Upstreams } from '../revisions/upstreams/upstreams.js';

/** Packages that a step tells, and pins that it settles, at most. */
const TOLD_PER_STEP = 200;
const SETTLED_PER_STEP = 500;
const FIRST = '00000000-0000-0000-0000-000000000000';

/**
 * Tells of newer versions what was made from older ones, in small steps beside the work. Once an hour it looks at all that
 * packages were made from as well: what an earlier version of the service has written is settled then.
 */
@Injectable()
export class UpstreamsHandler implements InstanceHandler<'upstreams'> {
  readonly payload = z.object({ dueOnly: z.literal(true).optional() });
  readonly everySeconds = 60 * 60;

  constructor(
    private readonly news: UpstreamNews,
    private readonly upstreams: Upstreams,
    private readonly store: UpstreamStore,
  ) {}

  async run({ payload }: TypedOperation<'upstreams'>, work: InstanceWork): Promise<Record<string, unknown>> {
    const settled = payload.dueOnly ? {} : await this.settleAll(work);
    return { ...settled, told: await this.tellAll(work) };
  }

  private async tellAll(work: InstanceWork): Promise<number> {
    let told = 0;
    for (;;) {
      const count = await work.step(() => this.news.tellSome(TOLD_PER_STEP));
      if (count === null) return told;
      told += count;
      await work.note({ done: told, message: 'Telling packages that a newer upstream is there' });
    }
  }

  private async settleAll(work: InstanceWork): Promise<{ settled: number; removed: number }> {
    const totals = { settled: 0, removed: 0 };
    for (let after = FIRST; ;) {
      const ids = await work.step(() => this.store.nextOf(after, SETTLED_PER_STEP));
      const last = ids.at(-1);
      if (last === undefined) return totals;
      await work.step(() => this.upstreams.settle(ids, []));
      totals.removed += await work.step(() => this.store.removeUnused(ids));
      totals.settled += ids.length;
      await work.note({ done: totals.settled, message: 'Looking at what packages were made from' });
      after = last;
    }
  }
}
