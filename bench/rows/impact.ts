import { statementsOf } from '../native/statements.js';
import type { Result } from '../report/result.js';
import { withClient } from '../stage/postgres.js';
import type { Stage } from '../stage/stage.js';
import { measureLatency } from './reads.js';

const ROUNDS = 20;
const WARM_UPS = 20;

/**
 * One blueprint, a hundred blueprints made from it, a thousand from those, and all other packages from these. The ids of
 * packages are in the order of `row`; each is the upstream of those whose parent it is.
 */
const TIED = [
  `CREATE TEMP TABLE made AS SELECT id, row, parent, p.id AS package_id FROM (
     SELECT id, row_number() OVER (ORDER BY id) - 1 AS row FROM package) p
   CROSS JOIN LATERAL (SELECT CASE WHEN row = 0 THEN NULL WHEN row <= 100 THEN 0 WHEN row <= 1100 THEN 1 + row % 100 ELSE 101 + row % 1000 END) q(parent)`,
  `INSERT INTO upstream (id, url, directory, ref, state, behind, repository_id, path, package_id, revision_id, revision, newest_id, newest_revision)
   SELECT md5(m.row::text)::uuid, s.url, p.path, p.path || '/v1', (CASE WHEN m.row % 3 = 0 THEN 'behind' ELSE 'upToDate' END)::"UpstreamState",
     m.row % 3, p.repository_id, p.path, p.id, r.id, 'v1', r.id, 'v1'
   FROM made m JOIN package p ON p.id = m.id JOIN repository s ON s.id = p.repository_id
   JOIN package_revision r ON r.package_id = p.id AND r.revision = 'v1' WHERE m.row <= 1100`,
  `UPDATE package_revision r SET upstream_id = md5(m.parent::text)::uuid FROM made m WHERE m.id = r.package_id AND m.parent IS NOT NULL`,
  `UPDATE package p SET upstream_id = md5(m.parent::text)::uuid FROM made m WHERE m.id = p.id AND m.parent IS NOT NULL`,
  'VACUUM ANALYZE',
];

/** Who was made from a blueprint, three levels deep, and pages of clones: beside the same statements by themselves. */
export async function impact(stage: Stage): Promise<Result[]> {
  const databaseUrl = await stage.indexed(100_000);
  const id = await withClient(databaseUrl, async (client) => {
    for (const statement of TIED) await client.query(statement);
    const { rows } = await client.query<{ id: string }>(
      `SELECT r.id FROM package_revision r JOIN made m ON m.id = r.package_id AND m.row = 0 AND r.revision = 'v1'`,
    );
    return rows[0]?.id;
  });
  return stage.withPkgserver({ row: 'impact', role: 'api', databaseUrl }, async ({ api }) => {
    const found: Result[] = [];
    for (const [work, path] of [
      [
        'impact of a blueprint over 100,000 revisions, 3 levels',
        `/package-revisions/${id}/impact?depth=3&pageSize=100`,
      ],
      ['list page of what is behind, 100 of 100,000', '/package-revisions?upstreamState=behind&pageSize=100'],
      ['list page of packages that are behind', '/packages?upstreamState=behind&pageSize=100'],
    ] as const) {
      const all = await statementsOf(stage.postgres, [path], (one) => api.bytes(one));
      // Beside the recursive SQL alone: what collides is compared on top of that.
      const cases = all.map((statements) =>
        path.includes('/impact') ? statements.filter(({ text }) => text.includes('RECURSIVE')) : statements,
      );
      const latency = await measureLatency(
        { api, databaseUrl },
        [path],
        cases,
        stage.options.rounds * ROUNDS,
        WARM_UPS,
      );
      found.push({
        ...{ row: 'impact', work, unit: 'ms' as const, ...latency },
        limit: { of: 'ratio', comparison: '<=', value: 2 },
        notes: [`${cases[0]?.length} statement(s) on the native side, taken from PostgreSQL's log`],
      });
    }
    return found;
  });
}
