import type { PackedObject } from './pack-writer.js';

/**
 * Reads what is on the disk of one mirror: by our own code ({@link DiskReader}) or by native git. What is written and
 * not on disk yet is no matter of a reader.
 */
export interface ObjectReader {
  has(oid: string): Promise<boolean>;
  /** Whether a pack has it: then all that it reaches is there too. A file of its own may be the rest of a failed push. */
  holds(oid: string): Promise<boolean>;
  /** Throws GitError `missingObject` when it is not there or damaged, `tooLarge` above MAX_OBJECT_BYTES. */
  read(oid: string): Promise<PackedObject>;
  /** Bytes of the object; null where that is not known without reading it. */
  sizeOf(oid: string): Promise<number | null>;
  /** The directory at a path of a revision, if the reader can tell at once; after null the caller walks the trees. */
  treeAt(revision: string, path: string): Promise<string | null>;
}

/** Where an object is that has a file of its own, relative to the mirror. */
export const loosePath = (oid: string): string => `objects/${oid.slice(0, 2)}/${oid.slice(2)}`;
