import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { draftRef, proposedRef, readRef } from '../../domain/ref-layout.js';
import type { TypedOperation } from '../../jobs/typed-operation.js';
import type { OperationGroup, Outcome } from '../engine/group.js';
import type { HandlerOf } from '../engine/repository-handler.js';
import { isOnDraftLine } from '../sync/draft-line.js';

/**
 * Removes the branches of a deleted draft, also one that a rename by halves has left beside it. One that someone has moved
 * stays, as a draft of theirs.
 */
@Injectable()
export class DiscardHandler implements HandlerOf<'discard'> {
  readonly payload = z.object({ branches: z.array(z.object({ ref: z.string(), commit: z.string() })) });

  async apply({ payload }: TypedOperation<'discard'>, { plan, visit }: OperationGroup): Promise<Outcome> {
    const kept: string[] = [];
    // What the sync of this visit may have taken for a draft of somebody.
    const halves: string[] = [];
    for (const { ref, commit } of payload.branches) {
      for (const name of new Set([ref, ...namesakes(ref)])) {
        const tip = plan.current(name);
        if (tip === null) continue;
        const isHalf = name !== ref && (await isOnDraftLine(visit.git, { commit, base: null }, tip));
        if (isHalf) halves.push(name);
        if (isHalf || tip === commit) plan.set(name, null);
        else kept.push(name);
      }
    }
    return { result: kept.length === 0 ? {} : { kept }, unindexed: [...kept, ...halves] };
  }
}

/** The branches of the same draft in its other states. */
function namesakes(ref: string): string[] {
  const meaning = readRef(ref);
  if (meaning?.kind !== 'drafts' && meaning?.kind !== 'proposed') return [];
  const { directory, workspace } = meaning;
  return [draftRef(directory, workspace), proposedRef(directory, workspace)];
}
