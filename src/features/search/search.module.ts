import { BoundedReads } from './bounded-reads.store.js';
import { ImageController } from './image.controller.js';
import { ImageService } from './image.service.js';
import { ImageStore } from './image.store.js';
import { SearchAnswers } from './search-answers.js';
import { SearchController } from './search.controller.js';
import { SearchService } from './search.service.js';
import { SearchStore } from './search.store.js';

export const searchControllers = [SearchController, ImageController];

export const searchProviders = [BoundedReads, SearchStore, SearchService, SearchAnswers, ImageStore, ImageService];
