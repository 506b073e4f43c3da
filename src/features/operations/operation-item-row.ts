import type { OperationItem } from '../../database/generated/client.js';
import type { OperationItemState } from '../../domain/operation.js';

/** One item as it stands now: of one that another operation carries out, how that fares. */
export interface OperationItemRow extends Pick<
  OperationItem,
  'position' | 'revisionId' | 'etag' | 'error' | 'startedId' | 'draftId' | 'warnings'
> {
  status: OperationItemState;
}
