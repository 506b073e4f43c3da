import type { OperationItemRow } from '../../operations/operation-item-row.js';
import { toOperationItemResponse } from '../../operations/operation-item.view.js';
import type { BulkResponse } from './bulk.schema.js';

type Item = Omit<OperationItemRow, 'position' | 'status'> & { position: number };

/** `operationId`: the operation that has done it, where there is one. */
export const toBulkResponse = (operationId: string | null, items: readonly OperationItemRow[]): BulkResponse => ({
  operationId,
  items: items.map(toOperationItemResponse),
});

/** The same of items that were judged at once. */
export const toForetoldResponse = (items: readonly (Item & { state: OperationItemRow['status'] })[]): BulkResponse =>
  toBulkResponse(
    null,
    items.map(({ state: status, ...item }) => ({ ...item, status })),
  );
