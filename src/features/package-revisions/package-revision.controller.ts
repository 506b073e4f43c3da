import { Body, Controller, Delete, Get, type OnModuleInit, Param, Patch, Post, Query } from '@nestjs/common';
import { statesAllowing } from '../../domain/lifecycle.js';
import type { Precondition } from '../../domain/precondition.js';
import type { Caller } from '../../access/caller.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import { pathId } from '../../http/schema/fields.js';
import { FinishedResources } from '../../http/finished-resources.js';
import { IfMatch } from '../../http/if-match.js';
import { listPage, type Page } from '../../http/schema/pagination.js';
import { type Accepted, accepted, Foretold } from '../../http/accepted-work.js';
import { PlaceClones } from './authoring/place-clones.js';
import { LifecycleService } from './lifecycle/lifecycle.service.js';
import {
  type DeletionQuery,
  deletionQuery,
  type RevisionCreateRequest,
  revisionCreateRequest,
  type RevisionPatchRequest,
  revisionPatchRequest,
  type RevisionQuery,
  revisionQuery,
} from './package-revision.request.schema.js';
import { revisionPage, type RevisionResponse, revisionResponse } from './package-revision.schema.js';
import { PackageRevisionService } from './package-revision.service.js';
import { toRevisionDetailResponse, toRevisionResponse } from './package-revision.view.js';

const id = pathId('package revision');

@Tag('package-revisions')
@Controller('api/v1/package-revisions')
export class PackageRevisionController implements OnModuleInit {
  constructor(
    private readonly revisions: PackageRevisionService,
    private readonly clones: PlaceClones,
    private readonly lifecycle: LifecycleService,
    private readonly finished: FinishedResources,
  ) {}

  onModuleInit(): void {
    this.finished.register('PackageRevision', (revisionId, caller) => this.getPackageRevision(revisionId, caller));
  }

  @Post()
  @Endpoint({
    permission: 'packageRevisions.create',
    summary: 'Create a package revision',
    description:
      'Begins a draft: of a new package (`init`, `clone`) or the next revision of one (`copy`; of an older one: a ' +
      'rollback; `upgrade`: with another revision of its upstream). It can be read and ' +
      'edited at once; its branch follows in the background, seen in `git.state`. A clone of a place in Git (`upstream.git`) ' +
      'that no registered repository covers is an operation (202), which ends with the draft: a worker reads that place first. ' +
      'One that is in the index and that you may see is taken from there, as by its `revisionId` or `packageId`. A dry run ' +
      'asks no remote, and shows the draft without its content.',
    returns: revisionResponse,
    shows: ['draft'],
    created: true,
    accepted: 'sometimes',
    problems: [
      ...(['invalidUrl', 'invalidPath'] as const),
      'invalidName',
      'invalidPackage',
      'kptfileTooLarge',
      'alreadyExists',
      'packageExists',
      'nameConflict',
      'stateConflict',
      'headDiffers',
      ...(['upToDate', 'baseGone', 'otherPackage', 'oursChanged', 'unresolvedConflicts'] as const),
      'packageTooLarge',
    ],
  })
  async createPackageRevision(
    @Body({ schema: revisionCreateRequest }) body: RevisionCreateRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<RevisionResponse | Accepted | Foretold> {
    const made = await this.clones.create(body, caller);
    if ('operation' in made) return accepted(made.operation);
    if ('foretold' in made) return new Foretold('clone', toRevisionResponse(made.foretold, caller));
    return toRevisionResponse(made.draft, caller);
  }

  @Get()
  @Endpoint({
    permission: 'packages.read',
    summary: 'List package revisions',
    description: 'Package revisions that match all filters, as they came into the index, without their contents.',
    returns: revisionPage,
  })
  async listPackageRevisions(
    @Query({ schema: revisionQuery }) query: RevisionQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<RevisionResponse>> {
    return listPage(
      query,
      'package-revisions',
      (filter, part) => this.revisions.list(filter, caller, part),
      (row) => toRevisionResponse(row, caller),
    );
  }

  @Get(':id')
  @Endpoint({
    permission: 'packages.read',
    summary: 'Get a package revision',
    description: 'One package revision, without its contents.',
    returns: revisionResponse,
  })
  async getPackageRevision(
    @Param('id', { schema: id }) revisionId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<RevisionResponse> {
    return toRevisionDetailResponse(await this.revisions.get(revisionId), caller);
  }

  @Patch(':id')
  @Endpoint({
    permission: 'packageRevisions.edit',
    summary: 'Update labels and annotations',
    description:
      'Changes labels and annotations, in every state. Contents change through `…/resources`, states by the actions.',
    returns: revisionResponse,
    problems: ['stateConflict', 'operationInProgress', 'draftConflict'],
  })
  async updatePackageRevision(
    @Param('id', { schema: id }) revisionId: string,
    @Body({ schema: revisionPatchRequest }) body: RevisionPatchRequest,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<RevisionResponse> {
    return toRevisionResponse(await this.revisions.patch(revisionId, body, caller.user, seen), caller);
  }

  @Delete(':id')
  @Endpoint({
    permission: 'packageRevisions.delete',
    summary: 'Delete a package revision',
    description:
      'A draft or proposed one is gone at once (204). One whose deletion was proposed is gone once the remote has lost ' +
      "its tag (202); with a package's last revision its directory goes as well, but for the packages inside it.",
    accepted: 'sometimes',
    from: statesAllowing('delete'),
    problems: ['selfApproval', 'operationInProgress', 'headDiffers'],
  })
  async deletePackageRevision(
    @Param('id', { schema: id }) revisionId: string,
    @Query({ schema: deletionQuery }) { force }: DeletionQuery,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<Accepted | undefined> {
    const operation = await this.lifecycle.delete(revisionId, caller, seen, force);
    return operation ? accepted(operation) : undefined;
  }
}
