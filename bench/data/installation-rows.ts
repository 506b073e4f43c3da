import type { MoreRows } from './index-rows.js';

/** Packages that were made from one blueprint, however many blueprints there are. */
const CLONES = 50;
/** Deployment repositories of ten, packages of each, and versions of each package. */
const [DEPLOYMENTS, PACKAGES, VERSIONS] = [3, 20, 5] as const;
/** Versions of a blueprint that all are published, and which packages are made from. */
const PINNED = 4;

const MOMENT = 'to_timestamp(1735689600 + (v * 100000 + n / 5) * 60)';
/** Microseconds, as events are numbered: one a second, the last a moment ago. */
const sequence = (revisions: number): string =>
  `(extract(epoch FROM now())::bigint - ${revisions / VERSIONS} + n / ${VERSIONS}) * 1000000`;
/** Deployment repositories in their order; each is a target. */
const DEPLOYMENT = '(r / 10 * 3 + r % 10 - 7)';

/**
 * What an installation has around its revisions: times that differ, packages made from blueprints and how these stand, a
 * target for each deployment repository, events, and the history of a fifth of all repositories. With more revisions there
 * are more of each, and none of them is larger.
 */
export function installationRows(revisions: number): MoreRows {
  const repositories = revisions / (PACKAGES * VERSIONS);
  const targets = (repositories / 10) * DEPLOYMENTS;
  const blueprints = (targets * PACKAGES) / CLONES;
  const deployed = `(${DEPLOYMENT} * ${PACKAGES} + p)`;
  const madeFrom = `CASE WHEN deployment THEN
    pg_temp.v7('pin', ${deployed} % ${blueprints} * ${PINNED} + ${deployed} / ${blueprints} % ${PINNED}, 0) END`;
  const isFound = "state = 'published'";
  const touched = `${MOMENT} + CASE WHEN ${isFound} THEN interval '0' ELSE interval '3 days' END`;
  return {
    target: `'edge-' || ${DEPLOYMENT}`,
    package: { head_state: `'published'`, upstream_id: madeFrom, created_at: MOMENT, updated_at: MOMENT },
    revision: {
      upstream_id: madeFrom,
      as_found: isFound,
      ...{ created_at: MOMENT, updated_at: touched, published_at: `CASE WHEN ${isFound} THEN ${MOMENT} END` },
      updated_by: `pg_temp.pick('alice bob carol dave', CASE WHEN ${isFound} THEN n ELSE n + 1 END)`,
      published_by: `CASE WHEN ${isFound} THEN pg_temp.pick('alice bob carol dave', n) END`,
    },
    tables: [
      // The first packages of catalogs are the blueprints.
      `INSERT INTO upstream (id, url, url_key, directory, ref, version_key, state, repository_id, path, package_id, behind,
         revision_id, revision, newest_id, newest_revision, newest_version_key, told_version_key)
       SELECT pg_temp.v7('pin', b * ${PINNED} + v, 0), 'https://git.example.com/team/repository-' || r || '.git',
         'git.example.com/team/repository-' || r, path, package_name || '/v' || v + 1, key || v + 1,
         (CASE WHEN v = newest THEN 'upToDate' ELSE 'behind' END)::"UpstreamState", pg_temp.v7('repository', r, r), path,
         pg_temp.v7('package', n / 5, n / 5), newest - v, pg_temp.v7('revision', n, v * 100000 + n / 5), 'v' || v + 1,
         pg_temp.v7('revision', n - v + newest, newest * 100000 + n / 5), 'v' || newest + 1, key || newest + 1, key || newest + 1
       FROM (SELECT *, r / 10 * 7 * ${PACKAGES} + r % 10 * ${PACKAGES} + p AS b, concat_ws('/', realm, package_name) AS path,
           '000000000' AS key FROM shape WHERE NOT deployment AND v < ${PINNED}) AS catalogs
       WHERE b < ${blueprints}`,
      `INSERT INTO target (id, name, labels, created_at, updated_at)
       SELECT pg_temp.v7('target', t, t), 'edge-' || t, jsonb_build_object('region', 'region-' || t % 12), now(), now()
       FROM generate_series(0, ${targets - 1}) AS t`,
      `INSERT INTO event (sequence, id, type, time, actor, repository_id, path, package_revision_id, subject, data)
       SELECT ${sequence(revisions)}, pg_temp.v7('event', n, n / 5), 'packageRevision.published', now(), 'alice',
         pg_temp.v7('repository', r, r), concat_ws('/', coalesce(target, realm), package_name),
         pg_temp.v7('revision', n, v * 100000 + n / 5), pg_temp.v7('revision', n, v * 100000 + n / 5)::text, '{}'
       FROM shape WHERE v = 3`,
      `UPDATE event_numbers SET last = (SELECT max(sequence) FROM event)`,
      // Whoever looks for work in events has seen these.
      `UPDATE variant_cursor SET position = last FROM event_numbers`,
      `INSERT INTO ref_history (repository_id, tip, tip_position, next_position)
       SELECT pg_temp.v7('repository', r, r), pg_temp.oid('commit', n), 99, -1 FROM shape WHERE n % 100 = 99 AND r % 10 IN (0, 7)`,
      `INSERT INTO ref_commit (repository_id, oid, position, author, committer, subject)
       SELECT pg_temp.v7('repository', r, r), pg_temp.oid('commit', n), n % 100, 'Alice <alice@example.com>',
         'Alice <alice@example.com>', 'Release' FROM shape WHERE ${isFound} AND r % 10 IN (0, 7)`,
      `INSERT INTO package_commit (repository_id, oid, path, position, committed_at, tree_before, tree_after)
       SELECT pg_temp.v7('repository', r, r), pg_temp.oid('commit', n), concat_ws('/', coalesce(target, realm), package_name), n % 100,
         ${MOMENT}, CASE WHEN v > 0 THEN pg_temp.oid('tree', n - 1) END, pg_temp.oid('tree', n)
       FROM shape WHERE ${isFound} AND r % 10 IN (0, 7)`,
    ],
  };
}
