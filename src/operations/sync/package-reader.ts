import { upstreamOf } from '../../krm/kptfile-upstream.js';
import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { type ContentFile, type IndexedBlob, isFile } from '../../content/content.js';
import { ContentStore } from '../../content/content.store.js';
import { ContentService, type NewBlob } from '../../content/content.service.js';
import { batchesOf } from '../../domain/batches.js';
import { isReadablePath } from '../../domain/file-path.js';
import type { Upstream } from '../../domain/revision.js';
import { concurrently } from '../../async/concurrently.js';
import type { GitObjects } from '../../git/port.js';
import { type TreeFile, listTree } from '../../git/objects/tree.js';
import { isYamlPath } from '../../krm/parse.js';
import { isContentFault } from './content-fault.js';

/** At most so much is read from Git before it is stored: it bounds memory whatever a repository holds. */
const BATCH_BYTES = 2 * 1024 * 1024;
const BATCH_TREES = 125;
const BATCH_FILES = 5_000;
/** One batch is read from Git while the other is parsed and stored. */
const BATCHES_AT_ONCE = 2;
/** Trees that the reader asks the mirror for at a time, so that the mirror never waits for the next question. */
const TREES_AT_ONCE = 64;
const BLOBS_AT_ONCE = 128;
const SIZES_AT_ONCE = 2_000;
/** Bytes of blobs that the reader asks for at a time. */
const WINDOW_BYTES = 2 * 1024 * 1024;

/** `package` reads a directory only if it is a package; `any` reads it as it is: a draft need not be a package yet. */
export type Wanted = 'package' | 'any';

export interface IndexedTree {
  isPackage: boolean;
  /** The upstream that the package's Kptfile names. */
  upstream: Upstream | null;
}

/** How trees are brought into the index. */
interface Indexing {
  /** Whether their YAML files are parsed. */
  yaml: boolean;
  isWanted: (entries: readonly TreeFile[], oid: string) => boolean | Promise<boolean>;
}

interface ListedTree {
  oid: string;
  files: ListedFile[];
}

type ListedFile = TreeFile & Pick<ContentFile, 'hidden'>;

/** Brings directories from Git into the content index. Each tree and each blob is read once ever. */
@Injectable()
export class PackageReader {
  private readonly logger = new Logger(PackageReader.name);

  constructor(
    private readonly store: ContentStore,
    private readonly content: ContentService,
    private readonly config: Config,
  ) {}

  /**
   * Indexes trees, many at once, and returns them by OID. It leaves out a tree that cannot be read, and one that is no
   * package where a package is wanted.
   */
  async read(git: GitObjects, trees: ReadonlyMap<string, Wanted>): Promise<Map<string, IndexedTree>> {
    const oids = [...trees.keys()];
    const found = await concurrently(batchesOf(oids, BATCH_TREES), BATCHES_AT_ONCE, async (batch) => {
      await this.index(git, batch, {
        yaml: true,
        isWanted: (entries, oid) => trees.get(oid) === 'any' || this.isPackage(git, entries),
      });
      const described = await this.store.describeTrees(batch);
      const kptfiles = (await this.content.readKptfiles(described.flatMap(({ kptfile }) => kptfile ?? []))).values();
      return described.map(({ oid, isPackage, kptfile }) => {
        return { oid, isPackage, upstream: kptfile && upstreamOf(kptfiles.next().value ?? null) };
      });
    });
    return new Map(
      found
        .flat()
        .filter(({ oid, isPackage }) => isPackage || trees.get(oid) === 'any')
        .map(({ oid, ...tree }) => [oid, tree]),
    );
  }

  /** Stores the files of trees, as they are: nothing in them is looked into, and no search finds it. */
  async keep(git: GitObjects, trees: readonly string[]): Promise<void> {
    await concurrently(batchesOf(trees, BATCH_TREES), BATCHES_AT_ONCE, (batch) =>
      this.index(git, batch, { yaml: false, isWanted: () => true }),
    );
  }

  private async index(git: GitObjects, oids: readonly string[], how: Indexing): Promise<void> {
    const known = await this.store.knownTrees(oids, how);
    const missing = oids.filter((oid) => !known.has(oid));
    let listed: ListedTree[] = [];
    let files = 0;
    for (const part of batchesOf(missing, TREES_AT_ONCE)) {
      const read = await Promise.all(part.map((oid) => this.list(git, oid, how)));
      for (const tree of read) {
        if (tree === null) continue;
        listed.push(tree);
        files += tree.files.length;
      }
      if (files < BATCH_FILES) continue;
      await this.save(git, listed, how);
      [listed, files] = [[], 0];
    }
    await this.save(git, listed, how);
  }

  /** Returns null when the tree cannot be read, or is not wanted. */
  private async list(git: GitObjects, oid: string, { isWanted }: Indexing): Promise<ListedTree | null> {
    try {
      const entries = await listTree(git, oid);
      return (await isWanted(entries, oid)) ? { oid, files: entries.map(listed) } : null;
    } catch (error) {
      if (!isContentFault(error)) throw error;
      this.logger.warn(`The directory ${oid} cannot be read: ${error.message}`);
      return null;
    }
  }

