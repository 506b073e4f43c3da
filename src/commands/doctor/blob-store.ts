import { needsBlobStore } from '../../content/blob-store/blob-store.js';
import { openBucket } from '../../content/blob-store/open-bucket.js';
import { messageOf } from '../../domain/message-of.js';
import { type Check, failed, ok } from './check.js';

export const blobStore: Check = {
  name: 'blob store',
  needs: 'tables',
  look: async ({ config, database }) => {
    const bucket = await openBucket(config);
    if (bucket === null) {
      if (!(await needsBlobStore(database))) return [ok('PostgreSQL keeps all files.')];
      return [
        failed(
          'The database has files in a blob store, and BLOB_STORE_URL is not set.',
          'Set it to what it was; no process starts without.',
        ),
      ];
    }
    try {
      await bucket.probe();
      return [ok(`The bucket of ${bucket.place} answers.`)];
    } catch (error) {
      return [
        failed(
          `The bucket of ${bucket.place} cannot be used: ${messageOf(error)}.`,
          'Start it, or correct BLOB_STORE_URL and the AWS_… variables; until then large files cannot be read or stored.',
        ),
      ];
    } finally {
      bucket.close();
    }
  },
};
