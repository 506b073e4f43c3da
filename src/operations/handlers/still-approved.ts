import type { Permission } from '../../access/permission.js';
import type { Approval, PackageRevision } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';
import type { OperationPayloads } from '../../domain/operation.js';
import {
  assertGatesMet,
  gatesOf,
  judgeApprovals,
  missingApprovals,
  policyFor,
  requiredApprovals,
} from '../../domain/release-policy.js';
import type { Condition } from '../../domain/revision.js';
import type { OperationGroup } from '../engine/group.js';

/** An operation may be retried long after it was asked for: what it was let through by has to hold now. */
export function assertStillApproved(
  row: PackageRevision,
  { approvers, approvalIds = [], gates = [], breakGlass, tree }: OperationPayloads['publish'],
  group: OperationGroup,
  verified: boolean,
): void {
  const policy = policyFor(group.visit.repository, row);
  const approvals = group.approvals(approvalIds);
  const holds = (permission: Permission) => (approval: Approval) => group.standing.holds(approval.id, permission, row);
  const behind = { ...row, authorTies: group.authorTies(row.id) };
  const judged = judgeApprovals(approvals, behind, policy, verified, holds('packageRevisions.approve'));
  // One that was withdrawn ends the publication that it was given for; without ids, it was asked for by an older version.
  const isOld = approvers === undefined || approvalIds.length === 0;
  const counted = isOld ? (approvers?.length ?? 10) : judged.filter(({ notCounted }) => notCounted === null).length;
  const missing = missingApprovals(counted, requiredApprovals(policy, behind, verified));
  const isBroken = approvals.filter((approval) => approval.breakGlass).every(holds('packageRevisions.breakGlass'));
  if ((breakGlass ? !isBroken : missing > 0) || approvals.some(({ voidedAt }) => voidedAt !== null)) {
    throw new DomainError('stateConflict', `"${row.name}" is not approved any more as it was; approve it again.`, {
      lifecycle: row.lifecycle,
    });
  }
  if (!breakGlass)
    assertGatesMet(row, gatesOf([...gates, ...policy.readinessGates], row.conditions as unknown as Condition[], tree));
}
