import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compare } from '../../src/krm/diff/compare.js';
import { parseFieldPath, type Step } from '../../src/krm/diff/field-path.js';
import { objectShape } from '../../src/krm/diff/object-shape.js';
import { readObjects } from '../../src/krm/diff/read-objects.js';
import { diffTrees, type FieldChange, type ObjectChange, type TreeDiff } from '../../src/krm/diff/tree-diff.js';
import type { TreeEntry } from '../../src/krm/diff/tree-files.js';
import { patchTrees } from '../../src/krm/diff/tree-patch.js';
import { type Json, isMapping, scalarOf } from '../../src/krm/diff/values.js';
import { PlainScalar } from '../../src/krm/plain-scalar.js';
import { DEFAULT_YAML_LIMITS as limits } from '../../src/krm/yaml-limits.js';
import { CORPORA, hasCorpora } from '../support/corpora.js';
import { GitTrees } from '../support/git-trees.js';

const OPTIONS = { limits, definitions: [], secretsKey: null };
/** Pairs of consecutive revisions of each catalog; `DIFF_PAIRS=1000` takes them all. */
const PAIRS = Number(process.env.DIFF_PAIRS ?? 6);
const CATALOGS = ['nephio-catalog', 'nephio-example-packages', 'kpt-samples', 'pkgserver-demo-catalog'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diff-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A value of a change as `krm/parse` reads it. */
function valueOf(json: Json): unknown {
  if (Array.isArray(json)) return json.map(valueOf);
  if (json !== null && typeof json === 'object')
    return new Map(Object.entries(json).map(([key, item]) => [key, valueOf(item)]));
  return typeof json === 'string' ? json : new PlainScalar(String(json), json);
}

const at =
  (step: Step) =>
  (item: unknown): boolean => {
    if (typeof step === 'string' || !('keys' in step)) return typeof step !== 'string' && scalarOf(item) === step.value;
    return step.keys.every(([name, value]) => isMapping(item) && scalarOf(item.get(name) ?? 'TCP') === value);
  };

/** The value with a change made in it. */
function changed(value: unknown, [step, ...rest]: readonly Step[], { change, to }: FieldChange): unknown {
  if (step === undefined) return valueOf(to);
  const gone = rest.length === 0 && change === 'removed';
  if (Array.isArray(value)) {
    const index = value.findIndex(at(step));
    if (gone) return value.filter((_, place) => place !== index);
    if (index < 0) return [...value, valueOf(to)];
    return value.map((item, place) => (place === index ? changed(item, rest, { change, to } as FieldChange) : item));
  }
  const map = new Map(value as ReadonlyMap<string, unknown>);
  if (gone) map.delete(step as string);
  else map.set(step as string, changed(map.get(step as string), rest, { change, to } as FieldChange));
  return map;
}

const objectsIn = (entries: readonly TreeEntry[], { kind, namespace, name }: ObjectChange, path: string) =>
  entries
    .filter((entry) => entry.path === path)
    .flatMap((entry) => readObjects(entry.path, entry.content ?? Buffer.from(''), limits).objects)
    .filter((object) => object.kind === kind && object.namespace === namespace && object.name === name);

function expectAppliedChanges(from: readonly TreeEntry[], to: readonly TreeEntry[], { objects }: TreeDiff): void {
  for (const object of objects) {
    const { path, fromPath, fields, apiVersion, kind, change } = object;
    const [before, ...twins] = objectsIn(from, object, fromPath ?? path);
    const [after] = objectsIn(to, object, path);
    if ((change !== 'changed' && change !== 'moved') || !before || !after || twins.length > 0) continue;
    const made = fields.reduce<unknown>(
      (value, field) => changed(value, parseFieldPath(field.path) ?? [], field),
      before.value,
    );
    expect(
      compare(made, after.value, objectShape(new Map(), apiVersion, kind)).filter(({ equivalent }) => !equivalent),
    ).toEqual([]);
  }
}

const OPPOSITE = { added: 'removed', removed: 'added', changed: 'changed', moved: 'moved' } as const;

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item));

