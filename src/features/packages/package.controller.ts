import { Body, Controller, Get, Param, Patch, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import type { Precondition } from '../../domain/precondition.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { IfMatch } from '../../http/if-match.js';
import { Tag } from '../../http/openapi/tags.js';
import { pathId } from '../../http/schema/fields.js';
import { listPage, type Page } from '../../http/schema/pagination.js';
import { resourcesResponse } from '../package-contents/resources.schema.js';
import type { Resources } from '../package-contents/resources-reader.js';
import {
  packagePage,
  type PackagePatchRequest,
  packagePatchRequest,
  type PackageQuery,
  packageQuery,
  type PackageResponse,
  packageResponse,
} from './package.schema.js';
import { PackageService } from './package.service.js';
import { toPackageResponse } from './package.view.js';

const id = pathId('package');

@Tag('packages')
@Controller('api/v1/packages')
export class PackageController {
  constructor(private readonly packages: PackageService) {}

  @Get()
  @Endpoint({
    permission: 'packages.read',
    summary: 'List packages',
    description: 'Packages that match all filters, in the order in which they were first seen.',
    returns: packagePage,
  })
  async listPackages(
    @Query({ schema: packageQuery }) query: PackageQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<PackageResponse>> {
    const visible = caller.visibility('packages.read');
    return listPage(
      query,
      'packages',
      (filter, part) => this.packages.list(filter, visible, part),
      (row) => toPackageResponse(row, caller),
    );
  }

  @Get(':id')
  @Endpoint({
    permission: 'packages.read',
    summary: 'Get a package',
    description: 'One package.',
    returns: packageResponse,
  })
  async getPackage(
    @Param('id', { schema: id }) packageId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<PackageResponse> {
    return toPackageResponse(await this.packages.get(packageId), caller);
  }

  @Patch(':id')
  @Endpoint({
    permission: 'packages.update',
    summary: 'Label a package',
    description:
      'Changes labels and annotations. They outlive its revisions, and `packageLabelSelector` finds those by them.',
    returns: packageResponse,
  })
  async updatePackage(
    @Param('id', { schema: id }) packageId: string,
    @Body({ schema: packagePatchRequest }) body: PackagePatchRequest,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<PackageResponse> {
    return toPackageResponse(await this.packages.patch(packageId, body, seen, caller), caller);
  }

  @Get(':id/resources')
  @Endpoint({
    permission: 'packages.read',
    summary: "Read a package's head",
    description: "All files that the repository's ref holds for a package now.",
    returns: resourcesResponse,
  })
  async getPackageResources(@Param('id', { schema: id }) packageId: string): Promise<Resources> {
    return this.packages.resources(packageId);
  }
}
