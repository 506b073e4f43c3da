import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { ContentFile } from './content.store.js';

/** A file with its bytes, and why these could not be read as YAML where that was tried in vain. */
export interface ReadFile extends ContentFile {
  content: Uint8Array<ArrayBuffer>;
  parseError: string | null;
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
  async files(tree: string): Promise<Omit<ReadFile, 'content'>[]> {
    return this.database.client.$queryRaw<Omit<ReadFile, 'content'>[]>`
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
