import { Body, Controller, Param, Post } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { statesAllowing } from '../../domain/lifecycle.js';
import type { Precondition } from '../../domain/precondition.js';
import { accepted, type Accepted, Foretold } from '../../http/accepted-work.js';
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
      'upgraded alone. `If-Match` has the entity tag of the contents. A place in Git (`upstream.git`) is read as for a clone: one ' +
      'that no registered repository covers is an operation (202), which ends with the changed draft. It judges `If-Match` and the ' +
      'folder once more then. A dry run asks no remote, and shows the draft as it is.',
    returns: revisionResponse,
    accepted: 'sometimes',
    shows: ['draft'],
    from: statesAllowing('edit'),
    problems: [
      ...(['invalidUrl', 'invalidPath', 'invalidName'] as const),
      ...(['invalidPackage', 'kptfileTooLarge', 'packageTooLarge', 'nameConflict'] as const),
    ],
  })
  async addSubpackage(
    @Param('id', { schema: id }) revisionId: string,
    @Body({ schema: subpackageRequest }) body: SubpackageRequest,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<RevisionResponse | Accepted | Foretold> {
    const added = await this.subpackages.add(revisionId, body, caller, seen);
    if ('operation' in added) return accepted(added.operation);
    const draft = toRevisionDetailResponse(added.draft, caller);
    return added.isForetold ? new Foretold('clone', draft) : draft;
  }
}
