import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { insertReturning, insertRows } from '../database/insert-rows.js';
import type { KrmObject } from '../krm/krm-object.js';

/** A file of a package. `path` is relative to the package; `mode` is Git's (100644, 100755, 120000, 160000). */
export interface ContentFile {
  path: string;
  mode: string;
  oid: string;
  sizeBytes: number;
}

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

/** `InvalidPath` (it names a Git folder, leaves the package, cannot be stored) and `TooLarge` come from Git only. */
export type UnsupportedReason = 'Symlink' | 'Submodule' | 'InvalidPath' | 'TooLarge';

/** A tree to store. `left` are entries of it that cannot be among its files and are only reported. */
export interface NewTree {
  oid: string;
  files: readonly ContentFile[];
  left?: readonly UnsupportedEntry[];
}

/** A blob's row, with what was read in it when a YAML file carries it. */
export interface IndexedBlob {
  oid: string;
  content: Uint8Array<ArrayBuffer>;
  parsed: boolean;
  parseError: string | null;
  objects: KrmObject[];
}

/** Rows a statement may carry. */
const ROWS_PER_INSERT = 2_000;
const BYTES_PER_INSERT = 8 * 1024 * 1024;
/** What calls itself a Kptfile and is larger tells nothing that is worth the memory. */
const MAX_KPTFILE = 256 * 1024;

/** Trees, files, blobs and KRM objects by Git OID. Rows are immutable, so writing one again is harmless. */
@Injectable()
export class ContentStore {
  constructor(private readonly database: Database) {}

  async findTree(oid: string): Promise<ContentTree | null> {
    const row = await this.database.client.packageTree.findUnique({ where: { oid } });
    return row && { ...row, sizeBytes: Number(row.sizeBytes), unsupported: row.unsupported as never };
  }

  async knownTrees(oids: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.client.packageTree.findMany({
      where: { oid: { in: [...oids] } },
      select: { oid: true },
    });
    return new Set(rows.map((row) => row.oid));
  }

  /** The blobs that need no (further) reading: stored, and parsed where `yaml` says they must be. */
  async knownBlobs(blobs: readonly { oid: string; yaml: boolean }[]): Promise<Set<string>> {
    const known = new Set<string>();
    const yaml = new Set(blobs.filter((blob) => blob.yaml).map((blob) => blob.oid));
    for (const part of chunk([...new Set(blobs.map((blob) => blob.oid))], ROWS_PER_INSERT)) {
      const rows = await this.database.client.blob.findMany({
        where: { oid: { in: part } },
        select: { oid: true, parsed: true },
      });
      for (const row of rows) if (row.parsed || !yaml.has(row.oid)) known.add(row.oid);
    }
    return known;
  }

  async saveBlobs(blobs: readonly IndexedBlob[]): Promise<void> {
    for (const part of chunkBytes(blobs)) await this.database.transaction(() => this.insertBlobs(part));
  }

  /** Stores a tree whose blobs are stored already. */
  async saveTree(oid: string, files: readonly ContentFile[]): Promise<ContentTree> {
    await this.saveTrees([{ oid, files }]);
    return summarize(oid, files);
  }

  /** Stores trees whose blobs are stored already. Whoever finds a tree's row finds all its files. */
  async saveTrees(trees: readonly NewTree[]): Promise<void> {
    // Always in one order, as with blobs.
    const sorted = [...trees].sort((a, b) => (a.oid < b.oid ? -1 : 1));
    await this.database.transaction(async () => {
      const { client } = this.database;
      for (const part of chunk(sorted, ROWS_PER_INSERT)) {
        const trees = part.map(({ oid, files, left }) => ({ ...summarize(oid, files, left), createdAt: new Date() }));
        const fresh = new Set(await insertReturning(client, 'package_tree', 'oid', trees));
        const rows = part.flatMap(({ oid, files }) => (fresh.has(oid) ? files.map((file) => fileRow(oid, file)) : []));
        for (const some of chunk(rows, ROWS_PER_INSERT)) await insertRows(client, 'package_file', some);
      }
    });
  }

  /** All entries of the package, symlinks and submodules included, by path. */
  async filesOf(tree: string): Promise<ContentFile[]> {
    const rows = await this.database.client.packageFile.findMany({
      where: { treeOid: tree },
      orderBy: { path: 'asc' },
    });
    return rows.map((row) => ({ path: row.path, mode: row.mode, oid: row.blobOid, sizeBytes: row.sizeBytes }));
  }

