import type { Client } from 'pg';

/** How much there is in a filled index: of each repository this many packages, of each package so many revisions. */
export interface Fill {
  repositories: number;
  packages: number;
  revisions: number;
  operations: number;
  auditEntries: number;
  /** How many packages, revisions and operations the one that has far more than all others has. */
  giant: number;
}

/** Where the ids of the giants begin. */
export const GIANT_START = 0x1000_0000;

const TABLES = [
  'repository',
  'package',
  'package_revision',
  'operation',
  'upstream',
  'target',
  'campaign',
  'variant',
] as const;
type Table = (typeof TABLES)[number];

const prefix = (table: Table): string => `0199a0de-000${TABLES.indexOf(table)}-7000-8000-`;

/** The id of a row: in the order of `number`, as UUIDv7 has them in the order of time. */
export const idIn = (table: Table, number: number): string => prefix(table) + number.toString(16).padStart(12, '0');

const id = (table: Table, number: string): string => `('${prefix(table)}' || lpad(to_hex(${number}), 12, '0'))::uuid`;

/** All that is in a filled index happened in these two years. */
const START = Date.UTC(2024, 0, 1);
const YEARS_MS = 2 * 365 * 24 * 3_600_000;

/** The moment before which this share of the package revisions was created, and about that share published and changed. */
export const timeAt = (share: number): Date => new Date(START + share * YEARS_MS);

/** A number from 0 to 1 that is the same for the same row in every run. */
const chance = (salt: string, number: string): string =>
  `((hashtext('${salt}' || ${number})::bigint & 2147483647) / 2147483648.0)`;
const moment = (share: string): string => `to_timestamp((${START} + (${share}) * ${YEARS_MS}::float8) / 1000)`;

/**
 * Most rows are made in the order of their ids; every fifth was found by a sync long after, so that an index of times is
 * not in the order of an index of ids.
 */
const creation = (number: string, count: number): string =>
  moment(`CASE WHEN ${number} % 5 = 3 THEN ${chance('found', number)} ELSE least(${number}::float8 / ${count}, 1) END`);

/** A few do most of what is done: `person-0` every seventh thing, `person-299` one in a thousand. */
const PEOPLE = 300;
const person = (salt: string, number: string): string =>
  `('person-' || floor(power(${chance(salt, number)}, 3) * ${PEOPLE})::int)`;

