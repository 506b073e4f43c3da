import type { Result } from '../report/result.js';
import { alternate, median, timed } from '../report/statistics.js';
import { figure } from '../report/table.js';
import type { Api } from '../stage/api.js';
import type { Pkgserver } from '../stage/pkgserver.js';
import type { Stage } from '../stage/stage.js';
import { approveOneByOne } from './together.js';

const REPOSITORIES = 8;
/** Publications of each repository before those that are timed: the workers have its mirror then, and V8 has compiled what they run. */
const WARM_UPS = 10;
const MORE_WORKERS = [2, 4];

/**
 * Publications on distinct repositories with more worker processes, beside the same with one, behind one API process. On one machine
 * all share its cores: what counts is that the work of a publication stays what it is.
 */
export async function workers(stage: Stage): Promise<Result[]> {
  const databaseUrl = await stage.postgres.create();
  return stage.withPkgserver({ row: 'workers', role: 'api', databaseUrl }, async ({ api }) => {
    const field = await Field.registered(stage, api, databaseUrl);
    const found: Result[] = [];
    for (const count of MORE_WORKERS) found.push(...(await compare(stage, field, count)));
    return found;
  });
}

const publications = ({ options }: Stage) => (options.quick ? 15 : 60);

async function compare(stage: Stage, field: Field, count: number): Promise<Result[]> {
  const sides = { more: [] as number[], one: [] as number[] };
  const side = (cpu: number[], processes: number) => async () => {
    const published = await field.publish(processes);
    cpu.push(published.cpu);
    return published.rate;
  };
  const rates = await alternate(roundsOf(stage), side(sides.more, count), side(sides.one, 1));
  const of = `${count} workers, beside 1`;
  return [
    {
      ...{ row: 'workers', work: `publications a second, ${of}`, unit: 'req/s', ...rates },
      notes: [`${REPOSITORIES} repositories, ${publications(stage)} publications each, 16 clients`],
    },
    {
      ...{ row: 'workers', work: `CPU of the workers a publication, ${of}`, unit: 'ms' },
      ...{ ours: sides.more, native: sides.one, limit: { of: 'ratio', comparison: '<=', value: 1.5 } },
      notes: [`${figure(median(sides.more))} ms of all of them together`],
    },
  ];
}

const roundsOf = ({ options }: Stage): number => (options.quick ? 1 : 3);

/** Repositories with proposals, enough for all that is measured. */
class Field {
  private constructor(
    private readonly stage: Stage,
    private readonly api: Api,
    private readonly databaseUrl: string,
    /** Of each repository, what is not published yet. */
    private readonly proposals: readonly string[][],
  ) {}

  static async registered(stage: Stage, api: Api, databaseUrl: string): Promise<Field> {
    const times = 2 * MORE_WORKERS.length * roundsOf(stage);
    const shape = { packages: 10, tags: 1, proposals: times * (WARM_UPS + publications(stage)) };
    const field = new Field(stage, api, databaseUrl, []);
    const proposals = await field.withWorkers(1, async () => {
      const found: string[][] = [];
      for (let number = 0; number < REPOSITORIES; number += 1) {
        const name = `workers-${number}`;
        await api.register(name, (await stage.catalog(name, shape)).url);
        found.push((await api.revisions(`repository=${name}&lifecycle=proposed`)).map(({ id }) => id));
      }
      return found;
    });
    return new Field(stage, api, databaseUrl, proposals);
  }

  /** Publishes the next of each repository. */
  publish(processes: number): Promise<{ rate: number; cpu: number }> {
    return this.withWorkers(processes, async (running) => {
      await approveOneByOne(this.api, this.next(WARM_UPS));
      const ids = this.next(publications(this.stage));
      const before = await cpuOf(running);
      const milliseconds = await timed(() => approveOneByOne(this.api, ids));
      return {
        rate: (ids.length * 1_000) / milliseconds,
        cpu: (((await cpuOf(running)) - before) * 1_000) / ids.length,
      };
    });
  }

  /** So many of each repository, by turns. */
  private next(count: number): string[] {
    const taken = this.proposals.map((ids) => ids.splice(0, count));
    return Array.from({ length: count }, (_, index) => taken.flatMap((ids) => ids[index] ?? [])).flat();
  }

  private withWorkers<Made>(count: number, work: (running: Pkgserver[]) => Promise<Made>): Promise<Made> {
    const { stage, databaseUrl } = this;
    const start = (running: Pkgserver[]): Promise<Made> =>
      running.length === count
        ? work(running)
        : stage.withPkgserver({ row: 'workers', role: 'worker', databaseUrl }, (one) => start([...running, one]));
    return start([]);
  }
}

async function cpuOf(running: readonly Pkgserver[]): Promise<number> {
  const seconds = await Promise.all(running.map((one) => one.cpuSeconds()));
  return seconds.reduce((sum, each) => sum + each, 0);
}
