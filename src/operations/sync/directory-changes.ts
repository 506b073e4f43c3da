import type { GitObjects, GitTreeEntry } from '../../git/port.js';
import { isYamlPath } from '../../krm/parse.js';
import { entriesOf, folders } from './head-walk.js';

/** A directory whose tree another commit has changed; null: it was not there. */
export interface DirectoryChange {
  directory: string;
  before: string | null;
  after: string | null;
}

/** Bounds the walk: a few kilobytes of trees that name each other can stand for billions of directories. */
const MAX_DIRECTORIES = 200_000;
/** Longer paths are no packages. */
const MAX_PATH_BYTES = 1024;

/**
 * The directories, from `root` down, that differ between two trees, and may be packages: those that hold a `Kptfile`, YAML or
 * JSON on either side, and those that `isKnown` names. Equal trees are not entered.
 */
export async function changedDirectories(
  git: GitObjects,
  trees: { before: string | null; after: string | null },
  root: string,
  isKnown: (directory: string) => boolean,
): Promise<DirectoryChange[]> {
  const changes: DirectoryChange[] = [];
  const queue: DirectoryChange[] = [{ directory: root, ...trees }];
  let seen = 0;
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { directory, before, after } = next;
    if (before === after || Buffer.byteLength(directory) > MAX_PATH_BYTES || ++seen > MAX_DIRECTORIES) continue;
    const [old, now] = [await entriesOf(git, before), await entriesOf(git, after)];
    if (holdsKrmFiles(old) || holdsKrmFiles(now) || isKnown(directory)) changes.push(next);
    const [oldFolders, newFolders] = [folders(old), folders(now)];
    for (const name of new Set([...oldFolders.keys(), ...newFolders.keys()])) {
      const path = directory === '' ? name : `${directory}/${name}`;
      queue.push({ directory: path, before: oldFolders.get(name) ?? null, after: newFolders.get(name) ?? null });
    }
  }
  return changes;
}

const holdsKrmFiles = (entries: readonly GitTreeEntry[]): boolean =>
  entries.some(({ name, mode }) => mode.startsWith('100') && isYamlPath(name));
