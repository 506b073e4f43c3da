import { Injectable } from '@nestjs/common';
import { actionsFor } from '../../../access/action-permissions.js';
import type { Caller } from '../../../access/caller.js';
import { hasDrifted, isOutdated, isUndecided } from '../../../domain/draft-base.js';
import { DomainError } from '../../../domain/errors.js';
import { assertGatesMet, assertOthersDeletion, isSameName } from '../../../domain/release-policy.js';
import { type Choice, PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { type ReleaseFacts, ReleaseRules } from './release-rules.js';

/**
 * What waits for somebody: the proposals and proposed deletions that they would not be refused to approve now, and have
 * not approved yet. Asked of the rules that judge the approval itself.
 */
@Injectable()
export class WaitingService {
  constructor(
    private readonly store: PackageRevisionStore,
    private readonly rules: ReleaseRules,
  ) {}

  for(caller: Caller): Choice {
    return {
      within: caller.visibility('packageRevisions.approve'),
      keep: (rows) => this.waiting(rows, caller),
    };
  }

  private async waiting(rows: readonly RevisionRow[], caller: Caller): Promise<RevisionRow[]> {
    const ready = await this.ready(rows.filter((row) => actionsFor(caller, row).includes(decisionOn(row))));
    const states = await this.rules.statesOf(ready, caller.verified);
    return ready.filter((row) => {
      const state = states.get(row.id);
      return state !== undefined && this.isUpTo(caller, row, state);
    });
  }

  /** Those that nobody else has to do something about first. */
  private async ready(rows: readonly RevisionRow[]): Promise<RevisionRow[]> {
    const open = rows.filter(({ lifecycle, deletionHead }) => lifecycle !== 'proposed' && deletionHead === null);
    const beside = open.length > 0 ? await this.store.beside(open.map(({ id }) => id)) : undefined;
    return rows.filter((row) => {
      if (row.lifecycle !== 'proposed') return !isUndecided(row, beside?.get(row.id) ?? NOTHING);
      return row.gitState !== 'conflict' && !(row.packageNow && isOutdated(row, row.packageNow)) && !hasDrifted(row);
    });
  }

  private isUpTo(caller: Caller, row: RevisionRow, { policy, gates, approvals }: ReleaseFacts): boolean {
    if (row.lifecycle !== 'proposed') return passes(() => assertOthersDeletion(row, policy, caller));
    const isDone = approvals.some(
      ({ approval, notCounted }) => notCounted === null && isSameName(approval.approvedBy, caller.user),
    );
    return (
      !isDone &&
      passes(() => {
        this.rules.assertNotOwnWork(row, policy, caller);
        assertGatesMet(row, gates);
      })
    );
  }
}

const NOTHING = { headTree: null, stays: [], latestTree: null };

/** What is asked of whoever may decide: the deletion of what is proposed for it is its approval. */
const decisionOn = ({ lifecycle }: RevisionRow) => (lifecycle === 'proposed' ? 'approve' : 'delete');

function passes(rule: () => void): boolean {
  try {
    rule();
    return true;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}
