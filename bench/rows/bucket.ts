import { hasS3Server, S3Server } from '../../test/support/s3-server.js';
import { FastImport } from '../data/fast-import.js';
import { kptfile } from '../data/kptfile.js';
import { Random } from '../data/random.js';
import type { Result } from '../report/result.js';
import { alternate, median, timed } from '../report/statistics.js';
import { figure } from '../report/table.js';
import { withClient } from '../stage/postgres.js';
import type { Stage } from '../stage/stage.js';

const PACKAGES = 200;
const TAGS = 2;
const LARGE_BYTES = 64 * 1024;
const READS = 20;

/** Packages with one large file each: discovery and reads with the bytes of those in a bucket, beside the same in PostgreSQL. */
export async function bucket(stage: Stage): Promise<Result[]> {
  if (!hasS3Server) throw new Error('The row bucket needs the Versity S3 Gateway (versitygw) on the PATH.');
  const { url } = await stage.imported('bucket', withLargeFiles(stage.options.seed));
  const server = await S3Server.start();
  await stage.onClose(() => server.stop());
  const inBucket = new Side(stage, url, (number) => ({ ...server.variables, BLOB_STORE_URL: `s3://files/${number}` }));
  const inPostgres = new Side(stage, url, () => ({}));
  const times = await alternate(
    stage.options.rounds,
    () => inBucket.discover(),
    () => inPostgres.discover(),
  );
  const stored = [inBucket, inPostgres].map(({ mebibytes }) => figure(median(mebibytes)));
  return [
    {
      ...{ row: 'bucket', work: `discovery of ${PACKAGES * TAGS} large files in a bucket`, unit: 'ms', ...times },
      notes: [`the database has ${stored[0]} MiB, without the bucket ${stored[1]} MiB`],
    },
    {
      ...{ row: 'bucket', work: 'files of a revision, one of them in a bucket', unit: 'ms' },
      ...{ ours: inBucket.reads, native: inPostgres.reads, notes: [] },
    },
  ];
}

class Side {
  readonly reads: number[] = [];
  /** Of the database. */
  readonly mebibytes: number[] = [];
  private discoveries = 0;

  constructor(
    private readonly stage: Stage,
    private readonly url: string,
    private readonly variables: (discovery: number) => Record<string, string>,
  ) {}

  async discover(): Promise<number> {
    this.discoveries += 1;
    const databaseUrl = await this.stage.postgres.create();
    const variables = this.variables(this.discoveries);
    const time = await this.stage.withPkgserver({ row: 'bucket', databaseUrl, variables }, async ({ api }) => {
      const taken = await timed(() => api.register('catalog', this.url));
      const revisions = await api.revisions('repository=catalog');
      if (revisions.length !== PACKAGES * TAGS) throw new Error(`${revisions.length} revisions were found.`);
      for (const { id } of revisions.slice(0, READS)) await api.bytes(`/package-revisions/${id}/resources`);
      for (const { id } of revisions.slice(-READS)) {
        this.reads.push(await timed(() => api.bytes(`/package-revisions/${id}/resources`)));
      }
      return taken;
    });
    const [row] = await withClient(databaseUrl, async (client) => {
      const { rows } = await client.query<{ bytes: string }>('SELECT pg_database_size(current_database()) AS bytes');
      return rows;
    });
    this.mebibytes.push(Number(row?.bytes) / 2 ** 20);
    await this.stage.postgres.drop(databaseUrl);
    return time;
  }
}

/** What `git fast-import` makes the repository of; no two of the large files are the same. */
function withLargeFiles(seed: number): string {
  const random = new Random(seed);
  const stream = new FastImport();
  for (let version = 1; version <= TAGS; version += 1) {
    const files = new Map<string, string>();
    for (let index = 0; index < PACKAGES; index += 1) {
      if (version === 1) files.set(`app-${index}/Kptfile`, kptfile(`app-${index}`));
      files.set(`app-${index}/rendered.txt`, `${random.word(LARGE_BYTES)}\n`);
    }
    const commit = stream.commit('refs/heads/main', `Release v${version}`, files);
    for (let index = 0; index < PACKAGES; index += 1) stream.tag(`app-${index}/v${version}`, commit);
  }
  return stream.finish();
}
