import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Authenticator } from '../../../access/authenticator.js';
import { Config } from '../../../config/config.js';
import type { BulkParameters } from '../../../domain/bulk.js';
import type { OperationItemState } from '../../../domain/operation.js';
import type { InstanceWork } from '../../../jobs/instance/instance-handler.js';
import type { AloneHandler } from '../../../jobs/alone/alone-handler.js';
import type { TypedOperation } from '../../../jobs/typed-operation.js';
import { withContext } from '../../../logging/request-context.js';
import { bulkAction, BULK_ACTION_NAMES } from './bulk-actions.js';
import { BulkJudge } from './bulk-judge.js';
import { BulkStore } from './bulk.store.js';

const ITEMS_PER_STEP = 50;
const MOST_LANES = 3;
/** Bulk operations at work at a time in this process; each takes some connections of the database. */
const SEATS = 2;

const WAITING = 'The operations that its items have begun.';

/** Carries out bulk operations: judges the items, some in each step, with the right that their caller has then. */
@Injectable()
export class BulkHandler implements AloneHandler<'bulk'> {
  readonly seats = SEATS;
  readonly payload = z.object({
    action: z.enum(BULK_ACTION_NAMES),
    parameters: z.custom<BulkParameters>((value) => typeof value === 'object' && value !== null),
    caller: z.object({
      user: z.string(),
      email: z.string().nullable(),
      groups: z.array(z.string()),
      tokenId: z.string().optional(),
    }),
    address: z.string().optional(),
  });

  /** Transactions of one operation at a time: most of what one takes is the way to the database and back. */
  private readonly lanes: number;

  constructor(
    private readonly store: BulkStore,
    private readonly judge: BulkJudge,
    private readonly authenticator: Authenticator,
    { databasePoolSize }: Config,
  ) {
    this.lanes = Math.min(MOST_LANES, Math.ceil(databasePoolSize / 4));
  }

  /** Null: items have led to operations that go on. What an earlier attempt has judged is done. */
  async run({ id, payload }: TypedOperation<'bulk'>, work: InstanceWork): Promise<Record<string, unknown> | null> {
    const { action, caller, address } = payload;
    const { waiting = 0, ...judged } = await this.store.counts(id);
    let done = sum(judged);
    const progress = { total: waiting + done, message: action };
    const lane = async () => {
      for (let count = 1; count > 0;) {
        count = await work.step(() => this.judgeSome(id, payload));
        done += count;
        if (count > 0) await work.note({ ...progress, done });
      }
    };
    const lanes = Array.from({ length: this.lanes }, () => withContext({ tokenId: caller.tokenId, address }, lane));
    for (const ended of await Promise.allSettled(lanes)) if (ended.status === 'rejected') throw ended.reason;
    return work.step(async () => {
      if (await this.store.awaitStarted(id, WAITING)) return null;
      await this.store.settle(id);
      const { succeeded = 0, failed = 0, cancelled = 0 } = await this.store.counts(id);
      return { resource: { type: 'BulkResult', id }, action, items: { succeeded, failed, cancelled } };
    });
  }

  private async judgeSome(id: string, payload: TypedOperation<'bulk'>['payload']): Promise<number> {
    const { parameters } = payload;
    const action = bulkAction(this.payload.parse(payload).action);
    const items = await this.store.waiting(id, action.itemsPerStep ?? ITEMS_PER_STEP);
    if (items.length === 0) return 0;
    const caller = await this.authenticator.again(payload.caller);
    await this.store.record(id, await this.judge.judge(items, { action, parameters, caller }));
    return items.length;
  }
}

const sum = (counts: Partial<Record<OperationItemState, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);
