import { Prisma } from '../../database/generated/client.js';
import { MOVED_TO } from '../moved-tag.js';

const PUBLISHED = Prisma.sql`v.lifecycle IN ('published', 'deletionProposed')`;

/** What others have done to the tag of a publication that is kept here as it was reviewed; one that follows its tag is what that holds. */
const CHANGED_OUTSIDE = Prisma.sql`(
  SELECT c ->> 'reason' FROM jsonb_array_elements(v.conditions) c WHERE c ->> 'type' = 'ChangedOutside'
    AND (c ->> 'reason' = 'TagDeleted' OR position(${MOVED_TO} in c ->> 'message') > 0) LIMIT 1
) AS changed`;

const VERSION = Prisma.sql`v.id, v.package_id, v.repository_id, v.path, v.revision, v.version_key, v.commit, ${CHANGED_OUTSIDE}`;

/** The publication at the very tag and commit; of a place that is not registered, wherever there is one: a mirror has another URL. */
const EXACT = Prisma.sql`
  SELECT ${VERSION} FROM package_revision v JOIN repository s ON s.id = v.repository_id
  WHERE v.tag = x.ref AND v.commit = x.commit AND ${PUBLISHED}
    AND (s.url_key = x.url_key OR NOT EXISTS (SELECT 1 FROM repository o WHERE o.url_key = x.url_key AND o.commit IS NOT NULL))
  ORDER BY s.url = x.url DESC, v.id LIMIT 1`;

/** The repository that has been read and covers the directory, and the package's path in it. */
const PLACE = Prisma.sql`
  SELECT s.id AS repository_id, y.path, p.id AS package_id
  FROM repository s CROSS JOIN LATERAL (
    SELECT CASE WHEN s.directory = '' THEN x.directory WHEN s.directory = x.directory THEN ''
      ELSE substr(x.directory, length(s.directory) + 2) END AS path
  ) y LEFT JOIN package p ON p.repository_id = s.id AND p.path = y.path
  WHERE s.url_key = x.url_key AND s.commit IS NOT NULL AND x.directory <> ''
    AND (s.directory IN ('', x.directory) OR left(x.directory, length(s.directory) + 1) = s.directory || '/')
  ORDER BY p.id IS NOT NULL DESC, s.url = x.url DESC, s.id LIMIT 1`;

/**
 * Of the package in that place: what the tag holds now; or, of a branch, the highest publication with the content that the
 * branch had.
 */
const FOUND = Prisma.sql`
  SELECT ${VERSION}, v.tag IN (x.ref, x.directory || '/' || x.ref) AS by_tag FROM package_revision v
  WHERE v.package_id = l.package_id AND ${PUBLISHED} AND (v.tag IN (x.ref, x.directory || '/' || x.ref)
    OR NOT t.is_tag AND CASE WHEN x.tree IS NULL THEN v.commit = x.commit ELSE v.tree = x.tree END)
  ORDER BY by_tag DESC, v.version_key COLLATE "C" DESC NULLS LAST, v.id LIMIT 1`;

/** A pre-release counts for what is made from one, and where nothing else is there. The key of a release ends with ~ */
const COUNTS = Prisma.sql`v.version_key IS NOT NULL AND (right(v.version_key, 1) = '~' OR right(COALESCE(k.key, '~'), 1) <> '~')`;

const NEWEST = Prisma.sql`
  SELECT v.id, v.revision, v.version_key FROM package_revision v
  WHERE v.package_id = k.package_id AND ${PUBLISHED} AND v.version_key IS NOT NULL
  ORDER BY ${COUNTS} DESC, v.version_key COLLATE "C" DESC, v.revision DESC LIMIT 1`;

const BEHIND = Prisma.sql`
  SELECT count(*)::int AS count FROM package_revision v
  WHERE v.package_id = k.package_id AND ${PUBLISHED} AND ${COUNTS} AND v.version_key COLLATE "C" > k.key`;

/**
 * How these pins stand beside what is published now. One that was read at its place in Git stays `unknown`, also where that
 * place is registered: whoever cloned it may not be told so. It is judged by what Git tells as well, so that an index made again
 * says the same: a publication of ours whose tag somebody has deleted is gone, though it is kept here.
 */
