import { withClient } from '../stage/postgres.js';
import { withoutIndexes } from './without-indexes.js';

export interface IndexShape {
  seed: number;
  /** A multiple of 100: each repository holds 100, in 20 packages. */
  revisions: number;
}

/** What else is written into the same database, in expressions of the columns of `shape`. */
export interface MoreRows {
  /** Where a package of a deployment repository goes. */
  target: string;
  /** Columns of `package` and `package_revision`, added to the others or in place of them. */
  package: Columns;
  revision: Columns;
  /** Statements behind all others. */
  tables: readonly string[];
}

export type Columns = Readonly<Record<string, string>>;

export const REVISIONS_PER_REPOSITORY = 100;

/**
 * Fills the tables as discoveries of many repositories would have, without any Git: for reading only. Repository `r`,
 * package `p` of it and version `v` make revision `n = r * 100 + p * 5 + v`; ids are in the order of the versions, so
 * that what belongs together is spread over the tables.
 */
export async function writeIndex(
  url: string,
  { seed, revisions }: IndexShape,
  more: MoreRows = { target: "'edge-' || p", package: {}, revision: {}, tables: [] },
): Promise<void> {
  if (revisions % REVISIONS_PER_REPOSITORY !== 0) throw new Error(`${revisions} revisions are no whole repositories.`);
  await withClient(url, async (client) => {
    await withoutIndexes(client, async () => {
      await client.query(functions(seed));
      for (const statement of [...tables(more), ...more.tables]) await client.query(statement, statement.includes('$1') ? [revisions] : []);
    });
    // What autovacuum does in its own time.
    await client.query('VACUUM ANALYZE');
  });
}

/**
 * UUIDs of version 7, object ids and choices that depend on the seed and a number only. Each is one expression of
 * immutable functions, which PostgreSQL writes into the statement in place of the call: ten million calls take minutes.
 */
const functions = (seed: number): string => `
  CREATE FUNCTION pg_temp.hash(kind text, n bigint) RETURNS text IMMUTABLE LANGUAGE sql
    AS $$ SELECT encode(sha256((kind || ':${seed}:' || n::text)::bytea), 'hex') $$;
  CREATE FUNCTION pg_temp.oid(kind text, n bigint) RETURNS text IMMUTABLE LANGUAGE sql
    AS $$ SELECT left(pg_temp.hash(kind, n), 40) $$;
  CREATE FUNCTION pg_temp.v7(kind text, n bigint, minute bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$
    SELECT (lpad(to_hex(1735689600000 + minute * 60000), 12, '0') || '7' || left(pg_temp.hash(kind, n), 3) || '8' ||
      substr(pg_temp.hash(kind, n), 4, 15))::uuid $$;
  CREATE FUNCTION pg_temp.pick(options text, n bigint) RETURNS text IMMUTABLE LANGUAGE sql
    AS $$ SELECT (string_to_array(options, ' '))[1 + n % cardinality(string_to_array(options, ' '))] $$;`;

const NAMES =
  'amf smf upf nrf ausf udm udr pcf nssf nef bsf chf sepp scp smsf lmf ' +
  'ims-core p-cscf s-cscf hss mme sgw pgw pcrf dns ntp ingress monitoring logging tracing ' +
  'gateway vault registry storage firewall balancer cache queue backup scheduler';

/** Distinct files, each with one object: a hundred revisions share one. */
const BLOBS = 10_000;
const FILES =
  'Kptfile config.yaml deployment.yaml network.yaml rbac.yaml service.yaml storage.yaml autoscaler.yaml ingress.yaml jobs.yaml';
const FILES_PER_REVISION = 10;

const insert = (table: string, columns: Columns, from: string): string =>
  `INSERT INTO ${table} (${Object.keys(columns).join(', ')}) SELECT ${Object.values(columns).join(', ')} ${from}`;

const PATH = "concat_ws('/', coalesce(target, realm), package_name)";

const PACKAGE: Columns = {
  id: "pg_temp.v7('package', n / 5, n / 5)",
  repository_id: "pg_temp.v7('repository', r, r)",
  path: PATH,
  target: 'target',
  realm: 'realm',
  name: 'package_name',
  head_tree: "pg_temp.oid('tree', n + 3)",
  created_at: 'now()',
  updated_at: 'now()',
};

