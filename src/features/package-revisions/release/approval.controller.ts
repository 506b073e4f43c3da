import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { statesAllowing } from '../../../domain/lifecycle.js';
import type { Precondition } from '../../../domain/precondition.js';
import { CurrentCaller } from '../../../http/actor.js';
import { Endpoint } from '../../../http/endpoint.js';
import { Tag } from '../../../http/openapi/tags.js';
import { pathId } from '../../../http/schema/fields.js';
import { IfMatch } from '../../../http/if-match.js';
import { type Accepted, accepted } from '../../../http/accepted-work.js';
import {
  type ApproveRequest,
  approveRequest,
  type ReleaseStateResponse,
  releaseStateResponse,
} from './approval.schema.js';
import { ApprovalService, isPublication } from './approval.service.js';
import { toReleaseStateResponse } from './approval.view.js';
import { type RevisionResponse, revisionResponse } from '../package-revision.schema.js';
import { toRevisionResponse } from '../package-revision.view.js';

const id = pathId('package revision');
const approval = pathId('approval');

@Tag('package-revisions')
@Controller('api/v1/package-revisions/:id')
export class ApprovalController {
  constructor(private readonly approvals: ApprovalService) {}

  @Post('approve')
  @Endpoint({
    permission: 'packageRevisions.approve',
    summary: 'Approve a proposal',
    description:
      'Approves exactly the content that `If-Match` stands for. The last approval that the policy of the repository asks ' +
      'for publishes it (202): merges it, gives it its number and tags it, and from then on it never changes. Until then ' +
      'the answer is the revision (200). Every edit makes approvals void. Administrators may publish without all that, ' +
      'with a `breakGlass` that says why.',
    accepted: 'sometimes',
    optionalBody: true,
    returns: revisionResponse,
    from: statesAllowing('approve'),
    shows: ['proposed'],
    problems: [
      'selfApproval',
      'gatesNotMet',
      'draftConflict',
      'operationInProgress',
      'drift',
      'baseOutdated',
      'contentChanged',
    ],
  })
  async approvePackageRevision(
    @Param('id', { schema: id }) revisionId: string,
    @Body({ schema: approveRequest.optional() }) body: ApproveRequest | undefined,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<Accepted | RevisionResponse> {
    const result = await this.approvals.approve(revisionId, caller, seen, body);
    return isPublication(result) ? accepted(result) : toRevisionResponse(result, caller);
  }

  @Get('approvals')
  @Endpoint({
    permission: 'packages.read',
    summary: 'List approvals and what is missing',
    description:
      'All approvals that were ever given, which of them count, and what keeps the revision from publication.',
    returns: releaseStateResponse,
  })
  async listPackageRevisionApprovals(
    @Param('id', { schema: id }) revisionId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<ReleaseStateResponse> {
    return toReleaseStateResponse(await this.approvals.stateOf(revisionId, caller));
  }

  @Delete('approvals/:approvalId')
  @Endpoint({
    permission: 'packageRevisions.approve',
    summary: 'Withdraw an approval',
    description:
      'By whoever gave it, or an administrator; before the revision is published. `If-Match` is of the revision.',
    problems: ['stateConflict', 'operationInProgress'],
  })
  async withdrawPackageRevisionApproval(
    @Param('id', { schema: id }) revisionId: string,
    @Param('approvalId', { schema: approval }) approvalId: string,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    await this.approvals.withdraw(revisionId, approvalId, caller, seen);
  }
}
