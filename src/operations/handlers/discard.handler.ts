import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { TypedOperation } from '../../jobs/typed-operation.js';
import type { OperationGroup, Outcome } from '../engine/group.js';
import type { HandlerOf } from '../engine/repository-handler.js';

/** Removes the branches of a deleted draft. One that someone has moved since then stays, as a draft of theirs. */
@Injectable()
export class DiscardHandler implements HandlerOf<'discard'> {
  readonly payload = z.object({ branches: z.array(z.object({ ref: z.string(), commit: z.string() })) });

  async apply({ payload }: TypedOperation<'discard'>, { plan }: OperationGroup): Promise<Outcome> {
    const kept: string[] = [];
    for (const { ref, commit } of payload.branches) {
      const tip = plan.current(ref);
      if (tip === commit) plan.set(ref, null);
      else if (tip !== null) kept.push(ref);
    }
    return kept.length === 0 ? { result: {} } : { result: { kept }, unindexed: kept };
  }
}
