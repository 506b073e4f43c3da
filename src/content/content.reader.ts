import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Prisma } from '../database/generated/client.js';
import type { KrmObject } from '../krm/krm-object.js';
import { BlobStore, type StoredBytes } from './blob-store/blob-store.js';
import type { ContentFile } from './content.js';

/** A file, and what reading it as YAML has told: why it cannot be read, or what kubectl reads in another way. */
export interface FileEntry extends Omit<ContentFile, 'hidden'> {
  parseError: string | null;
  parseWarnings: string[];
  /** Whether Git holds only a pointer of Git LFS for the file; the store of LFS holds the bytes that it points to. */
  lfsPointer: boolean;
}

/** What reading a file has told. */
export type FileRemarks = Pick<FileEntry, 'path' | 'parseError' | 'parseWarnings'>;

/** By path. */
export interface Remarks {
  parseErrors: Record<string, string>;
  parseWarnings: Record<string, string[]>;
}

/** A file with its bytes. */
export interface ReadFile extends FileEntry {
  content: Uint8Array<ArrayBuffer>;
}

/** A KRM object and the file of the package that holds it. */
export interface PackageObject extends Omit<KrmObject, 'labels' | 'annotations'> {
  path: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** An image, and the file that names it. */
export interface NamedImage {
  path: string;
  image: string;
}

/** The specification of Git LFS calls a file a pointer that is smaller than 1,024 bytes and begins with this line. */
const LFS_VERSION = 'version https://git-lfs.github.com/spec/v1\n';
const IS_LFS_POINTER = Prisma.sql`
  CASE WHEN f.size_bytes < 1024 THEN substring(b.content FROM 1 FOR ${LFS_VERSION.length}) = convert_to(${LFS_VERSION}, 'UTF8') ELSE false END`;

const FILE_ENTRY = Prisma.sql`f.path, f.mode, f.blob_oid AS oid, f.size_bytes AS "sizeBytes",
  b.parse_error AS "parseError", b.parse_warnings AS "parseWarnings", ${IS_LFS_POINTER} AS "lfsPointer"`;

/** Reads the files of a package, without symlinks, submodules and what the API does not name. Each method is one statement. */
@Injectable()
export class ContentReader {
  constructor(
    private readonly database: Database,
    private readonly blobStore: BlobStore,
  ) {}

  /** All files with their bytes, by path. */
  async filesWithContent(tree: string): Promise<ReadFile[]> {
    const rows = await this.database.readByKey<FileEntry & StoredBytes>(Prisma.sql`
      SELECT ${FILE_ENTRY}, b.content, b.store_key AS "storeKey"
      FROM package_file f JOIN blob b ON b.oid = f.blob_oid
      WHERE f.tree_oid = ${tree} AND f.mode LIKE '100%' AND f.raw_path IS NULL ORDER BY f.path COLLATE "C"`);
    return this.blobStore.filled(rows);
  }

  /** All files without their bytes, by path. */
  async files(tree: string): Promise<FileEntry[]> {
    return this.database.readByKey<FileEntry>(Prisma.sql`
      SELECT ${FILE_ENTRY}
      FROM package_file f JOIN blob b ON b.oid = f.blob_oid
      WHERE f.tree_oid = ${tree} AND f.mode LIKE '100%' AND f.raw_path IS NULL ORDER BY f.path COLLATE "C"`);
  }

  async file(tree: string, path: string): Promise<ReadFile | null> {
    const rows = await this.database.readByKey<FileEntry & StoredBytes>(Prisma.sql`
      SELECT ${FILE_ENTRY}, b.content, b.store_key AS "storeKey"
      FROM package_file f JOIN blob b ON b.oid = f.blob_oid
      WHERE f.tree_oid = ${tree} AND f.path = ${path} AND f.mode LIKE '100%' AND f.raw_path IS NULL`);
    return (await this.blobStore.filled(rows))[0] ?? null;
  }

  /** Paths of the files that stand for bytes which Git LFS keeps elsewhere. */
  async lfsPointers(tree: string): Promise<string[]> {
    const rows = await this.database.readByKey<{ path: string }>(Prisma.sql`
      SELECT f.path FROM package_file f JOIN blob b ON b.oid = f.blob_oid
      WHERE f.tree_oid = ${tree} AND f.mode LIKE '100%' AND f.raw_path IS NULL AND ${IS_LFS_POINTER}
      ORDER BY f.path COLLATE "C"`);
    return rows.map(({ path }) => path);
  }

  async content(oid: string): Promise<Uint8Array<ArrayBuffer>> {
    const [row] = await this.database.readByKey<StoredBytes>(
      Prisma.sql`SELECT oid, content, store_key AS "storeKey" FROM blob WHERE oid = ${oid}`,
    );
    if (!row) throw new Error(`Blob ${oid} is missing`);
    return this.blobStore.bytesOf(row);
  }

  /** The files of which reading has told anything, by path. */
  async remarkRows(tree: string): Promise<FileRemarks[]> {
    return this.database.readByKey<FileRemarks>(Prisma.sql`
      SELECT f.path, b.parse_error AS "parseError", b.parse_warnings AS "parseWarnings"
      FROM package_file f JOIN blob b ON b.oid = f.blob_oid
      WHERE f.tree_oid = ${tree} AND f.raw_path IS NULL
        AND (b.parse_error IS NOT NULL OR b.parse_warnings <> '[]') ORDER BY f.path`);
  }

  async remarksOn(tree: string): Promise<Remarks> {
    const rows = await this.remarkRows(tree);
    const errors = rows.flatMap(({ path, parseError }) => (parseError === null ? [] : [[path, parseError]]));
    const warnings = rows.filter((row) => row.parseWarnings.length > 0);
    return {
      parseErrors: Object.fromEntries(errors),
      parseWarnings: Object.fromEntries(warnings.map((row) => [row.path, row.parseWarnings])),
    };
  }

  async objectsOf(tree: string): Promise<PackageObject[]> {
    return this.database.readByKey<PackageObject>(Prisma.sql`
      SELECT f.path, o.position, o.api_version AS "apiVersion", o.kind, o.namespace, o.name, o.labels, o.annotations
      FROM package_file f JOIN krm_object o ON o.blob_oid = f.blob_oid
      WHERE f.tree_oid = ${tree} AND f.raw_path IS NULL ORDER BY f.path, o.position`);
  }

  /** The images that the objects of each file name. */
  async imagesOf(tree: string): Promise<NamedImage[]> {
    return this.database.readByKey<NamedImage>(Prisma.sql`
      SELECT DISTINCT f.path, i.image
      FROM package_file f JOIN krm_object o ON o.blob_oid = f.blob_oid CROSS JOIN unnest(o.images) AS i(image)
      WHERE f.tree_oid = ${tree} AND f.mode LIKE '100%' AND f.raw_path IS NULL`);
  }

  async hasObjects(tree: string): Promise<boolean> {
    const rows = await this.database.readByKey<object>(Prisma.sql`
      SELECT 1 FROM package_file f JOIN krm_object o ON o.blob_oid = f.blob_oid WHERE f.tree_oid = ${tree} AND f.raw_path IS NULL LIMIT 1`);
    return rows.length > 0;
  }
}
