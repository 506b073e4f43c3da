import { SubpackageController } from './subpackage.controller.js';
import { SubpackageService } from './subpackage.service.js';

export const subpackageControllers = [SubpackageController];

/** Need `packageRevisionProviders` and `packageContentProviders` beside them. */
export const subpackageProviders = [SubpackageService];
