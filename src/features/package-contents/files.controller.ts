import { Controller, Get, Param, Query } from '@nestjs/common';
import type { z } from 'zod';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import { pathId } from '../../http/schema/fields.js';
import type { RawContent } from '../../http/reply.js';
import {
  type FileListResponse,
  fileListResponse,
  fileQuery,
  type ObjectListResponse,
  objectListResponse,
  objectQuery,
} from './files.schema.js';
import { FilesService } from './files.service.js';
import {
  toArchiveContent,
  toFileContent,
  toFileListResponse,
  toManifestContent,
  toObjectListResponse,
} from './files.view.js';

const id = pathId('package revision');

@Tag('package-contents')
@Controller('api/v1/package-revisions/:id')
export class FilesController {
  constructor(private readonly files: FilesService) {}

  @Get('files')
  @Endpoint({
    permission: 'packages.read',
    summary: 'List the files',
    description: 'The files of a package revision, without their contents.',
    returns: fileListResponse,
  })
  async listPackageRevisionFiles(@Param('id', { schema: id }) revisionId: string): Promise<FileListResponse> {
    return toFileListResponse(await this.files.list(revisionId));
  }

  @Get('files/content')
  @Endpoint({
    permission: 'packages.read',
    summary: 'Download a file',
    description: 'The bytes of one file, unchanged.',
    produces: { mediaTypes: ['application/octet-stream', 'text/plain'], tagged: true, attachment: true },
  })
  async getPackageRevisionFileContent(
    @Param('id', { schema: id }) revisionId: string,
    @Query({ schema: fileQuery }) { path }: z.output<typeof fileQuery>,
  ): Promise<RawContent> {
    return toFileContent(await this.files.file(revisionId, path));
  }

  @Get('files/archive')
  @Endpoint({
    permission: 'packages.read',
    summary: 'Download an archive',
    description:
      "All files as a tar.gz, in a directory of the package's name. Symlinks and submodules are left out. The same " +
      'revision gives the same bytes.',
    produces: { mediaTypes: ['application/gzip'], tagged: true, attachment: true },
  })
  async getPackageRevisionArchive(@Param('id', { schema: id }) revisionId: string): Promise<RawContent> {
    return toArchiveContent(await this.files.archive(revisionId));
  }

  @Get('manifests')
  @Endpoint({
    permission: 'packages.read',
    summary: 'Read the manifests',
    description:
      'The Kubernetes objects that are meant for a cluster, as they are written, in one stream for `kubectl apply -f -`: ' +
      'without the `Kptfile`, what only tools read, and what is annotated `config.kubernetes.io/local-config: "true"`.',
    produces: { mediaTypes: ['application/yaml'], tagged: true },
    problems: ['invalidPackage'],
  })
  async getPackageRevisionManifests(@Param('id', { schema: id }) revisionId: string): Promise<RawContent> {
    return toManifestContent(await this.files.manifests(revisionId));
  }

  @Get('objects')
  @Endpoint({
    permission: 'packages.read',
    summary: 'List the objects',
    description: 'The Kubernetes objects in the files of a package revision.',
    returns: objectListResponse,
  })
  async listPackageRevisionObjects(
    @Param('id', { schema: id }) revisionId: string,
    @Query({ schema: objectQuery }) filter: z.output<typeof objectQuery>,
  ): Promise<ObjectListResponse> {
    return toObjectListResponse(await this.files.objects(revisionId, filter));
  }
}