const isPublished = (value: string): string => `CASE WHEN state = 'published' THEN ${value} END`;

const REVISION: Columns = {
  id: "pg_temp.v7('revision', n, v * 100000 + n / 5)",
  repository_id: PACKAGE.repository_id as string,
  package_id: PACKAGE.id as string,
  repository_name: "'repository-' || r",
  path: PATH,
  target: 'target',
  realm: 'realm',
  package_name: 'package_name',
  name: `concat_ws('.', CASE WHEN deployment THEN target ELSE 'catalog' END, 'repository-' || r, realm, package_name, 'v' || v + 1)`,
  workspace: "'v' || v + 1",
  revision: isPublished("'v' || v + 1"),
  version_key: isPublished("lpad((v + 1)::text, 10, '0') || '.0000000000.0000000000~'"),
  lifecycle: 'state::"Lifecycle"',
  latest: "state = 'published' AND v = newest",
  source: `'{"type": "discovered"}'`,
  tree: "pg_temp.oid('tree', n)",
  tag: isPublished("'refs/tags/' || package_name || '/v' || v + 1"),
  branch: `CASE WHEN state = 'draft' THEN 'refs/heads/drafts/' || package_name || '/v' || v + 1
    WHEN state = 'proposed' THEN 'refs/heads/proposed/' || package_name || '/v' || v + 1 END`,
  commit: "pg_temp.oid('commit', n)",
  pushed_tree: "pg_temp.oid('tree', n)",
  git_state: "'synced'",
  labels:
    "jsonb_build_object('team', pg_temp.pick('ran core edge transport', r), 'tier', pg_temp.pick('gold silver bronze', n))",
  created_at: 'now()',
  created_by: "pg_temp.pick('alice bob carol dave', n)",
  updated_at: 'now()',
  updated_by: "pg_temp.pick('alice bob carol', n)",
  published_at: isPublished('now()'),
  published_by: isPublished("'alice'"),
};