/** What is told, whatever the order and the class; `back` as the way back would tell it. */
function facts({ objects, files }: TreeDiff, back: boolean): string[] {
  const turned = <Change extends keyof typeof OPPOSITE>(change: Change) => (back ? OPPOSITE[change] : change);
  const swapped = <Value>(pair: [Value, Value]): Value[] => (back ? pair.toReversed() : pair);
  return [
    ...objects.flatMap(({ change, kind, namespace, name, path, fromPath, fields }) => {
      const where = change === 'added' || change === 'removed' ? [path] : swapped([fromPath ?? path, path]);
      return [
        textOf([turned(change), kind, namespace, where, name]),
        ...fields.map((field) =>
          textOf([kind, name, where, field.path, turned(field.change), swapped([field.from, field.to])]),
        ),
      ];
    }),
    ...files.map(({ change, path, fromPath, fromMode, toMode }) =>
      textOf([turned(change), swapped([fromPath ?? path, path]), swapped([fromMode, toMode])]),
    ),
  ].sort();
}

/** The names of an object whose name changed differ by the way. */
const isRenamed = ({ objects }: TreeDiff): boolean =>
  objects.some(({ fields }) => fields.some(({ path }) => /^(?:metadata\.name|apiVersion)$/.test(path)));

async function expectHolds(repository: GitTrees, from: string, to: string): Promise<void> {
  const [before, after] = [await repository.entries(from), await repository.entries(to)];
  const there = diffTrees(before, after, OPTIONS);
  const back = diffTrees(after, before, OPTIONS);
  expect(diffTrees(before, before, OPTIONS)).toMatchObject({ objects: [], files: [], truncated: false });
  expectAppliedChanges(before, after, there);
  expectAppliedChanges(after, before, back);
  if (!isRenamed(there)) expect(facts(back, true)).toEqual(facts(there, false));
  expect(await repository.applied(from, patchTrees(before, after, true) ?? '')).toBe(to);
  expect(await repository.applied(to, patchTrees(after, before, true) ?? '')).toBe(from);
}

const PATHS = [
  'a.yaml',
  'b/c.txt',
  'b',
  'with space',
  '"quoted"\\',
  'ünïcode\ttab',
  'dir with space/x',
  '-dash',
  'new\nline',
];
const line = fc.constantFrom('one', 'two', '', ' three', '+four', '-five', '\\ No newline', 'a\rb', 'ü', '@@ -1 +1 @@');
const text = fc
  .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
  .map(([lines, end, ends]) => Buffer.from(lines.join(end) + (ends && lines.length > 0 ? end : '')));
const bytes = fc.oneof(
  text,
  text,
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
);
const entry = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ mode: fc.constantFrom('100644', '100644', '100755', '120000'), content: bytes }),
  },
  { weight: 1, arbitrary: fc.constant({ mode: '160000', content: null }) },
);
/** No file that is a folder as well. */
const files = fc
  .dictionary(fc.constantFrom(...PATHS), entry)
  .map((found) => Object.entries(found).map(([path, { mode, content }]) => ({ path, mode, content })))
  .map((found) => found.filter(({ path }) => !found.some((other) => path.startsWith(`${other.path}/`))));

describe('a unified diff', () => {
  it('applied to the one tree gives the other, byte for byte, whatever is in them', async () => {
    const repository = await GitTrees.make(folder, 'random');
    await fc.assert(
      fc.asyncProperty(files, files, async (before, after) => {
        // Symlinks with nothing in them are no links.
        const [from, to] = [before, after].map((side) =>
          side.filter(({ mode, content }) => mode !== '120000' || (content?.length ?? 0) > 0),
        );
        const trees = [await repository.tree(from ?? []), await repository.tree(to ?? [])];
        const [one = '', other = ''] = trees;
        const patch = patchTrees(await repository.entries(one), await repository.entries(other), true);
        expect(await repository.applied(one, patch ?? '')).toBe(other);
      }),
      { numRuns: Number(process.env.DIFF_RUNS ?? 8) },
    );
  });
});

describe.skipIf(!hasCorpora)('consecutive revisions of real catalogs', () => {
  it.each(CATALOGS)('of %s: changes lead there and back, and unified diffs apply', async (name) => {
    const repository = await GitTrees.make(folder, name, join(CORPORA, `${name}.bundle`));
    const pairs = (await repository.versions()).flatMap((versions) =>
      versions.slice(1).map((next, at) => [versions[at] ?? '', next]),
    );
    const step = Math.max(1, Math.ceil(pairs.length / PAIRS));
    for (const pair of pairs.filter((_, index) => index % step === 0)) {
      const [from = '', to = ''] = await Promise.all(pair.map((ref) => repository.treeOf(ref)));
      await expectHolds(repository, from, to);
    }
    expect(pairs.length).toBeGreaterThan(0);
  });
});
