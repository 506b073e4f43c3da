import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import type { Part } from '../../domain/list.js';
import type { Precondition } from '../../domain/precondition.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { type Front, SeenAt } from '../../http/front.js';
import { IfMatch } from '../../http/if-match.js';
import { Tag } from '../../http/openapi/tags.js';
import { pathId } from '../../http/schema/fields.js';
import { listPage, type Page } from '../../http/schema/pagination.js';
import {
  type IssuedReceiverResponse,
  issuedReceiverResponse,
  type ReceiverCreateRequest,
  receiverCreateRequest,
  receiverPage,
  type ReceiverPatchRequest,
  receiverPatchRequest,
  type ReceiverQuery,
  receiverQuery,
  type ReceiverResponse,
  receiverResponse,
} from './receiver.schema.js';
import { type IssuedReceiver, ReceiverService } from './receiver.service.js';
import { toReceiverResponse } from './receiver.view.js';
import type { ReceivedFilter } from './reports/received-report.filter.js';
import {
  type ReceivedReportPage,
  receivedReportPage,
  type ReceivedReportQuery,
  receivedReportQuery,
} from './reports/received-report.schema.js';
import { toReceivedReport } from './reports/received-report.view.js';

const id = pathId('receiver');
const shown = ({ row, secret }: IssuedReceiver, front: Front): IssuedReceiverResponse => ({
  ...toReceiverResponse(row, front),
  secret,
});

@Tag('receivers')
@Controller('api/v1/receivers')
export class ReceiverController {
  constructor(private readonly receivers: ReceiverService) {}

  @Post()
  @Endpoint({
    permission: 'receivers.manage',
    summary: 'Create a receiver',
    description:
      'Makes a place for the webhooks of a Git host, or the reports of a delivery tool. You need the permission in each of its repositories.',
    returns: issuedReceiverResponse,
    created: true,
    shownOnce: 'secret',
  })
  async createReceiver(
    @Body({ schema: receiverCreateRequest }) body: ReceiverCreateRequest,
    @CurrentCaller() caller: Caller,
    @SeenAt() front: Front,
  ): Promise<IssuedReceiverResponse> {
    return shown(await this.receivers.create(body, caller), front);
  }

  @Get()
  @Endpoint({
    permission: 'receivers.read',
    summary: 'List receivers',
    description: 'Receivers that match all filters, by name: those of which you may see every repository’s.',
    returns: receiverPage,
  })
  async listReceivers(
    @Query({ schema: receiverQuery }) query: ReceiverQuery,
    @CurrentCaller() caller: Caller,
    @SeenAt() front: Front,
  ): Promise<Page<ReceiverResponse>> {
    return listPage(
      query,
      'receivers',
      (filter, part) => this.receivers.list(filter, caller, part),
      (row) => toReceiverResponse(row, front),
    );
  }

  @Get(':id')
  @Endpoint({
    permission: 'receivers.read',
    summary: 'Get a receiver',
    description: 'One receiver, without its secret.',
    returns: receiverResponse,
  })
  async getReceiver(
    @Param('id', { schema: id }) receiverId: string,
    @SeenAt() front: Front,
  ): Promise<ReceiverResponse> {
    return toReceiverResponse(await this.receivers.get(receiverId), front);
  }

  @Patch(':id')
  @Endpoint({
    permission: 'receivers.manage',
    summary: 'Update a receiver',
    description: 'Changes the name or the repositories. URL and secret stay.',
    returns: receiverResponse,
  })
  async updateReceiver(
    @Param('id', { schema: id }) receiverId: string,
    @Body({ schema: receiverPatchRequest }) body: ReceiverPatchRequest,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
    @SeenAt() front: Front,
  ): Promise<ReceiverResponse> {
    return toReceiverResponse(await this.receivers.update(receiverId, body, caller, seen), front);
  }

  @Post(':id/rotate-secret')
  @Endpoint({
    permission: 'receivers.manage',
    summary: 'Give a receiver another secret',
    description:
      'The old secret is good for nothing at once; the poll sees what is pushed until the Git host has the new one.',
    returns: issuedReceiverResponse,
    shownOnce: 'secret',
  })
  async rotateReceiverSecret(
    @Param('id', { schema: id }) receiverId: string,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
    @SeenAt() front: Front,
  ): Promise<IssuedReceiverResponse> {
    return shown(await this.receivers.rotateSecret(receiverId, caller, seen), front);
  }

  @Get(':id/deliveries')
  @Endpoint({
    permission: 'receivers.read',
    summary: 'List the reports of a delivery tool',
    description:
      'What a receiver of a delivery tool was sent in the last three days, the latest first, and what came of each.',
    returns: receivedReportPage,
  })
  async listReceiverDeliveries(
    @Param('id', { schema: id }) receiverId: string,
    @Query({ schema: receivedReportQuery }) query: ReceivedReportQuery,
  ): Promise<Page<ReceivedReportPage['items'][number]>> {
    const find = (filter: ReceivedFilter, part: Part) => this.receivers.reports(receiverId, filter, part);
    return listPage(query, `receivers/${receiverId}/deliveries`, find, toReceivedReport);
  }

  @Delete(':id')
  @Endpoint({
    permission: 'receivers.manage',
    summary: 'Delete a receiver',
    description: 'Its URL answers nobody any more.',
  })
  async deleteReceiver(@Param('id', { schema: id }) receiverId: string, @IfMatch() seen: Precondition): Promise<void> {
    return this.receivers.delete(receiverId, seen);
  }
}
