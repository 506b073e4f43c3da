import { Controller, Get, Param, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { AcceptedType } from '../../http/accepted-type.js';
import { CurrentCaller } from '../../http/actor.js';
import { MOST_LINES } from '../../http/csv.js';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import type { RawContent } from '../../http/reply.js';
import { pathId } from '../../http/schema/fields.js';
import { toCsvContent } from './impact.csv.js';
import { type ImpactQuery, impactQuery, type ImpactResponse, impactResponse } from './impact.schema.js';
import { ImpactService } from './impact.service.js';
import { toImpactResponse } from './impact.view.js';

const id = pathId('package revision');

@Tag('package-revisions')
@Controller('api/v1/package-revisions/:id/impact')
export class ImpactController {
  constructor(private readonly impacts: ImpactService) {}

  @Get()
  @Endpoint({
    permission: 'packages.read',
    summary: 'See who was made from a package',
    description:
      'The packages whose latest publication, or an open draft, was made from any revision of this package, directly or ' +
      'through others: a flat list, level by level. `text/csv` has all pages in one, without collisions.',
    returns: impactResponse,
    alsoProduces: ['text/csv'],
    problems: ['invalidCursor'],
  })
  async getPackageRevisionImpact(
    @Param('id', { schema: id }) revisionId: string,
    @Query({ schema: impactQuery }) query: ImpactQuery,
    @AcceptedType() type: string,
    @CurrentCaller() caller: Caller,
  ): Promise<ImpactResponse | RawContent> {
    const packageId = await this.impacts.packageOf(revisionId);
    const { depth } = query;
    if (type !== 'text/csv') return toImpactResponse(this.impacts, packageId, query, caller);
    return toCsvContent((await this.impacts.rows(packageId, depth, caller, { size: MOST_LINES })).rows, caller);
  }
}
