import { Injectable } from '@nestjs/common';
import { toColumns } from '../database/columns.js';
import { Database } from '../database/database.js';
import { Prisma } from '../database/generated/client.js';
import { batchesOf } from '../domain/batches.js';
import { storableText } from '../domain/storable-text.js';
import { MAX_KPTFILE_BYTES } from '../krm/kptfile.js';
import { BlobStore, type StoredBytes } from './blob-store/blob-store.js';
import {
  type ContentFile,
  type ContentTree,
  type IndexedBlob,
  isFile,
  type NewTree,
  type TreeDescription,
  type UnsupportedReason,
} from './content.js';
import { asFile, fileRow } from './file-row.js';
import { objectRow } from './object-row.js';
import { SubpackageStore } from './subpackage.store.js';

/** Rows a statement may carry. */
const ROWS_PER_INSERT = 2_000;
const BYTES_PER_INSERT = 8 * 1024 * 1024;
const TREES_PER_INSERT = 500;

/**
 * Trees, files, blobs and KRM objects by Git OID. Rows are immutable, so writing one again is harmless. Those that bear the
 * mark of the retention may be about to go: they do not count as known, and writing them again takes the mark away.
 */
@Injectable()
export class ContentStore {
  constructor(
    private readonly database: Database,
    private readonly subpackages: SubpackageStore,
    private readonly blobStore: BlobStore,
  ) {}

  /** The trees that need no (further) reading: stored, and with their YAML parsed where `yaml` says they must be. */
  async knownTrees(oids: readonly string[], { yaml }: { yaml: boolean }): Promise<Set<string>> {
    const rows = await this.database.read<{ oid: string; parsed: boolean }>(Prisma.sql`
      SELECT oid, parsed FROM package_tree WHERE oid = ANY(${[...oids]}) AND unused_since IS NULL`);
    return new Set(rows.flatMap(({ oid, parsed }) => (parsed || !yaml ? [oid] : [])));
  }

  /** The blobs that need no (further) reading: stored, and parsed where `yaml` says they must be. */
  async knownBlobs(blobs: readonly { oid: string; yaml: boolean }[]): Promise<Set<string>> {
    const known = new Set<string>();
    const yaml = new Set(blobs.filter((blob) => blob.yaml).map((blob) => blob.oid));
    for (const part of batchesOf([...new Set(blobs.map((blob) => blob.oid))], ROWS_PER_INSERT)) {
      const rows = await this.database.read<{ oid: string; parsed: boolean }>(Prisma.sql`
        SELECT oid, parsed FROM blob WHERE oid = ANY(${part}) AND unused_since IS NULL`);
      for (const row of rows) if (row.parsed || !yaml.has(row.oid)) known.add(row.oid);
    }
    return known;
  }

  async saveBlobs(blobs: readonly IndexedBlob[]): Promise<void> {
    for (const part of chunkBytes(blobs)) await this.insertBlobs(part);
  }

  /** Stores a tree whose blobs are stored already. */
  async saveTree(oid: string, files: readonly ContentFile[]): Promise<ContentTree> {
    await this.saveTrees([{ oid, files }]);
    return summarize(oid, files);
  }

  /** Stores trees whose blobs are stored already. Whoever finds a tree's row finds all its files: it is one statement. */
  async saveTrees(trees: readonly NewTree[]): Promise<void> {
    // Always in one order, as with blobs.
    const sorted = [...trees].sort((a, b) => (a.oid < b.oid ? -1 : 1));
    for (const part of batchesOf(sorted, TREES_PER_INSERT)) {
      const summaries = part.map(({ oid, files, parsed = true }) =>
        toColumns({ ...summarize(oid, files), parsed, createdAt: new Date() }),
      );
      const files = part.flatMap(({ oid, files: listed }) => listed.map((file) => fileRow(oid, file)));
      await this.database.write(Prisma.sql`
        WITH fresh AS (
          INSERT INTO package_tree
          SELECT * FROM json_populate_recordset(NULL::package_tree, ${JSON.stringify(summaries)}::json)
          ON CONFLICT (oid) DO UPDATE SET unused_since = NULL, parsed = package_tree.parsed OR excluded.parsed
          WHERE package_tree.unused_since IS NOT NULL OR excluded.parsed AND NOT package_tree.parsed RETURNING oid
        )
        INSERT INTO package_file
        SELECT f.* FROM json_populate_recordset(NULL::package_file, ${JSON.stringify(files)}::json) f
        JOIN fresh ON fresh.oid = f.tree_oid ON CONFLICT DO NOTHING`);
    }
    await this.subpackages.saveOf(sorted);
  }

