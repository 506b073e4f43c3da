import { largeFleet } from './fleet.js';
import { largeIndex } from './index-size.js';
import { LARGE_REPOSITORIES, type LargeRow } from './repositories.js';
import { largeRepositories } from './polled.js';

/** All rows of what is large, by their names. */
export const LARGE: Record<string, LargeRow> = {
  ...LARGE_REPOSITORIES,
  'large-repositories': largeRepositories,
  'large-fleet': largeFleet,
  'large-index': largeIndex,
};
