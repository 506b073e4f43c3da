import { keys, MIB, url, urls, whole } from './reader.js';
import { api, everywhere } from './variable.js';

const POSTGRES = ['postgres:', 'postgresql:'];

/** The variables of where the service keeps what it has: PostgreSQL, Redis, a bucket. */
export const storage = {
  DATABASE_URL: everywhere(
    url(POSTGRES, 'postgresql://user:password@host:5432/pkgserver'),
    'A PostgreSQL of yours. Unset: an embedded one under `DATA_DIR`, which serves `ROLE=all` alone.',
  ),
  DATABASE_DIRECT_URL: everywhere(
    url(POSTGRES, 'postgresql://user:password@host:5432/pkgserver'),
    'The same database without the pooler, where `DATABASE_URL` is that of one which pools transactions, such as PgBouncer: for ' +
      'migrations, notifications and the queue. See [operating.md](operating.md#behind-a-pooler).',
  ),
  DATABASE_OWNER_URL: everywhere(
    url(POSTGRES, 'postgresql://owner:password@host:5432/pkgserver'),
    'The same database as the role that owns the tables: it runs the migrations, and keeps the audit log out of the reach ' +
      'of the role in `DATABASE_URL`. See [operating.md](operating.md).',
  ),
  DATABASE_READ_URL: api(
    urls(POSTGRES, 'postgresql://user:password@replica:5432/pkgserver'),
    'Streaming replicas of the database, each by a URL of its own: they answer what only reads. Set it in all API processes alike. See ' +
      '[operating.md](operating.md#read-replicas).',
  ),
  DATABASE_READ_LAG_SECONDS: api(
    whole(10, 2, 3600, 'seconds'),
    'A replica that is further behind is left out, and the primary answers.',
  ),
  DATABASE_POOL_SIZE: everywhere(
    whole(10, 2, 1000, 'connections'),
    'How many connections a process opens at most, to the primary and to each replica, beside a few of the queue.',
  ),
  REDIS_URL: everywhere(
    url(['redis:', 'rediss:'], 'redis://host:6379'),
    'Carries the queue and the counters of rate limits. Unset: the queue is in PostgreSQL, and each process counts for itself.',
  ),
  BLOB_STORE_URL: everywhere(
    url(['s3:'], 's3://bucket/prefix'),
    'A bucket of S3, or of a server like it, for the bytes of large files; region, credentials and endpoint come from the variables ' +
      'of its client (`AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL_S3` …). Unset: PostgreSQL keeps all. See ' +
      '[operating.md](operating.md#files-in-a-bucket).',
  ),
  BLOB_STORE_MIN_BYTES: everywhere(
    whole(16 * 1024, 1024, 16 * MIB, 'bytes'),
    'Files of at least so many go into `BLOB_STORE_URL`; PostgreSQL keeps the smaller ones.',
  ),
  CREDENTIALS_KEY: everywhere(
    keys,
    'Seals the secrets of credentials, receivers and webhooks. The first key seals, all of them open. Unset: one is made in `DATA_DIR`, and ' +
      'processes with different `DATA_DIR`s cannot read each other’s.',
  ),
};
