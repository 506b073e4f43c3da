import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import type { Precondition } from '../../domain/precondition.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { IfMatch } from '../../http/if-match.js';
import { Tag } from '../../http/openapi/tags.js';
import { pathId } from '../../http/schema/fields.js';
import { listPage, type Page } from '../../http/schema/pagination.js';
import { type RevisionResponse, revisionResponse } from '../package-revisions/package-revision.schema.js';
import { toRevisionResponse } from '../package-revisions/package-revision.view.js';
import {
  type DriftAcknowledgeRequest,
  driftAcknowledgeRequest,
  type DriftDraftRequest,
  driftDraftRequest,
  driftPage,
  type DriftQuery,
  driftQuery,
  type DriftResponse,
  driftResponse,
} from './drift.schema.js';
import { DriftService } from './drift.service.js';
import { toDriftResponse } from './drift.view.js';

const id = pathId('drift');

@Tag('drift')
@Controller('api/v1/drift')
export class DriftController {
  constructor(private readonly drift: DriftService) {}

  @Get()
  @Endpoint({
    permission: 'packages.read',
    summary: 'List drift',
    description:
      'What Git holds, or holds no more, that the service did not write; what is not resolved, newest first.',
    returns: driftPage,
  })
  async listDrift(
    @Query({ schema: driftQuery }) query: DriftQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<DriftResponse>> {
    return listPage(
      query,
      'drift',
      (filter, part) => this.drift.list(filter, caller, part),
      (row) => toDriftResponse(row, caller),
    );
  }

  @Get(':id')
  @Endpoint({ permission: 'packages.read', summary: 'Get drift', description: 'One drift.', returns: driftResponse })
  async getDrift(
    @Param('id', { schema: id }) driftId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<DriftResponse> {
    return toDriftResponse(await this.drift.get(driftId), caller);
  }

  @Post(':id/adopt')
  @Endpoint({
    permission: 'packageRevisions.create',
    summary: 'Adopt drift',
    description: 'Begins a draft of what Git holds. Its publication resolves the drift.',
    returns: revisionResponse,
    shows: ['draft'],
    created: 'package-revisions',
    optionalBody: true,
    problems: ['stateConflict', 'alreadyExists', 'nameConflict', 'headDiffers'],
  })
  async adoptDrift(
    @Param('id', { schema: id }) driftId: string,
    @Body({ schema: driftDraftRequest.optional() }) body: DriftDraftRequest | undefined,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<RevisionResponse> {
    return toRevisionResponse(await this.drift.draft(driftId, 'adopt', body ?? {}, caller, seen), caller);
  }

  @Post(':id/restore')
  @Endpoint({
    permission: 'packageRevisions.create',
    summary: 'Restore what was held',
    description:
      'Begins a draft of what the service held before. Its publication resolves the drift; of a branch that was deleted, the draft itself does.',
    returns: revisionResponse,
    shows: ['draft'],
    created: 'package-revisions',
    optionalBody: true,
    problems: ['stateConflict', 'alreadyExists', 'nameConflict', 'headDiffers'],
  })
  async restoreDrift(
    @Param('id', { schema: id }) driftId: string,
    @Body({ schema: driftDraftRequest.optional() }) body: DriftDraftRequest | undefined,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<RevisionResponse> {
    return toRevisionResponse(await this.drift.draft(driftId, 'restore', body ?? {}, caller, seen), caller);
  }

  @Post(':id/acknowledge')
  @Endpoint({
    permission: 'drift.acknowledge',
    summary: 'Acknowledge drift',
    description: 'Says that it may be so, and why. It is open again once Git holds something else.',
    returns: driftResponse,
    problems: ['stateConflict'],
  })
  async acknowledgeDrift(
    @Param('id', { schema: id }) driftId: string,
    @Body({ schema: driftAcknowledgeRequest }) { reason }: DriftAcknowledgeRequest,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<DriftResponse> {
    return toDriftResponse(await this.drift.acknowledge(driftId, reason, caller, seen), caller);
  }
}
