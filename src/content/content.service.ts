import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { isYamlPath, parseKrm } from '../krm/parse.js';
import { DEFAULT_YAML_LIMITS } from '../krm/yaml-limits.js';
import { type ContentFile, ContentStore, type ContentTree, type IndexedBlob } from './content.store.js';
import { buildTrees, hashBlob } from './git-hash.js';

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
  constructor(
    private readonly database: Database,
    private readonly store: ContentStore,
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
    return this.database.transaction(async () => {
      await this.saveBlobs([...blobs].map(([oid, blob]) => ({ oid, ...blob })));
      return this.store.saveTree(root, all);
    });
  }

  /** Parses and stores the blobs that are not stored yet. */
  async saveBlobs(blobs: readonly NewBlob[]): Promise<void> {
    const known = await this.store.knownBlobs(blobs);
    await this.saveNewBlobs(blobs.filter((blob) => !known.has(blob.oid)));
  }

  /** As {@link saveBlobs}, for blobs that were not stored a moment ago. */
  async saveNewBlobs(blobs: readonly NewBlob[]): Promise<void> {
    const indexed = blobs.map((blob) => this.index(blob));
    // Always in one order: two writers of the same blobs must wait for each other, not lock each other out.
    await this.store.saveBlobs(indexed.sort((a, b) => (a.oid < b.oid ? -1 : 1)));
  }

  /** Reads a file as YAML, within the configured limits. */
  parse(content: Uint8Array): ReturnType<typeof parseKrm> {
    return parseKrm(content, { ...DEFAULT_YAML_LIMITS, maxBytes: this.config.maxFileBytes });
  }

  private index(blob: NewBlob): IndexedBlob {
    const content = new Uint8Array(blob.content);
    if (!blob.yaml) return { oid: blob.oid, content, parsed: false, parseError: null, objects: [] };
    const { objects, parseError } = this.parse(content);
    return { oid: blob.oid, content, parsed: true, parseError, objects };
  }
}
