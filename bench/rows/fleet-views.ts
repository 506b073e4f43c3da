import { FLEET_PACKAGES, fleetRows } from '../data/fleet-rows.js';
import { statementsOf } from '../native/statements.js';
import type { Result } from '../report/result.js';
import { Api } from '../stage/api.js';
import type { Pkgserver } from '../stage/pkgserver.js';
import { withClient } from '../stage/postgres.js';
import type { Stage } from '../stage/stage.js';
import { measureLatency } from './reads.js';

const TARGETS = 1000;
const ROUNDS = 4;
const WARM_UPS = 5;

/** What runs where over a fleet: for an administrator, and for a user of some paths. */
export async function fleetViews(stage: Stage): Promise<Result[]> {
  const { databaseUrl, views } = await filledFleet(stage, TARGETS);
  return stage.withPkgserver({ row: 'fleet-views', role: 'api', databaseUrl }, async (pkgserver) => {
    const narrow = await userOfPaths(pkgserver);
    const found: Result[] = [];
    for (const [who, api] of [
      ['an administrator', pkgserver.api],
      ['a user of three paths', narrow],
    ] as const) {
      for (const [what, path] of Object.entries(views)) {
        const cases = await statementsOf(stage.postgres, [path], (one) => api.bytes(one));
        const times = await measureLatency(
          { api, databaseUrl },
          [path],
          cases,
          stage.options.rounds * ROUNDS,
          WARM_UPS,
        );
        found.push({
          ...{ row: 'fleet-views', unit: 'ms', ...times },
          work: `${TARGETS} targets × ${FLEET_PACKAGES} packages, ${what}, for ${who}`,
          limit: { of: 'ours', comparison: '<=', value: 150 },
          notes: [`${cases[0]?.length} statement(s)`],
        });
      }
    }
    await narrow.close();
    return found;
  });
}

/** A database with a fleet of so many targets, and the requests for what runs where in it. */
export async function filledFleet(
  { postgres }: Stage,
  targets: number,
): Promise<{ databaseUrl: string; views: Record<string, string> }> {
  const databaseUrl = await postgres.create();
  const ids = await withClient(databaseUrl, async (client) => {
    for (const statement of fleetRows(targets)) await client.query(statement);
    const { rows } = await client.query<{ blueprint: string; target: string }>(
      `SELECT (SELECT id FROM package WHERE path = 'app-7') AS blueprint, (SELECT id FROM target WHERE name = 'edge-14') AS target`,
    );
    return rows[0];
  });
  const views = {
    'by target, a page of 50': '/fleet?groupBy=target',
    'by target, a page of 500': '/fleet?groupBy=target&pageSize=500',
    'by a label': '/fleet?groupBy=label.region',
    'by upstream': '/fleet?groupBy=upstream&pageSize=100',
    'by repository': '/fleet?groupBy=repository',
    'matrix of a blueprint, a page of 500': `/fleet/matrix?upstreamPackageId=${ids?.blueprint}&pageSize=500`,
    'packages of a target': `/targets/${ids?.target}/packages`,
    'list of targets': '/targets?pageSize=100',
  };
  return { databaseUrl, views };
}

/** Somebody who may see some targets of three repositories, and the blueprints. */
async function userOfPaths({ api }: Pkgserver): Promise<Api> {
  const given = { 'fleet-8': 'edge-1*/**', 'fleet-3': 'edge-2*/**', 'fleet-5': 'edge-*/**', blueprints: 'app-*' };
  for (const [name, path] of Object.entries(given)) {
    const found = await api.send<{ items: { id: string }[] }>('GET', `/repositories?name=${name}`);
    const subject = { type: 'user', name: 'narrow' };
    await api.send('POST', '/role-bindings', { role: 'viewer', subject, repositoryId: found.body.items[0]?.id, path });
  }
  const made = await api.send<{ token: string }>('POST', '/api-tokens', { description: 'bench', user: 'narrow' });
  return new Api(api.url, made.body.token);
}
