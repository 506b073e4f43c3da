import { Injectable } from '@nestjs/common';
import { type ContentFile, ContentStore, type ContentTree } from '../../content/content.store.js';
import { ContentService } from '../../content/content.service.js';
import type { GitObjects, GitTreeEntry } from '../../git/port.js';
import { listTree } from '../../git/tree.js';
import { isYamlPath } from '../../krm/parse.js';

/** Bytes of blobs read from Git before they are stored, so that memory stays bounded whatever a package's size. */
const BATCH_BYTES = 16 * 1024 * 1024;

/** Brings package directories from Git into the content index. Each tree and each blob is read once ever. */
@Injectable()
export class PackageReader {
  constructor(
    private readonly store: ContentStore,
    private readonly content: ContentService,
  ) {}

  /** The package at `tree`, indexed; null when the directory is no package. */
  async readPackage(git: GitObjects, tree: string): Promise<ContentTree | null> {
    const known = await this.store.findTree(tree);
    if (known) return (await this.store.isPackage(tree)) ? known : null;
    return (await this.isPackage(git, await git.readTree(tree))) ? this.readTree(git, tree) : null;
  }

  /** Indexes any directory, package or not: what a draft holds need not be a package yet. */
  async readTree(git: GitObjects, tree: string): Promise<ContentTree> {
    const known = await this.store.findTree(tree);
    if (known) return known;
    const entries = await listTree(git, tree);
    const sizes = await this.readBlobs(git, entries);
    const files = entries.map((entry): ContentFile => ({ ...entry, sizeBytes: sizes.get(entry.oid) ?? 0 }));
    return this.store.saveTree(tree, files);
  }

  private async readBlobs(git: GitObjects, entries: readonly Omit<ContentFile, 'sizeBytes'>[]): Promise<Map<string, number>> {
    const wanted = new Map<string, boolean>();
    for (const { oid, path, mode } of entries) {
      if (mode !== '160000') wanted.set(oid, wanted.get(oid) === true || (isYamlPath(path) && mode !== '120000'));
    }
    const blobs = [...wanted].map(([oid, yaml]) => ({ oid, yaml }));
    const known = await this.store.knownBlobs(blobs);
    const sizes = await this.store.blobSizes([...known]);
    let batch: { oid: string; content: Uint8Array; yaml: boolean }[] = [];
    let bytes = 0;
    for (const blob of blobs) {
      if (known.has(blob.oid)) continue;
      const content = await git.readBlob(blob.oid);
      sizes.set(blob.oid, content.byteLength);
      batch.push({ ...blob, content });
      bytes += content.byteLength;
      if (bytes < BATCH_BYTES) continue;
      await this.content.saveBlobs(batch);
      [batch, bytes] = [[], 0];
    }
    await this.content.saveBlobs(batch);
    return sizes;
  }

  /** DESIGN section 2: a directory that directly holds a Kptfile, or a YAML document with apiVersion and kind. */
  private async isPackage(git: GitObjects, entries: readonly GitTreeEntry[]): Promise<boolean> {
    const files = entries.filter((entry) => entry.mode.startsWith('100'));
    if (files.some((file) => file.name === 'Kptfile')) return true;
    for (const file of files) {
      if (!isYamlPath(file.name)) continue;
      if (this.content.parse(await git.readBlob(file.oid)).objects.length > 0) return true;
    }
    return false;
  }
}
