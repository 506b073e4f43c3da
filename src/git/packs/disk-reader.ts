import { join } from 'node:path';
import git from 'isomorphic-git';
import { atomicFs, isThere } from './atomic-fs.js';
import { loosePath, type ObjectReader } from '../objects/object-reader.js';
import type { PackDirectory } from './pack-directory.js';
import type { PackedObject } from '../objects/pack-writer.js';
import { GitError } from '../port.js';

/** Reads packs by our own code, and other objects by isomorphic-git. */
export class DiskReader implements ObjectReader {
  constructor(
    private readonly directory: string,
    private readonly packs: PackDirectory,
  ) {}

  async has(oid: string): Promise<boolean> {
    return (await isThere(join(this.directory, loosePath(oid)))) || (await this.holds(oid));
  }

  holds(oid: string): Promise<boolean> {
    return this.packs.holds(oid);
  }

  async read(oid: string): Promise<PackedObject> {
    const packed = await this.packs.read(oid);
    if (packed) return packed;
    try {
      const { type, object } = await git.readObject({ fs: atomicFs, gitdir: this.directory, oid, format: 'content' });
      return { type: type as PackedObject['type'], content: Buffer.from(object as Uint8Array) };
    } catch (error) {
      // Whatever isomorphic-git trips over in the mirror means that it is damaged; what the system says is passed on.
      if (error instanceof Error && 'syscall' in error) throw error;
      const message = `Object ${oid} is missing from the mirror or damaged.`;
      throw new GitError('missingObject', message, {}, { cause: error });
    }
  }

  /** Deltas only tell by being read. */
  async sizeOf(): Promise<null> {
    return null;
  }

  /** Trees are read with those that were read last in memory: walking is as quick as anything. */
  async treeAt(): Promise<null> {
    return null;
  }
}
