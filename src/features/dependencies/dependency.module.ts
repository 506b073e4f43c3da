import { DependencyResolver } from './dependency-resolver.js';
import { PackageDependencyController, TargetDependencyController } from './dependency.controller.js';
import { DependencyService } from './dependency.service.js';
import { DependencyStore } from './dependency.store.js';
import { PackageNeeders } from './package-needers.js';

export const dependencyControllers = [PackageDependencyController, TargetDependencyController];

export const dependencyProviders = [DependencyStore, DependencyResolver, DependencyService, PackageNeeders];
