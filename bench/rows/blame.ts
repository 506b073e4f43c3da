import { deployments, released } from '../data/deployments.js';
import { FastImport } from '../data/fast-import.js';
import { Random } from '../data/random.js';
import type { Result } from '../report/result.js';
import { timed } from '../report/statistics.js';
import type { Stage } from '../stage/stage.js';
import { git } from '../../test/support/git-command.js';

const OBJECTS = 20;
const VERSIONS = 50;
/** Each version has a new image in so many of its objects. */
const CHANGED = 4;
const PER_ROUND = 6;
const WARM_UPS = 6;

/** Who set each field of a revision of 20 objects over 50 versions, for the first time, beside the diff of its first and last one. */
export async function blame(stage: Stage): Promise<Result[]> {
  const packages = WARM_UPS + stage.options.rounds * PER_ROUND;
  const { path, url } = await stage.git.create('blame');
  await git(['fast-import', '--quiet'], { gitDir: path, input: streamOf(packages, new Random(stage.options.seed)) });
  return stage.withPkgserver({ row: 'blame' }, async ({ api }) => {
    await api.register('blame', url);
    const [ours, native]: [number[], number[]] = [[], []];
    for (let index = 0; index < packages; index += 1) {
      const idOf = async (version: number) =>
        (await api.revisions(`path=${nameOf(index)}&revision=v${version}`))[0]?.id;
      const [first, last] = [await idOf(1), await idOf(VERSIONS)];
      const blamed = await timed(() => api.bytes(`/package-revisions/${last}/blame?pageSize=${OBJECTS}`));
      const compared = await timed(() => api.bytes(`/package-revisions/diff?from=${first}&to=${last}&pageSize=500`));
      if (index < WARM_UPS) continue;
      ours.push(blamed);
      native.push(compared);
    }
    return [
      {
        ...{ row: 'blame', unit: 'ms' as const, ours, native },
        work: `blame of ${OBJECTS} objects over ${VERSIONS} versions, for the first time`,
        limit: { of: 'ratio', comparison: '<=', value: 10 },
        notes: ['the other side is the diff of the first and the last version, by pkgserver'],
      },
    ];
  });
}

const nameOf = (index: number): string => `package-${index}`;

function streamOf(packages: number, random: Random): string {
  const stream = new FastImport();
  for (let index = 0; index < packages; index += 1) {
    const folder = nameOf(index);
    let files = deployments(OBJECTS, random);
    let changed: Record<string, string> = {
      ...files,
      Kptfile: `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${folder}\n`,
    };
    for (let version = 1; version <= VERSIONS; version += 1) {
      const below = new Map(Object.entries(changed).map(([file, text]) => [`${folder}/${file}`, text]));
      stream.tag(`${folder}/v${version}`, stream.commit('refs/heads/main', `Release ${folder}/v${version}`, below));
      const paths = Object.keys(files);
      const start = random.whole(0, OBJECTS - CHANGED);
      changed = released(
        Object.fromEntries(paths.slice(start, start + CHANGED).map((at) => [at, files[at] ?? ''])),
        random,
      );
      files = { ...files, ...changed };
    }
  }
  return stream.finish();
}
