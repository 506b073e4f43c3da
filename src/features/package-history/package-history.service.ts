import { Injectable } from '@nestjs/common';
import { found } from '../../domain/found.js';
import type { Part, Rows } from '../../domain/list.js';
import type { HistoryRow } from './package-history.filter.js';
import { PackageHistoryStore } from './package-history.store.js';

/** What happened to packages. */
@Injectable()
export class PackageHistoryService {
  constructor(private readonly store: PackageHistoryStore) {}

  async list(packageId: string, part: Part): Promise<Rows<HistoryRow>> {
    return this.store.list(found(await this.store.placeOf(packageId), 'package', packageId), part);
  }
}
