import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { ContentFile } from './content.store.js';

/** A file, and why it could not be read as YAML where that was tried in vain. */
export interface FileEntry extends ContentFile {
  parseError: string | null;
}

/** A file with its bytes. */
export interface ReadFile extends FileEntry {
  content: Uint8Array<ArrayBuffer>;
}

/** Files of a package (symlinks and submodules left out), each reading one statement. */
@Injectable()
export class ContentReader {
  constructor(private readonly database: Database) {}

  /** All files with their bytes, by path. */
  async filesWithContent(tree: string): Promise<ReadFile[]> {
    return this.database.client.$queryRaw<ReadFile[]>`
      SELECT f.path, f.mode, f.blob_oid AS oid, f.size_bytes AS "sizeBytes", b.content, b.parse_error AS "parseError"
      FROM package_file f JOIN blob b ON b.oid = f.blob_oid
      WHERE f.tree_oid = ${tree} AND f.mode LIKE '100%' ORDER BY f.path COLLATE "C"`;
  }

  /** All files without their bytes, by path. */
  async files(tree: string): Promise<FileEntry[]> {
    return this.database.client.$queryRaw<FileEntry[]>`
      SELECT f.path, f.mode, f.blob_oid AS oid, f.size_bytes AS "sizeBytes", b.parse_error AS "parseError"
      FROM package_file f JOIN blob b ON b.oid = f.blob_oid
      WHERE f.tree_oid = ${tree} AND f.mode LIKE '100%' ORDER BY f.path COLLATE "C"`;
  }

  async file(tree: string, path: string): Promise<ReadFile | null> {
    const rows = await this.database.client.$queryRaw<ReadFile[]>`
      SELECT f.path, f.mode, f.blob_oid AS oid, f.size_bytes AS "sizeBytes", b.content, b.parse_error AS "parseError"
      FROM package_file f JOIN blob b ON b.oid = f.blob_oid
      WHERE f.tree_oid = ${tree} AND f.path = ${path} AND f.mode LIKE '100%'`;
    return rows[0] ?? null;
  }

  async content(oid: string): Promise<Uint8Array<ArrayBuffer>> {
    const row = await this.database.client.blob.findUniqueOrThrow({ where: { oid }, select: { content: true } });
    return row.content;
  }
}
