import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Prisma } from '../database/generated/client.js';
import { ContentService } from './content.service.js';
import { objectRow } from './object-row.js';

/** A step reads at most so many blobs, and none after the one with which it has read so many bytes. */
const BLOBS_PER_STEP = 200;
const BYTES_PER_STEP = 2 * 1024 * 1024;

/** Reads objects again that were indexed before their bodies were kept. */
@Injectable()
export class BodyFiller {
  constructor(
    private readonly database: Database,
    private readonly content: ContentService,
  ) {}

  /** One short step; gives how many files it has read, 0 when nothing is left. */
  async fillSome(): Promise<number> {
    const blobs = await this.database.readByKey<{ oid: string; content: Uint8Array }>(Prisma.sql`
      SELECT n.oid, b.content FROM (
        SELECT b.oid, sum(octet_length(b.content)) OVER (ORDER BY b.oid) - octet_length(b.content) AS before
        FROM (SELECT DISTINCT blob_oid FROM krm_object WHERE body IS NULL ORDER BY blob_oid LIMIT ${BLOBS_PER_STEP}::int) o
        JOIN blob b ON b.oid = o.blob_oid
      ) n JOIN blob b ON b.oid = n.oid WHERE n.before < ${BYTES_PER_STEP}::int ORDER BY n.oid`);
    const files = await this.content.parse(blobs.map(({ content }) => content));
    const rows = blobs.flatMap(({ oid }, index) => (files[index]?.objects ?? []).map((each) => objectRow(oid, each)));
    await this.database.write(Prisma.sql`
      UPDATE krm_object o SET body = n.body, images = n.images
      FROM json_populate_recordset(NULL::krm_object, ${`[${rows.join()}]`}::json) n
      WHERE o.blob_oid = n.blob_oid AND o.position = n.position AND o.body IS NULL`);
    // The present parser finds no object where an older one stored this row: an empty body keeps it from being tried again, and
    // a search still finds it by kind and name.
    await this.database.write(Prisma.sql`
      UPDATE krm_object SET body = '{}' WHERE body IS NULL AND blob_oid = ANY(${blobs.map(({ oid }) => oid)}::text[])`);
    return blobs.length;
  }
}
