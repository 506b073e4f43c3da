import { Controller, Get, Param, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import { pathId } from '../../http/schema/fields.js';
import { listPage } from '../../http/schema/pagination.js';
import {
  dependencyGraph,
  type DependencyGraphResponse,
  dependencyPage,
  type DependencyPage,
  type DependencyQuery,
  dependencyQuery,
} from './dependency.schema.js';
import { DependencyService } from './dependency.service.js';
import { toDependency, toGraph } from './dependency.view.js';

const id = pathId('package');
const targetId = pathId('target');

@Tag('packages')
@Controller('api/v1/packages/:id')
export class PackageDependencyController {
  constructor(private readonly dependencies: DependencyService) {}

  @Get('dependencies')
  @Endpoint({
    permission: 'packages.read',
    summary: 'See what a package needs',
    description:
      'What the latest publication of a package needs of others and does not bring itself, with the package that has it: one of the same target, or, for ' +
      'packages without a target, of the same repository. Nothing is needed of a package without a publication.',
    returns: dependencyPage,
  })
  async listPackageDependencies(
    @Param('id', { schema: id }) packageId: string,
    @Query({ schema: dependencyQuery }) query: DependencyQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<DependencyPage> {
    return listPage(
      { ...query, packageId },
      'dependencies',
      (_, part) => this.dependencies.dependencies(packageId, caller, part),
      toDependency,
    );
  }

  @Get('dependents')
  @Endpoint({
    permission: 'packages.read',
    summary: 'See who needs a package',
    description:
      'The same from the other side: what other packages need and find in the latest publication of this one, by their paths. ' +
      'A page may have fewer items than its size, and go on.',
    returns: dependencyPage,
  })
  async listPackageDependents(
    @Param('id', { schema: id }) packageId: string,
    @Query({ schema: dependencyQuery }) query: DependencyQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<DependencyPage> {
    return listPage(
      { ...query, packageId },
      'dependents',
      (_, part) => this.dependencies.dependents(packageId, caller, part),
      toDependency,
    );
  }
}

@Tag('targets')
@Controller('api/v1/targets/:id/dependencies')
export class TargetDependencyController {
  constructor(private readonly dependencies: DependencyService) {}

  @Get()
  @Endpoint({
    permission: 'targets.read',
    summary: 'See what needs what at a target',
    description:
      'Which packages of a target need which, as far as you may see them, with an order in which they can be delivered.',
    returns: dependencyGraph,
  })
  async getTargetDependencies(
    @Param('id', { schema: targetId }) target: string,
    @CurrentCaller() caller: Caller,
  ): Promise<DependencyGraphResponse> {
    return toGraph(await this.dependencies.graph(target, caller));
  }
}