  private async save(git: GitObjects, trees: readonly ListedTree[], { yaml }: Indexing): Promise<void> {
    const { sizes, unreadable } = await this.readBlobs(
      git,
      trees.flatMap((tree) => tree.files),
      yaml,
    );
    await this.store.saveTrees(
      trees.map(({ oid, files }) => ({
        oid,
        parsed: yaml,
        files: files.map((file): ContentFile => ({
          ...(unreadable.has(file.oid) && { hidden: 'TooLarge' }),
          ...file,
          sizeBytes: sizes.get(file.oid) ?? 0,
        })),
      })),
    );
  }

  private async readBlobs(
    git: GitObjects,
    files: readonly ListedFile[],
    yaml: boolean,
  ): Promise<{ sizes: Map<string, number>; unreadable: Set<string> }> {
    const wanted = new Map<string, boolean>();
    for (const file of files) {
      const { oid, path, mode } = file;
      const isYaml = yaml && isYamlPath(path) && isFile(file);
      if (mode !== '160000') wanted.set(oid, wanted.get(oid) === true || isYaml);
    }
    const blobs = [...wanted].map(([oid, isYaml]) => ({ oid, yaml: isYaml }));
    const known = await this.store.knownBlobs(blobs);
    const sizes = await this.store.blobSizes([...known]);
    const missing = blobs.filter(({ oid }) => !known.has(oid));
    const unreadable = new Set<string>();
    let batch: Promise<IndexedBlob[]>[] = [];
    let bytes = 0;
    for (const window of await this.windows(git, missing)) {
      const contents = await Promise.all(window.map(({ oid }) => this.readBlob(git, oid)));
      const read: NewBlob[] = [];
      for (const [index, content] of contents.entries()) {
        const blob = window[index];
        if (!blob) continue;
        if (content === null) {
          unreadable.add(blob.oid);
          continue;
        }
        sizes.set(blob.oid, content.byteLength);
        read.push({ ...blob, content });
        bytes += content.byteLength;
      }
      // Storing goes on while the next batch is read. If that reading throws first, this promise is never awaited:
      // without a handler its rejection would end the process.
      const indexing = this.content.index(read);
      indexing.catch(() => undefined);
      batch.push(indexing);
      if (bytes < BATCH_BYTES) continue;
      await this.content.saveBlobs((await Promise.all(batch)).flat());
      [batch, bytes] = [[], 0];
    }
    await this.content.saveBlobs((await Promise.all(batch)).flat());
    return { sizes, unreadable };
  }

  /** Forms batches: many small blobs, few large ones, and one alone when its size is unknown. */
  private async windows<Blob extends { oid: string }>(git: GitObjects, blobs: readonly Blob[]): Promise<Blob[][]> {
    const windows: Blob[][] = [];
    let room = 0;
    for (const part of batchesOf(blobs, SIZES_AT_ONCE)) {
      const sizes = await Promise.all(part.map(({ oid }) => git.sizeOf(oid)));
      for (const [index, blob] of part.entries()) {
        const size = Math.min(sizes[index] ?? Infinity, WINDOW_BYTES);
        if (windows.length === 0 || room < size || (windows.at(-1)?.length ?? 0) >= BLOBS_AT_ONCE) {
          windows.push([]);
          room = WINDOW_BYTES;
        }
        windows.at(-1)?.push(blob);
        room -= size;
      }
    }
    return windows;
  }

  /** Returns null when the blob is larger than a whole package may be. */
  private async readBlob(git: GitObjects, oid: string): Promise<Uint8Array | null> {
    try {
      const content = await git.readBlob(oid);
      return content.byteLength > this.config.maxPackageBytes ? null : content;
    } catch (error) {
      if (isContentFault(error)) return null;
      throw error;
    }
  }

  /** A package directly holds a Kptfile, or a YAML document with apiVersion and kind. */
  private async isPackage(git: GitObjects, entries: readonly TreeFile[]): Promise<boolean> {
    const files = entries.filter(({ path, mode }) => mode.startsWith('100') && !path.includes('/'));
    return files.some((file) => file.path === 'Kptfile') || this.holdsObjects(git, files);
  }

  /** Whether any of these files of one directory holds a KRM document. */
  async holdsObjects(git: GitObjects, files: readonly Pick<TreeFile, 'path' | 'oid'>[]): Promise<boolean> {
    for (const { oid } of files.filter(({ path }) => isYamlPath(path))) {
      const content = await this.readBlob(git, oid);
      const [parsed] = content ? await this.content.parse([content]) : [];
      if (parsed && parsed.objects.length > 0) return true;
    }
    return false;
  }
}

/** Entries whose paths the API cannot give back safely are kept, and not read. */
const listed = (entry: TreeFile): ListedFile =>
  isReadablePath(entry.path) ? entry : { ...entry, hidden: 'InvalidPath' };
