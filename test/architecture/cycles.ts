import type { SourceFile } from './import-graph.js';

/** One of the arrows of a ring of folders, and an import that makes it. */
export interface RingArrow {
  readonly from: string;
  readonly to: string;
  readonly at: string;
}
/** For each folder the folders that its files import from, each with one such import. */
type Arrows = Map<string, Map<string, string>>;

/**
 * Finds the folders that can reach one another through imports: those in src, and those beside each other in one of these.
 * Files that stand directly in a folder may import from its subfolders and the other way round. Every arrow of a ring is
 * returned: taking away any of them is the cure.
 */
export function ringArrows(files: readonly SourceFile[]): RingArrow[] {
  return [1, 2].flatMap((depth) => {
    const arrows = arrowsBetween(files, depth);
    return [...arrows].flatMap(([from, targets]) =>
      [...targets].filter(([to]) => reaches(arrows, to, from)).map(([to, at]) => ({ from, to, at })),
    );
  });
}

function arrowsBetween(files: readonly SourceFile[], depth: number): Arrows {
  const arrows: Arrows = new Map();
  for (const { path, imports } of files) {
    const from = folderAt(path, depth);
    for (const { to: target, line } of imports) {
      const to = folderAt(target, depth);
      if (from === undefined || to === undefined || from === to || parentOf(from) !== parentOf(to)) continue;
      const targets = arrows.get(from) ?? new Map<string, string>();
      arrows.set(from, targets);
      if (!targets.has(to)) targets.set(to, `${path}:${line}`);
    }
  }
  return arrows;
}

function reaches(arrows: Arrows, from: string, goal: string): boolean {
  const seen = new Set([from]);
  for (const folder of seen) {
    if (folder === goal) return true;
    for (const next of arrows.get(folder)?.keys() ?? []) seen.add(next);
  }
  return false;
}

/** `src/git/packs` of `src/git/packs/pack-file.ts` at depth 2, and undefined of a file that is not that deep. */
function folderAt(path: string, depth: number): string | undefined {
  const folders = path.split('/').slice(0, -1);
  return folders[0] === 'src' && folders.length > depth ? folders.slice(0, depth + 1).join('/') : undefined;
}

const parentOf = (folder: string) => folder.slice(0, folder.lastIndexOf('/'));
