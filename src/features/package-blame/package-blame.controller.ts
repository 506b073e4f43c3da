import { Controller, Get, Param, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import type { RawContent } from '../../http/reply.js';
import { pathId } from '../../http/schema/fields.js';
import { type BlameQuery, blameQuery, type BlameResponse, blameResponse } from './package-blame.schema.js';
import { PackageBlameService } from './package-blame.service.js';
import { toBlameResponse } from './package-blame.view.js';

@Tag('package-contents')
@Controller('api/v1/package-revisions/:id/blame')
export class PackageBlameController {
  constructor(private readonly blames: PackageBlameService) {}

  @Get()
  @Endpoint({
    permission: 'packages.read',
    summary: 'Who set each field of a revision',
    description: 'Followed through its versions, direct commits, clones and upgrades.',
    returns: blameResponse,
  })
  async getPackageBlame(
    @Param('id', { schema: pathId('package revision') }) revisionId: string,
    @Query({ schema: blameQuery }) query: BlameQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<BlameResponse | RawContent> {
    return toBlameResponse(await this.blames.blame(revisionId, caller), query);
  }
}
