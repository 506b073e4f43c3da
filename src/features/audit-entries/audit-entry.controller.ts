import { Controller, Get, Param, Query } from '@nestjs/common';
import type { z } from 'zod';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import { pathId } from '../../http/schema/fields.js';
import { listPage, type Page } from '../../http/schema/pagination.js';
import { RawContent } from '../../http/reply.js';
import {
  auditEntryPage,
  type AuditEntryQuery,
  auditEntryQuery,
  type AuditEntryResponse,
  auditEntryResponse,
  auditExportQuery,
} from './audit-entry.schema.js';
import { AuditEntryService } from './audit-entry.service.js';
import { toAuditEntryResponse, toExportLine } from './audit-entry.view.js';

const id = pathId('audit entry');

@Tag('audit-entries')
@Controller('api/v1/audit-entries')
export class AuditEntryController {
  constructor(private readonly entries: AuditEntryService) {}

  @Get()
  @Endpoint({
    permission: 'auditEntries.read',
    summary: 'List audit entries',
    description: 'What was done and what was refused, where it matches all filters, newest first.',
    returns: auditEntryPage,
  })
  async listAuditEntries(
    @Query({ schema: auditEntryQuery }) query: AuditEntryQuery,
  ): Promise<Page<AuditEntryResponse>> {
    return listPage(query, 'audit-entries', (filter, part) => this.entries.list(filter, part), toAuditEntryResponse);
  }

  @Get('export')
  @Endpoint({
    permission: 'auditEntries.read',
    summary: 'Export the audit log',
    description:
      'Entries in the order of the chain, one JSON object a line: an audit entry with its `sequence` and the `hash` of ' +
      'its link. The chain follows within seconds. To go on later, ask for what is behind the last line.',
    produces: { mediaTypes: ['application/x-ndjson'] },
  })
  async exportAuditEntries(
    @Query({ schema: auditExportQuery }) { afterSequence }: z.output<typeof auditExportQuery>,
  ): Promise<RawContent> {
    const lines = await this.entries.export(afterSequence, toExportLine);
    return new RawContent(lines, { mediaType: 'application/x-ndjson' });
  }

  @Get(':id')
  @Endpoint({
    permission: 'auditEntries.read',
    summary: 'Get an audit entry',
    description: 'One audit entry.',
    returns: auditEntryResponse,
  })
  async getAuditEntry(@Param('id', { schema: id }) entryId: string): Promise<AuditEntryResponse> {
    return toAuditEntryResponse(await this.entries.get(entryId));
  }
}
