import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import type { Precondition } from '../../domain/precondition.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { IfMatch } from '../../http/if-match.js';
import { Tag } from '../../http/openapi/tags.js';
import type { RawContent } from '../../http/reply.js';
import { pathId } from '../../http/schema/fields.js';
import { listPage, type Page } from '../../http/schema/pagination.js';
import {
  type CampaignItemDetailResponse,
  campaignItemDetailResponse,
  campaignItemPage,
  type CampaignItemPatchRequest,
  campaignItemPatchRequest,
  type CampaignItemQuery,
  campaignItemQuery,
  type CampaignItemResponse,
} from './campaign-item.schema.js';
import { CampaignItemService } from './campaign-item.service.js';
import { toItemDetailResponse, toItemResponse } from './campaign.view.js';

const id = pathId('campaign');
const item = pathId('item');

@Tag('campaigns')
@Controller('api/v1/campaigns/:id/items')
export class CampaignItemController {
  constructor(private readonly items: CampaignItemService) {}

  @Get()
  @Endpoint({
    permission: 'campaigns.read',
    summary: 'List the items of a campaign',
    description: 'What it does to each package, of those that you may see.',
    returns: campaignItemPage,
  })
  async listCampaignItems(
    @Param('id', { schema: id }) campaignId: string,
    @Query({ schema: campaignItemQuery }) query: CampaignItemQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<CampaignItemResponse>> {
    return listPage(
      query,
      `campaigns/${campaignId}/items`,
      (filter, part) => this.items.list(campaignId, filter, caller, part),
      toItemResponse,
    );
  }

  @Get(':itemId')
  @Endpoint({
    permission: 'campaigns.read',
    summary: 'Get an item of a campaign',
    description: 'What it does to one package, with its conflicts.',
    returns: campaignItemDetailResponse,
  })
  async getCampaignItem(
    @Param('id', { schema: id }) campaignId: string,
    @Param('itemId', { schema: item }) itemId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<CampaignItemDetailResponse | RawContent> {
    return toItemDetailResponse(await this.items.get(campaignId, itemId, caller));
  }

  @Patch(':itemId')
  @Endpoint({
    permission: 'campaigns.manage',
    summary: 'Update an item of a campaign',
    description:
      'Resolves its conflicts, leaves it out, or takes it in again, before the campaign is started. The plan is another one then: approvals of the one before do not count.',
    returns: campaignItemDetailResponse,
    problems: ['stateConflict'],
  })
  async updateCampaignItem(
    @Param('id', { schema: id }) campaignId: string,
    @Param('itemId', { schema: item }) itemId: string,
    @Body({ schema: campaignItemPatchRequest }) body: CampaignItemPatchRequest,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<CampaignItemDetailResponse | RawContent> {
    return toItemDetailResponse(await this.items.update(campaignId, itemId, body, caller, seen));
  }

  @Post(':itemId/skip')
  @Endpoint({
    permission: 'campaigns.manage',
    summary: 'Skip an item of a campaign',
    description: 'Nothing is done with it any more. A draft that was made for it stays.',
    returns: campaignItemDetailResponse,
    problems: ['stateConflict'],
  })
  async skipCampaignItem(
    @Param('id', { schema: id }) campaignId: string,
    @Param('itemId', { schema: item }) itemId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<CampaignItemDetailResponse | RawContent> {
    return toItemDetailResponse(await this.items.skip(campaignId, itemId, caller));
  }

  @Post(':itemId/retry')
  @Endpoint({
    permission: 'campaigns.manage',
    summary: 'Retry an item of a campaign',
    description: 'Does it once more, with exactly the content that was planned.',
    returns: campaignItemDetailResponse,
    problems: ['stateConflict'],
  })
  async retryCampaignItem(
    @Param('id', { schema: id }) campaignId: string,
    @Param('itemId', { schema: item }) itemId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<CampaignItemDetailResponse | RawContent> {
    return toItemDetailResponse(await this.items.retry(campaignId, itemId, caller));
  }
}