  /** All entries of the package, also those that are no files for the API. */
  async filesOf(tree: string): Promise<ContentFile[]> {
    return (await this.filesOfTrees([tree])).get(tree) ?? [];
  }

  /** The same of many. */
  async filesOfTrees(trees: readonly string[]): Promise<Map<string, ContentFile[]>> {
    const found = new Map<string, ContentFile[]>();
    for (const part of batchesOf([...new Set(trees)], ROWS_PER_INSERT)) {
      const where = { treeOid: part.length === 1 ? part[0] : { in: part } };
      const rows = await this.database.client.packageFile.findMany({ where, orderBy: { path: 'asc' } });
      for (const row of rows) {
        const files = found.get(row.treeOid) ?? [];
        files.push(asFile(row));
        found.set(row.treeOid, files);
      }
    }
    return found;
  }

  async readBlobs(oids: readonly string[]): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
    const found = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const part of batchesOf([...new Set(oids)], ROWS_PER_INSERT)) {
      const rows = await this.database.client.blob.findMany({
        where: { oid: { in: part } },
        select: { oid: true, content: true, storeKey: true },
      });
      for (const row of await this.blobStore.filled(rows)) found.set(row.oid, row.content);
    }
    return found;
  }

  /** Those of the blobs that hold definitions of custom resources. */
  async definitionsIn(oids: readonly string[]): Promise<string[]> {
    const rows = await this.database.readByKey<{ oid: string }>(Prisma.sql`
      SELECT DISTINCT o.blob_oid AS oid FROM krm_object o
      WHERE o.blob_oid = ANY(${[...oids]}) AND o.kind = 'CustomResourceDefinition'`);
    return rows.map(({ oid }) => oid);
  }

  async blobSizes(oids: readonly string[]): Promise<Map<string, number>> {
    const sizes = new Map<string, number>();
    for (const part of batchesOf(oids, ROWS_PER_INSERT)) {
      const rows = await this.database.read<{ oid: string; size: number }>(Prisma.sql`
        SELECT b.oid, COALESCE(
          octet_length(b.content), (SELECT size_bytes FROM blob_store_key WHERE key = b.store_key)) AS size
        FROM blob b WHERE b.oid = ANY(${part})`);
      for (const row of rows) sizes.set(row.oid, row.size);
    }
    return sizes;
  }

  /**
   * Those of the trees that are stored: whether they directly hold a Kptfile or a KRM document (files in folders below do
   * not count), and their own Kptfile where it is of a sensible size and says anything of an upstream.
   */
  async describeTrees(oids: readonly string[]): Promise<TreeDescription[]> {
    // Each with LIMIT, and objects in the order of their key: they are to be looked up tree by tree and file by file, also
    // where the tables have grown since they were analyzed.
    const rows = await this.database.read<DescribedTree>(Prisma.sql`
      SELECT t.oid, k.blob_oid IS NOT NULL OR o.found IS NOT NULL AS "isPackage",
        b.oid AS "kptfileOid", b.content, b.store_key AS "storeKey"
      FROM package_tree t
      LEFT JOIN LATERAL (
        SELECT f.blob_oid, f.size_bytes FROM package_file f
        WHERE f.tree_oid = t.oid AND f.path = 'Kptfile' AND f.mode LIKE '100%' LIMIT 1
      ) k ON true
      LEFT JOIN LATERAL (
        SELECT oid, content, store_key FROM blob WHERE oid = k.blob_oid AND k.size_bytes <= ${MAX_KPTFILE_BYTES}
        AND (content IS NULL OR position('upstream'::bytea in content) > 0) LIMIT 1
      ) b ON true
      LEFT JOIN LATERAL (
        SELECT true AS found FROM package_file f
        WHERE k.blob_oid IS NULL AND f.tree_oid = t.oid AND position('/' in f.path) = 0 AND f.mode LIKE '100%'
        AND f.path ~ '[.](ya?ml|json)$'
        AND (SELECT true FROM krm_object WHERE blob_oid = f.blob_oid ORDER BY position LIMIT 1) LIMIT 1
      ) o ON true
      WHERE t.oid = ANY(${[...oids]})`);
    const described = rows.map(async ({ oid, isPackage, kptfileOid, ...bytes }) => ({
      ...{ oid, isPackage },
      kptfile: kptfileOid === null ? null : await this.blobStore.bytesOf({ oid: kptfileOid, ...bytes }),
    }));
    return Promise.all(described);
  }

  /**
   * One statement, so that whoever finds a parsed blob finds its objects. The bytes of all blobs that are kept here travel as
   * one value, as they are. Bytes may have been stored earlier under a name that is not YAML: then they are parsed now.
   */
  private async insertBlobs(blobs: readonly IndexedBlob[]): Promise<void> {
    let start = 1;
    const bytes = blobs.map(({ content, storeKey }) => (storeKey === null ? content : NOTHING));
    const rows = blobs.map(({ oid, storeKey, parsed, parseError, parseWarnings }, index) => {
      const length = bytes[index]?.byteLength ?? 0;
      const row = { oid, key: storeKey, start, length, parsed, parse_error: parseError, parse_warnings: parseWarnings };
      start += length;
      return row;
    });
    const objects = blobs.flatMap(({ oid, objects: found }) => found.map((object) => objectRow(oid, object)));
    await this.database.write(Prisma.sql`
      WITH stored AS (
        INSERT INTO blob (oid, content, store_key, parsed, parse_error, parse_warnings)
        SELECT b.oid, CASE WHEN b.key IS NULL THEN substring(${Buffer.concat(bytes)}::bytea FROM b.start FOR b.length) END,
          b.key, b.parsed, b.parse_error, b.parse_warnings
        FROM json_to_recordset(${JSON.stringify(rows)}::json)
          AS b(oid text, key text, start int, length int, parsed boolean, parse_error text, parse_warnings jsonb)
        ON CONFLICT (oid) DO UPDATE SET unused_since = NULL, parsed = blob.parsed OR excluded.parsed,
          parse_error = CASE WHEN excluded.parsed THEN excluded.parse_error ELSE blob.parse_error END,
          parse_warnings = CASE WHEN excluded.parsed THEN excluded.parse_warnings ELSE blob.parse_warnings END
        WHERE excluded.parsed AND NOT blob.parsed OR blob.unused_since IS NOT NULL
        RETURNING oid, store_key
      ), kept AS (
        UPDATE blob_store_key k SET unused_since = NULL FROM stored WHERE k.key = stored.store_key
      )
      INSERT INTO krm_object
      SELECT o.* FROM json_populate_recordset(NULL::krm_object, ${`[${objects.join()}]`}::json) o
      JOIN stored ON stored.oid = o.blob_oid ON CONFLICT DO NOTHING`);
  }
}

