import { postgresPrograms, WITHOUT_PROGRAMS } from '../../test/support/own-server.js';
import { requestsPerSecond } from '../native/load.js';
import type { Result } from '../report/result.js';
import { alternate, median, timed } from '../report/statistics.js';
import { figure } from '../report/table.js';
import { Api } from '../stage/api.js';
import type { Pkgserver } from '../stage/pkgserver.js';
import { Replicated } from '../stage/replicated.js';
import type { Stage } from '../stage/stage.js';

/** Each user has one of the replicas. */
const USERS = 8;
const CONNECTIONS_PER_USER = 2;
const SECONDS = 5;
const PER_ROUND = 40;
const WARM_UPS = 200;
const PATHS = {
  'list page by package': '/package-revisions?package=upf&pageSize=100',
  'search by kind and name': `/search?pageSize=50&q=${encodeURIComponent('kind = Deployment AND name = upf-1')}`,
};

/** What replicas take off the primary, beside the same without them. On one machine all share its cores: what counts is the primary's own part. */
export async function replicas(stage: Stage): Promise<Result[]> {
  if (postgresPrograms === null) throw new Error(`replicas ${WITHOUT_PROGRAMS}.`);
  const replicated = await Replicated.start(stage, stage.options.quick ? 10_000 : 100_000, 2);
  const settings = { row: 'replicas', role: 'api' as const, databaseUrl: replicated.primary.url };
  return stage.withPkgserver({ ...settings, variables: replicated.variables(0) }, async (without) => {
    const users = await usersOf(without);
    const found: Result[] = [];
    for (const count of [1, 2]) {
      const variables = replicated.variables(count);
      await stage.withPkgserver({ ...settings, variables }, async (with_) => {
        await replicated.served(with_, without.api.credentials);
        found.push(...(await compare(stage, replicated, { with: with_, without, users, count })));
      });
    }
    return found;
  });
}

interface Sides {
  with: Pkgserver;
  without: Pkgserver;
  /** Tokens. */
  users: readonly string[];
  count: number;
}

async function compare(stage: Stage, replicated: Replicated, sides: Sides): Promise<Result[]> {
  const { count, users } = sides;
  const { rounds } = stage.options;
  const of = `${count} ${count === 1 ? 'replica' : 'replicas'}`;
  const found: Result[] = [];
  for (const [what, path] of Object.entries(PATHS)) {
    const [ours, native] = [
      new Load(replicated, sides.with, users, path),
      new Load(replicated, sides.without, users, path),
    ];
    const rates = await alternate(
      rounds,
      () => ours.run(),
      () => native.run(),
    );
    found.push({
      ...{ row: 'replicas', work: `${what}, ${of}, under load`, unit: 'req/s', ...rates },
      notes: [
        `transactions of the primary an answer: ${figure(median(ours.transactions))}, without ${figure(median(native.transactions))}`,
      ],
    });
    const work = `CPU of the primary an answer: ${what}, ${of}`;
    const limit = { of: 'ratio', comparison: '<=', value: 0.25 } as const;
    found.push({ row: 'replicas', work, unit: 'ms', ours: ours.cpu, native: native.cpu, limit, notes: [] });
    const apis = [sides.with, sides.without].map(({ url }) => new Api(url, users[0]));
    const [one, other] = apis.map((api) => () => timed(() => api.bytes(path)));
    if (one && other) {
      await alternate(WARM_UPS, one, other);
      const times = await alternate(rounds * PER_ROUND, one, other);
      found.push({ row: 'replicas', work: `${what}, ${of}`, unit: 'ms', ...times, notes: [] });
    }
    for (const api of apis) await api.close();
  }
  found.push(await changes(stage, sides, of));
  return found;
}

/** What it costs somebody who writes that what they have seen is noted. */
async function changes(stage: Stage, { with: with_, without, users, count }: Sides, of: string): Promise<Result> {
  const apis = [with_, without].map(({ url }) => new Api(url, users[0]));
  const [one, other] = apis.map((api, side) => (round: number) => {
    const name = `bench-${count}-${side}-${round}-${Math.random().toString(36).slice(2)}`;
    return timed(() => api.send('POST', '/targets', { name }));
  });
  if (!one || !other) throw new Error('There are two sides.');
  await alternate(WARM_UPS, one, other);
  const times = await alternate(stage.options.rounds * PER_ROUND, one, other);
  for (const api of apis) await api.close();
  return { row: 'replicas', work: `change of a row, ${of}`, unit: 'ms', ...times, notes: [] };
}

/** Reads of all users at a time, and what they cost the primary. */
class Load {
  /** Milliseconds of CPU an answer. */
  readonly cpu: number[] = [];
  readonly transactions: number[] = [];

  constructor(
    private readonly replicated: Replicated,
    private readonly pkgserver: Pkgserver,
    private readonly users: readonly string[],
    private readonly path: string,
  ) {}

  /** Answers a second. */
  async run(): Promise<number> {
    const [transactions, cpu] = [await this.replicated.transactions(), await this.replicated.cpuSeconds()];
    const { url } = this.pkgserver;
    const loads = this.users.map((token) =>
      requestsPerSecond(
        { url, credentials: { authorization: `Bearer ${token}` } },
        [`/api/v1${this.path}`],
        SECONDS,
        CONNECTIONS_PER_USER,
      ),
    );
    const rate = (await Promise.all(loads)).reduce((sum, each) => sum + each, 0);
    const answers = rate * SECONDS;
    this.cpu.push((((await this.replicated.cpuSeconds()) - cpu) * 1000) / answers);
    this.transactions.push(((await this.replicated.transactions()) - transactions) / answers);
    return rate;
  }
}

async function usersOf({ api }: Pkgserver): Promise<string[]> {
  const tokens: string[] = [];
  for (let number = 0; number < USERS; number += 1) {
    const user = `user-${number}`;
    await api.send('POST', '/role-bindings', { role: 'admin', subject: { type: 'user', name: user } });
    tokens.push((await api.send<{ token: string }>('POST', '/api-tokens', { description: 'bench', user })).body.token);
  }
  return tokens;
}
