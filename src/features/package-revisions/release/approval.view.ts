import type { ReleaseStateResponse } from './approval.schema.js';
import type { ReleaseState } from './approval.service.js';

export function toReleaseStateResponse({ approvals, required, missing, gates }: ReleaseState): ReleaseStateResponse {
  const items = approvals.map(({ approval, notCounted }) => ({
    id: approval.id,
    approvedBy: approval.approvedBy,
    comment: approval.comment,
    tree: approval.tree,
    createdAt: approval.createdAt.toISOString(),
    valid: notCounted === null,
    invalidReason: notCounted,
    voidedAt: approval.voidedAt?.toISOString() ?? null,
  }));
  return { items, required, missing, gates };
}