/** An audit entry a second, each with its time in its id. */
export const AUDIT_START = Date.UTC(2026, 0, 1);
export const auditTime = (number: number): Date => new Date(AUDIT_START + number * 1000);
const entryTime = (number: string): string => `(${AUDIT_START} + ${number}::bigint * 1000)`;
const entryId = (number: string): string =>
  `(overlay(lpad(to_hex(${entryTime(number)}), 12, '0') placing '-' from 9 for 0) || '-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;

/** An event a second, each with its time in its number. */
export const eventSequence = (number: number | string): string => `(${AUDIT_START} + ${number} * 1000::bigint) * 1000`;

/**
 * Fills an empty database as a sync of many repositories would, with the values that real ones show: few drafts, some
 * labels, one latest revision a package, most operations long succeeded. Then the planner's statistics are brought up
 * to date. 100,000 revisions take a few seconds.
 */
export async function fillIndex(
  client: Client,
  { repositories, packages, revisions, operations, auditEntries, giant }: Fill,
): Promise<void> {
  const statements = [
    `INSERT INTO repository (id, name, labels, deployment, url, url_key, ref, directory, commit, created_at, created_by,
       updated_at, updated_by)
     SELECT ${id('repository', 'n')}, 'repository-' || n, CASE WHEN n % 50 = 0 THEN '{"team": "network"}'::jsonb ELSE '{}' END,
       n % 2 = 0, 'https://git.example.com/' || n, 'git.example.com/' || n, 'main', '', md5('commit' || n) || 'c0ffee00',
       now(), 'ada', now(), 'ada'
     FROM generate_series(1, ${repositories}) n`,
    `INSERT INTO repository_polling (repository_id, last_synced_at, next_sync_at)
     SELECT id, now(), now() + interval '1 day' FROM repository`,
    `INSERT INTO package (id, repository_id, path, target, realm, name, labels, head_tree, created_at, updated_at)
     SELECT ${id('package', 'n')}, ${id('repository', 'r')}, concat_ws('/', target, realm, name), target, realm, name,
       CASE WHEN n % 25 = 0 THEN jsonb_build_object('team', 'team-' || n % 7, 'tier', 'gold') ELSE '{}' END, md5('tree' || n || '/' || ${revisions - 1}) || 'c0ffee00', ${creation('n', repositories * packages)}, now()
     FROM (
       SELECT *, CASE WHEN r % 2 = 0 THEN 'edge-' || n % 2000 END AS target, 'realm-' || n % 200 AS realm,
         'package-' || n % 5000 AS name
       FROM (SELECT n, 1 + n / ${packages} AS r FROM generate_series(0, ${repositories * packages - 1}) n) numbers
     ) parts`,
    `INSERT INTO package_revision (id, repository_id, package_id, repository_name, path, target, realm, package_name, name,
       workspace, revision, version_key, lifecycle, latest, source, upstream, upstream_revision_id, upstream_commit, upstream_id, tree,
       tag, branch, commit, git_state, labels, annotations, conditions, created_at, created_by, updated_at, updated_by,
       published_at, published_by, as_found)
     SELECT ${id('package_revision', 'n')}, p.repository_id, p.id, s.name, p.path, p.target, p.realm, p.name,
       concat_ws('.', coalesce(p.target, 'catalog'), s.name, p.realm, p.name, w.workspace), w.workspace,
       CASE WHEN published THEN 'v' || v END, CASE WHEN published THEN lpad(v::text, 8, '0') END,
       CASE WHEN published AND n % 997 = 0 THEN 'deletionProposed' WHEN published THEN 'published'
         WHEN n % 3 = 0 THEN 'proposed' ELSE 'draft' END::"Lifecycle",
       latest, '{"type": "discovered"}', u.upstream, CASE WHEN n % 20 = 0 THEN ${id('package_revision', 'n % 100')} END,
       CASE WHEN u.upstream IS NOT NULL THEN md5('commit' || n) END,
       CASE WHEN u.upstream IS NOT NULL THEN ${id('upstream', 'n / 20 % 2000')} END,
       md5('tree' || n) || 'c0ffee00', CASE WHEN published THEN 'refs/tags/' || p.path || '/v' || v END,
       CASE WHEN NOT published THEN 'refs/heads/drafts/' || p.path || '/' || w.workspace END,
       md5('commit' || n) || 'c0ffee00', 'synced',
       CASE WHEN n % 25 = 0 THEN jsonb_build_object('team', 'team-' || n % 7, 'tier', 'gold') ELSE '{}' END,
       '{}', '[]', made.at, ${person('maker', 'n')},
       CASE WHEN found THEN made.at WHEN n % 10 < 7 THEN made.done ELSE made.later END,
       CASE WHEN found THEN ${person('maker', 'n')} ELSE ${person('changer', 'n')} END,
       CASE WHEN found THEN made.at WHEN published THEN made.done END,
       CASE WHEN found THEN ${person('maker', 'n')} WHEN published THEN ${person('approver', 'n')} END, found
     FROM (
       SELECT n, v, v < ${revisions} OR undrafted AS published, n % 2 = 0 AND n % 997 <> 0 AND (v < ${revisions} OR undrafted) AS found,
         v = CASE WHEN undrafted THEN ${revisions} ELSE ${revisions - 1} END AS latest
       FROM (
         SELECT n, 1 + n % ${revisions} AS v, n / ${revisions} % 4 <> 0 AS undrafted
         FROM generate_series(0, ${repositories * packages * revisions - 1}) n
       ) counted
     ) numbers
     JOIN package p ON p.id = ${id('package', `n / ${revisions}`)} JOIN repository s ON s.id = p.repository_id
     CROSS JOIN LATERAL (
       SELECT CASE WHEN published THEN 'v' || v ELSE 'change-' || n % 300 END AS workspace
     ) w CROSS JOIN LATERAL (
       SELECT at, at + ${chance('review', 'n')} * interval '30 days' AS done, at + ${chance('change', 'n')} * (${moment('1')} - at) AS later
       FROM (SELECT ${creation('n', repositories * packages * revisions)} AS at) created
     ) made CROSS JOIN LATERAL (
       SELECT CASE WHEN n % 20 = 0 THEN jsonb_build_object('type', 'git', 'url', 'https://git.example.com/1', 'ref',
         'refs/tags/x/v1', 'directory', 'x', 'commit', md5('commit' || n), 'tree', md5('tree' || n)) END AS upstream
     ) u`,
    // Most of what was cloned is of versions that are the newest still; a few places are gone.
    `INSERT INTO upstream (id, url, url_key, directory, ref, commit, package_id, revision_id, state)
     SELECT ${id('upstream', 'n')}, 'https://git.example.com/1', 'git.example.com/1', 'x/' || n, 'x/' || n || '/v1', md5('pin' || n),
       ${id('package', 'n / 4')}, ${id('package_revision', 'n')},
       (CASE WHEN n = 7 THEN 'gone' WHEN n % 50 = 9 THEN 'diverged' WHEN n % 20 = 3 THEN 'unknown' WHEN n % 3 = 0 THEN 'behind' ELSE 'upToDate' END)::"UpstreamState"
     FROM generate_series(0, 1999) n`,
    `UPDATE package p SET upstream_id = r.upstream_id FROM package_revision r WHERE r.package_id = p.id AND r.latest`,
    `INSERT INTO package_tree (oid, file_count, size_bytes, created_at)
     SELECT tree, 4, 4096, now() FROM package_revision`,
    // Few are composed of others.
    `INSERT INTO subpackage (tree_oid, path, url, directory, ref, commit, upstream_id)
     SELECT md5('tree' || n) || 'c0ffee00', 'database', 'https://git.example.com/1', 'x/' || p, 'x/' || p || '/v1', md5('pin' || p),
       ${id('upstream', 'p')}
     FROM generate_series(0, ${repositories * packages * revisions - 1}, 50) n CROSS JOIN LATERAL (SELECT n / 50 % 2000 AS p) pin`,
    `INSERT INTO operation (id, kind, state, repository_id, revision_id, target, requested_by, created_at, finished_at)
     SELECT ${id('operation', 'n')}, CASE WHEN n % 500 = 0 THEN 'delete' WHEN n % 10 = 0 THEN 'publish' WHEN n % 3 = 0 THEN 'push'
         ELSE 'sync' END::"OperationKind",
       CASE WHEN n % 300 = 0 THEN 'failed' WHEN n % 400 = 7 THEN 'queued' WHEN n % 1000 = 9 THEN 'running'
         WHEN n % 50 = 0 THEN 'cancelled' ELSE 'succeeded' END::"OperationState",
       ${id('repository', `1 + n % ${repositories}`)}, CASE WHEN n % 10 = 0 OR n % 3 = 0 THEN ${id('package_revision', `n % ${packages * revisions * repositories}`)} END,
       '{"type": "Repository", "id": "${idIn('repository', 1)}", "name": "repository-1"}', ${person('asker', 'n')},
       ${moment(`n::float8 / ${operations}`)},
       CASE WHEN n % 400 <> 7 AND n % 1000 <> 9 THEN ${moment(`n::float8 / ${operations}`)} + ${chance('work', 'n')} * interval '1 minute' END
     FROM generate_series(1, ${operations}) n`,
    `INSERT INTO audit_entry (id, time, actor, action, outcome, resource_type, resource_id, repository_id, path, request_id)
     SELECT ${entryId('n')}, to_timestamp(${entryTime('n')} / 1000.0), ${person('actor', 'n')},
       CASE WHEN n % 997 = 0 THEN 'createApiToken' ELSE 'action-' || n % 20 END,
       CASE WHEN n % 500 = 0 THEN 'denied' ELSE 'succeeded' END::"AuditOutcome",
       CASE WHEN n % 997 = 0 THEN 'ApiToken' WHEN n % 5 = 0 THEN 'Repository' ELSE 'PackageRevision' END,
       ${id('package_revision', 'n % 10000')}, ${id('repository', `1 + n % ${repositories}`)}, 'realm/package-' || n % 2000,
       'request-' || n
     FROM generate_series(1, ${auditEntries}) n`,
    `INSERT INTO audit_link (sequence, entry_id, hash)
     SELECT n, ${entryId('n')}, sha256(n::text::bytea) FROM generate_series(1, ${auditEntries - 10}) n`,
    `INSERT INTO known_user ("user", email, groups, stated_at)
     SELECT 'person-' || n, 'person-' || n || '@example.com', '{}', now() FROM generate_series(1, 10 * ${PEOPLE}) n`,
    `UPDATE package_revision SET git_authors = ARRAY['Person <person-7@example.com>', 'X <x@example.com>']
     WHERE lifecycle = 'proposed'`,
    `DELETE FROM audit_pending WHERE entry_id IN (SELECT entry_id FROM audit_link)`,
    // The giants: one repository of very many packages, and in it one package of very many revisions, of which the
    // last had very many operations. Their ids come last.
    `INSERT INTO package (id, repository_id, path, realm, name, head_tree, created_at, updated_at)
     SELECT ${id('package', 'n')}, ${id('repository', '1')}, 'giant/package-' || n, 'giant', 'package-' || n,
       md5('tree' || n) || 'c0ffee00', now(), now()
     FROM generate_series(${GIANT_START}, ${GIANT_START + giant}) n`,
    `INSERT INTO package_revision (id, repository_id, package_id, repository_name, path, realm, package_name, name,
       workspace, revision, version_key, lifecycle, latest, source, tree, tag, git_state, created_at, created_by,
       updated_at, updated_by, published_at, published_by, as_found)
     SELECT ${id('package_revision', 'n')}, p.repository_id, p.id, 'repository-1', p.path, p.realm, p.name,
       'catalog.repository-1.giant.' || p.name || '.v' || v, 'v' || v, 'v' || v, lpad(v::text, 8, '0'), 'published',
       v = ${giant}, '{"type": "discovered"}', p.head_tree, 'refs/tags/' || p.path || '/v' || v, 'synced', at, maker, at, maker,
       at, maker, true
     FROM (
       SELECT ${GIANT_START} + v AS n, v, ${moment(`v::float8 / ${giant}`)} AS at, ${person('maker', 'v')} AS maker
       FROM generate_series(0, ${giant}) v
     ) numbers
     JOIN package p ON p.id = ${id('package', String(GIANT_START))}`,
    `INSERT INTO operation (id, kind, state, repository_id, revision_id, target, requested_by, created_at, finished_at)
     SELECT ${id('operation', `${GIANT_START} + n`)}, 'push', 'succeeded', ${id('repository', '1')},
       ${id('package_revision', `${GIANT_START + giant}`)}, '{}', 'ada', now(), now()
     FROM generate_series(1, ${giant}) n`,
    // Some more were published, and deleted at any time after.
    `INSERT INTO deleted_revision (revision_id, deleted_at, deleted_by, moved, repository_id, package_id, path, revision,
       version_key, published_at, "row", file_count, size_bytes)
     SELECT id, published_at + ${chance('gone', 'name')} * (${moment('1')} - published_at), 'person-1', false,
       repository_id, package_id, path, 'v0.' || revision, '0' || version_key, published_at,
       to_jsonb(r) || jsonb_build_object('revision', 'v0.' || revision, 'version_key', '0' || version_key), 4, 4096
     FROM package_revision r WHERE published_at IS NOT NULL AND hashtext(name) % 10 = 0`,
    // Of half of the revisions something was found in Git; most of that is long over.
    `INSERT INTO drift (id, repository_id, key, kind, state, path, ref, revision_id, found_at, updated_at)
     SELECT id, repository_id, 'refs/tags/' || path || '/' || workspace,
       (CASE WHEN ${chance('kind', 'name')} < 0.1 THEN 'tagMoved' ELSE 'tagAdded' END)::"DriftKind",
       (CASE WHEN ${chance('open', 'name')} < 0.02 THEN 'open' ELSE 'resolved' END)::"DriftState",
       path, 'refs/tags/' || path || '/' || workspace, id, created_at, created_at
     FROM package_revision WHERE ${chance('drift', 'name')} < 0.5`,
    `UPDATE package p SET drift_state = 'open'
     WHERE EXISTS (SELECT 1 FROM drift d WHERE d.repository_id = p.repository_id AND d.path = p.path AND d.state = 'open')`,
    `INSERT INTO target (id, name, labels, repository_ids, created_at, updated_at)
     SELECT ${id('target', 'n')}, name, CASE WHEN n % 3 = 0 THEN jsonb_build_object('region', CASE WHEN n % 2 = 0 THEN 'south' ELSE 'north' END) ELSE '{}' END,
       CASE WHEN n % 20 = 0 THEN ARRAY[${id('repository', '1234')}] ELSE '{}' END, now(), now()
     FROM (SELECT row_number() OVER (ORDER BY target) AS n, target AS name FROM (SELECT DISTINCT target FROM package WHERE target IS NOT NULL) p) names`,
    // A few hundred campaigns, each over some packages; one is over most of them.
    `INSERT INTO campaign (id, name, change, selection, budget, state, created_at, created_by, updated_at)
     SELECT ${id('campaign', 'n')}, 'campaign-' || n, '{"type":"retire"}', '{}', '{}',
       CASE WHEN n % 20 = 0 THEN 'running' ELSE 'finished' END, now(), 'person-' || n % 10, now()
     FROM generate_series(1, 300) n`,
    `INSERT INTO campaign_item (id, campaign_id, position, wave, package_id, repository_id, path, revision_id, tree, warnings, state, operation_ids)
     SELECT gen_random_uuid(), ${id('campaign', 'c')}, row_number() OVER (PARTITION BY c ORDER BY p.id) - 1, n % 3, p.id, p.repository_id, p.path,
       p.id, 'x', '{}', CASE WHEN n % 40 = 0 THEN 'failed' ELSE 'done' END, '{}'
     FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM package) p
     CROSS JOIN LATERAL (SELECT unnest(ARRAY[1, 2 + n % 299]) AS c) each`,
    // Most of what has a target is reported to be there, and to fare well.
    `INSERT INTO package_delivery (package_id, tool, commit, revision_id, revision, state, health, message, observed_at, reported_at, reported_by)
     SELECT p.id, 'flux', r.commit, r.id, r.revision,
       (CASE WHEN n % 50 = 3 THEN 'failed' WHEN n % 30 = 4 THEN 'progressing' ELSE 'delivered' END)::"DeliveryState",
       (CASE WHEN n % 70 = 6 THEN 'degraded' WHEN n % 30 = 4 THEN 'unknown' ELSE 'healthy' END)::"DeliveryHealth", '', now(), now(), 'ci'
     FROM (SELECT row_number() OVER (ORDER BY id) AS n, id FROM package WHERE target IS NOT NULL) p
       JOIN package_revision r ON r.package_id = p.id AND r.latest`,
    // A variant of every tenth package, in sets of a thousand.
    `INSERT INTO variant_set (id, name, description, targets, template, repository_id, owner, created_at, created_by, updated_at)
     SELECT ${id('variant', '1000000 + n')}, 'set-' || n, '', '{}', '{}', ${id('repository', '1234')}, 'x', now(), 'x', now()
     FROM generate_series(0, 99) n`,
    `INSERT INTO variant (id, name, set_id, description, upstream_package_id, follow, repository_id, target, realm, package, path,
       mutations, package_context, labels, update_policy, strategy, resolutions, default_resolution, adoption, deletion, owner,
       state, created_at, created_by, updated_at)
     SELECT ${id('variant', 'n')}, 'variant-' || n, ${id('variant', '1000000 + n % 100')}, '', ${id('package', 'n % 500')}, 'latest',
       repository_id, target, realm, name, path, '[]', '{}', '{}', 'draft', 'resource-merge', '{}', '{}', 'refuse', 'orphan', 'x',
       (CASE WHEN n % 50 = 0 THEN 'blocked' WHEN n % 50 = 1 THEN 'drafted' ELSE 'upToDate' END)::"VariantState", now(), 'x', now()
     FROM (SELECT row_number() OVER (ORDER BY id) AS n, * FROM package WHERE hashtext(id::text) % 10 = 0) p`,
    // What happened to the revisions, each in its second.
    `INSERT INTO event (sequence, id, type, time, actor, repository_id, path, package_revision_id, subject, data)
     SELECT ${eventSequence('n')}, ${id('package_revision', 'n')}, CASE WHEN n % 500 = 0 THEN 'packageRevision.rejected'
         WHEN n % 3 = 0 THEN 'operation.finished' ELSE 'packageRevision.edited' END,
       to_timestamp(${eventSequence('n')} / 1000000.0), ${person('actor', 'n')}, repository_id, path, id, id::text, '{}'
     FROM (SELECT row_number() OVER (ORDER BY ${chance('event', 'name')}) AS n, * FROM package_revision) r`,
    // In some repositories each publication was a commit of the ref, and changed its package and a folder in it.
    `INSERT INTO ref_history (repository_id, tip, tip_position, next_position)
     SELECT id, commit, 0, -1 FROM repository`,
    `INSERT INTO ref_commit (repository_id, oid, position, author, committer, subject)
     SELECT DISTINCT ON (repository_id, commit) repository_id, commit, row_number() OVER (ORDER BY id), created_by || ' <x@example.com>', 'x', 'Release'
     FROM package_revision WHERE published_at IS NOT NULL AND commit IS NOT NULL AND repository_id < ${id('repository', '400')}`,
    `INSERT INTO package_commit (repository_id, oid, path, position, committed_at, tree_before, tree_after)
     SELECT r.repository_id, r.commit, r.path || folder, c.position, r.published_at, NULL, r.tree
     FROM package_revision r JOIN ref_commit c ON c.repository_id = r.repository_id AND c.oid = r.commit
     CROSS JOIN (VALUES (''), ('/base')) f(folder) WHERE r.published_at IS NOT NULL ON CONFLICT DO NOTHING`,
    'VACUUM ANALYZE',
  ];
  for (const statement of statements) await client.query(statement);
}

/**
 * Gives every eighth tree of a filled index its files; every other of these has a Kptfile. The planner is told nothing
 * of them, as in the middle of a first sync.
 */
export async function fillContent(client: Client): Promise<void> {
  const files = `(
    SELECT oid AS tree, path, md5(oid || path) || 'c0ffee00' AS blob FROM package_tree
    CROSS JOIN (VALUES ('Kptfile'), ('deployment.yaml'), ('config/service.yaml')) names(path)
    WHERE oid < '2' AND (path <> 'Kptfile' OR oid < '1')
  ) files`;
  const statements = [
    `INSERT INTO blob (oid, content, parsed) SELECT blob, rpad('upstream: {} #', 1500, '#')::bytea, true FROM ${files}`,
    `INSERT INTO package_file (tree_oid, path, mode, blob_oid, size_bytes)
     SELECT tree, path, '100644', blob, 1500 FROM ${files}`,
    `INSERT INTO krm_object (blob_oid, position, api_version, kind, name, labels, images, body)
     SELECT blob, n, 'apps/v1', 'Deployment', 'web-' || left(blob, 8), jsonb_build_object('app', 'app-' || left(blob, 4)),
       ARRAY['docker.io/library/nginx:' || left(blob, 4)], jsonb_build_object('spec', jsonb_build_object('id', blob, 'place', n))
     FROM ${files}, generate_series(0, 4) n WHERE path <> 'Kptfile'`,
  ];
  for (const statement of statements) await client.query(statement);
}

/** Puts three folders into every package of a filled index, each made from one of the places that packages are made from. */
export async function fillFolders(client: Client): Promise<void> {
  await client.query(`INSERT INTO subpackage (tree_oid, path, url, directory, ref, commit, upstream_id)
     SELECT t.oid, 'part-' || folder, x.url, x.directory, x.ref, x.commit, x.id
     FROM package_tree t CROSS JOIN generate_series(1, 3) folder
     JOIN upstream x ON x.directory = 'x/' || abs(hashtext(t.oid || folder)) % 2000`);
  await client.query('VACUUM ANALYZE subpackage');
}
