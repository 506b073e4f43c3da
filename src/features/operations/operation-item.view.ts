import { storedProblem } from '../../http/problem.js';
import type { OperationItemResponse } from './operation-item.schema.js';
import type { OperationItemRow } from './operation-item-row.js';

/** An item as callers see it. */
export function toOperationItemResponse(row: Omit<OperationItemRow, 'position'>): OperationItemResponse {
  const { revisionId: id, status, etag, startedId, draftId, warnings, error } = row;
  return {
    id,
    status,
    ...(etag !== null && { etag }),
    ...(startedId !== null && { operationId: startedId }),
    ...(draftId !== null && { draftId }),
    ...(warnings.length > 0 && { warnings }),
    ...(status === 'failed' && { error: storedProblem(error) }),
  };
}
