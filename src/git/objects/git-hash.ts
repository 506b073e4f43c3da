import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { DomainError } from '../../domain/errors.js';
import type { GitTreeEntry } from '../port.js';

/** The OID of the tree without entries, which every repository knows. */
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

export interface GitFile {
  /** Relative, with `/`. */
  path: string;
  mode: string;
  oid: string;
}

/** The OID that Git gives to a blob of these bytes. */
export function hashBlob(bytes: Uint8Array): string {
  return hashObject('blob', bytes);
}

/** The OID that Git gives to an object of this type with this content. */
export function hashObject(type: 'blob' | 'tree' | 'commit' | 'tag', content: Uint8Array): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
}

/** The bytes of a tree object. Entries may come in any order; Git's own is applied. */
export function encodeTree(entries: readonly GitTreeEntry[]): Buffer {
  const keyed = entries.map((entry) => ({ entry, key: sortKey(entry) }));
  keyed.sort((left, right) => Buffer.compare(left.key, right.key));
  const parts = keyed.flatMap(({ entry }) => [
    Buffer.from(`${entry.mode.replace(/^0+/, '')} `),
    encodeName(entry.name),
    Buffer.from([0]),
    Buffer.from(entry.oid, 'hex'),
  ]);
  return Buffer.concat(parts);
}

/** The trees that hold exactly these files: the root's OID, and every tree by OID. No files make the empty tree. */
export function buildTrees(files: Iterable<GitFile>): { root: string; trees: Map<string, GitTreeEntry[]> } {
  const root: Directory = new Map();
  for (const file of files) insert(root, file);
  const trees = new Map<string, GitTreeEntry[]>();
  return { root: hashDirectory(root, trees), trees };
}

/**
 * A name in a tree is bytes. Those that are no UTF-8 become lone surrogates (0x80 → U+DC80 …), so that a tree can be
 * written back with names that no string could hold otherwise.
 */
export function decodeName(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  return bytes.toString('latin1').replace(/[\x80-\xff]/g, (byte) => String.fromCharCode(0xdc00 + byte.charCodeAt(0)));
}

/** The bytes of a name, as {@link decodeName} read it. */
export function encodeName(name: string): Buffer {
  // 'latin1' keeps the low byte of each unit: U+DC80 becomes 0x80 again.
  return Buffer.from(name, /\p{Surrogate}/u.test(name) ? 'latin1' : 'utf8');
}

/** The bytes of a path, and the path of bytes: name by name, as {@link encodeName} and {@link decodeName}. */
export function encodePath(path: string): Buffer {
  return Buffer.concat(
    path.split('/').flatMap((name, index) => [Buffer.from(index === 0 ? '' : '/'), encodeName(name)]),
  );
}

export function decodePath(bytes: Buffer): string {
  const names: string[] = [];
  for (let start = 0; start <= bytes.length;) {
    const slash = bytes.indexOf(0x2f, start);
    const end = slash < 0 ? bytes.length : slash;
    names.push(decodeName(bytes.subarray(start, end)));
    start = end + 1;
  }
  return names.join('/');
}

type Directory = Map<string, GitFile | Directory>;

function insert(root: Directory, file: GitFile): void {
  const segments = file.path.split('/');
  const name = segments.pop() ?? '';
  let directory = root;
  for (const segment of segments) {
    const next: GitFile | Directory = directory.get(segment) ?? new Map();
    if (!(next instanceof Map)) throw clash(file.path);
    directory.set(segment, next);
    directory = next;
  }
  if (directory.has(name)) throw clash(file.path);
  directory.set(name, file);
}

function hashDirectory(directory: Directory, trees: Map<string, GitTreeEntry[]>): string {
  const entries = [...directory].map(([name, node]) =>
    node instanceof Map
      ? { mode: '040000', name, oid: hashDirectory(node, trees) }
      : { mode: node.mode, name, oid: node.oid },
  );
  const oid = hashObject('tree', encodeTree(entries));
  trees.set(oid, entries);
  return oid;
}

/** Git compares names as bytes, with `/` after that of a directory: `a.b` < `a/` < `a0`. */
function sortKey(entry: GitTreeEntry): Buffer {
  const name = encodeName(entry.name);
  return isDirectory(entry) ? Buffer.concat([name, Buffer.from('/')]) : name;
}

function isDirectory(entry: GitTreeEntry): boolean {
  return entry.mode === '040000' || entry.mode === '40000';
}

function clash(path: string): DomainError {
  return new DomainError('nameConflict', `${path} is there twice, or is both a file and a directory.`, { path });
}
