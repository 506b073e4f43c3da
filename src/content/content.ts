import type { IndexedObject } from '../krm/krm-object.js';

/**
 * An entry of a package's tree. `path` is relative to the package; bytes that are no UTF-8 are lone surrogates in it.
 * `mode` is Git's (100644, 100755, 120000, 160000).
 */
export interface ContentFile {
  path: string;
  mode: string;
  oid: string;
  sizeBytes: number;
  /** Why the API does not name the entry. It stays in the package whatever is edited. */
  hidden?: 'InvalidPath' | 'TooLarge';
}

/** Returns whether the API shows a tree's entry as a file: no symlink, no submodule, nothing that it cannot name. */
export const isFile = ({ mode, hidden }: Pick<ContentFile, 'mode' | 'hidden'>): boolean =>
  mode.startsWith('100') && hidden === undefined;

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

/** `InvalidPath` (it names a Git folder, leaves the package, is no text) and `TooLarge` come from Git only. */
export type UnsupportedReason = 'Symlink' | 'Submodule' | 'InvalidPath' | 'TooLarge';

/** A tree to store, with all its entries. */
export interface NewTree {
  oid: string;
  files: readonly ContentFile[];
  /** Default true: the YAML files were parsed, and their objects are stored with them. False: the store keeps bytes alone, to be parsed later. */
  parsed?: boolean;
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
  /** Under which the blob store has the bytes; null: they go into the row. */
  storeKey: string | null;
  parsed: boolean;
  parseError: string | null;
  parseWarnings: string[];
  objects: IndexedObject[];
}
