import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { type PackageFile, Prisma } from '../database/generated/client.js';
import type { ContentFile } from './content.js';
import { differingSql } from './differing.sql.js';
import { asFile } from './file-row.js';

type ComparedRow = Omit<PackageFile, 'treeOid'> & { side: 'from' | 'to'; defines: boolean };

/** The entries that a comparison of two trees has to read. */
export interface ComparedEntries {
  /** The entries that differ, and those that define custom resources. */
  from: ContentFile[];
  to: ContentFile[];
  /** The blobs with such definitions. */
  defining: string[];
}

/** Reads what two trees are compared by: what is the same in both stays in the database. */
@Injectable()
export class ComparedStore {
  constructor(private readonly database: Database) {}

  /** null: there is no such tree. */
  async entries(from: string | null, to: string | null): Promise<ComparedEntries> {
    const rows = await this.database.read<ComparedRow>(Prisma.sql`
      SELECT side, path, mode, blob_oid AS "blobOid", size_bytes AS "sizeBytes", raw_path AS "rawPath",
        ${definesSql('f')} AS defines
      FROM ((${differingSql(from, to)}) UNION ${definingSql('from', from)} UNION ${definingSql('to', to)}) f
      ORDER BY path COLLATE "C"`);
    const of = (side: 'from' | 'to') => rows.filter((row) => row.side === side).map(asFile);
    const defining = rows.flatMap(({ blobOid, defines }) => (defines ? [blobOid] : []));
    return { from: of('from'), to: of('to'), defining };
  }
}

const definingSql = (side: string, tree: string | null): Prisma.Sql => Prisma.sql`
  SELECT ${side}::text AS side, d.path, d.mode, d.blob_oid, d.size_bytes, d.raw_path FROM package_file d WHERE d.tree_oid = ${tree}::text AND ${definesSql('d')}`;

const definesSql = (alias: string): Prisma.Sql => Prisma.sql`EXISTS (
  SELECT FROM krm_object o WHERE o.blob_oid = ${Prisma.raw(alias)}.blob_oid AND o.kind = 'CustomResourceDefinition')`;
