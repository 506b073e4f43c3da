import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashBlob } from '../../src/git/objects/git-hash.js';
import { fieldPath } from '../../src/krm/diff/field-path.js';
import { diffTrees, type TreeDiff } from '../../src/krm/diff/tree-diff.js';
import { readObjects } from '../../src/krm/diff/read-objects.js';
import type { TreeEntry } from '../../src/krm/diff/tree-files.js';
import { mergeTrees, type MergedTree, type Versions } from '../../src/krm/merge/merge-trees.js';
import { DEFAULT_YAML_LIMITS as limits } from '../../src/krm/yaml-limits.js';
import { CORPORA, hasCorpora } from '../support/corpora.js';
import { edited } from '../support/edits.js';
import { GitTrees } from '../support/git-trees.js';
import { Random } from '../support/random.js';

const DIFF = { limits, definitions: [], secretsKey: null };
/** Upgrades of each catalog; `MERGE_PAIRS=1000` takes them all. */
const PAIRS = Number(process.env.MERGE_PAIRS ?? 6);
const CATALOGS = ['nephio-catalog', 'nephio-example-packages', 'kpt-samples', 'pkgserver-demo-catalog'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'merge-'));
});
afterAll(() => rm(folder, { recursive: true }));

const merged = (versions: Versions): MergedTree =>
  mergeTrees(versions, { limits, definitions: [], trees: 'trees', resolve: () => undefined });

const bytes = (entries: readonly { path: string; mode: string; content: Uint8Array | null }[]) =>
  entries.map(({ path, mode, content }) => ({ path, mode, text: Buffer.from(content ?? []).toString('latin1') }));

/** The same, of entries as they may be in a tree. */
const asEntries = ({ entries }: MergedTree): TreeEntry[] =>
  entries.map((entry) => ({ ...entry, oid: entry.oid ?? hashBlob(entry.content ?? Buffer.alloc(0)) }));

/** Edits some of the files, so that they can still be read. */
function asPeopleDo(entries: readonly TreeEntry[], random: Random): TreeEntry[] {
  return entries.map((entry) => {
    if (!/\.ya?ml$|Kptfile$/.test(entry.path) || entry.content === null || random.chance(0.4)) return entry;
    const text = edited(Buffer.from(entry.content).toString(), random, random.between(1, 3));
    const content = Buffer.from(text);
    const isFine = readObjects(entry.path, content, limits).parseError === null;
    return isFine ? { ...entry, content, oid: hashBlob(content) } : entry;
  });
}

const conflictsIn = ({ conflicts }: MergedTree): string[] =>
  conflicts.map(({ of, file, steps, nth }) => `${of} ${file} ${fieldPath(steps)} ${nth}`).sort();

/** An object by its name before ours renamed it. */
const whoIs = (kind: string, name: string): string => `${kind} ${name.replaceAll('-edited', '')}`;

/** What a comparison tells, as the objects and fields that it is about. */
const fieldsOf = ({ objects, files }: TreeDiff): { who: string; path: string }[] => [
  ...objects.flatMap(({ kind, name, path: file, fields }) =>
    fields.map(({ path }) => ({ who: whoIs(kind, name ?? file), path })),
  ),
  ...files.filter(({ krm }) => !krm).map(({ path }) => ({ who: path, path: '' })),
];

/** Of all that differs between one side and the result, the other side, or a conflict, is the reason. */
function expectReasons(result: TreeDiff, reasons: readonly { who: string; path: string }[]): void {
  const unexplained = fieldsOf(result).filter(
    ({ who, path }) =>
      !reasons.some((reason) => reason.who === who && (path.startsWith(reason.path) || reason.path.startsWith(path))),
  );
  expect(unexplained).toEqual([]);
}

const commentsIn = (entries: readonly { content: Uint8Array | null }[]): Set<string> =>
  new Set(
    entries.flatMap(({ content }) =>
      [
        ...Buffer.from(content ?? [])
          .toString()
          .matchAll(/(?:^|\s)#\s*(\S[^\r\n]*)/gm),
      ].map(([, text]) => text ?? ''),
    ),
  );

describe.skipIf(!hasCorpora).each(CATALOGS)('merging what is made of %s', (catalog) => {
  it('keeps all of both sides', async () => {
    const trees = await GitTrees.make(folder, catalog, join(CORPORA, `${catalog}.bundle`));
    const pairs = (await trees.versions()).flatMap((versions) =>
      versions.slice(1).map((to, at) => ({ from: versions[at] ?? '', to })),
    );
    const figures = { merges: 0, conflicts: 0, rewritten: 0 };
    for (const { from, to } of pairs.slice(0, PAIRS)) {
      const [base, theirs] = [await trees.entries(from), await trees.entries(to)];
      for (const seed of [1, 2, 3]) {
        const ours = asPeopleDo(base, new Random(seed));
        const about = `${from} → ${to}, seed ${seed}`;
        expect(bytes(merged({ base, ours: base, theirs }).entries), about).toEqual(bytes(theirs));
        expect(bytes(merged({ base, ours, theirs: base }).entries), about).toEqual(bytes(ours));
        expect(bytes(merged({ base, ours, theirs: ours }).entries), about).toEqual(bytes(ours));
        const result = merged({ base, ours, theirs });
        expect(conflictsIn(merged({ base, ours: theirs, theirs: ours })).length, about).toBe(result.conflicts.length);
        const inConflict = result.conflicts.map(({ object, file, steps, of }) => ({
          who: object && of !== 'package' ? whoIs(object.kind, object.name ?? file) : file,
          path: fieldPath(steps),
        }));
        const entries = asEntries(result);
        const [byOurs, byTheirs] = [diffTrees(base, ours, DIFF), diffTrees(base, theirs, DIFF)].map(fieldsOf);
        expectReasons(diffTrees(ours, entries, DIFF), [...(byTheirs ?? []), ...inConflict]);
        expectReasons(diffTrees(theirs, entries, DIFF), [...(byOurs ?? []), ...inConflict]);
        if (result.warnings.length === 0 && result.conflicts.length === 0) {
          const [inBase, inOurs, inTheirs, there] = [base, ours, theirs, entries].map(commentsIn);
          const lost = [...(inOurs ?? [])].filter(
            (text) => !there?.has(text) && (inTheirs?.has(text) || !inBase?.has(text)),
          );
          expect(lost, about).toEqual([]);
        }
        figures.merges += 1;
        figures.conflicts += result.conflicts.length;
        figures.rewritten += result.warnings.length;
      }
    }
    if (process.env.MERGE_PAIRS) console.log(catalog, figures);
    expect(figures.merges).toBeGreaterThan(0);
  }, 600_000);
});
