import { Injectable } from '@nestjs/common';
import type { Operation } from '../../database/generated/client.js';
import type { OperationGroup, OperationHandler, Outcome } from '../engine/group.js';
import type { OperationPayloads } from '../operation.js';

/** Removes the branches of a deleted draft. One that someone moved since is theirs and stays. */
@Injectable()
export class DiscardHandler implements OperationHandler {
  async apply(operation: Operation, group: OperationGroup): Promise<Outcome> {
    const { branches } = operation.payload as unknown as OperationPayloads['discard'];
    const kept: string[] = [];
    for (const { ref, commit } of branches) {
      const tip = group.plan.current(ref);
      if (tip === commit) group.plan.set(ref, null);
      else if (tip !== null) kept.push(ref);
    }
    return { result: kept.length === 0 ? {} : { kept } };
  }
}
