import { refusal } from './errors.js';

/** `directory` without slashes around it; throws `invalidPath` for one that Git cannot hold or that leads elsewhere. */
export function normalizeDirectory(directory: string): string {
  const plain = directory.replaceAll(/^\/+|\/+$/g, '');
  const refuse = (message: string) => refusal('invalidPath', '/git/directory', 'invalidPath', message);
  if (Buffer.byteLength(plain) > 1024) throw refuse('A directory is at most 1024 bytes long.');
  // A branch or tag of every package below is named after the directory, so it may hold only what a ref may hold.
  if (plain !== '' && !isRefPath(plain)) {
    throw refuse('A directory is a relative path such as "packages/network", with segments that a Git ref may have.');
  }
  return plain;
}

/** Throws `invalidName` for what is no name of a branch (git check-ref-format). `refs/heads/` may be left out. */
export function normalizeBranch(ref: string): string {
  const name = ref.replace(/^refs\/heads\//, '');
  if (Buffer.byteLength(name) <= 255 && isRefPath(name) && !isReserved(name)) return name;
  throw refusal('invalidName', '/git/ref', 'invalidName', 'This is not the name of a branch, such as "main".');
}

/** Throws `invalidName` for what is no name of a tag or branch; `refs/tags/` or `refs/heads/` before it says which. */
export function checkRef(ref: string): string {
  if (Buffer.byteLength(ref) <= 255 && isRefPath(ref) && ref !== 'HEAD') return ref;
  throw refusal('invalidName', '/git/ref', 'invalidName', 'This is not the name of a tag or branch, such as "v1".');
}

/** Whether one directory is, or lies below, the other; the empty one is the whole repository. */
export function directoriesOverlap(left: string, right: string): boolean {
  return left === '' || right === '' || `${left}/`.startsWith(`${right}/`) || `${right}/`.startsWith(`${left}/`);
}

/** Names that Git or the layout of drafts and proposals has taken: such a ref would collide with every draft. */
function isReserved(branch: string): boolean {
  return branch === 'HEAD' || /^(refs|drafts|proposed|deletionProposed)(\/|$)/.test(branch);
}

function isRefPath(path: string): boolean {
  if (/[\p{Cc}\p{Surrogate} ~^:?*[\\]|\.\.|@\{|\/\/|\.$/u.test(path) || path === '@') return false;
  return path
    .split('/')
    .every((segment) => segment !== '' && !/^[.-]|\.lock$/i.test(segment) && segment.toLowerCase() !== '.git');
}
