import { SearchController } from './search.controller.js';
import { SearchService } from './search.service.js';
import { SearchStore } from './search.store.js';

export const searchControllers = [SearchController];

export const searchProviders = [SearchStore, SearchService];