/** One statement a table. */
const tables = (more: MoreRows): string[] => [
  `CREATE TEMP TABLE shape ON COMMIT DROP AS
   SELECT n, r, p, v, r % 10 >= 7 AS deployment, pg_temp.pick('${NAMES}', r * 7 + p) AS package_name,
     CASE WHEN r % 10 >= 7 THEN ${more.target} END AS target,
     CASE WHEN r % 10 >= 7 THEN '' ELSE pg_temp.pick('nf platform infra apps', r + p) END AS realm,
     CASE WHEN v < 4 OR (r + p) % 10 < 5 THEN 'published' WHEN (r + p) % 10 < 9 THEN 'draft' ELSE 'proposed' END AS state,
     CASE WHEN (r + p) % 10 < 5 THEN 4 ELSE 3 END AS newest
   FROM (SELECT n, n / 100 AS r, n % 100 / 5 AS p, n % 5 AS v FROM generate_series(0, $1::bigint - 1) AS n) AS numbers`,

  `INSERT INTO repository (id, name, labels, deployment, url, url_key, ref, directory, conditions, commit, created_at,
     created_by, updated_at, updated_by)
   SELECT pg_temp.v7('repository', r, r), 'repository-' || r, jsonb_build_object('team', pg_temp.pick('ran core edge', r)),
     deployment, 'https://git.example.com/team/repository-' || r || '.git', 'git.example.com/team/repository-' || r,
     'main', '', '[]', pg_temp.oid('head', r), now(), 'alice', now(), 'alice'
   FROM shape WHERE n % 100 = 0`,

  // Polled never again while it is measured.
  `INSERT INTO repository_polling (repository_id, last_synced_at, next_sync_at, refs_digest)
   SELECT id, now(), now() + interval '1 year', md5(name) FROM repository`,

  insert('package', { ...PACKAGE, ...more.package }, 'FROM shape WHERE v = 0'),

  `INSERT INTO revision_counter (repository_id, path, highest) SELECT repository_id, path, 5 FROM package`,

  `INSERT INTO package_tree (oid, file_count, size_bytes, unsupported, created_at)
   SELECT pg_temp.oid('tree', n), ${FILES_PER_REVISION}, ${FILES_PER_REVISION} * 1500, '[]', now() FROM shape`,

  `INSERT INTO blob (oid, content, parsed)
   SELECT pg_temp.oid('blob', b), convert_to(
     'apiVersion: v1' || chr(10) || 'kind: ConfigMap' || chr(10) || 'metadata:' || chr(10) || '  name: settings-' || b ||
     chr(10) || 'data:' || chr(10) || (
       SELECT string_agg('  key-' || line || ': "' || left(pg_temp.hash('line', b * 100 + line), 40) || '"' || chr(10), '')
       FROM generate_series(1, 8 + b % 45) AS line), 'UTF8'), true
   FROM generate_series(0, ${BLOBS - 1}) AS b`,

  // Four in ten are ConfigMaps with a few dozen values, as many are workloads with an image, the others are Services.
  `INSERT INTO krm_object (blob_oid, position, api_version, kind, namespace, name, labels, images, body)
   SELECT pg_temp.oid('blob', b), 0, body ->> 'apiVersion', body ->> 'kind', body #>> '{metadata,namespace}',
     body #>> '{metadata,name}', body #> '{metadata,labels}',
     CASE WHEN body ->> 'kind' = 'Deployment' THEN ARRAY[body #>> '{spec,template,spec,containers,0,image}'] ELSE '{}' END, body
   FROM generate_series(0, ${BLOBS - 1}) AS b CROSS JOIN LATERAL (SELECT jsonb_build_object(
     'apiVersion', CASE WHEN b % 5 IN (0, 1) THEN 'v1' WHEN b % 5 = 2 THEN 'v1' ELSE 'apps/v1' END,
     'kind', CASE WHEN b % 5 IN (0, 1) THEN 'ConfigMap' WHEN b % 5 = 2 THEN 'Service' ELSE 'Deployment' END,
     'metadata', jsonb_build_object('name', pg_temp.pick('${NAMES}', b * 13) || '-' || b / 40, 'namespace', 'ns-' || b % 50,
       'labels', jsonb_build_object('app', pg_temp.pick('${NAMES}', b * 13), 'tier', pg_temp.pick('gold silver bronze', b))))
     || CASE WHEN b % 5 IN (0, 1) THEN jsonb_build_object('data', (
          SELECT jsonb_object_agg('key-' || line, left(pg_temp.hash('line', b * 100 + line), 40))
          FROM generate_series(1, 8 + b % 45) AS line))
        WHEN b % 5 = 2 THEN jsonb_build_object('spec', jsonb_build_object('type', pg_temp.pick('ClusterIP NodePort', b),
          'ports', jsonb_build_array(jsonb_build_object('name', 'http', 'port', 8000 + b % 200))))
        ELSE jsonb_build_object('spec', jsonb_build_object('replicas', b % 9, 'template', jsonb_build_object('spec',
          jsonb_build_object('containers', jsonb_build_array(jsonb_build_object('name', 'main',
            'image', 'ghcr.io/example/' || pg_temp.pick('${NAMES}', b * 13) || ':v1.' || b % 60,
            'args', jsonb_build_array('--level=' || b % 5, '--id=' || b)))))))
        END AS body) AS made`,

  `INSERT INTO package_file (tree_oid, path, mode, blob_oid, size_bytes)
   SELECT tree, pg_temp.pick('${FILES}', f), '100644', b.oid, b.size
   FROM (SELECT n, pg_temp.oid('tree', n) AS tree FROM shape OFFSET 0) AS trees
   CROSS JOIN generate_series(0, ${FILES_PER_REVISION - 1}) AS f
   JOIN (SELECT k, pg_temp.oid('blob', k) AS oid FROM generate_series(0, ${BLOBS - 1}) AS k) AS keys
     ON keys.k = (n * ${FILES_PER_REVISION} + f) * 7919 % ${BLOBS}
   JOIN (SELECT oid, octet_length(content) AS size FROM blob) AS b ON b.oid = keys.oid`,

  insert('package_revision', { ...REVISION, ...more.revision }, 'FROM shape'),
];
