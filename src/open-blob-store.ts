import type { Logger } from '@nestjs/common';
import { type Config, StartupError } from './config/config.js';
import { BlobStore, needsBlobStore } from './content/blob-store/blob-store.js';
import { openBucket } from './content/blob-store/open-bucket.js';
import type { Database } from './database/database.js';
import { messageOf } from './domain/message-of.js';

/** The blob store of a process, held against what is stored. Throws StartupError where it is needed and not set. */
export async function openBlobStore(config: Config, database: Database, log: Logger): Promise<BlobStore> {
  const bucket = await openBucket(config);
  if (bucket === null) {
    if (!(await needsBlobStore(database))) return BlobStore.none(database);
    throw new StartupError(
      'The database has files in a blob store, and BLOB_STORE_URL is not set. Set it to what it was: s3://bucket/prefix.',
    );
  }
  // It may be away for a moment: no reason not to start.
  await bucket.probe().catch((error: unknown) => {
    log.warn(`The blob store ${bucket.place} cannot be used: ${messageOf(error)}. What needs it waits.`);
  });
  return new BlobStore(database, bucket, config.blobStoreMinBytes);
}
