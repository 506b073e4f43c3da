import { Body, Controller, Delete, Get, type OnModuleInit, Param, Patch, Post, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import type { Precondition } from '../../domain/precondition.js';
import { AcceptedType } from '../../http/accepted-type.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { FinishedResources } from '../../http/finished-resources.js';
import { IfMatch } from '../../http/if-match.js';
import { Tag } from '../../http/openapi/tags.js';
import type { RawContent } from '../../http/reply.js';
import { pathId } from '../../http/schema/fields.js';
import { listPage, type Page } from '../../http/schema/pagination.js';
import { toMarkdownContent } from '../package-diffs/package-diff.view.js';
import { toCampaignMarkdown } from './campaign.markdown.js';
import { campaignPage, type CampaignResponse, campaignResponse } from './campaign-response.schema.js';
import {
  type CampaignCreateRequest,
  campaignCreateRequest,
  type CampaignPatchRequest,
  campaignPatchRequest,
  type CampaignQuery,
  campaignQuery,
} from './campaign.schema.js';
import { CampaignReports } from './campaign-reports.js';
import { CampaignService } from './campaign.service.js';
import { toCampaignResponse } from './campaign.view.js';

const id = pathId('campaign');

@Tag('campaigns')
@Controller('api/v1/campaigns')
export class CampaignController implements OnModuleInit {
  constructor(
    private readonly campaigns: CampaignService,
    private readonly reports: CampaignReports,
    private readonly finished: FinishedResources,
  ) {}

  onModuleInit(): void {
    this.finished.register('Campaign', async (campaignId, caller) =>
      toCampaignResponse(await this.campaigns.get(campaignId, caller)),
    );
  }

  @Post()
  @Endpoint({
    permission: 'campaigns.manage',
    summary: 'Create a campaign',
    description:
      'Notes what is to be done to which packages, and in which waves. Nothing happens before it is planned, approved and started.',
    returns: campaignResponse,
    created: true,
    problems: ['alreadyExists'],
  })
  async createCampaign(
    @Body({ schema: campaignCreateRequest }) body: CampaignCreateRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<CampaignResponse> {
    return toCampaignResponse(await this.campaigns.create(body, caller));
  }

  @Get()
  @Endpoint({
    permission: 'campaigns.read',
    summary: 'List campaigns',
    description: 'Those that are yours, and those that are about a package that you may see; newest first.',
    returns: campaignPage,
  })
  async listCampaigns(
    @Query({ schema: campaignQuery }) query: CampaignQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<CampaignResponse>> {
    return listPage(
      query,
      'campaigns',
      (filter, part) => this.campaigns.list(filter, caller, part),
      toCampaignResponse,
    );
  }

  @Get(':id')
  @Endpoint({
    permission: 'campaigns.read',
    summary: 'Get a campaign',
    description: 'One campaign and how far it has come, counted over what you may see. `text/markdown` is a report.',
    returns: campaignResponse,
    alsoProduces: ['text/markdown'],
  })
  async getCampaign(
    @Param('id', { schema: id }) campaignId: string,
    @AcceptedType() type: string,
    @CurrentCaller() caller: Caller,
  ): Promise<CampaignResponse | RawContent> {
    if (type === 'text/markdown')
      return toMarkdownContent(toCampaignMarkdown(await this.reports.of(campaignId, caller)));
    return toCampaignResponse(await this.campaigns.get(campaignId, caller));
  }

  @Patch(':id')
  @Endpoint({
    permission: 'campaigns.manage',
    summary: 'Update a campaign',
    description:
      'Changes what is to be done, while nothing was begun. All but name and description make its plan void, and the approvals of that.',
    returns: campaignResponse,
    problems: ['stateConflict', 'alreadyExists'],
  })
  async updateCampaign(
    @Param('id', { schema: id }) campaignId: string,
    @Body({ schema: campaignPatchRequest }) body: CampaignPatchRequest,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<CampaignResponse> {
    return toCampaignResponse(await this.campaigns.update(campaignId, body, caller, seen));
  }

  @Delete(':id')
  @Endpoint({
    permission: 'campaigns.manage',
    summary: 'Delete a campaign',
    description: 'Forgets a campaign that is not under way. What it has published stays.',
    problems: ['stateConflict'],
  })
  async deleteCampaign(
    @Param('id', { schema: id }) campaignId: string,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    return this.campaigns.delete(campaignId, caller, seen);
  }
}
