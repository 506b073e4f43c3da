import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Prisma } from '../database/generated/client.js';
import type { KrmObject } from '../krm/krm-object.js';
import type { ContentFile } from './content.js';

/** A file, and why it could not be read as YAML where that was tried in vain. */
export interface FileEntry extends Omit<ContentFile, 'hidden'> {
  parseError: string | null;
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

/** Reads the files of a package, without symlinks, submodules and what the API does not name. Each method is one statement. */
@Injectable()
export class ContentReader {
  constructor(private readonly database: Database) {}

  /** All files with their bytes, by path. */
  async filesWithContent(tree: string): Promise<ReadFile[]> {
    return this.database.readByKey<ReadFile>(Prisma.sql`
      SELECT f.path, f.mode, f.blob_oid AS oid, f.size_bytes AS "sizeBytes", b.content, b.parse_error AS "parseError"
      FROM package_file f JOIN blob b ON b.oid = f.blob_oid
      WHERE f.tree_oid = ${tree} AND f.mode LIKE '100%' AND f.raw_path IS NULL ORDER BY f.path COLLATE "C"`);
  }

  /** All files without their bytes, by path. */
  async files(tree: string): Promise<FileEntry[]> {
    return this.database.readByKey<FileEntry>(Prisma.sql`
      SELECT f.path, f.mode, f.blob_oid AS oid, f.size_bytes AS "sizeBytes", b.parse_error AS "parseError"
      FROM package_file f JOIN blob b ON b.oid = f.blob_oid
      WHERE f.tree_oid = ${tree} AND f.mode LIKE '100%' AND f.raw_path IS NULL ORDER BY f.path COLLATE "C"`);
  }

  async file(tree: string, path: string): Promise<ReadFile | null> {
    const rows = await this.database.readByKey<ReadFile>(Prisma.sql`
      SELECT f.path, f.mode, f.blob_oid AS oid, f.size_bytes AS "sizeBytes", b.content, b.parse_error AS "parseError"
      FROM package_file f JOIN blob b ON b.oid = f.blob_oid
      WHERE f.tree_oid = ${tree} AND f.path = ${path} AND f.mode LIKE '100%' AND f.raw_path IS NULL`);
    return rows[0] ?? null;
  }

  async content(oid: string): Promise<Uint8Array<ArrayBuffer>> {
    const [row] = await this.database.readByKey<Pick<ReadFile, 'content'>>(
      Prisma.sql`SELECT content FROM blob WHERE oid = ${oid}`,
    );
    if (!row) throw new Error(`Blob ${oid} is missing`);
    return row.content;
  }

  /** Files with the parse error of those that are no readable YAML. */
  async parseErrorsOf(tree: string): Promise<Map<string, string>> {
    const rows = await this.database.readByKey<{ path: string; parse_error: string }>(Prisma.sql`
      SELECT f.path, b.parse_error FROM package_file f JOIN blob b ON b.oid = f.blob_oid
      WHERE f.tree_oid = ${tree} AND f.raw_path IS NULL AND b.parse_error IS NOT NULL ORDER BY f.path`);
    return new Map(rows.map((row) => [row.path, row.parse_error]));
  }

  async objectsOf(tree: string): Promise<PackageObject[]> {
    return this.database.readByKey<PackageObject>(Prisma.sql`
      SELECT f.path, o.position, o.api_version AS "apiVersion", o.kind, o.namespace, o.name, o.labels, o.annotations
      FROM package_file f JOIN krm_object o ON o.blob_oid = f.blob_oid
      WHERE f.tree_oid = ${tree} AND f.raw_path IS NULL ORDER BY f.path, o.position`);
  }

  async hasObjects(tree: string): Promise<boolean> {
    const rows = await this.database.readByKey<object>(Prisma.sql`
      SELECT 1 FROM package_file f JOIN krm_object o ON o.blob_oid = f.blob_oid WHERE f.tree_oid = ${tree} AND f.raw_path IS NULL LIMIT 1`);
    return rows.length > 0;
  }
}
