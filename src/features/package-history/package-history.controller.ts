import { Controller, Get, Param, Query } from '@nestjs/common';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import { pathId } from '../../http/schema/fields.js';
import { listPage, type Page } from '../../http/schema/pagination.js';
import { type HistoryEntryResponse, historyPage, type HistoryQuery, historyQuery } from './package-history.schema.js';
import { PackageHistoryService } from './package-history.service.js';
import { toHistoryEntryResponse } from './package-history.view.js';

@Tag('packages')
@Controller('api/v1/packages/:id/history')
export class PackageHistoryController {
  constructor(private readonly history: PackageHistoryService) {}

  @Get()
  @Endpoint({
    permission: 'packages.read',
    summary: "List a package's history",
    description:
      'What happened to a package, newest first: publications, commits on the ref, deletions, and what people did with its ' +
      'revisions. A package that is gone has it still.',
    returns: historyPage,
  })
  async listPackageHistory(
    @Param('id', { schema: pathId('package') }) packageId: string,
    @Query({ schema: historyQuery }) query: HistoryQuery,
  ): Promise<Page<HistoryEntryResponse>> {
    const name = `history of ${packageId}`;
    return listPage(query, name, (_, part) => this.history.list(packageId, part), toHistoryEntryResponse);
  }
}
