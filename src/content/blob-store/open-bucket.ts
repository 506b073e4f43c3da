import { type Config, hasOwnS3Endpoint } from '../../config/config.js';
import type { Bucket } from './bucket.js';

/** The bucket of BLOB_STORE_URL; null where PostgreSQL keeps all. */
export async function openBucket({ blobStoreUrl: url }: Config): Promise<Bucket | null> {
  if (url === undefined) return null;
  // Its client takes a while to load, for which nobody else should wait.
  const { S3Bucket } = await import('./s3-bucket.js');
  return new S3Bucket(url, { isOwnEndpoint: hasOwnS3Endpoint() });
}