const settledSql = (ids: readonly string[]): Prisma.Sql => Prisma.sql`
  SELECT x.id, k.package_id, k.repository_id, k.path, n.id AS newest_id, n.revision AS newest_revision, n.version_key AS newest_version_key,
    CASE WHEN k.is_current THEN k.current_id END AS revision_id, CASE WHEN k.is_current THEN k.revision END AS revision,
    CASE WHEN k.key IS NOT NULL AND n.id IS NOT NULL THEN b.count END AS behind,
    (CASE
      WHEN k.is_current THEN CASE WHEN k.key IS NULL THEN 'unknown' WHEN b.count > 0 THEN 'behind' ELSE 'upToDate' END
      WHEN k.changed = 'TagDeleted' THEN 'gone' WHEN k.changed IS NOT NULL THEN 'diverged'
      -- The service has recorded it, so it was registered once; of another, a Kptfile alone tells.
      WHEN k.repository_id IS NULL THEN CASE WHEN x.tree IS NULL OR x.from_git THEN 'unknown' ELSE 'gone' END
      WHEN k.package_id IS NULL THEN 'gone'
      WHEN k.current_id IS NOT NULL THEN 'diverged'
      WHEN t.is_tag THEN 'gone'
      WHEN x.tree IS NULL THEN 'unknown' ELSE 'diverged'
    END)::"UpstreamState" AS state
  FROM upstream x
  CROSS JOIN LATERAL (
    SELECT x.version_key IS NOT NULL OR left(x.ref, length(x.directory) + 1) = x.directory || '/' AS is_tag
  ) t
  LEFT JOIN LATERAL (${EXACT}) e ON NOT x.from_git
  LEFT JOIN LATERAL (${PLACE}) l ON e.id IS NULL AND NOT x.from_git
  LEFT JOIN LATERAL (${FOUND}) f ON e.id IS NULL
  CROSS JOIN LATERAL (
    SELECT COALESCE(e.package_id, l.package_id) AS package_id, COALESCE(e.repository_id, l.repository_id) AS repository_id,
      CASE WHEN e.id IS NULL THEN l.path ELSE e.path END AS path,
      COALESCE(e.id, f.id) AS current_id, CASE WHEN e.id IS NULL THEN f.revision ELSE e.revision END AS revision,
      COALESCE(e.changed, f.changed) AS changed, COALESCE(e.version_key, f.version_key, x.version_key) AS key,
      COALESCE(e.changed, f.changed) IS NULL
        AND (e.id IS NOT NULL OR f.id IS NOT NULL AND (NOT f.by_tag OR x.commit IS NULL OR f.commit = x.commit)) AS is_current
  ) k
  LEFT JOIN LATERAL (${NEWEST}) n ON true
  LEFT JOIN LATERAL (${BEHIND}) b ON k.key IS NOT NULL
  WHERE x.id = ANY(${[...ids]}::uuid[])`;

const NEWEST_COLUMNS = ['newest_id', 'newest_revision', 'newest_version_key'];
const SETTLED = [
  'state',
  'repository_id',
  'path',
  'package_id',
  'behind',
  'revision_id',
  'revision',
  ...NEWEST_COLUMNS,
];
const of = (alias: string): Prisma.Sql => Prisma.raw(SETTLED.map((column) => `${alias}.${column}`).join(', '));

/** Of a row `x`: there are packages to tell. */
export const IS_TO_TELL = Prisma.sql`x.newest_version_key > COALESCE(x.told_version_key, '')`;

/**
 * Writes how these pins stand, where that is another than before; gives those whose packages are to be told of a newer
 * version. `quiet`: of pins to whose newest version nobody is told, since it was not published just now. Nobody is told of a
 * version below one that they were told of: the newest was deleted, and another is the newest again.
 */
export const settleSql = (ids: readonly string[], quiet: readonly string[]): Prisma.Sql => Prisma.sql`
  UPDATE upstream x SET (${Prisma.raw(SETTLED.join(', '))}, told_version_key) = ROW(${of('s')}, CASE
    WHEN s.behind > 0 AND (s.newest_id = x.newest_id OR x.id <> ALL(${[...quiet]}::uuid[])) THEN x.told_version_key
    ELSE GREATEST(x.told_version_key, s.newest_version_key) END)
  FROM (${settledSql(ids)}) s
  WHERE x.id = s.id AND (${of('x')}) IS DISTINCT FROM (${of('s')})
  RETURNING x.id, COALESCE(${IS_TO_TELL}, false) AS "isToTell"`;
