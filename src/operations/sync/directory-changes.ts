import { isReadablePath } from '../../domain/file-path.js';
import type { GitObjects, GitTreeEntry } from '../../git/port.js';
import { isYamlPath } from '../../krm/parse.js';
import { entriesOf } from './head-walk.js';

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
    for (const { name, ...sides } of differingFolders(old, now)) {
      queue.push({ directory: directory === '' ? name : `${directory}/${name}`, ...sides });
    }
  }
  return changes;
}

const holdsKrmFiles = (entries: readonly GitTreeEntry[]): boolean =>
  entries.some(({ name, mode }) => mode.startsWith('100') && isYamlPath(name));

/** The folders that are not the same in two trees; few, of trees that may be wide. */
function differingFolders(old: readonly GitTreeEntry[], now: readonly GitTreeEntry[]) {
  const before = new Map<string, string>();
  for (const { name, oid, mode } of old) if (mode === FOLDER) before.set(name, oid);
  const differing: { name: string; before: string | null; after: string | null }[] = [];
  for (const { name, oid, mode } of now) {
    if (mode !== FOLDER) continue;
    const was = before.get(name);
    before.delete(name);
    if (was !== oid && isReadablePath(name)) differing.push({ name, before: was ?? null, after: oid });
  }
  for (const [name, oid] of before) if (isReadablePath(name)) differing.push({ name, before: oid, after: null });
  return differing;
}

const FOLDER = '040000';
