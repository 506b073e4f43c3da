import type { YamlLimits } from '../yaml-limits.js';
import type { DiffOptions } from './tree-diff.js';
import type { TreeEntry } from './tree-files.js';

/** Two versions of a package as one piece of bytes, and what is in it: so they go to another thread. */
export interface Packed {
  bytes: Uint8Array<ArrayBuffer>;
  request: PackedRequest;
}

export interface PackedRequest {
  from: PackedEntry[];
  to: PackedEntry[];
  /** The lengths of the files with definitions. */
  definitions: number[];
  limits: YamlLimits;
  secretsKey: string | null;
}

/** An entry with the length of its bytes in place of them. */
type PackedEntry = Omit<TreeEntry, 'content'> & { length: number | null };

export function pack(from: readonly TreeEntry[], to: readonly TreeEntry[], options: DiffOptions): Packed {
  const contents = [...from, ...to].map(({ content }) => content ?? new Uint8Array());
  const pieces = [...contents, ...options.definitions];
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
  let end = 0;
  for (const piece of pieces) {
    bytes.set(piece, end);
    end += piece.byteLength;
  }
  const packed = (entries: readonly TreeEntry[]): PackedEntry[] =>
    entries.map(({ content, ...entry }) => ({ ...entry, length: content?.byteLength ?? null }));
  const definitions = options.definitions.map((definition) => definition.byteLength);
  const { limits, secretsKey } = options;
  return { bytes, request: { from: packed(from), to: packed(to), definitions, limits, secretsKey } };
}

export function unpack(
  bytes: Uint8Array,
  { from, to, definitions, limits, secretsKey }: PackedRequest,
): { from: TreeEntry[]; to: TreeEntry[]; options: DiffOptions } {
  let end = 0;
  const take = (length: number): Uint8Array => bytes.subarray(end, (end += length));
  const unpacked = (entries: readonly PackedEntry[]): TreeEntry[] =>
    entries.map(({ length, ...entry }) => ({ ...entry, content: length === null ? null : take(length) }));
  return {
    from: unpacked(from),
    to: unpacked(to),
    options: { definitions: definitions.map(take), limits, secretsKey },
  };
}
