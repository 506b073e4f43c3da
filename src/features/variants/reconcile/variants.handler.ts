import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Config } from '../../../config/config.js';
import type { AloneHandler } from '../../../jobs/alone/alone-handler.js';
import type { InstanceWork } from '../../../jobs/instance/instance-handler.js';
import type { TypedOperation } from '../../../jobs/typed-operation.js';
import { SetMembers } from './members.js';
import { Reconciler } from './reconciler.js';
import { ReconcileStore } from './reconcile.store.js';
import { VariantWatch } from './variant-watch.js';

/** Variants that one transaction brings in step. */
const PER_STEP = 5;
const MOST_LANES = 3;

/** Brings all variants in step that are due, some in each step. What is brought in step is due no more: a second worker takes others. */
@Injectable()
export class VariantsHandler implements AloneHandler<'variants'> {
  readonly seats = 1;
  readonly payload = z.object({});
  private readonly lanes: number;

  constructor(
    private readonly members: SetMembers,
    private readonly reconciler: Reconciler,
    private readonly store: ReconcileStore,
    private readonly watch: VariantWatch,
    { databasePoolSize }: Config,
  ) {
    this.lanes = Math.min(MOST_LANES, Math.ceil(databasePoolSize / 4));
  }

  start(): void {
    this.watch.start();
  }

  async run(_: TypedOperation<'variants'>, work: InstanceWork): Promise<Record<string, unknown>> {
    const reconcileSets = async () => {
      while (await work.step(() => this.members.reconcileNext()));
    };
    await reconcileSets();
    let done = 0;
    const lane = async () => {
      for (;;) {
        // One that is changed meanwhile goes before its members.
        await reconcileSets();
        const count = await work.step(() => this.reconcileSome()).catch(undone);
        if (count === 0) return;
        done += count ?? 0;
        await work.note({ done, message: 'Bringing variants in step' });
      }
    };
    for (const ended of await Promise.allSettled(Array.from({ length: this.lanes }, lane))) {
      if (ended.status === 'rejected') throw ended.reason;
    }
    return { reconciled: done };
  }

  private async reconcileSome(): Promise<number> {
    const variants = await this.store.takeDue(PER_STEP);
    for (const variant of variants) await this.reconciler.reconcile(variant);
    // All that was read is from before that change, or none of it is done.
    if (await this.store.isSetDue(variants)) throw new SetChangedError();
    return variants.length;
  }
}

/** Undoes a step: its variants were brought to what their set does not want any more. */
class SetChangedError extends Error {}

/** Undefined: there may be more to do. Other errors stay. */
function undone(error: unknown): undefined {
  if (!(error instanceof SetChangedError)) throw error;
}
