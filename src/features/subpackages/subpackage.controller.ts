import { Body, Controller, Param, Post } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { statesAllowing } from '../../domain/lifecycle.js';
import type { Precondition } from '../../domain/precondition.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { IfMatch } from '../../http/if-match.js';
import { Tag } from '../../http/openapi/tags.js';
import { pathId } from '../../http/schema/fields.js';
import { type RevisionResponse, revisionResponse } from '../package-revisions/package-revision.schema.js';
import { toRevisionDetailResponse } from '../package-revisions/package-revision.view.js';
import { type SubpackageRequest, subpackageRequest } from './subpackage.schema.js';
import { SubpackageService } from './subpackage.service.js';

const id = pathId('package revision');

@Tag('package-contents')
@Controller('api/v1/package-revisions/:id/subpackages')
export class SubpackageController {
  constructor(private readonly subpackages: SubpackageService) {}

  @Post()
  @Endpoint({
    permission: 'packageRevisions.edit',
    summary: 'Add a subpackage',
    description:
      "Puts a package into a folder of a draft, as a clone has it: the folder's Kptfile says where it is from, and it is " +
      'upgraded alone. `If-Match` has the entity tag of the contents.',
    returns: revisionResponse,
    shows: ['draft'],
    from: statesAllowing('edit'),
    problems: ['invalidPackage', 'kptfileTooLarge', 'packageTooLarge', 'nameConflict'],
  })
  async addSubpackage(
    @Param('id', { schema: id }) revisionId: string,
    @Body({ schema: subpackageRequest }) body: SubpackageRequest,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<RevisionResponse> {
    return toRevisionDetailResponse(await this.subpackages.add(revisionId, body, caller, seen), caller);
  }
}
