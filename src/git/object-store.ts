import git from 'isomorphic-git';
import { EMPTY_TREE, encodeTree, hashObject } from './objects/git-hash.js';
import { atomicFs } from './packs/atomic-fs.js';
import { DiskReader } from './packs/disk-reader.js';
import {
  decodeCommit,
  decodeTag,
  decodeTree,
  encodeCommit,
  encodeTag,
  findInTree,
  malformed,
} from './objects/object-codec.js';
import type { ObjectReader } from './objects/object-reader.js';
import { PackDirectory } from './packs/pack-directory.js';
import { canonicalTree, setDirectory } from './objects/tree-edit.js';
import { compress, encodePack, type PackedObject } from './objects/pack-writer.js';
import type { GitCommit, GitObjects, GitTag, GitTreeEntry } from './port.js';
import { RecentlyUsed } from './recently-used.js';

type ObjectType = PackedObject['type'];

/** The limit that Git has. */
const UNPACK_LIMIT = 100;
/** What is written but not pushed yet is kept in memory up to this size. */
const FRESH_BYTES = 64 * 1024 * 1024;
/** How many entries of trees, and how many commits, are kept decoded: a thousand publications read the same base. */
const DECODED = 50_000;

/**
 * The objects of one mirror: a bare repository without refs. What is written stays in memory until {@link keep} puts
 * it on disk: most of it is pushed in one go a moment later, and a file each would take longer than the push.
 */
export class ObjectStore implements GitObjects {
  readonly packs: PackDirectory;
  protected readonly reader: ObjectReader;
  readonly #fresh = new Map<string, PackedObject>();
  readonly #trees = new RecentlyUsed<string, GitTreeEntry[]>(DECODED, (entries) => 1 + entries.length);
  readonly #commits = new RecentlyUsed<string, GitCommit>(DECODED, () => 1);
  /** Trees that are written as Git writes them. */
  readonly #canonical = new RecentlyUsed<string, true>(DECODED, () => 1);
  #freshBytes = 0;

  constructor(
    private readonly directory: string,
    /** Reads what is on disk; our own code where none is given. */
    reader?: ObjectReader,
    /** More than this many objects are put on disk as a pack, fewer as a file each. */
    private readonly unpackLimit = UNPACK_LIMIT,
  ) {
    this.packs = new PackDirectory(directory);
    this.reader = reader ?? new DiskReader(directory, this.packs);
  }

  /** Creates the mirror where it is missing. */
  static async create(directory: string): Promise<void> {
    await git.init({ fs: atomicFs, dir: directory, bare: true });
  }

  async has(oid: string): Promise<boolean> {
    return oid === EMPTY_TREE || this.#fresh.has(oid) || (await this.reader.has(oid));
  }

  async readTree(oid: string): Promise<GitTreeEntry[]> {
    const known = this.#trees.get(oid);
    if (known !== undefined) return known;
    const entries = decodeTree(oid, await this.#readAs('tree', oid));
    this.#trees.set(oid, entries);
    return entries;
  }

  async treeAt(revision: string, path: string): Promise<string | null> {
    const known = this.#fresh.has(revision) ? null : await this.reader.treeAt(revision, path);
    return known ?? this.#walkTo(revision, path);
  }

  async #walkTo(revision: string, path: string): Promise<string | null> {
    let oid: string | null = await this.#rootOf(revision);
    for (const segment of path === '' ? [] : path.split('/')) {
      if (oid === null) return null;
      const entry = await this.findEntry(oid, segment);
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

  async findEntry(tree: string, name: string): Promise<GitTreeEntry | null> {
    return findInTree(tree, await this.#readAs('tree', tree), name);
  }

  async sizeOf(oid: string): Promise<number | null> {
    return this.#fresh.get(oid)?.content.length ?? this.reader.sizeOf(oid);
  }

  async readBlob(oid: string): Promise<Uint8Array> {
    return this.#readAs('blob', oid);
  }

  async readCommit(oid: string): Promise<GitCommit> {
    const known = this.#commits.get(oid);
    if (known !== undefined) return known;
    const commit = decodeCommit(oid, await this.#readAs('commit', oid));
    this.#commits.set(oid, commit);
    return commit;
  }

  async peel(oid: string): Promise<{ commit: string; tags: GitTag[] } | null> {
    const tags: GitTag[] = [];
    for (let at = oid; ;) {
      const { type, content } = await this.#read(at);
      if (type === 'commit') {
        // Whoever peels reads the commit next.
        this.#commits.set(at, decodeCommit(at, content));
        return { commit: at, tags };
      }
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

  async setDirectory(tree: string | null, name: string, child: string | null): Promise<string> {
    const base = tree ?? EMPTY_TREE;
    const present = await this.#readAs('tree', base);
    // What was made from a canonical tree is one: a thousand publications look only once.
    const canonical = this.#canonical.get(base) ? present : canonicalTree(base, present);
    const { content, delta } = setDirectory(base, canonical, name, child);
    const oid = await this.#write('tree', content, canonical === present ? { base, bytes: delta } : undefined);
    this.#canonical.set(oid, true);
    return oid;
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
      for (const oid of unique) yield { oid, ...(await read(oid)) };
    };
    return encodePack(objects(), unique.length);
  }

  /** Puts on disk these objects, which the remote has taken in as this pack. */
  async keep(oids: readonly string[], pack: Buffer): Promise<void> {
    if (oids.length <= this.unpackLimit) return this.#writeLoose(oids);
    await this.packs.receive([pack], pack.length);
    this.forget(oids);
  }

  /** Frees the memory of objects that are on disk. */
  protected forget(oids: readonly string[]): void {
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
    return this.reader.read(oid);
  }

  async #write(type: ObjectType, content: Uint8Array, delta?: PackedObject['delta']): Promise<string> {
    const oid = hashObject(type, content);
    if (this.#fresh.has(oid)) return oid;
    // A copy, because the caller may go on using its buffer.
    this.#fresh.set(oid, { type, content: Buffer.from(content), ...(delta && { delta }) });
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
