import { MERGE_SIDES, type MergeSide } from '../../domain/upgrade.js';
import type { TreeEntry } from '../diff/tree-files.js';
import type { YamlLimits } from '../yaml-limits.js';
import type { PackageMergeRequest } from './merge-package.js';
import type { Versions } from './merge-trees.js';

/** Three versions of a package as one piece of bytes, each file once, and what is in it: so they go to another thread. */
export interface PackedMerge {
  bytes: Uint8Array<ArrayBuffer>;
  request: MergeJob;
}

export interface MergeJob {
  /** The files, by object id, with their lengths. */
  files: [oid: string, length: number][];
  versions: Record<MergeSide, Omit<TreeEntry, 'content'>[]>;
  /** The lengths of the files with definitions. */
  definitions: number[];
  limits: YamlLimits;
  merge: PackageMergeRequest;
}

export function packMerge(
  versions: Versions,
  merge: PackageMergeRequest,
  { limits, definitions }: { limits: YamlLimits; definitions: readonly Uint8Array[] },
): PackedMerge {
  const contents = new Map<string, Uint8Array>();
  for (const side of MERGE_SIDES) {
    for (const { oid, content } of versions[side]) if (content !== null) contents.set(oid, content);
  }
  const files = [...contents].map(([oid, content]): [string, number] => [oid, content.byteLength]);
  const bytes = new Uint8Array(Buffer.concat([...contents.values(), ...definitions]));
  const bare = (side: MergeSide) => versions[side].map(({ content: _, ...entry }) => entry);
  const lengths = definitions.map(({ byteLength }) => byteLength);
  const packed = { base: bare('base'), ours: bare('ours'), theirs: bare('theirs') };
  return { bytes, request: { files, versions: packed, definitions: lengths, limits, merge } };
}

export function unpackMerge(
  bytes: Uint8Array,
  { files, versions, definitions, limits }: MergeJob,
): { versions: Versions; options: { limits: YamlLimits; definitions: Uint8Array[] } } {
  let end = 0;
  const take = (length: number): Uint8Array => bytes.subarray(end, (end += length));
  const contents = new Map(files.map(([oid, length]) => [oid, take(length)]));
  const filled = (side: MergeSide) =>
    versions[side].map((entry) => ({ ...entry, content: contents.get(entry.oid) ?? null }));
  const unpacked = { base: filled('base'), ours: filled('ours'), theirs: filled('theirs') };
  return { versions: unpacked, options: { limits, definitions: definitions.map(take) } };
}
