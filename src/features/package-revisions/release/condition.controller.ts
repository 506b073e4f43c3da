import { Body, Controller, Delete, Param, Put } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import type { Precondition } from '../../../domain/precondition.js';
import { CurrentCaller } from '../../../http/actor.js';
import { Endpoint } from '../../../http/endpoint.js';
import { Tag } from '../../../http/openapi/tags.js';
import { pathId } from '../../../http/schema/fields.js';
import { IfMatch } from '../../../http/if-match.js';
import {
  type ConditionResponse,
  type ConditionSetRequest,
  conditionSetRequest,
  conditionType,
  revisionCondition,
} from './condition.schema.js';
import { ConditionService } from './condition.service.js';
import { toConditionResponse } from './condition.view.js';

const id = pathId('package revision');

@Tag('package-revisions')
@Controller('api/v1/package-revisions/:id/conditions/:type')
export class ConditionController {
  constructor(private readonly conditions: ConditionService) {}

  @Put()
  @Endpoint({
    permission: 'packageRevisions.setConditions',
    summary: 'Set a condition',
    description:
      'What a scanner or pipeline says about the content of a draft or proposal. It counts for the content that ' +
      '`If-Match` names (the ETag of the content or of the revision), and for no other. Where authors cannot approve ' +
      'their own work, they cannot vouch for it here either.',
    returns: revisionCondition,
    problems: ['invalidName', 'selfApproval', 'stateConflict', 'operationInProgress'],
  })
  async setPackageRevisionCondition(
    @Param('id', { schema: id }) revisionId: string,
    @Param('type', { schema: conditionType }) type: string,
    @Body({ schema: conditionSetRequest }) body: ConditionSetRequest,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<ConditionResponse> {
    const { row, condition } = await this.conditions.set(revisionId, type, body, caller, seen);
    return toConditionResponse(condition, row);
  }

  @Delete()
  @Endpoint({
    permission: 'packageRevisions.setConditions',
    summary: 'Remove a condition',
    description: 'Takes back what was said about the content of a draft or proposal.',
    problems: ['invalidName', 'stateConflict', 'operationInProgress'],
  })
  async deletePackageRevisionCondition(
    @Param('id', { schema: id }) revisionId: string,
    @Param('type', { schema: conditionType }) type: string,
    @IfMatch() seen: Precondition,
  ): Promise<void> {
    await this.conditions.remove(revisionId, type, seen);
  }
}
