import { Body, Controller, Get, Param, Patch, Put, Query } from '@nestjs/common';
import type { z } from 'zod';
import { statesAllowing } from '../../domain/lifecycle.js';
import type { Precondition } from '../../domain/precondition.js';
import { Actor } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import { pathId } from '../../http/schema/fields.js';
import { IfMatch } from '../../http/if-match.js';
import type { ErrorCode } from '../../domain/errors.js';
import {
  type ResourcesPatchRequest,
  resourcesPatchRequest,
  resourcesQuery,
  type ResourcesReplaceRequest,
  resourcesReplaceRequest,
  resourcesResponse,
  resourcesWritten,
} from './resources.schema.js';
import type { Resources } from './resources-reader.js';
import { type EditResult, ResourcesService } from './resources.service.js';

const id = pathId('package revision');

const editProblems: ErrorCode[] = [
  'invalidPath',
  'invalidPackage',
  'kptfileTooLarge',
  'packageTooLarge',
  'operationInProgress',
];

@Tag('package-contents')
@Controller('api/v1/package-revisions/:id/resources')
export class ResourcesController {
  constructor(private readonly resources: ResourcesService) {}

  @Get()
  @Endpoint({
    permission: 'packages.read',
    summary: 'Read the content',
    description: 'All files of a package revision, of one moment. Text comes as text, everything else as base64.',
    returns: resourcesResponse,
  })
  async getPackageRevisionResources(
    @Param('id', { schema: id }) revisionId: string,
    @Query({ schema: resourcesQuery }) { side }: z.output<typeof resourcesQuery>,
  ): Promise<Resources> {
    return this.resources.read(revisionId, side);
  }

  @Put()
  @Endpoint({
    permission: 'packageRevisions.edit',
    summary: 'Replace the content',
    description:
      'Replaces all files of a draft. YAML that cannot be read is stored all the same, with its `parseError`. ' +
      'Symlinks and submodules stay. `If-Match` takes the ETag of the content (the tree).',
    returns: resourcesWritten,
    from: statesAllowing('edit'),
    largeBody: true,
    problems: editProblems,
  })
  async replacePackageRevisionResources(
    @Param('id', { schema: id }) revisionId: string,
    @Body({ schema: resourcesReplaceRequest }) { files }: ResourcesReplaceRequest,
    @IfMatch() seen: Precondition,
    @Actor() actor: string,
  ): Promise<EditResult> {
    return this.resources.replace(revisionId, files, actor, seen);
  }

  @Patch()
  @Endpoint({
    permission: 'packageRevisions.edit',
    summary: 'Change some files',
    description:
      'A merge patch of the files of a draft: a file that is named is written, `null` deletes it, what is not named ' +
      'stays. `If-Match` takes the ETag of the content (the tree).',
    returns: resourcesWritten,
    from: statesAllowing('edit'),
    largeBody: true,
    problems: editProblems,
  })
  async updatePackageRevisionResources(
    @Param('id', { schema: id }) revisionId: string,
    @Body({ schema: resourcesPatchRequest }) { files = {} }: ResourcesPatchRequest,
    @IfMatch() seen: Precondition,
    @Actor() actor: string,
  ): Promise<EditResult> {
    return this.resources.patch(revisionId, files, actor, seen);
  }
}
