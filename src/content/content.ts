import type { KrmObject } from '../krm/krm-object.js';

/** A file of a package. `path` is relative to the package; `mode` is Git's (100644, 100755, 120000, 160000). */
export interface ContentFile {
  path: string;
  mode: string;
  oid: string;
  sizeBytes: number;
}

/** Returns whether a tree's entry is a regular file, not a symlink or a submodule. */
export const isFile = ({ mode }: Pick<ContentFile, 'mode'>): boolean => mode.startsWith('100');

export interface ContentTree {
  oid: string;
  fileCount: number;
  sizeBytes: number;
  unsupported: UnsupportedEntry[];
}

export interface UnsupportedEntry {
  path: string;
  mode: string;
  reason: UnsupportedReason;
}

/** `InvalidPath` (it names a Git folder, leaves the package, cannot be stored) and `TooLarge` come from Git only. */
export type UnsupportedReason = 'Symlink' | 'Submodule' | 'InvalidPath' | 'TooLarge';

/** A tree to store. `left` are entries of it that cannot be among its files and are only reported. */
export interface NewTree {
  oid: string;
  files: readonly ContentFile[];
  left?: readonly UnsupportedEntry[];
}

/** What the index says of a stored tree. */
export interface TreeDescription {
  oid: string;
  isPackage: boolean;
  /** The bytes of its own Kptfile; null where that says nothing of an upstream. */
  kptfile: Uint8Array | null;
}

/** A blob's row, with what was read in it when a YAML file carries it. */
export interface IndexedBlob {
  oid: string;
  content: Uint8Array;
  parsed: boolean;
  parseError: string | null;
  objects: KrmObject[];
}
