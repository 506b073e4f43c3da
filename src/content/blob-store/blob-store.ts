import { Logger } from '@nestjs/common';
import { concurrently } from '../../async/concurrently.js';
import type { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';
import { messageOf } from '../../domain/message-of.js';
import { uuidv7 } from '../../domain/uuid.js';
import { hashBlob } from '../../git/objects/git-hash.js';
import type { Bucket } from './bucket.js';

/** Requests to the bucket at a time, of one call. */
const AT_ONCE = 8;
/** So long a key stays in the bucket that no blob bears: nothing that writes or reads one takes as long. */
const UNUSED_MS = 24 * 60 * 60 * 1000;

/** The bytes of a blob as its row has them: they are in `content`, or under `storeKey` in the blob store. */
export interface StoredBytes {
  oid: string;
  content: Uint8Array<ArrayBuffer> | null;
  storeKey: string | null;
}

type Filled<Row extends StoredBytes> = Omit<Row, 'content' | 'storeKey'> & { content: Uint8Array<ArrayBuffer> };

/**
 * Keeps the bytes of large blobs in a bucket, where there is one. A key is written once and belongs to one row: what is stored
 * again after its removal gets another key, so that a removal under way cannot take it. A key is noted before anything is
 * put there; what then never comes to a row, or whose row is gone, is found by that note and removed a day later.
 */
export class BlobStore {
  private readonly logger = new Logger('BlobStore');

  /** A store without a bucket: PostgreSQL keeps the bytes of all blobs. */
  static none(database: Database): BlobStore {
    return new BlobStore(database, null, Infinity);
  }

  /** Blobs of at least `minBytes` go into the bucket. */
  constructor(
    private readonly database: Database,
    private readonly bucket: Bucket | null,
    private readonly minBytes: number,
  ) {}

  /** Stores the large ones of these; gives their keys, for their rows. */
  async put(blobs: readonly { oid: string; content: Uint8Array }[]): Promise<Map<string, string>> {
    const { bucket } = this;
    const large = blobs.filter(({ content }) => content.byteLength >= this.minBytes);
    if (bucket === null || large.length === 0) return new Map();
    const objects = large.map(({ oid, content }) => ({ oid, content, key: `${oid.slice(0, 2)}/${oid}/${uuidv7()}` }));
    await this.note(objects);
    await concurrently(objects, AT_ONCE, ({ key, content }) => this.ask(() => bucket.put(key, content)));
    return new Map(objects.map(({ oid, key }) => [oid, key]));
  }

  /** The bytes of a row's blob. */
  async bytesOf({ oid, content, storeKey }: StoredBytes): Promise<Uint8Array<ArrayBuffer>> {
    return content ?? this.read(oid, storeKey ?? '');
  }

  /** The same rows, each with its bytes. */
  async filled<Row extends StoredBytes>(rows: readonly Row[]): Promise<Filled<Row>[]> {
    return concurrently(rows, AT_ONCE, async ({ content, storeKey, ...row }) => ({
      ...row,
      content: content ?? (await this.read(row.oid, storeKey ?? '')),
    }));
  }

  /** Removes some of what no blob bears any more; gives how many. */
  async sweep(limit: number): Promise<number> {
    const { bucket } = this;
    if (bucket === null) return 0;
    const rows = await this.database.read<{ key: string }>(Prisma.sql`
      SELECT key FROM blob_store_key WHERE unused_since < ${new Date(Date.now() - UNUSED_MS)}
      ORDER BY unused_since LIMIT ${limit}::int`);
    await concurrently(rows, AT_ONCE, ({ key }) => this.ask(() => bucket.remove(key)));
    const keys = rows.map(({ key }) => key);
    await this.database.write(Prisma.sql`DELETE FROM blob_store_key WHERE key = ANY(${keys}::text[])`);
    return rows.length;
  }

  get isUsed(): boolean {
    return this.bucket !== null;
  }

  /** Throws what the bucket answers, where it cannot be used. */
  async probe(): Promise<void> {
    await this.bucket?.probe();
  }

  close(): void {
    this.bucket?.close();
  }

  /** Stays noted whatever becomes of the transaction around it. */
  private async note(objects: readonly { key: string; content: Uint8Array }[]): Promise<void> {
    const rows = objects.map(({ key, content }) => ({ key, size_bytes: content.byteLength, unused_since: new Date() }));
    await this.database.apart(() =>
      this.database.write(Prisma.sql`
        INSERT INTO blob_store_key
        SELECT * FROM json_populate_recordset(NULL::blob_store_key, ${JSON.stringify(rows)}::json)`),
    );
  }

  private async read(oid: string, key: string): Promise<Uint8Array<ArrayBuffer>> {
    const { bucket } = this;
    if (bucket === null) throw new Error(`Blob ${oid} is in a blob store, and this process knows none.`);
    const content = await this.ask(() => bucket.get(key));
    if (content === null) throw new Error(`The blob store has lost ${key}.`);
    if (hashBlob(content) !== oid) throw new Error(`The blob store has other bytes under ${key} than were put there.`);
    return content;
  }

  /** Its words are for the log: they may name hosts. */
  private async ask<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    try {
      return await request();
    } catch (error) {
      this.logger.warn(`The blob store ${this.bucket?.place} does not do as it should: ${messageOf(error)}`);
      throw new DomainError('unavailable', 'The blob store does not answer. Try again.', {}, { cause: error });
    }
  }
}

/** Whether the database has blobs whose bytes are in a bucket. */
export async function needsBlobStore(database: Database): Promise<boolean> {
  const rows = await database.read(Prisma.sql`SELECT 1 FROM blob_store_key WHERE unused_since IS NULL LIMIT 1`);
  return rows.length > 0;
}
