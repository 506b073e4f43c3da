import { Blames } from './blames.js';
import { BodyFiller } from './body-filler.js';
import { Comparisons } from './comparisons.js';
import { ContentReader } from './content.reader.js';
import { ContentService } from './content.service.js';
import { ComparedStore } from './compared.store.js';
import { ContentStore } from './content.store.js';
import { Merges } from './merges.js';
import { MutatedContent } from './mutated-content.js';
import { Sboms } from './sboms.js';
import { SubpackageStore } from './subpackage.store.js';

/** Content by Git OID: written by API edits and by syncs, read by both. */
export const contentProviders = [
  SubpackageStore,
  ComparedStore,
  ContentStore,
  ContentReader,
  ContentService,
  Comparisons,
  Blames,
  Merges,
  MutatedContent,
  Sboms,
  BodyFiller,
];
