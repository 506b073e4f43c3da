import { approve } from './actions/approve.js';
import { deletion } from './actions/delete.js';
import { label } from './actions/label.js';
import { proposeDeletion } from './actions/propose-deletion.js';
import { propose } from './actions/propose.js';
import { rejectDeletion } from './actions/reject-deletion.js';
import { reject } from './actions/reject.js';
import { upgrade } from './actions/upgrade.js';
import { withdraw } from './actions/withdraw.js';
import type { BulkAction } from './bulk-action.js';

/**
 * What can be done to many revisions at once. A new action is a file beside these and a line here; what its parameters
 * hold beyond these stands in `BulkParameters` (`src/domain/bulk.ts`) and in the schema of the request, which does not
 * compile without.
 */
export const BULK_ACTIONS = {
  propose,
  approve,
  reject,
  withdraw,
  'propose-deletion': proposeDeletion,
  'reject-deletion': rejectDeletion,
  delete: deletion,
  label,
  upgrade,
} as const satisfies Record<string, BulkAction>;

export type BulkActionName = keyof typeof BULK_ACTIONS;

/** In the order of the table. */
export const BULK_ACTION_NAMES = Object.keys(BULK_ACTIONS) as [BulkActionName, ...BulkActionName[]];

export const bulkAction = (name: BulkActionName): BulkAction => BULK_ACTIONS[name];
