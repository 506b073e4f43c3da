import { FilesController } from './files.controller.js';
import { FilesService } from './files.service.js';
import { ResourcesController } from './resources.controller.js';
import { ResourcesReader } from './resources-reader.js';
import { ResourcesService } from './resources.service.js';

export const packageContentsControllers = [ResourcesController, FilesController];

/** In every process, beside `packageRevisionProviders`: workers change drafts as well. */
export const packageContentsProviders = [ResourcesReader, ResourcesService, FilesService];
