import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { noteChange } from '../../../audit/noted-change.js';
import { Database } from '../../../database/database.js';
import type { Approval, Operation } from '../../../database/generated/client.js';
import type { CampaignMark } from '../../../domain/operation-payloads.js';
import { fold } from '../../../domain/commit-message.js';
import { DomainError } from '../../../domain/errors.js';
import { found } from '../../../domain/found.js';
import { assertAllowed, isPublished } from '../../../domain/lifecycle.js';
import type { Precondition } from '../../../domain/precondition.js';
import {
  assertGatesMet,
  type Gate,
  isSameName,
  missingApprovals,
  type NotCounted,
} from '../../../domain/release-policy.js';
import { uuidv7 } from '../../../domain/uuid.js';
import { Approvals } from '../../../revisions/approvals.js';
import { AuthoredRevisions } from '../../../revisions/authored-revisions.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { ContentRules } from '../content-rules.js';
import { HeadRules } from '../head-rules.js';
import { UpstreamService } from '../authoring/upstream.service.js';
import { ReleaseRules } from './release-rules.js';
import { revisionEtag } from '../../../domain/revision-etag.js';
import { assertNoDraftConflict, RevisionGuard } from '../revision-guard.js';
import { RevisionWork } from '../revision-work.js';

export interface ApprovalRequest {
  comment?: string | undefined;
  /** Publishes without what the policy asks for; administrators only. */
  breakGlass?: { reason: string } | undefined;
  /** What it is published for. */
  campaign?: CampaignMark | undefined;
}

/** What a revision has of what it needs to be published. */
export interface ReleaseState {
  approvals: { approval: Approval; notCounted: NotCounted | null }[];
  required: number;
  missing: number;
  gates: Gate[];
}

/** Approvals of proposals. The last one that is needed publishes; each is bound to the content that was seen. */
@Injectable()
export class ApprovalService {
  constructor(
    private readonly database: Database,
    private readonly store: PackageRevisionStore,
    private readonly approvals: Approvals,
    private readonly guard: RevisionGuard,
    private readonly rules: ReleaseRules,
    private readonly heads: HeadRules,
    private readonly content: ContentRules,
    private readonly upstreams: UpstreamService,
    private readonly revisions: AuthoredRevisions,
    private readonly work: RevisionWork,
  ) {}

  /** Gives the operation that publishes, or the revision while it needs more approvals. */
  async approve(
    id: string,
    caller: Caller,
    precondition: Precondition,
    { comment, breakGlass, campaign }: ApprovalRequest = {},
  ): Promise<Operation | RevisionRow> {
    return this.database.transaction(async () => {
      const row = await this.guard.lockSeen(id, precondition);
      assertAllowed(row, 'approve');
      assertNoDraftConflict(row);
      await this.content.assertHoldsObjects(row, 'publish');
      await this.heads.assertCurrent(row);
      const { policy, required, gates, approvals, kptfile } = await this.rules.stateOf(row, caller.verified);
      const before = counted(approvals);
      if (breakGlass) {
        const operation = await this.breakGlass(row, before, caller, fold(breakGlass.reason));
        await this.readUpstream(row, kptfile, caller);
        return operation;
      }
      this.rules.assertNotOwnWork(row, policy, caller);
      if (comment !== undefined) noteChange(id, { reason: comment });
      assertGatesMet(row, gates);
      const again = before.some(({ approvedBy }) => isSameName(approvedBy, caller.user));
      const own = again ? [] : [newApproval(row, caller, { comment })];
      const after = [...before, ...own];
      const isLast = missingApprovals(after.length, required) === 0;
      let current = row;
      for (const approval of own) current = await this.approvals.give(row, approval, { isLast });
      if (!isLast) return current;
      await this.readUpstream(row, kptfile, caller);
      const approvers = after.map(({ approvedBy }) => approvedBy);
      return this.work.publish(row, caller.user, {
        approvedBy: approvers.at(-1) ?? caller.user,
        approvers,
        approvalIds: after.map((approval) => approval.id),
        gates: gates.map(({ type }) => type),
        comment: comment === undefined ? undefined : fold(comment),
        campaign,
      });
    });
  }

  /** Withdraws an approval, for the person who gave it or an administrator. One that no longer counts stays as it is. */
  async withdraw(id: string, approvalId: string, caller: Caller, precondition: Precondition): Promise<void> {
    await this.database.transaction(async () => {
      const row = await this.guard.lockIdle(id, precondition);
      const approval = await this.approvals.find(id, approvalId);
      if (!approval) {
        throw new DomainError('notFound', `"${row.name}" has no approval with the id ${approvalId}.`);
      }
      if (!isSameName(approval.approvedBy, caller.user) && !caller.allows('packageRevisions.breakGlass', row)) {
        throw new DomainError(
          'forbidden',
          `This approval is that of ${approval.approvedBy}, who alone can withdraw it.`,
        );
      }
      noteChange(id, { after: revisionEtag(row) });
      if (approval.voidedAt !== null) return;
      assertAllowed(row, 'approve');
      const withdrawn = await this.approvals.withdraw(row, approvalId);
      noteChange(id, { after: revisionEtag(withdrawn) });
    });
  }

  async stateOf(id: string, caller: Caller): Promise<ReleaseState> {
    const row = found(await this.store.find(id), 'package revision', id);
    const { required, gates, approvals } = await this.rules.stateOf(row, caller.verified);
    const missing = isPublished(row.lifecycle) ? 0 : missingApprovals(counted(approvals).length, required);
    return { approvals, required, missing, gates };
  }

  /** The upstream that the content itself names is that of the publication, where it is known here. */
  private async readUpstream(row: RevisionRow, kptfile: Uint8Array | null, caller: Caller): Promise<void> {
    const named = await this.upstreams.namedBy(kptfile, row.upstream, caller);
    if (named) await this.revisions.readUpstream(row, named.upstream, named.revisionId);
  }

  /** The approval counts for this one publication: where that fails, the proposal needs what it needed before. */
  private async breakGlass(
    row: RevisionRow,
    before: readonly Approval[],
    caller: Caller,
    reason: string,
  ): Promise<Operation> {
    caller.assertAllowed('packageRevisions.breakGlass', row);
    noteChange(row.id, { reason: `Break-glass: ${reason}` });
    const others = before.filter(({ approvedBy }) => !isSameName(approvedBy, caller.user));
    const own = newApproval(row, caller, { comment: reason, breakGlass: true });
    await this.approvals.give(row, own, { isLast: true });
    return this.work.publish(row, caller.user, {
      approvedBy: caller.user,
      approvers: [...others.map(({ approvedBy }) => approvedBy), caller.user],
      approvalIds: [...others, own].map((approval) => approval.id),
      breakGlass: { reason },
    });
  }
}

function newApproval(
  { id: revisionId, tree }: RevisionRow,
  { user, email, groups }: Caller,
  { comment, breakGlass = false }: { comment?: string | undefined; breakGlass?: boolean },
): Approval {
  return {
    id: uuidv7(),
    revisionId,
    tree,
    approvedBy: user,
    email,
    groups: [...groups],
    comment: comment ?? null,
    breakGlass,
    createdAt: new Date(),
    voidedAt: null,
    voidReason: null,
  };
}

const counted = (judged: ReleaseState['approvals']): Approval[] =>
  judged.flatMap(({ approval, notCounted }) => (notCounted === null ? [approval] : []));

export const isPublication = (result: Operation | RevisionRow): result is Operation => 'kind' in result;
