import { PackageController } from './package.controller.js';
import { PackageService } from './package.service.js';

export const packageControllers = [PackageController];

export const packageProviders = [PackageService];
