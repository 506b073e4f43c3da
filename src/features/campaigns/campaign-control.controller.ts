import { Body, Controller, Param, Post, Put } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import type { Precondition } from '../../domain/precondition.js';
import { type Accepted, accepted } from '../../http/accepted-work.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { IfMatch } from '../../http/if-match.js';
import { Tag } from '../../http/openapi/tags.js';
import { pathId } from '../../http/schema/fields.js';
import { type CampaignResponse, campaignResponse } from './campaign-response.schema.js';
import {
  type CampaignApprovalRequest,
  campaignApprovalRequest,
  type CampaignRollbackRequest,
  campaignRollbackRequest,
  conditionSlot,
  type WaveConditionRequest,
  waveConditionRequest,
} from './campaign.schema.js';
import { CampaignControlService } from './campaign-control.service.js';
import { toCampaignResponse } from './campaign.view.js';
import { PlanService } from './plan.service.js';

const id = pathId('campaign');

@Tag('campaigns')
@Controller('api/v1/campaigns/:id')
export class CampaignControlController {
  constructor(
    private readonly plans: PlanService,
    private readonly control: CampaignControlService,
  ) {}

  @Post('plan')
  @Endpoint({
    permission: 'campaigns.manage',
    summary: 'Plan a campaign',
    description:
      'Finds its packages and works out what would be done to each. What was decided about single packages in a plan before is heeded.',
    accepted: 'always',
    returns: campaignResponse,
    problems: ['stateConflict', 'operationInProgress'],
  })
  async planCampaign(
    @Param('id', { schema: id }) campaignId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<Accepted> {
    return accepted(await this.plans.plan(campaignId, caller));
  }

  @Post('approve')
  @Endpoint({
    permission: 'campaigns.approve',
    summary: 'Approve the plan of a campaign',
    description:
      'Stands for each change of the plan: `If-Match` names its `plan.digest`. It takes the right to approve every package in it, and is not for whoever has created or planned it. The strictest policy of its repositories says how many approvals it takes.',
    returns: campaignResponse,
    optionalBody: true,
    problems: ['stateConflict', 'selfApproval', 'contentChanged'],
  })
  async approveCampaign(
    @Param('id', { schema: id }) campaignId: string,
    @Body({ schema: campaignApprovalRequest.optional() }) body: CampaignApprovalRequest | undefined,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<CampaignResponse> {
    return toCampaignResponse(await this.control.approve(campaignId, caller, seen, body?.comment));
  }

  @Post('start')
  @Endpoint({
    permission: 'campaigns.manage',
    summary: 'Start a campaign',
    description:
      'Begins its first wave, once the plan is approved and still what was approved. What is done is done with your right, as you have it then.',
    accepted: 'always',
    returns: campaignResponse,
    problems: ['stateConflict', 'contentChanged'],
  })
  async startCampaign(
    @Param('id', { schema: id }) campaignId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<Accepted> {
    return accepted(await this.control.start(campaignId, caller));
  }

  @Post('continue')
  @Endpoint({
    permission: 'campaigns.manage',
    summary: 'Let the next wave of a campaign begin',
    description: 'Of a campaign that is `waiting`: a wave whose approval is `manual` begins.',
    returns: campaignResponse,
    problems: ['stateConflict'],
  })
  async continueCampaign(
    @Param('id', { schema: id }) campaignId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<CampaignResponse> {
    return toCampaignResponse(await this.control.continue(campaignId, caller));
  }

  @Post('pause')
  @Endpoint({
    permission: 'campaigns.manage',
    summary: 'Pause a campaign',
    description: 'No package is begun any more until somebody resumes it. What is being published ends.',
    returns: campaignResponse,
    problems: ['stateConflict'],
  })
  async pauseCampaign(
    @Param('id', { schema: id }) campaignId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<CampaignResponse> {
    return toCampaignResponse(await this.control.pause(campaignId, caller));
  }

  @Post('resume')
  @Endpoint({
    permission: 'campaigns.manage',
    summary: 'Resume a campaign',
    description: 'Goes on. While its budget is spent it pauses again at once: skip or retry what has failed.',
    returns: campaignResponse,
    problems: ['stateConflict'],
  })
  async resumeCampaign(
    @Param('id', { schema: id }) campaignId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<CampaignResponse> {
    return toCampaignResponse(await this.control.resume(campaignId, caller));
  }

  @Post('abort')
  @Endpoint({
    permission: 'campaigns.manage',
    summary: 'Abort a campaign',
    description:
      'Ends it: what is being published ends, the rest is skipped. What was published stays; `rollback` takes it back.',
    returns: campaignResponse,
    problems: ['stateConflict'],
  })
  async abortCampaign(
    @Param('id', { schema: id }) campaignId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<CampaignResponse> {
    return toCampaignResponse(await this.control.abort(campaignId, caller));
  }

  @Post('rollback')
  @Endpoint({
    permission: 'campaigns.manage',
    summary: 'Take a campaign back',
    description:
      'Makes a campaign that publishes again, as new revisions, what each finished package held before, with the waves backwards. It is planned, approved and started like any other.',
    returns: campaignResponse,
    created: 'campaigns',
    problems: ['stateConflict', 'alreadyExists'],
  })
  async rollBackCampaign(
    @Param('id', { schema: id }) campaignId: string,
    @Body({ schema: campaignRollbackRequest }) body: CampaignRollbackRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<CampaignResponse> {
    return toCampaignResponse(await this.control.rollback(campaignId, body, caller));
  }

  @Put('conditions/:type')
  @Endpoint({
    permission: 'packageRevisions.setConditions',
    summary: 'Say something of the wave that is at work',
    description: 'Sets a condition for which the gate of the wave may wait.',
    returns: campaignResponse,
    problems: ['stateConflict'],
  })
  async setCampaignCondition(
    @Param('id', { schema: id }) campaignId: string,
    @Param('type', { schema: conditionSlot }) type: string,
    @Body({ schema: waveConditionRequest }) body: WaveConditionRequest,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<CampaignResponse> {
    return toCampaignResponse(await this.control.setCondition(campaignId, type, body, caller, seen));
  }
}