  async readBlobs(oids: readonly string[]): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
    const found = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const part of chunk([...new Set(oids)], ROWS_PER_INSERT)) {
      const rows = await this.database.client.blob.findMany({
        where: { oid: { in: part } },
        select: { oid: true, content: true },
      });
      for (const row of rows) found.set(row.oid, row.content);
    }
    return found;
  }

  async blobSizes(oids: readonly string[]): Promise<Map<string, number>> {
    const sizes = new Map<string, number>();
    for (const part of chunk(oids, ROWS_PER_INSERT)) {
      const rows = await this.database.client.$queryRaw<{ oid: string; size: number }[]>`
        SELECT oid, octet_length(content) AS size FROM blob WHERE oid = ANY(${part})`;
      for (const row of rows) sizes.set(row.oid, row.size);
    }
    return sizes;
  }

  /** Those of the trees that directly hold a Kptfile or a KRM document (files in folders below do not count). */
  async packagesAmong(trees: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.client.$queryRaw<{ oid: string }[]>`
      SELECT DISTINCT f.tree_oid AS oid FROM package_file f
      WHERE f.tree_oid = ANY(${trees}) AND position('/' in f.path) = 0 AND f.mode LIKE '100%'
      AND (f.path = 'Kptfile' OR f.path ~ '[.]ya?ml$' AND EXISTS (SELECT 1 FROM krm_object o WHERE o.blob_oid = f.blob_oid))`;
    return new Set(rows.map((row) => row.oid));
  }

  /** The blobs of the trees' own Kptfiles, those of a sensible size: tree → blob. */
  async kptfilesOf(trees: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.database.client.packageFile.findMany({
      where: {
        treeOid: { in: [...trees] },
        path: 'Kptfile',
        mode: { startsWith: '100' },
        sizeBytes: { lte: MAX_KPTFILE },
      },
      select: { treeOid: true, blobOid: true },
    });
    return new Map(rows.map((row) => [row.treeOid, row.blobOid]));
  }

  private async insertBlobs(blobs: readonly IndexedBlob[]): Promise<void> {
    const { client } = this.database;
    const rows = blobs.map(({ oid, content, parsed, parseError }) => ({ oid, content, parsed, parseError }));
    const created = await insertRows(client, 'blob', rows);
    const parsed = blobs.filter((blob) => blob.parsed);
    // Bytes may have been stored earlier under a name that is not YAML.
    for (const blob of created < blobs.length ? parsed : []) {
      await client.blob.updateMany({
        where: { oid: blob.oid, parsed: false },
        data: { parsed: true, parseError: blob.parseError },
      });
    }
    const objects = parsed.flatMap((blob) => blob.objects.map((object) => ({ blobOid: blob.oid, ...object })));
    for (const some of chunk(objects, ROWS_PER_INSERT)) await insertRows(client, 'krm_object', some);
  }
}

export function summarize(
  oid: string,
  files: readonly ContentFile[],
  left: readonly UnsupportedEntry[] = [],
): ContentTree {
  const supported = files.filter((file) => file.mode.startsWith('100'));
  return {
    oid,
    fileCount: supported.length,
    sizeBytes: supported.reduce((sum, file) => sum + file.sizeBytes, 0),
    unsupported: [
      ...files
        .filter((file) => !file.mode.startsWith('100'))
        .map(({ path, mode }) => ({ path, mode, reason: reasonOf(mode) })),
      ...left,
    ],
  };
}

const reasonOf = (mode: string): UnsupportedReason => (mode === '160000' ? 'Submodule' : 'Symlink');

const fileRow = (treeOid: string, { path, mode, oid, sizeBytes }: ContentFile) => ({
  ...{ treeOid, path, mode, sizeBytes },
  blobOid: oid,
});

function chunk<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let start = 0; start < items.length; start += size) parts.push(items.slice(start, start + size));
  return parts;
}

function chunkBytes(blobs: readonly IndexedBlob[]): IndexedBlob[][] {
  const parts: IndexedBlob[][] = [];
  let bytes = Infinity;
  for (const blob of blobs) {
    if (bytes + blob.content.byteLength > BYTES_PER_INSERT || (parts.at(-1)?.length ?? 0) >= ROWS_PER_INSERT) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(blob);
    bytes += blob.content.byteLength;
  }
  return parts;
}
