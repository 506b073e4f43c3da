/** Packages of each target. */
export const FLEET_PACKAGES = 20;
const BLUEPRINTS = 50;
const VERSIONS = 5;
/** Deployment repositories, of which the user of some paths sees parts of three. */
const FLEETS = 10;

/** The API takes no other than those of RFC 9562. */
const id = (kind: string, number: string): string =>
  `overlay(overlay(md5('${kind}' || (${number})) placing '7' from 13) placing '8' from 17)::uuid`;
const oid = (kind: string, number: string): string => `md5('${kind}' || (${number})) || 'c0ffee00'`;
const REVISION = `(id, repository_id, package_id, repository_name, path, target, realm, package_name, name, workspace, revision,
  version_key, lifecycle, latest, source, upstream_id, tree, tag, commit, git_state, created_at, created_by, updated_at, updated_by,
  published_at, published_by, as_found)`;
const BY = `'synced', now(), 'ada', now(), 'ada'`;

/** Every package has five revisions and goes to a target; it was made from one of the five of its blueprint. A few are drafted, a few drift. */
export const fleetRows = (targets: number): string[] => [
  `INSERT INTO repository (id, name, deployment, url, url_key, ref, directory, commit, created_at, created_by, updated_at, updated_by)
   SELECT ${id('repository', 'n')}, CASE WHEN n = 0 THEN 'blueprints' ELSE 'fleet-' || n END, n > 0, 'https://git.example.com/' || n,
     'git.example.com/' || n, 'main', '', ${oid('commit', 'n')}, now(), 'ada', now(), 'ada' FROM generate_series(0, ${FLEETS}) n`,
  `INSERT INTO repository_polling (repository_id, last_synced_at, next_sync_at) SELECT id, now(), now() + interval '1 day' FROM repository`,
  `INSERT INTO package (id, repository_id, path, realm, name, head_tree, head_state, created_at, updated_at)
   SELECT ${id('blueprint', 'n')}, ${id('repository', '0')}, 'app-' || n, '', 'app-' || n, ${oid('blueprint', 'n')}, 'published', now(), now()
   FROM generate_series(0, ${BLUEPRINTS - 1}) n`,
  `INSERT INTO package_revision ${REVISION}
   SELECT ${id('version', `n * 100 + v`)}, ${id('repository', '0')}, ${id('blueprint', 'n')}, 'blueprints', 'app-' || n, NULL, '', 'app-' || n,
     'catalog.blueprints..app-' || n || '.v' || v, 'v' || v, 'v' || v, lpad(v::text, 8, '0') || '~', 'published', v = ${VERSIONS},
     '{"type": "discovered"}', NULL, ${oid('version', `n * 100 + v`)}, 'app-' || n || '/v' || v, ${oid('version', `n * 100 + v`)}, ${BY}, now(), 'ada', true
   FROM generate_series(0, ${BLUEPRINTS - 1}) n CROSS JOIN generate_series(1, ${VERSIONS}) v`,
  `INSERT INTO upstream (id, url, directory, ref, url_key, state, repository_id, path, package_id, behind, revision_id, revision, newest_id, newest_revision)
   SELECT ${id('pin', `n * 100 + v`)}, 'https://git.example.com/0', 'app-' || n, 'app-' || n || '/v' || v, 'git.example.com/0',
     (CASE WHEN v < ${VERSIONS} THEN 'behind' ELSE 'upToDate' END)::"UpstreamState", ${id('repository', '0')}, 'app-' || n, ${id('blueprint', 'n')},
     ${VERSIONS} - v, ${id('version', `n * 100 + v`)}, 'v' || v, ${id('version', `n * 100 + ${VERSIONS}`)}, 'v${VERSIONS}'
   FROM generate_series(0, ${BLUEPRINTS - 1}) n CROSS JOIN generate_series(1, ${VERSIONS}) v`,
  `INSERT INTO target (id, name, labels, created_at, updated_at)
   SELECT ${id('target', 'n')}, 'edge-' || n, jsonb_build_object('region', 'region-' || n % 12, 'ring', 'ring-' || n % 3), now(), now()
   FROM generate_series(0, ${targets - 1}) n`,
  `INSERT INTO package (id, repository_id, path, target, realm, name, head_tree, head_state, drift_state, upstream_id, created_at, updated_at)
   SELECT ${id('package', 'n')}, ${id('repository', `1 + n / ${FLEET_PACKAGES} % ${FLEETS}`)}, 'edge-' || n / ${FLEET_PACKAGES} || '/app-' || b,
     'edge-' || n / ${FLEET_PACKAGES}, '', 'app-' || b, ${oid('tree', `n * 100 + ${VERSIONS}`)}, 'published',
     (CASE WHEN n % 100 = 0 THEN 'open' ELSE 'none' END)::"PackageDrift", ${id('pin', `b * 100 + 1 + n % ${VERSIONS}`)}, now(), now()
   FROM generate_series(0, ${targets * FLEET_PACKAGES - 1}) n CROSS JOIN LATERAL (SELECT (n % ${FLEET_PACKAGES} + n / ${FLEET_PACKAGES}) % ${BLUEPRINTS} AS b) blueprint`,
  `INSERT INTO package_revision ${REVISION}
   SELECT ${id('revision', `p.n * 100 + v`)}, p.repository_id, p.id, s.name, p.path, p.target, '', p.name,
     p.target || '.' || s.name || '..' || p.name || '.v' || v, 'v' || v, CASE WHEN NOT draft THEN 'v' || v END,
     CASE WHEN NOT draft THEN lpad(v::text, 8, '0') || '~' END, (CASE WHEN draft THEN 'draft' ELSE 'published' END)::"Lifecycle",
     v = ${VERSIONS}, '{"type": "discovered"}', CASE WHEN v = ${VERSIONS} THEN p.upstream_id END, ${oid('tree', `p.n * 100 + v`)},
     p.path || '/v' || v, ${oid('commit', `p.n * 100 + v`)}, ${BY}, CASE WHEN NOT draft THEN now() END, 'ada', NOT draft
   FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM package WHERE target IS NOT NULL) p JOIN repository s ON s.id = p.repository_id
   CROSS JOIN LATERAL generate_series(1, ${VERSIONS} + (p.n % 20 = 0)::int) v CROSS JOIN LATERAL (SELECT v > ${VERSIONS} AS draft) d`,
  `INSERT INTO package_tree (oid, file_count, size_bytes, created_at) SELECT tree, 1, 500, now() FROM package_revision WHERE latest ON CONFLICT DO NOTHING`,
  `INSERT INTO blob (oid, content, parsed) SELECT ${oid('blob', 'n')}, 'x', true FROM generate_series(0, 99) n`,
  `INSERT INTO krm_object (blob_oid, position, api_version, kind, name, images, body)
   SELECT ${oid('blob', 'n')}, 0, 'apps/v1', 'Deployment', 'web', ARRAY['docker.io/library/app:' || n], '{}' FROM generate_series(0, 99) n`,
  `INSERT INTO package_file (tree_oid, path, mode, blob_oid, size_bytes)
   SELECT tree, 'web.yaml', '100644', ${oid('blob', `hashtext(tree) & 63`)}, 500 FROM package_revision WHERE latest`,
  'VACUUM ANALYZE',
];
