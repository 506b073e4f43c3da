import { Injectable } from '@nestjs/common';
import type { AuditEvent } from '../../../audit/audit-log.js';
import { Database } from '../../../database/database.js';
import { DomainError } from '../../../domain/errors.js';
import { isPublished } from '../../../domain/lifecycle.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { LifecycleService } from '../../package-revisions/lifecycle/lifecycle.service.js';
import { ApprovalService, isPublication } from '../../package-revisions/release/approval.service.js';
import type { Actors, Begun } from '../changes/campaign-change.js';
import { deed } from './deeds.js';

/** Refusals that pass once somebody else has done something: the draft waits for that. */
const WAITS: readonly string[] = ['gatesNotMet', 'selfApproval', 'operationInProgress'];

/** Brings drafts of campaigns to their publication: proposes them, and gives them the approvals of the plan. */
@Injectable()
export class CampaignRelease {
  constructor(
    private readonly database: Database,
    private readonly lifecycle: LifecycleService,
    private readonly approvals: ApprovalService,
  ) {}

  /**
   * Each approval counts as if its giver had given it to the draft: for the very tree that was planned, by the policy of the
   * draft's own repository, and as far as they may approve there now.
   */
  async release(draft: RevisionRow, tree: string, { starter, approvers, mark }: Actors): Promise<Begun> {
    const entries: AuditEvent[] = [];
    const begun = { draftId: draft.id, entries };
    if (draft.tree !== tree) throw moved(draft);
    // Somebody has given it what it lacked.
    if (isPublished(draft.lifecycle)) return { ...begun, operationIds: [], waits: null, published: draft.revision };
    let row = draft;
    if (row.lifecycle === 'draft') {
      starter.assertAllowed('packageRevisions.propose', row);
      const proposed = await deed('proposePackageRevision', starter, row, () =>
        this.lifecycle.propose(draft.id, starter.user),
      );
      entries.push(proposed.entry);
      row = proposed.result;
    }
    let waits: DomainError | null = null;
    for (const approver of approvers) {
      try {
        const given = await this.database.part(() =>
          deed('approvePackageRevision', approver, row, () => {
            approver.assertAllowed('packageRevisions.approve', row);
            const request = { comment: `Campaign ${mark.name}`, campaign: mark };
            return this.approvals.approve(row.id, approver, { ifMatch: tree }, request);
          }),
        );
        entries.push(given.entry);
        if (isPublication(given.result)) return { ...begun, operationIds: [given.result.id], waits: null };
        row = given.result;
      } catch (error) {
        if (!(error instanceof DomainError) || !WAITS.includes(error.code)) throw error;
        waits = error;
      }
    }
    return { ...begun, operationIds: [], waits: waits ?? lacking(row) };
  }
}

export const moved = ({ name }: Pick<RevisionRow, 'name'>): DomainError =>
  new DomainError('contentChanged', `"${name}" is not any more what was planned and approved.`);

const lacking = ({ name, lifecycle }: RevisionRow): DomainError =>
  new DomainError('stateConflict', `"${name}" needs more approvals than the plan has.`, { lifecycle });
