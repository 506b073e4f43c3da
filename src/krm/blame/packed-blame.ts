import type { DiffOptions } from '../diff/tree-diff.js';
import type { TreeEntry } from '../diff/tree-files.js';
import type { YamlLimits } from '../yaml-limits.js';
import type { BlameVersion } from './blame-versions.js';

/** Versions of packages as one piece of bytes, each file once, and what is in it: so they go to another thread. */
export interface PackedBlame {
  bytes: Uint8Array<ArrayBuffer>;
  request: BlameRequest;
}

export interface BlameRequest {
  /** The files, by object id, with their lengths. */
  files: [oid: string, length: number][];
  versions: (Omit<BlameVersion, 'entries'> & { entries: Omit<TreeEntry, 'content'>[] })[];
  /** The lengths of the files with definitions. */
  definitions: number[];
  limits: YamlLimits;
  secretsKey: string | null;
}

export function packBlame(
  versions: readonly BlameVersion[],
  { definitions, limits, secretsKey }: DiffOptions,
): PackedBlame {
  const contents = new Map<string, Uint8Array>();
  for (const { entries } of versions)
    for (const { oid, content } of entries) if (content !== null) contents.set(oid, content);
  const files = [...contents].map(([oid, content]): [string, number] => [oid, content.byteLength]);
  const bytes = new Uint8Array(Buffer.concat([...contents.values(), ...definitions]));
  const request = {
    versions: versions.map((version) => ({
      ...version,
      entries: version.entries.map(({ content: _, ...entry }) => entry),
    })),
    definitions: definitions.map(({ byteLength }) => byteLength),
  };
  return { bytes, request: { files, ...request, limits, secretsKey } };
}

export function unpackBlame(
  bytes: Uint8Array,
  { files, versions, definitions, limits, secretsKey }: BlameRequest,
): { versions: BlameVersion[]; options: DiffOptions } {
  let end = 0;
  const take = (length: number): Uint8Array => bytes.subarray(end, (end += length));
  const contents = new Map(files.map(([oid, length]) => [oid, take(length)]));
  return {
    versions: versions.map((version) => ({
      ...version,
      entries: version.entries.map((entry) => ({ ...entry, content: contents.get(entry.oid) ?? null })),
    })),
    options: { definitions: definitions.map(take), limits, secretsKey },
  };
}
