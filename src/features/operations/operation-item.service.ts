import { Injectable } from '@nestjs/common';
import { MOST_ITEMS } from '../../domain/bulk.js';
import type { Part, Rows } from '../../domain/list.js';
import type { OperationItemFilter } from './operation-item.filter.js';
import type { OperationItemRow } from './operation-item-row.js';
import { OperationItemStore } from './operation-item.store.js';

/** What became of each thing that an operation was asked to do. */
@Injectable()
export class OperationItemService {
  constructor(private readonly store: OperationItemStore) {}

  list(operationId: string, filter: OperationItemFilter, part: Part): Promise<Rows<OperationItemRow>> {
    return this.store.list(operationId, filter, part);
  }

  async all(operationId: string): Promise<OperationItemRow[]> {
    return (await this.store.list(operationId, {}, { size: MOST_ITEMS })).rows;
  }
}
