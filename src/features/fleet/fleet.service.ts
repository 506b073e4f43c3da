import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { found, notFound } from '../../domain/found.js';
import type { Part, Rows } from '../../domain/list.js';
import { type PackageRow, PackageStore } from '../../revisions/package.store.js';
import type { FleetGrouping } from './fleet.sql.js';
import { type FleetGroupRow, FleetStore, type MatrixColumn, type MatrixRow } from './fleet.store.js';
import { type TargetPackageRow, TargetPackageStore } from './target-package.store.js';

/** What runs where, as far as the caller may see it. */
@Injectable()
export class FleetService {
  constructor(
    private readonly store: FleetStore,
    private readonly targets: TargetPackageStore,
    private readonly packages: PackageStore,
  ) {}

  async groups(grouping: FleetGrouping, caller: Caller, part: Part): Promise<Rows<FleetGroupRow>> {
    return this.store.groups(grouping, caller.visibility('packages.read'), part);
  }

  async packagesOf(targetId: string, caller: Caller, part: Part): Promise<Rows<TargetPackageRow>> {
    if (!(await this.targets.isTarget(targetId))) throw notFound('target', targetId);
    return this.targets.list(targetId, caller.visibility('packages.read'), part);
  }

  /** The blueprint of a matrix. One that may not be seen is as one that is not there. */
  async blueprint(id: string, caller: Caller): Promise<PackageRow> {
    const row = found(await this.packages.find(id), 'package', id);
    if (!caller.allows('packages.read', row)) throw notFound('package', id);
    return row;
  }

  async columns(packageId: string): Promise<MatrixColumn[]> {
    return this.store.columns(packageId);
  }

  async rows(packageId: string, caller: Caller, part: Part): Promise<Rows<MatrixRow>> {
    return this.store.rows(packageId, caller.visibility('packages.read'), part);
  }
}
