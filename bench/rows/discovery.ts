import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from '../../test/support/git-command.js';
import { objectsOf } from '../native/batch.js';
import { copyInto } from '../native/copy.js';
import { parseYaml } from '../native/yaml.js';
import { figure } from '../report/table.js';
import type { Result } from '../report/result.js';
import { alternate, median, timed } from '../report/statistics.js';
import type { Api } from '../stage/api.js';
import { withClient } from '../stage/postgres.js';
import type { Stage } from '../stage/stage.js';

const PACKAGES = 1000;
const TAGS = 5;

/** From POST /repositories until all revisions can be read, beside what native tools need to bring the same bytes. */
export async function discovery(stage: Stage): Promise<Result[]> {
  const catalog = await stage.catalog('discovery', { packages: PACKAGES, tags: TAGS });
  const warmUp = await stage.catalog('discovery-warm-up', { packages: 50, tags: 2 });
  const blobs = await blobsOf(catalog.path);
  const manifests = await manifestsOf(catalog.path);
  const shares: Shares[] = [];
  const peaks: number[] = [];
  const times = await alternate(
    stage.options.rounds,
    () =>
      stage.withPkgserver({ row: 'discovery' }, async (pkgserver) => {
        const { api } = pkgserver;
        // A server that has been running; only this repository is new to it.
        await api.register('warm-up', warmUp.url);
        const time = await timed(async () => {
          const id = await api.register('catalog', catalog.url);
          await assertReadable(api, id, catalog.revisions);
        });
        peaks.push((await pkgserver.memory()).peak / 2 ** 20);
        return time;
      }),
    async () => {
      const share = await discoverNatively(stage, catalog.url, blobs, manifests);
      shares.push(share);
      return share.clone + share.refs + share.read + share.parse + share.copy;
    },
  );
  return [
    {
      row: 'discovery',
      work: `first discovery of ${PACKAGES} packages × ${TAGS} tags`,
      unit: 'ms',
      ...times,
      limit: { of: 'ratio', comparison: '<=', value: 1.5 },
      notes: [
        `native: ${(['clone', 'refs', 'read', 'parse', 'copy'] as const)
          .map((part) => `${part} ${figure(median(shares.map((share) => share[part])))} ms`)
          .join(', ')}; ${blobs.length} blobs, ${manifests.size} of them YAML`,
        `pkgserver held ${figure(median(peaks))} MiB at most`,
      ],
    },
  ];
}

interface Shares {
  clone: number;
  refs: number;
  read: number;
  /** Each YAML blob once, by js-yaml in a script that does nothing else but write its objects as JSON. */
  parse: number;
  copy: number;
}

/**
 * `git clone --mirror`, `for-each-ref`, `cat-file --batch`, js-yaml and JSON, and `COPY` into tables with the keys that a
 * reader needs, the objects' bodies included: one after the other.
 */
async function discoverNatively(
  stage: Stage,
  url: string,
  blobs: readonly string[],
  manifests: ReadonlySet<string>,
): Promise<Shares> {
  const { folder } = stage.postgres;
  const mirror = join(folder, 'native.git');
  const database = await stage.postgres.create();
  try {
    return await withClient(database, async (client) => {
      await client.query('CREATE TABLE native_ref (name text PRIMARY KEY, oid text NOT NULL)');
      await client.query('CREATE TABLE native_blob (oid text PRIMARY KEY, content bytea NOT NULL)');
      await client.query(
        'CREATE TABLE native_object (oid text, position int, body jsonb NOT NULL, PRIMARY KEY (oid, position))',
      );
      const share: Shares = { clone: 0, refs: 0, read: 0, parse: 0, copy: 0 };
      share.clone = await timed(() => git(['clone', '--quiet', '--mirror', url, mirror]));
      let refs: Buffer = Buffer.alloc(0);
      share.refs = await timed(async () => {
        refs = await git(['for-each-ref', '--format=%(refname) %(objectname)'], { gitDir: mirror });
      });
      let objects: Buffer = Buffer.alloc(0);
      share.read = await timed(async () => {
        objects = await git(['cat-file', '--batch'], { gitDir: mirror, input: `${blobs.join('\n')}\n` });
      });
      const yaml = [...objectsOf(objects)].filter(({ oid }) => manifests.has(oid.toString()));
      const { parse, write, bodies } = await parseYaml(yaml.map(({ content }) => content));
      share.parse = parse + write;
      share.copy = await timed(async () => {
        await client.query('BEGIN');
        const lines = refs.toString('latin1').trimEnd().split('\n');
        await copyInto(
          client,
          folder,
          'native_ref',
          lines.map((line) => line.split(' ').map((part) => Buffer.from(part))),
        );
        const rows = [...objectsOf(objects)].map(({ oid, content }) => [oid, content]);
        await copyInto(client, folder, 'native_blob', rows);
        const found = yaml.flatMap(({ oid }, index) =>
          (bodies[index] ?? []).map((body, position) => [oid, int4(position), jsonb(body)]),
        );
        await copyInto(client, folder, 'native_object', found);
        await client.query('COMMIT');
      });
      const stored = await client.query<{ count: number }>('SELECT count(*)::int AS count FROM native_blob');
      if (stored.rows[0]?.count !== blobs.length) throw new Error('The native side did not store every blob.');
      return share;
    });
  } finally {
    await rm(mirror, { recursive: true, force: true });
    await stage.postgres.drop(database);
  }
}

function int4(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** The text behind the number of the format's version. */
const jsonb = (text: string): Buffer => Buffer.concat([Buffer.from([1]), Buffer.from(text)]);

async function blobsOf(gitDir: string): Promise<string[]> {
  const check = ['cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype)'];
  const lines = (await git(check, { gitDir })).toString().trim().split('\n');
  return lines.filter((line) => line.endsWith(' blob')).map((line) => line.slice(0, 40));
}

/** The blobs that a package has under a name that stands for YAML. */
async function manifestsOf(gitDir: string): Promise<Set<string>> {
  const lines = (await git(['rev-list', '--objects', '--all'], { gitDir })).toString().trim().split('\n');
  return new Set(lines.filter((line) => /(\.ya?ml|\/Kptfile)$/.test(line)).map((line) => line.slice(0, 40)));
}

async function assertReadable(api: Api, repositoryId: string, revisions: number): Promise<void> {
  const { body } = await api.send<{ status: { revisionCount: number } }>('GET', `/repositories/${repositoryId}`);
  const { revisionCount } = body.status;
  if (revisionCount !== revisions) throw new Error(`${revisionCount} of ${revisions} revisions were found.`);
}
