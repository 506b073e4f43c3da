import { Controller, Get, Param, Query } from '@nestjs/common';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import { pathId } from '../../http/schema/fields.js';
import { listPage, type Page } from '../../http/schema/pagination.js';
import {
  operationItemPage,
  type OperationItemQuery,
  operationItemQuery,
  type OperationItemResponse,
} from './operation-item.schema.js';
import { OperationItemService } from './operation-item.service.js';
import { toOperationItemResponse } from './operation-item.view.js';

const id = pathId('operation');

@Tag('operations')
@Controller('api/v1/operations/:id')
export class OperationItemController {
  constructor(private readonly items: OperationItemService) {}

  @Get('items')
  @Endpoint({
    permission: 'operations.read',
    summary: 'List the items of an operation',
    description:
      'What became of each package revision of a `bulk` operation, as the request named them; others have none.',
    returns: operationItemPage,
  })
  async listOperationItems(
    @Param('id', { schema: id }) operationId: string,
    @Query({ schema: operationItemQuery }) query: OperationItemQuery,
  ): Promise<Page<OperationItemResponse>> {
    return listPage(
      query,
      `operations/${operationId}/items`,
      (filter, part) => this.items.list(operationId, filter, part),
      toOperationItemResponse,
    );
  }
}
