import { concurrently } from '../../src/async/concurrently.js';
import { git } from '../../test/support/git-command.js';
import { deployments, released, tuned } from '../data/deployments.js';
import { kptfile, originOf } from '../data/kptfile.js';
import { FastImport } from '../data/fast-import.js';
import { Random } from '../data/random.js';
import { allStatements } from '../native/statements.js';
import type { Result } from '../report/result.js';
import { timed } from '../report/statistics.js';
import { figure } from '../report/table.js';
import { Api } from '../stage/api.js';
import type { HostedRepository } from '../stage/git-host.js';
import type { Pkgserver } from '../stage/pkgserver.js';
import type { Stage } from '../stage/stage.js';

const OBJECTS = 20;
const BLUEPRINTS = 5;
/** Deployments of each blueprint, in folders of their own: the same content under the same name. */
const TARGETS = 200;
/** Versions of each blueprint that one deployment of each is upgraded to, for distinct triples of trees. */
const DISTINCT = 40;
const CONNECTIONS = 4;

type Files = Record<string, string>;

/** A thousand upgrades previewed of which five differ, and previews that all differ: the first half beside the second. */
export async function previews(stage: Stage): Promise<Result[]> {
  const { rounds, seed } = stage.options;
  const random = new Random(seed);
  const versions = 1 + rounds + DISTINCT;
  const bases = Array.from({ length: BLUEPRINTS }, () => deployments(OBJECTS, random));
  const blueprints = await stage.git.create('previews-blueprints');
  await git(['fast-import', '--quiet'], { gitDir: blueprints.path, input: catalogOf(bases, versions, random) });
  const fleet = await stage.git.create('previews-fleet');
  await git(['fast-import', '--quiet'], { gitDir: fleet.path, input: await fleetOf(bases, blueprints, random) });
  return stage.withPkgserver({ row: 'previews' }, async (pkgserver) => {
    const { api } = pkgserver;
    await api.register('previews-blueprints', blueprints.url);
    await api.register('previews-fleet', fleet.url);
    const newer = await api.revisions('repository=previews-blueprints');
    const idOf = new Map(newer.map(({ id, path, revision }) => [`${path}/${revision}`, id]));
    const deployed = await api.revisions('repository=previews-fleet');
    const wide = new Api(api.url, api.token, CONNECTIONS);
    const preview = async ({ id, path }: { id: string; path: string }, version: number): Promise<void> => {
      const revisionId = idOf.get(`${path.split('/').at(-1) ?? ''}/v${version}`);
      await wide.send('POST', `/package-revisions/${id}/upgrade-previews`, { to: { revisionId } });
    };
    const statements = await allStatements(stage.postgres, () => preview(deployed[0] ?? noDeployment(), 2));
    const all: number[] = [];
    const begun = await pkgserver.cpuSeconds();
    for (let round = 0; round < rounds; round += 1) {
      all.push((await timed(() => concurrently(deployed, CONNECTIONS, (one) => preview(one, round + 2)))) / 1000);
    }
    const before = await pkgserver.cpuSeconds();
    const each = (before - begun) / (deployed.length * rounds);
    const halves = await distinctOnes(deployed.slice(0, BLUEPRINTS), rounds + 2, preview);
    const cpu = ((await pkgserver.cpuSeconds()) - before) / (BLUEPRINTS * DISTINCT);
    const stored = await storedPreviews(pkgserver);
    await wide.close();
    return [
      {
        ...{ row: 'previews', unit: 's', ours: all, native: [] },
        work: `${deployed.length} upgrades previewed, ${BLUEPRINTS} distinct triples of trees of ${OBJECTS} objects`,
        limit: { of: 'ours', comparison: '<=', value: 5 },
        notes: [
          `${stored} previews are kept at the end`,
          `${statements.length} statements for the first of them, ${figure(each * 1000)} ms of the server's CPU for each`,
        ],
      },
      {
        ...{ row: 'previews', unit: 's', ours: halves.slice(1), native: halves.slice(0, 1) },
        work: `${(BLUEPRINTS * DISTINCT) / 2} previews of distinct triples, beside as many before them`,
        limit: { of: 'ratio', comparison: '<=', value: 1.5 },
        notes: [`${figure(cpu * 1000)} ms of the server's CPU each`],
      },
    ];
  });
}

function noDeployment(): never {
  throw new Error('Nothing is deployed.');
}

/** Seconds for the first and for the second half of the versions. */
async function distinctOnes(
  revisions: readonly { id: string; path: string }[],
  first: number,
  preview: (revision: { id: string; path: string }, version: number) => Promise<void>,
): Promise<number[]> {
  const all = Array.from({ length: DISTINCT }, (_, at) =>
    revisions.map((one) => ({ one, version: first + at })),
  ).flat();
  const seconds: number[] = [];
  for (const half of [all.slice(0, all.length / 2), all.slice(all.length / 2)]) {
    seconds.push(
      (await timed(() => concurrently(half, CONNECTIONS, ({ one, version }) => preview(one, version)))) / 1000,
    );
  }
  return seconds;
}

async function storedPreviews({ api }: Pkgserver): Promise<number> {
  let count = 0;
  for (let cursor: string | null = ''; cursor !== null;) {
    const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const page = JSON.parse((await api.bytes(`/upgrade-previews?pageSize=500${from}`)).toString()) as {
      items: unknown[];
      nextCursor: string | null;
    };
    count += page.items.length;
    cursor = page.nextCursor;
  }
  return count;
}

const nameOf = (index: number): string => `app-${index}`;

/** Each version has other images than those before it. */
function catalogOf(bases: readonly Files[], versions: number, random: Random): string {
  const stream = new FastImport();
  for (const [index, base] of bases.entries()) {
    const folder = nameOf(index);
    for (let version = 1; version <= versions; version += 1) {
      const files = version === 1 ? { ...base, Kptfile: kptfile(folder) } : released(base, random);
      const below = new Map(Object.entries(files).map(([file, text]) => [`${folder}/${file}`, text]));
      stream.tag(`${folder}/v${version}`, stream.commit('refs/heads/main', `Release ${folder}/v${version}`, below));
    }
  }
  return stream.finish();
}

/** What is made of the first version of each, in every target the same. */
async function fleetOf(bases: readonly Files[], { path, url }: HostedRepository, random: Random): Promise<string> {
  const stream = new FastImport();
  for (const [index, base] of bases.entries()) {
    const name = nameOf(index);
    const origin = await originOf({ path, url }, name);
    const files = { ...tuned(base, random), Kptfile: kptfile(name, origin) };
    for (let target = 0; target < TARGETS; target += 1) {
      const folder = `edge-${target}/${name}`;
      const below = new Map(Object.entries(files).map(([file, text]) => [`${folder}/${file}`, text]));
      stream.tag(`${folder}/v1`, stream.commit('refs/heads/main', `Release ${folder}/v1`, below));
    }
  }
  return stream.finish();
}
