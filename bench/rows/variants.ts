import { setTimeout as sleep } from 'node:timers/promises';
import { git } from '../../test/support/git-command.js';
import { deployments, released, tuned } from '../data/deployments.js';
import { FastImport } from '../data/fast-import.js';
import { kptfile, originOf } from '../data/kptfile.js';
import { Random } from '../data/random.js';
import type { Result } from '../report/result.js';
import { timed } from '../report/statistics.js';
import { figure } from '../report/table.js';
import type { Api } from '../stage/api.js';
import type { HostedRepository } from '../stage/git-host.js';
import type { Stage } from '../stage/stage.js';

const OBJECTS = 5;
const REPOSITORIES = 10;
const NAME = 'app';
/** Milliseconds between two requests of somebody else. */
const PAUSE = 20;
const READS_BEFORE = 200;
const QUIET = 3_000;

type Files = Record<string, string>;

/** A new version of a blueprint of which there are a thousand variants, until the last draft is on its remote; and what others wait meanwhile. */
export async function variants(stage: Stage): Promise<Result[]> {
  const targets = stage.options.quick ? 20 : 100;
  const random = new Random(stage.options.seed);
  const base = deployments(OBJECTS, random);
  const blueprints = await stage.git.create('variants-blueprints');
  await git(['fast-import', '--quiet'], { gitDir: blueprints.path, input: catalogOf(base, released(base, random)) });
  const content = { ...tuned(base, random), Kptfile: kptfile(NAME, await originOf(blueprints, NAME)) };
  const fleets: HostedRepository[] = [];
  for (let index = 0; index < REPOSITORIES; index += 1) {
    const fleet = await stage.git.create(`variants-${index}`);
    await git(['fast-import', '--quiet'], { gitDir: fleet.path, input: fleetOf(content, index, targets) });
    fleets.push(fleet);
  }
  return stage.withPkgserver({ row: 'variants' }, async ({ api }) => {
    await api.register('variants-blueprints', blueprints.url);
    const [first] = await api.revisions('repository=variants-blueprints&lifecycle=published');
    const [second] = await api.revisions('repository=variants-blueprints&lifecycle=proposed');
    if (!first || !second) throw new Error('The blueprint is not there.');
    const { body } = await api.send<{ packageId: string }>('GET', `/package-revisions/${first.id}`);
    for (const [index, { url }] of fleets.entries()) {
      const repositoryId = await api.register(`variants-${index}`, url, { deployment: true });
      await api.send('POST', '/variant-sets', {
        ...{ name: `set-${index}`, upstream: { packageId: body.packageId }, adoption: 'adopt' },
        ...{ targets: { names: targetsOf(index, targets) }, downstream: { repositoryId, package: NAME } },
      });
    }
    const count = REPOSITORIES * targets;
    await until(async () => (await inState(api, 'upToDate')) === count);
    const read = () => timed(() => api.bytes(`/package-revisions/${first.id}`));
    // What goes on behind the sets ends first.
    await sleep(QUIET);
    const before: number[] = [];
    for (; before.length < READS_BEFORE; await sleep(PAUSE)) before.push(await read());
    await api.approve(second.id);
    const meanwhile: number[] = [];
    const took = await timed(async () => {
      let looked = performance.now();
      for (let drafted = 0; drafted < count; await sleep(PAUSE)) {
        meanwhile.push(await read());
        if (performance.now() - looked < 1000) continue;
        drafted = await draftsOn(fleets);
        looked = performance.now();
      }
    });
    return [
      {
        ...{ row: 'variants', unit: 's', ours: [took / 1000], native: [] },
        work: `a new version with ${count} variants in ${REPOSITORIES} repositories, until each draft is on its remote`,
        limit: { of: 'ours', comparison: '<=', value: 60 },
        notes: [`${OBJECTS} objects each, ${figure(took / count)} ms a draft`],
      },
      {
        ...{ row: 'variants', unit: 'ms', ours: meanwhile, native: before },
        work: 'a revision read meanwhile, beside before',
        limit: { of: 'ratio', comparison: '<=', value: 2 },
        notes: [`one request after the other, ${PAUSE} ms apart`],
      },
    ];
  });
}

/** The first version published, the second proposed. */
function catalogOf(first: Files, second: Files): string {
  const stream = new FastImport();
  const tip = stream.commit('refs/heads/main', `Release ${NAME}/v1`, below(NAME, { ...first, Kptfile: kptfile(NAME) }));
  stream.tag(`${NAME}/v1`, tip);
  stream.commit(`refs/heads/proposed/${NAME}/second`, `Propose ${NAME}`, below(NAME, second), tip);
  return stream.finish();
}

function fleetOf(content: Files, repository: number, targets: number): string {
  const stream = new FastImport();
  for (const target of targetsOf(repository, targets)) {
    const folder = `${target}/${NAME}`;
    stream.tag(`${folder}/v1`, stream.commit('refs/heads/main', `Release ${folder}/v1`, below(folder, content)));
  }
  return stream.finish();
}

const targetsOf = (repository: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `edge-${repository}-${index}`);

const below = (folder: string, files: Files): Map<string, string> =>
  new Map(Object.entries(files).map(([file, text]) => [`${folder}/${file}`, text]));

async function inState(api: Api, state: string): Promise<number> {
  let count = 0;
  const { body } = await api.send<{ items: { counts: Record<string, number> }[] }>('GET', '/variant-sets?pageSize=100');
  for (const { counts } of body.items) count += counts[state] ?? 0;
  return count;
}

async function draftsOn(fleets: readonly HostedRepository[]): Promise<number> {
  let count = 0;
  for (const { path } of fleets) {
    const listed = await git(['for-each-ref', '--format=x', 'refs/heads/drafts/'], { gitDir: path });
    count += listed.toString().split('\n').length - 1;
  }
  return count;
}

/** Looks each 200 ms, for ten minutes at most. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 600_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error('It took longer than ten minutes.');
    await sleep(200);
  }
}
