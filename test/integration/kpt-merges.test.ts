import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashBlob } from '../../src/git/objects/git-hash.js';
import { diffTrees } from '../../src/krm/diff/tree-diff.js';
import { readObjects } from '../../src/krm/diff/read-objects.js';
import type { TreeEntry } from '../../src/krm/diff/tree-files.js';
import { mergePackage, type MergedPackage } from '../../src/krm/merge/merge-package.js';
import { DEFAULT_YAML_LIMITS as limits } from '../../src/krm/yaml-limits.js';
import { CORPORA, hasCorpora } from '../support/corpora.js';
import { edited } from '../support/edits.js';
import { git } from '../support/git-command.js';
import { GitTrees } from '../support/git-trees.js';
import { Random } from '../support/random.js';

/** kpt's binary, to compare merges with: `KPT=/some/kpt npm run merges:kpt`. Without it nothing of this runs. */
const KPT = process.env.KPT ?? '';
const CATALOGS = ['nephio-catalog', 'nephio-example-packages', 'kpt-samples', 'pkgserver-demo-catalog'];
const run = promisify(execFile);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kpt-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Step {
  /** `TAG:PATH`. */
  from: string;
  to: string;
}

/** The files of a package in a folder of its own, as the clone that kpt takes it for. */
async function writePackage(entries: readonly TreeEntry[]): Promise<string> {
  const place = await mkdtemp(join(folder, 'package-'));
  for (const { path, content, mode } of entries) {
    if (!mode.startsWith('100')) continue;
    await mkdir(dirname(join(place, path)), { recursive: true });
    await writeFile(join(place, path), content ?? '');
  }
  await git(['init', '--quiet', place]);
  await git(['-C', place, 'add', '--all']);
  await git(['-C', place, '-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'x']);
  return place;
}

async function readPackage(place: string): Promise<TreeEntry[]> {
  const found = await readdir(place, { recursive: true, withFileTypes: true });
  const entries: TreeEntry[] = [];
  for (const file of found) {
    const path = relative(place, join(file.parentPath, file.name));
    if (!file.isFile() || path.startsWith('.git/')) continue;
    const content = await readFile(join(place, path));
    entries.push({ path, mode: '100644', oid: hashBlob(content), content, rawPath: null });
  }
  return entries;
}

const placeOf = (version: string): { tag: string; directory: string; ref: string } => {
  const [tag = '', directory = ''] = version.split(':');
  return { tag, directory, ref: tag };
};

interface Upstream {
  url: string;
  commit: string;
  to: string;
}

function merged(
  [base, ours, theirs]: readonly [TreeEntry[], TreeEntry[], TreeEntry[]],
  { url, commit, to }: Upstream,
): MergedPackage {
  const { directory, ref } = placeOf(to);
  const name = directory.split('/').at(-1) ?? '';
  return mergePackage(
    { base, ours, theirs },
    {
      strategy: 'resource-merge',
      origin: { name, upstream: { repo: url, directory, ref, commit }, strategy: 'resource-merge' },
      ...{ trees: 'trees', resolutions: {}, defaultResolution: {}, secretsKey: 'key' },
    },
    { limits, definitions: [] },
  );
}

/** The entries of a merge with all their bytes. */
function filled({ entries }: MergedPackage, versions: readonly TreeEntry[][]): TreeEntry[] {
  const contents = new Map(versions.flat().map(({ oid, content }) => [oid, content]));
  return entries.map((entry) => {
    if (entry.oid !== null) return { ...entry, oid: entry.oid, content: contents.get(entry.oid) ?? null };
    return { ...entry, oid: hashBlob(entry.content ?? Buffer.alloc(0)) };
  });
}

function asPeopleDo(entries: readonly TreeEntry[], random: Random): TreeEntry[] {
  return entries.map((entry) => {
    if (!/\.ya?ml$/.test(entry.path) || entry.content === null || random.chance(0.5)) return entry;
    const content = Buffer.from(edited(Buffer.from(entry.content).toString(), random, random.between(1, 2)));
    const isFine = readObjects(entry.path, content, limits).parseError === null;
    return isFine ? { ...entry, content, oid: hashBlob(content) } : entry;
  });
}

/** What kpt writes down about itself, and what only one of the two sets. */
const isBookkeeping = (kind: string, path: string): boolean =>
  /internal\.kpt\.dev\/|config\.kubernetes\.io\//.test(path) ||
  (kind === 'Kptfile' && /^(upstream|status|metadata)/.test(path));

/** Annotations of kpt's own where there were none. */
const isOwnAnnotations = (path: string, to: unknown): boolean =>
  path === 'metadata.annotations' && Object.keys(to ?? {}).every((key) => isBookkeeping('', key));

/** The fields in which what kpt made differs from what we made. */
function differences(ours: readonly TreeEntry[], kpt: readonly TreeEntry[]): string[] {
  const { objects, files } = diffTrees(ours, kpt, { limits, definitions: [], secretsKey: null });
  return [
    ...objects.flatMap(({ kind, name, change, path: file, fields }) =>
      fields
        // kpt drops what is null; it is a value here.
        .filter(({ equivalent, from, change: what }) => !equivalent && !(what === 'removed' && from === null))
        .filter(({ path, to }) => !isBookkeeping(kind, path) && !isOwnAnnotations(path, to))
        .map(({ path, from, to }) => `${change} ${file} ${kind} ${name} ${path}: ${short(from)} → ${short(to)}`),
    ),
    ...files.filter(({ krm }) => !krm).map(({ path, change }) => `${change} ${path}`),
  ];
}

const short = (value: unknown): string => (JSON.stringify(value) ?? '').slice(0, 60);

describe.skipIf(!hasCorpora || KPT === '').each(CATALOGS)('merging as kpt does: %s', (catalog) => {
  it('gives the same values where nothing is in conflict', async () => {
    const bundle = join(CORPORA, `${catalog}.bundle`);
    const trees = await GitTrees.make(folder, `${catalog}.git`, bundle);
    const url = `file://${join(folder, `${catalog}.git`)}`;
    const steps: Step[][] = (await trees.versions()).map((versions) =>
      versions.slice(1).map((to, at) => ({ from: versions[at] ?? '', to })),
    );
    const told = { agree: 0, conflicts: 0, refused: 0, differ: [] as string[] };
    for (const chain of steps) {
      const [first] = chain;
      if (!first) continue;
      const random = new Random(chain.length);
      const start = await trees.entries(first.from);
      // A clone as the service makes it: with its upstream in the Kptfile.
      const commitOf = async (version: string) =>
        (await trees.run(['rev-parse', `${placeOf(version).tag}^{commit}`])).trim();
      const clone = merged([start, start, start], { url, to: first.from, commit: await commitOf(first.from) });
      let ours = asPeopleDo(filled(clone, [start]), random);
      for (const { from, to } of chain) {
        const [base, theirs] = [await trees.entries(from), await trees.entries(to)];
        const result = merged([base, ours, theirs], { url, to, commit: await commitOf(to) });
        const made = filled(result, [base, ours, theirs]);
        if (result.conflicts.length > 0) told.conflicts += 1;
        else {
          const place = await writePackage(ours);
          try {
            await run(
              KPT,
              ['pkg', 'update', `${relative(folder, place)}@${placeOf(to).ref}`, '--strategy', 'resource-merge'],
              {
                cwd: folder,
                env: { ...process.env, KPT_CACHE_DIR: join(folder, 'cache') },
              },
            );
            const found = differences(made, await readPackage(place));
            if (found.length === 0) told.agree += 1;
            else told.differ.push(`${from} → ${to}\n    ${found.slice(0, 6).join('\n    ')}`);
          } catch (error) {
            told.refused += 1;
            if (told.refused < 4)
              console.log(`kpt refused ${to}: ${String((error as { stderr?: string }).stderr).slice(0, 400)}`);
          }
          await rm(place, { recursive: true });
        }
        ours = made;
      }
    }
    console.log(
      `${catalog}: ${told.agree} steps agree, ${told.differ.length} differ, ${told.conflicts} in conflict, ${told.refused} refused by kpt`,
    );
    for (const step of told.differ) console.log(`  ${step}`);
    expect(told.agree + told.conflicts + told.refused).toBeGreaterThan(0);
  }, 1_200_000);
});
