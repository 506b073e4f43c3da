import { FilesController } from './files.controller.js';
import { FilesService } from './files.service.js';
import { ResourcesController } from './resources.controller.js';
import { ResourcesReader } from './resources-reader.js';
import { ResourcesService } from './resources.service.js';

export const packageContentsControllers = [ResourcesController, FilesController];

/** Need `packageRevisionProviders` beside them: an edit is a change of a revision. */
export const packageContentsProviders = [ResourcesReader, ResourcesService, FilesService];
