import { Controller, Get, Param, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import { RawContent } from '../../http/reply.js';
import { pathId } from '../../http/schema/fields.js';
import {
  type DeliveryManifestQuery,
  deliveryManifestQuery,
  type DeliveryManifestsQuery,
  deliveryManifestsQuery,
} from './delivery-manifest.schema.js';
import { DeliveryManifestService } from './delivery-manifest.service.js';

const MEDIA_TYPE = 'application/yaml';
const yaml = (text: string): RawContent => new RawContent(Buffer.from(text), { mediaType: MEDIA_TYPE });

@Tag('packages')
@Controller('api/v1')
export class DeliveryManifestController {
  constructor(private readonly manifests: DeliveryManifestService) {}

  @Get('packages/:id/delivery-manifests')
  @Endpoint({
    permission: 'packages.read',
    summary: 'Get what delivers a package',
    description:
      'The manifests that have a delivery tool bring this package to a cluster: an Application of Argo CD, a GitRepository and a ' +
      'Kustomization of Flux, or a RootSync or RepoSync of Config Sync. No credential is in them.',
    produces: { mediaTypes: [MEDIA_TYPE] },
    problems: ['stateConflict'],
  })
  async getPackageDeliveryManifests(
    @Param('id', { schema: pathId('package') }) packageId: string,
    @Query({ schema: deliveryManifestQuery }) query: DeliveryManifestQuery,
  ): Promise<RawContent> {
    return yaml(await this.manifests.ofPackage(packageId, query));
  }

  @Get('repositories/:id/delivery-manifests')
  @Endpoint({
    permission: 'repositories.read',
    summary: 'Get what delivers the packages of a repository',
    description:
      'As for one package, for all that the caller may see, or for those of one target. For Argo CD that is one ApplicationSet. What ' +
      'has nothing to follow is left out.',
    produces: { mediaTypes: [MEDIA_TYPE] },
    problems: ['stateConflict'],
  })
  async getRepositoryDeliveryManifests(
    @Param('id', { schema: pathId('repository') }) repositoryId: string,
    @Query({ schema: deliveryManifestsQuery }) query: DeliveryManifestsQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<RawContent> {
    return yaml(await this.manifests.ofRepository(repositoryId, query, caller));
  }
}
