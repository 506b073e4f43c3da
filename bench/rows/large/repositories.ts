import type { LargeShape } from '../../data/large.js';
import type { Result } from '../../report/result.js';
import type { Stage } from '../../stage/stage.js';
import { lifeOf, type Part } from './life.js';
import { slopes } from './slopes.js';

export type LargeRow = (stage: Stage) => Promise<Result[]>;

/** Repositories that are large in one way each; `grows`: the parts of its life that have to do more where there is more. */
export const LARGE_REPOSITORIES: Record<string, LargeRow> = {
  'large-drafts': row('large-drafts', 10_000, (drafts) => ({ packages: drafts / 20, files: 5, tags: 1, drafts: 20 }), [
    'discovery',
    'sync',
    'disk',
  ]),
  'large-packages': row('large-packages', 5_000, (packages) => ({ packages, files: 4, tags: 1, drafts: 0 }), [
    'discovery',
    'sync',
    'disk',
  ]),
  'large-files': row('large-files', 20_000, (files) => ({ packages: 1, files, tags: 2, drafts: 0 }), [
    'discovery',
    'disk',
    'files',
    'clone',
    'approval of a clone',
    'preview',
  ]),
  'large-revisions': row('large-revisions', 2_000, (tags) => ({ packages: 1, files: 20, tags, drafts: 0 }), [
    'discovery',
    'sync',
    'disk',
  ]),
};

function row(
  name: string,
  whole: number,
  shape: (size: number) => Omit<LargeShape, 'seed'>,
  grows: readonly Part[],
): LargeRow {
  return (stage) => slopes(name, whole, (size) => lifeOf(stage, `${name}-${size}`, shape(size), grows));
}