const NOTHING = new Uint8Array();

interface DescribedTree extends Omit<TreeDescription, 'kptfile'>, Omit<StoredBytes, 'oid'> {
  kptfileOid: string | null;
}

function summarize(oid: string, files: readonly ContentFile[]): ContentTree {
  const supported = files.filter(isFile);
  return {
    oid,
    fileCount: supported.length,
    sizeBytes: supported.reduce((sum, file) => sum + file.sizeBytes, 0),
    unsupported: files
      .filter((file) => !isFile(file))
      .map((file) => ({ path: storableText(file.path), mode: file.mode, reason: reasonOf(file) })),
  };
}

const reasonOf = ({ mode, hidden }: ContentFile): UnsupportedReason =>
  hidden ?? (mode === '160000' ? 'Submodule' : 'Symlink');

function chunkBytes(blobs: readonly IndexedBlob[]): IndexedBlob[][] {
  const parts: IndexedBlob[][] = [];
  let bytes = Infinity;
  for (const blob of blobs) {
    const size = blob.content.byteLength + blob.objects.reduce((sum, { body }) => sum + body.length, 0);
    if (bytes + size > BYTES_PER_INSERT || (parts.at(-1)?.length ?? 0) >= ROWS_PER_INSERT) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(blob);
    bytes += size;
  }
  return parts;
}
