import type { FieldError } from './errors.js';
import { deletionProposedRef } from './ref-layout.js';

/** Names that are new here; discovered ones may be anything that Git allows. */
export const REPOSITORY_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
export const PATH_SEGMENT = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;

const LONGEST_REF = 1000;
/** Room for the leaf of the longest ref: a workspace of 63 characters. */
const LONGEST_LEAF = 63;

/**
 * Checks the path of a new package below its repository's `directory`; `pointer` names the field in the body.
 * A first segment such as `drafts` is allowed: prefixes of branches are read from the left, once.
 */
export function checkPackagePath(path: string, { directory = '', pointer = '/package' } = {}): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = (message: string): number => errors.push({ pointer, code: 'invalidName', message });
  for (const segment of path.split('/')) {
    if (!PATH_SEGMENT.test(segment)) {
      refuse(
        `"${segment}" must be 1 to 63 lower-case letters, digits, ".", "_" or "-", and begin and end with a letter or digit.`,
      );
    } else if (segment.includes('..') || segment.endsWith('.lock')) {
      refuse(`"${segment}" must not contain ".." or end with ".lock": Git cannot hold it in a branch or tag.`);
    }
  }
  const longest = deletionProposedRef([directory, path].filter((part) => part !== '').join('/'), '');
  if (Buffer.byteLength(longest) + LONGEST_LEAF > LONGEST_REF) {
    refuse('The path is too long: Git could not hold its branches and tags.');
  }
  return errors;
}

/** A package's folder in the Git tree and the last segment of one of its refs: a workspace or a revision. */
export interface RefName {
  directory: string;
  leaf: string;
}

/**
 * Finds the existing ref that Git cannot hold beside those of `next`, or null. Git keeps refs as files and folders: with
 * package `a` in workspace `b` there is a branch `…/a/b`, so no branch `…/a/b/w` of a package `a/b`; and since every
 * package is given tags `v1`, `v2`…, no package may lie below such a name of another.
 */
export function refsClash<Existing extends RefName>(existing: Iterable<Existing>, next: RefName): Existing | null {
  const nextName = `${next.directory}/${next.leaf}`;
  for (const other of existing) {
    if (isSameOrBelow(next.directory, `${other.directory}/${other.leaf}`)) return other;
    if (isSameOrBelow(other.directory, nextName)) return other;
    if (isBelowTag(next.directory, other.directory) || isBelowTag(other.directory, next.directory)) return other;
  }
  return null;
}

function isSameOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Whether `path` lies where the package in `directory` has, or will have, a tag `vN`. */
function isBelowTag(path: string, directory: string): boolean {
  return path.startsWith(`${directory}/`) && /^v\d+(?:\/|$)/.test(path.slice(directory.length + 1));
}
