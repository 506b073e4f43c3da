import { Controller, Get, Param, Query } from '@nestjs/common';
import { AcceptedType } from '../../http/accepted-type.js';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import type { RawContent } from '../../http/reply.js';
import { pathId } from '../../http/schema/fields.js';
import { type SbomQuery, sbomQuery } from './package-sbom.schema.js';
import { PackageSbomService } from './package-sbom.service.js';
import { formatOf, MEDIA_TYPES, toSbomContent } from './package-sbom.view.js';

const id = pathId('package revision');

@Tag('package-contents')
@Controller('api/v1/package-revisions/:id/sbom')
export class PackageSbomController {
  constructor(private readonly sboms: PackageSbomService) {}

  @Get()
  @Endpoint({
    permission: 'packages.read',
    summary: 'Get the SBOM',
    description:
      'The bill of materials: the package, its files with hashes, the images that they name, its upstream. CycloneDX ' +
      '1.6 or SPDX 2.3. The same revision gives the same bytes.',
    produces: { mediaTypes: Object.values(MEDIA_TYPES), tagged: true },
    problems: ['packageTooLarge'],
  })
  async getPackageRevisionSbom(
    @Param('id', { schema: id }) revisionId: string,
    @Query({ schema: sbomQuery }) { format: asked }: SbomQuery,
    @AcceptedType() type: string,
  ): Promise<RawContent> {
    const format = asked ?? formatOf(type);
    return toSbomContent(await this.sboms.sbom(revisionId, format), format);
  }
}
