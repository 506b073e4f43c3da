import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { isYamlPath, type ParsedFile } from '../krm/parse.js';
import type { Kptfile } from '../krm/kptfile.js';
import { ParseThread } from '../krm/parse-thread.js';
import type { NameEdit } from '../krm/thread-jobs.js';
import { DEFAULT_YAML_LIMITS, type YamlLimits } from '../krm/yaml-limits.js';
import { BlobStore } from './blob-store/blob-store.js';
import type { ContentFile, ContentTree, IndexedBlob } from './content.js';
import { ContentStore } from './content.store.js';
import { entriesIn } from './folders.js';
import { buildTrees, hashBlob } from '../git/objects/git-hash.js';

/** A file as someone gives it. */
export interface NewFile {
  path: string;
  /** 100644 or 100755. */
  mode: string;
  content: Uint8Array;
}

/** Bytes to store, and whether a file that is read as YAML carries them. */
export interface NewBlob {
  oid: string;
  content: Uint8Array;
  yaml: boolean;
}

/** Turns bytes into indexed, content-addressed rows: the one way into the index for API edits and for Git alike. */
@Injectable()
export class ContentService {
  private readonly thread = new ParseThread();

  constructor(
    private readonly database: Database,
    private readonly store: ContentStore,
    private readonly blobStore: BlobStore,
    private readonly config: Config,
  ) {}

  /**
   * Stores a package made of `written` files and `kept` entries of a package stored before (files, symlinks,
   * submodules), and returns its tree with the OID that Git gives it. Touches no Git.
   */
  async savePackage(written: readonly NewFile[], kept: readonly ContentFile[] = []): Promise<ContentTree> {
    const blobs = new Map<string, { content: Uint8Array; yaml: boolean }>();
    const files = written.map((file): ContentFile => {
      const oid = hashBlob(file.content);
      const yaml = isYamlPath(file.path) || blobs.get(oid)?.yaml === true;
      blobs.set(oid, { content: file.content, yaml });
      return { path: file.path, mode: file.mode, oid, sizeBytes: file.content.byteLength };
    });
    const all = [...kept, ...files].sort((a, b) => (a.path < b.path ? -1 : 1));
    const { root } = buildTrees(all);
    const known = await this.store.knownBlobs([...blobs].map(([oid, { yaml }]) => ({ oid, yaml })));
    const fresh = [...blobs].filter(([oid]) => !known.has(oid)).map(([oid, blob]) => ({ oid, ...blob }));
    const indexed = await this.index(fresh);
    return this.database.transaction(async () => {
      await this.saveBlobs(indexed);
      return this.store.saveTree(root, all);
    });
  }

  /** The tree as Git writes one of the same entries now: mostly itself. Others may have written it with old modes. */
  async saveCanonical(tree: string): Promise<string> {
    const entries = await this.store.filesOf(tree);
    return buildTrees(entries).root === tree ? tree : (await this.savePackage([], entries)).oid;
  }

  /** A folder of a tree, stored as a package of its own. */
  async saveFolder(tree: string, path: string): Promise<string> {
    return (await this.savePackage([], entriesIn(path, await this.store.filesOf(tree)))).oid;
  }

  /** Parses those of the blobs that a YAML file carries, and puts the large ones into the blob store. */
  async index(blobs: readonly NewBlob[]): Promise<IndexedBlob[]> {
    const yaml = blobs.filter((blob) => blob.yaml);
    const [parsed, keys] = await Promise.all([
      this.parse(yaml.map(({ content }) => content)),
      this.blobStore.put(blobs),
    ]);
    const found = new Map(yaml.map(({ oid }, index) => [oid, parsed[index]]));
    return blobs.map(({ oid, content }) => {
      const bytes = { oid, content, storeKey: keys.get(oid) ?? null };
      const file = found.get(oid);
      return { ...bytes, parsed: file !== undefined, parseError: null, parseWarnings: [], objects: [], ...file };
    });
  }

  async saveBlobs(blobs: readonly IndexedBlob[]): Promise<void> {
    // Always in one order: two writers of the same blobs must wait for each other, not lock each other out.
    await this.store.saveBlobs([...blobs].sort((a, b) => (a.oid < b.oid ? -1 : 1)));
  }

  /** Reads files as YAML, within the configured limits. */
  parse(contents: readonly Uint8Array[]): Promise<ParsedFile[]> {
    return this.thread.parse(contents, this.limits);
  }

  /** The documents of YAML files that are meant for a cluster, by file. */
  manifests(contents: readonly Uint8Array[]): Promise<string[][]> {
    return this.thread.manifests(contents, this.limits);
  }

  /** What `Kptfile`s say, in their order; null for one that is none. */
  readKptfiles(contents: readonly Uint8Array[]): Promise<(Kptfile | null)[]> {
    return this.thread.readKptfiles(contents);
  }

  private get limits(): YamlLimits {
    return { ...DEFAULT_YAML_LIMITS, maxBytes: this.config.maxFileBytes };
  }

  /** A file that names its package, with another name. Throws `invalidPackage` where it cannot be changed safely. */
  rename(content: Uint8Array, edit: NameEdit): Promise<string> {
    return this.thread.rename(content, edit);
  }
}
