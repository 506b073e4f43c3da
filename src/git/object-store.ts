import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import git from 'isomorphic-git';
import { EMPTY_TREE, encodeTree, hashObject } from '../content/git-hash.js';
import { decodeCommit, decodeTag, decodeTree, encodeCommit, encodeTag, malformed } from './object-codec.js';
import { PackDirectory } from './pack-directory.js';
import { encodePack, type PackedObject } from './pack-writer.js';
import { GitError, type GitCommit, type GitObjects, type GitTag, type GitTreeEntry } from './port.js';

type ObjectType = PackedObject['type'];

const compress = promisify(deflate);

/** isomorphic-git keeps whatever it unpacked in its cache, so the cache is dropped after this many bytes. */
const CACHE_BYTES = 64 * 1024 * 1024;

/** isomorphic-git writes in place: cut short, that leaves a broken object which is never written again. */
const atomicFs = {
  promises: {
    ...fs,
    async writeFile(path: string, data: Uint8Array | string): Promise<void> {
      const temporary = `${path}.${randomUUID()}.tmp`;
      await fs.writeFile(temporary, data);
      await fs.rename(temporary, path);
    },
  },
};

/** The objects of one mirror: a bare repository without refs. */
export class ObjectStore implements GitObjects {
  readonly packs: PackDirectory;
  #cache: object = {};
  #bytesRead = 0;

  constructor(private readonly directory: string) {
    this.packs = new PackDirectory(directory);
  }

  /** Creates the mirror where it is missing. */
  static async create(directory: string): Promise<void> {
    await git.init({ fs: atomicFs, dir: directory, bare: true });
  }

  async has(oid: string): Promise<boolean> {
    return oid === EMPTY_TREE || (await this.#isLoose(oid)) || (await this.packs.holds(oid));
  }

  async #isLoose(oid: string): Promise<boolean> {
    const path = join(this.directory, 'objects', oid.slice(0, 2), oid.slice(2));
    return fs.access(path).then(
      () => true,
      () => false,
    );
  }

  async readTree(oid: string): Promise<GitTreeEntry[]> {
    return decodeTree(oid, await this.#readAs('tree', oid));
  }

  async readBlob(oid: string): Promise<Uint8Array> {
    return this.#readAs('blob', oid);
  }

  async readCommit(oid: string): Promise<GitCommit> {
    return decodeCommit(oid, await this.#readAs('commit', oid));
  }

  async peel(oid: string): Promise<{ commit: string; tags: GitTag[] } | null> {
    const tags: GitTag[] = [];
    for (let at = oid; ;) {
      const { type, content } = await this.#read(at);
      if (type === 'commit') return { commit: at, tags };
      if (type !== 'tag') return null;
      const tag = decodeTag(at, content);
      tags.push(tag);
      at = tag.object;
    }
  }

  writeBlob(content: Uint8Array): Promise<string> {
    return this.#write('blob', content);
  }

  writeTree(entries: readonly GitTreeEntry[]): Promise<string> {
    return this.#write('tree', encodeTree(entries));
  }

  writeCommit(commit: Omit<GitCommit, 'oid'>): Promise<string> {
    return this.#write('commit', encodeCommit(commit));
  }

  writeTag(tag: Omit<GitTag, 'oid'>): Promise<string> {
    return this.#write('tag', encodeTag(tag));
  }

  /** A pack of exactly these objects. No objects make the pack without objects. */
  async pack(oids: readonly string[]): Promise<Buffer> {
    const unique = [...new Set(oids)];
    const read = (oid: string) => this.#read(oid);
    const objects = async function* () {
      for (const oid of unique) yield read(oid);
    };
    return encodePack(objects(), unique.length);
  }

  async #readAs(expected: ObjectType, oid: string): Promise<Buffer> {
    const { type, content } = await this.#read(oid);
    if (type !== expected) throw malformed(`reference: a ${type} where a ${expected} should be`, oid);
    return content;
  }

  async #read(oid: string): Promise<{ type: ObjectType; content: Buffer }> {
    try {
      const { type, object } = await git.readObject({ ...this.#place(), oid, format: 'content' });
      const content = Buffer.from(object as Uint8Array);
      this.#bytesRead += content.length;
      return { type: type as ObjectType, content };
    } catch (error) {
      // Whatever isomorphic-git trips over in the mirror means that it is damaged; what the system says is passed on.
      if (error instanceof Error && 'syscall' in error) throw error;
      const message = `Object ${oid} is missing from the mirror or damaged.`;
      throw new GitError('missingObject', message, {}, { cause: error });
    }
  }

  /** Hashed and deflated here, because isomorphic-git's own way takes ten times as long. */
  async #write(type: ObjectType, content: Uint8Array): Promise<string> {
    const oid = hashObject(type, content);
    if (await this.has(oid)) return oid;
    const object = await compress(Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]));
    return git.writeObject({ fs: atomicFs, gitdir: this.directory, type, object, format: 'deflated', oid });
  }

  #place(): { fs: typeof atomicFs; gitdir: string; cache: object } {
    if (this.#bytesRead > CACHE_BYTES) {
      this.#cache = {};
      this.#bytesRead = 0;
    }
    return { fs: atomicFs, gitdir: this.directory, cache: this.#cache };
  }
}
