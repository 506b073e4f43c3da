import { SubpackageController } from './subpackage.controller.js';
import { SubpackageService } from './subpackage.service.js';

export const subpackageControllers = [SubpackageController];

/** In every process, beside `packageRevisionProviders` and `packageContentsProviders`: workers fill folders as well. */
export const subpackageProviders = [SubpackageService];
