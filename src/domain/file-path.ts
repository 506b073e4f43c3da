import type { FieldError } from './errors.js';
import { jsonPointer } from './json-pointer.js';
import { isStorable } from './storable-text.js';

const LONGEST_PATH = 1024;
/** Characters that HFS+ leaves out when it compares names, so that `.g\u200cit` opens `.git`. */
const HFS_IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
/** `.git` and its NTFS short name, with the trailing dots, spaces and streams that NTFS ignores. */
const GIT_FOLDER = /^(?:\.git|git~1)[ .]*(?::.*)?$/i;

/**
 * Checks the paths of a package's files, relative to the package. Nothing that passes can leave the package, name a
 * Git folder on any file system, or fail to be a Git tree. Pointers are `/files/<path>`.
 */
export function checkFilePaths(paths: Iterable<string>): FieldError[] {
  const list = [...paths];
  const all = new Set(list);
  return list.flatMap((path) => {
    const fault = pathFault(path) ?? folderFault(path, all);
    return fault === null ? [] : [{ pointer: jsonPointer(['files', path]), code: 'invalidPath', message: fault }];
  });
}

/**
 * Whether a path found in Git may come out of the index again: it names nothing outside the package and no Git folder,
 * and a database can hold it. What {@link checkFilePaths} asks of new files beyond that, found ones need not keep.
 */
export function isReadablePath(path: string): boolean {
  return isStorable(path) && Buffer.byteLength(path) <= LONGEST_PATH && isSafePath(path);
}

/** Whether a path names nothing outside the package and no Git folder: no client of Git checks out one that does. */
export function isSafePath(path: string): boolean {
  return path.split('/').every((segment) => !['', '.', '..'].includes(segment) && !isGitFolder(segment));
}

function pathFault(path: string): string | null {
  if (path === '') return 'A file path must not be empty.';
  if (/\p{Surrogate}/u.test(path)) return 'A file path must be valid Unicode.';
  if (Buffer.byteLength(path) > LONGEST_PATH) return `A file path must not be longer than ${LONGEST_PATH} bytes.`;
  if (/\p{Cc}/u.test(path)) return 'A file path must not contain control characters.';
  if (path.includes('\\')) return 'A file path must not contain a backslash; separate folders with "/".';
  if (path.startsWith('/')) return 'A file path must be relative to the package, without a leading "/".';
  const segments = path.split('/');
  if (segments.includes('')) return 'A file path must not contain empty segments or end with "/".';
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    return 'A file path must not contain "." or ".." segments.';
  }
  if (segments.some(isGitFolder)) {
    return 'A file path must not name a Git folder.';
  }
  return null;
}

const isGitFolder = (segment: string): boolean => GIT_FOLDER.test(segment.replace(HFS_IGNORED, ''));

function folderFault(path: string, all: ReadonlySet<string>): string | null {
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
    if (all.has(path.slice(0, at))) return `"${path.slice(0, at)}" is a file, so it cannot be a folder too.`;
  }
  return null;
}
