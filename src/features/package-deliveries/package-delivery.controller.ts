import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { Actor } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import { pathId } from '../../http/schema/fields.js';
import {
  type PackageDeliveryRequest,
  packageDeliveryRequest,
  type PackageDeliveryResponse,
  packageDeliveryResponse,
} from './package-delivery.schema.js';
import { PackageDeliveryService } from './package-delivery.service.js';
import { deliveredOf, toPackageDelivery, toReport } from './package-delivery.view.js';

const id = pathId('package');

@Tag('targets')
@Controller('api/v1/packages/:id/delivery')
export class PackageDeliveryController {
  constructor(private readonly deliveries: PackageDeliveryService) {}

  @Get()
  @Endpoint({
    permission: 'packages.read',
    summary: 'Get what was reported of a delivery',
    description: 'The newest report about a package; 404 where there is none.',
    returns: packageDeliveryResponse,
  })
  async getPackageDelivery(@Param('id', { schema: id }) packageId: string): Promise<PackageDeliveryResponse> {
    return toPackageDelivery(await this.deliveries.get(packageId));
  }

  @Put()
  @Endpoint({
    permission: 'deliveries.report',
    summary: 'Report a delivery',
    description:
      'What a delivery tool observed of a package. It answers with the report that counts: a newer one that is known stays, and the same one again changes nothing.',
    returns: packageDeliveryResponse,
  })
  async reportPackageDelivery(
    @Param('id', { schema: id }) packageId: string,
    @Body({ schema: packageDeliveryRequest }) body: PackageDeliveryRequest,
    @Actor() actor: string,
  ): Promise<PackageDeliveryResponse> {
    return toPackageDelivery(await this.deliveries.report(packageId, deliveredOf(body), toReport(body), actor));
  }
}
