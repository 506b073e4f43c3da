import { Controller, Get, Param, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { AcceptedType } from '../../http/accepted-type.js';
import { CurrentCaller } from '../../http/actor.js';
import { MOST_LINES } from '../../http/csv.js';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import type { RawContent } from '../../http/reply.js';
import { pathId } from '../../http/schema/fields.js';
import { listPage } from '../../http/schema/pagination.js';
import { groupsCsv, matrixCsv, packagesCsv } from './fleet.csv.js';
import {
  fleetMatrix,
  type FleetMatrix,
  type FleetMatrixQuery,
  fleetMatrixQuery,
  fleetPage,
  type FleetPage,
  type FleetQuery,
  fleetQuery,
} from './fleet.schema.js';
import { FleetService } from './fleet.service.js';
import { groupingOf, toFleetGroup, toMatrixColumn, toMatrixRow, toTargetPackage } from './fleet.view.js';
import {
  targetPackagePage,
  type TargetPackagePage,
  type TargetPackageQuery,
  targetPackageQuery,
} from './target-package.schema.js';

const id = pathId('target');
const ALL = { size: MOST_LINES };

@Tag('targets')
@Controller('api/v1')
export class FleetController {
  constructor(private readonly fleet: FleetService) {}

  @Get('fleet')
  @Endpoint({
    permission: 'packages.read',
    summary: 'Count what runs where',
    description:
      'Packages that have a target, put together by target, by a label of their targets, by what they were made from, or by repository. ' +
      '`text/csv` has all pages in one.',
    returns: fleetPage,
    alsoProduces: ['text/csv'],
  })
  async getFleet(
    @Query({ schema: fleetQuery }) query: FleetQuery,
    @AcceptedType() type: string,
    @CurrentCaller() caller: Caller,
  ): Promise<FleetPage | RawContent> {
    const grouping = groupingOf(query.groupBy);
    if (type === 'text/csv') return groupsCsv((await this.fleet.groups(grouping, caller, ALL)).rows);
    return listPage(query, 'fleet', (_, part) => this.fleet.groups(grouping, caller, part), toFleetGroup);
  }

  @Get('fleet/matrix')
  @Endpoint({
    permission: 'packages.read',
    summary: 'See which version of a blueprint each target has',
    description:
      'A row for each target with a package whose latest publication was made, itself or a folder of it, from any revision of the blueprint. ' +
      '`text/csv` has all pages in one, with a column for each revision.',
    returns: fleetMatrix,
    alsoProduces: ['text/csv'],
    problems: ['notFound'],
  })
  async getFleetMatrix(
    @Query({ schema: fleetMatrixQuery }) query: FleetMatrixQuery,
    @AcceptedType() type: string,
    @CurrentCaller() caller: Caller,
  ): Promise<FleetMatrix | RawContent> {
    const { id: upstreamPackageId } = await this.fleet.blueprint(query.upstreamPackageId, caller);
    const columns = await this.fleet.columns(upstreamPackageId);
    if (type === 'text/csv') return matrixCsv(columns, (await this.fleet.rows(upstreamPackageId, caller, ALL)).rows);
    const rows = (_: unknown, part: typeof ALL) => this.fleet.rows(upstreamPackageId, caller, part);
    return {
      upstreamPackageId,
      columns: columns.map(toMatrixColumn),
      ...(await listPage(query, 'matrix', rows, toMatrixRow)),
    };
  }

  @Get('targets/:id/packages')
  @Endpoint({
    permission: 'targets.read',
    summary: 'See what runs at a target',
    description:
      'The packages that go to a target and that you may see, by path, with what is published, what is behind, open, drifted, and was changed last. ' +
      '`text/csv` has all pages in one.',
    returns: targetPackagePage,
    alsoProduces: ['text/csv'],
  })
  async listTargetPackages(
    @Param('id', { schema: id }) targetId: string,
    @Query({ schema: targetPackageQuery }) query: TargetPackageQuery,
    @AcceptedType() type: string,
    @CurrentCaller() caller: Caller,
  ): Promise<TargetPackagePage | RawContent> {
    if (type === 'text/csv') return packagesCsv((await this.fleet.packagesOf(targetId, caller, ALL)).rows, caller);
    return listPage(
      { ...query, targetId },
      'target packages',
      (_, part) => this.fleet.packagesOf(targetId, caller, part),
      (row) => toTargetPackage(row, caller),
    );
  }
}
