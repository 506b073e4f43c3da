import { PackageSbomController } from './package-sbom.controller.js';
import { PackageSbomService } from './package-sbom.service.js';

export const packageSbomControllers = [PackageSbomController];

export const packageSbomProviders = [PackageSbomService];
