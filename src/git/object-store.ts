import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import git from 'isomorphic-git';
import { EMPTY_TREE, encodeTree, hashObject } from '../content/git-hash.js';
import { decodeCommit, decodeTag, decodeTree, encodeCommit, encodeTag, findInTree, malformed } from './object-codec.js';
import { PackDirectory } from './pack-directory.js';
import { compress, encodePack, type PackedObject } from './pack-writer.js';
import { GitError, type GitCommit, type GitObjects, type GitTag, type GitTreeEntry } from './port.js';

type ObjectType = PackedObject['type'];

/** More than this many objects are put on disk as a pack, fewer as a file each: the limit that Git has. */
const UNPACK_LIMIT = 100;
/** What is written but not pushed yet is kept in memory up to this size. */
const FRESH_BYTES = 64 * 1024 * 1024;

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

/**
 * The objects of one mirror: a bare repository without refs. What is written stays in memory until {@link keep} puts
 * it on disk: most of it is pushed in one go a moment later, and a file each would take longer than the push.
 */
export class ObjectStore implements GitObjects {
  readonly packs: PackDirectory;
  readonly #fresh = new Map<string, PackedObject>();
  #freshBytes = 0;

  constructor(private readonly directory: string) {
    this.packs = new PackDirectory(directory);
  }

  /** Creates the mirror where it is missing. */
  static async create(directory: string): Promise<void> {
    await git.init({ fs: atomicFs, dir: directory, bare: true });
  }

  async has(oid: string): Promise<boolean> {
    return oid === EMPTY_TREE || this.#fresh.has(oid) || (await this.#isLoose(oid)) || (await this.packs.holds(oid));
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

  async treeAt(revision: string, path: string): Promise<string | null> {
    let oid: string | null = await this.#rootOf(revision);
    for (const segment of path === '' ? [] : path.split('/')) {
      if (oid === null) return null;
      const entry = findInTree(oid, await this.#readAs('tree', oid), segment);
      oid = entry?.mode === '040000' ? entry.oid : null;
    }
    return oid;
  }

  async #rootOf(revision: string): Promise<string | null> {
    for (let oid = revision; ;) {
      const { type, content } = await this.#read(oid);
      if (type === 'tree') return oid;
      if (type === 'commit') return decodeCommit(oid, content).tree;
      if (type === 'blob') return null;
      oid = decodeTag(oid, content).object;
    }
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

  /** Puts on disk these objects, which the remote has taken in as this pack. */
  async keep(oids: readonly string[], pack: Buffer): Promise<void> {
    if (oids.length <= UNPACK_LIMIT) return this.#writeLoose(oids);
    const bytes = async function* () {
      yield pack;
    };
    await this.packs.receive(bytes(), pack.length);
    for (const oid of oids) this.#forget(oid);
  }

  async #readAs(expected: ObjectType, oid: string): Promise<Buffer> {
    const { type, content } = await this.#read(oid);
    if (type !== expected) throw malformed(`reference: a ${type} where a ${expected} should be`, oid);
    return content;
  }

  async #read(oid: string): Promise<PackedObject> {
    const fresh = this.#fresh.get(oid);
    if (fresh) return fresh;
    if (oid === EMPTY_TREE) return { type: 'tree', content: Buffer.alloc(0) };
    const packed = await this.packs.read(oid);
    if (packed) return packed;
    try {
      const { type, object } = await git.readObject({ fs: atomicFs, gitdir: this.directory, oid, format: 'content' });
      return { type: type as ObjectType, content: Buffer.from(object as Uint8Array) };
    } catch (error) {
      // Whatever isomorphic-git trips over in the mirror means that it is damaged; what the system says is passed on.
      if (error instanceof Error && 'syscall' in error) throw error;
      const message = `Object ${oid} is missing from the mirror or damaged.`;
      throw new GitError('missingObject', message, {}, { cause: error });
    }
  }

  async #write(type: ObjectType, content: Uint8Array): Promise<string> {
    const oid = hashObject(type, content);
    if (this.#fresh.has(oid)) return oid;
    // A copy, because the caller may go on using its buffer.
    this.#fresh.set(oid, { type, content: Buffer.from(content) });
    this.#freshBytes += content.length;
    if (this.#freshBytes > FRESH_BYTES) await this.#writeLoose([...this.#fresh.keys()]);
    return oid;
  }

  async #writeLoose(oids: readonly string[]): Promise<void> {
    for (const oid of oids) {
      const fresh = this.#fresh.get(oid);
      if (!fresh) continue;
      const { type, content } = fresh;
      const object = await compress(Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]));
      await git.writeObject({ fs: atomicFs, gitdir: this.directory, type, object, format: 'deflated', oid });
      this.#forget(oid);
    }
  }

  #forget(oid: string): void {
    this.#freshBytes -= this.#fresh.get(oid)?.content.length ?? 0;
    this.#fresh.delete(oid);
  }
}
