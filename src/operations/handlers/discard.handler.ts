import { Injectable } from '@nestjs/common';
import type { Operation } from '../../database/generated/client.js';
import type { OperationGroup, OperationHandler, Outcome } from '../engine/group.js';
import type { OperationPayloads } from '../../domain/operation.js';
import { SyncStore } from '../sync/sync.store.js';

/** Removes the branches of a deleted draft. One that someone moved since is theirs and stays: as a draft of theirs. */
@Injectable()
export class DiscardHandler implements OperationHandler {
  constructor(private readonly sync: SyncStore) {}

  async apply(operation: Operation, group: OperationGroup): Promise<Outcome> {
    const { branches } = operation.payload as unknown as OperationPayloads['discard'];
    const kept: string[] = [];
    for (const { ref, commit } of branches) {
      const tip = group.plan.current(ref);
      if (tip === commit) group.plan.set(ref, null);
      else if (tip !== null) kept.push(ref);
    }
    if (kept.length === 0) return { result: {} };
    const { visit } = group;
    // The index knows these refs, and no revision stands for them any more: the next sync looks at them anew.
    visit.synced = false;
    return { result: { kept }, commit: () => this.sync.forgetRefs(visit.repository.id, kept) };
  }
}
