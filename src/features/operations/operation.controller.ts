import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import type { Caller } from '../../access/caller.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import { pathId } from '../../http/schema/fields.js';
import { listPage, type Page } from '../../http/schema/pagination.js';
import {
  operationPage,
  type OperationQuery,
  operationQuery,
  type OperationResponse,
  operationResponse,
  operationWaitQuery,
} from './operation.schema.js';
import { OperationService } from './operation.service.js';
import { toOperationResponse } from './operation.view.js';

const id = pathId('operation');

@Tag('operations')
@Controller('api/v1/operations')
export class OperationController {
  constructor(private readonly operations: OperationService) {}

  @Get()
  @Endpoint({
    permission: 'operations.read',
    summary: 'List operations',
    description: 'Operations that match all filters, newest first.',
    returns: operationPage,
  })
  async listOperations(
    @Query({ schema: operationQuery }) query: OperationQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<OperationResponse>> {
    const visible = caller.visibility('operations.read');
    return listPage(
      query,
      'operations',
      (filter, part) => this.operations.list(filter, visible, part),
      toOperationResponse,
    );
  }

  @Get(':id')
  @Endpoint({
    permission: 'operations.read',
    summary: 'Get an operation',
    description: 'One operation. With `wait` the answer is held until it has ended, or time is up.',
    returns: operationResponse,
  })
  async getOperation(
    @Param('id', { schema: id }) operationId: string,
    @Query({ schema: operationWaitQuery }) { wait }: z.output<typeof operationWaitQuery>,
  ): Promise<OperationResponse> {
    return toOperationResponse(await this.operations.get(operationId, wait));
  }

  @Post(':id/cancel')
  @Endpoint({
    permission: 'operations.control',
    summary: 'Cancel an operation',
    description:
      'Ends an operation that waits. One that runs stops at its next safe point, or ends if it is too late to stop. ' +
      'Pushes and discards carry accepted changes and cannot be cancelled.',
    returns: operationResponse,
    shows: ['cancelled', 'running'],
    problems: ['stateConflict'],
  })
  async cancelOperation(@Param('id', { schema: id }) operationId: string): Promise<OperationResponse> {
    return toOperationResponse(await this.operations.cancel(operationId));
  }

  @Post(':id/retry')
  @Endpoint({
    permission: 'operations.control',
    summary: 'Retry an operation',
    description:
      'Queues a failed operation again, by your right: a publication or deletion takes `packageRevisions.approve`, and one that ' +
      'broke the glass is retried by whoever broke it; a clone takes `packageRevisions.create`, into a folder of a draft `packageRevisions.edit`. What let it through is judged anew.',
    returns: operationResponse,
    shows: ['queued'],
    problems: ['stateConflict', 'operationInProgress', 'selfApproval'],
  })
  async retryOperation(
    @Param('id', { schema: id }) operationId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<OperationResponse> {
    return toOperationResponse(await this.operations.retry(operationId, caller));
  }
}
