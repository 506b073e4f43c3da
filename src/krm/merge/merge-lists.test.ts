import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashBlob } from '../../git/objects/git-hash.js';
import { fieldPath } from '../diff/field-path.js';
import { readObjects } from '../diff/read-objects.js';
import type { TreeEntry } from '../diff/tree-files.js';
import { toJson } from '../diff/values.js';
import { DEFAULT_YAML_LIMITS as limits } from '../yaml-limits.js';
import { mergeTrees, type MergedTree } from './merge-trees.js';

/** Files by path; a text alone is the file `a.yaml`. */
type Files = string | Record<string, string>;

const byPath = (files: Files): Record<string, string> => (typeof files === 'string' ? { 'a.yaml': files } : files);
const entriesOf = (files: Files): TreeEntry[] =>
  Object.entries(byPath(files)).map(([path, text]) => {
    const content = Buffer.from(text);
    return { path, mode: '100644', oid: hashBlob(content), content, rawPath: null };
  });

const merge = (base: Files, ours: Files, theirs: Files): MergedTree =>
  mergeTrees(
    { base: entriesOf(base), ours: entriesOf(ours), theirs: entriesOf(theirs) },
    { limits, definitions: [], trees: 'trees', resolve: () => undefined },
  );

const filesIn = ({ entries }: MergedTree): Record<string, string> =>
  Object.fromEntries(entries.map(({ path, content }) => [path, Buffer.from(content ?? []).toString()]));

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ');
/** A document for a place in a list: its first line behind a dash. */
const item = (text: string): string => `- ${indented(text).trimStart()}`;
const listOf = (...texts: string[]): string => `apiVersion: v1\nkind: List\nitems:\n${texts.map(item).join('')}`;
const config = (name: string, data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n${data}`;
const json = (...data: Record<string, string>[]): string =>
  `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'List',
      items: data.map((values, at) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `c${at}` },
        data: values,
      })),
    },
    null,
    4,
  )}\n`;

interface Case {
  name: string;
  base: Files;
  ours: Files;
  theirs: Files;
  result: Files;
  /** `of file kind/name path`. */
  conflicts?: string[];
  /** A sentence says that the text could not be kept. */
  warned?: true;
}

const [one, two, three] = [
  config('one', '  a: "1"\n  b: "1"\n'),
  config('two', '  a: "2"\n'),
  config('three', '  a: "3"\n'),
];

const CASES: Case[] = [
  {
    name: 'one object changed by ours, another by theirs',
    base: listOf(one, two),
    ours: listOf(config('one', '  a: ours\n  b: "1"\n'), two),
    theirs: listOf(one, config('two', '  a: theirs\n')),
    result: listOf(config('one', '  a: ours\n  b: "1"\n'), config('two', '  a: theirs\n')),
  },
  {
    name: 'fields beside each other in one object',
    base: listOf(one, two),
    ours: listOf(config('one', '  a: ours\n  b: "1"\n'), two),
    theirs: listOf(config('one', '  a: "1"\n  b: theirs\n'), two),
    result: listOf(config('one', '  a: ours\n  b: theirs\n'), two),
  },
  {
    name: 'one field changed by both: a conflict of the object, in its words',
    base: listOf(one, two),
    ours: listOf(config('one', '  a: ours\n  b: "1"\n'), two),
    theirs: listOf(config('one', '  a: theirs\n  b: "1"\n'), two),
    result: listOf(config('one', '  a: ours\n  b: "1"\n'), two),
    conflicts: ['field a.yaml ConfigMap/one data.a'],
  },
  {
    name: 'objects in another order in ours, one changed by theirs',
    base: listOf(one, two, three),
    ours: listOf(three, one, two),
    theirs: listOf(one, config('two', '  a: theirs\n'), three),
    result: listOf(three, one, config('two', '  a: theirs\n')),
  },
  {
    name: 'an object that theirs adds, and one that ours adds',
    base: listOf(one),
    ours: listOf(one, config('ours', '  x: "1"\n')),
    theirs: listOf(config('theirs', '  # why\n  x: "1"\n'), one),
    result: listOf(config('theirs', '  # why\n  x: "1"\n'), one, config('ours', '  x: "1"\n')),
  },
  {
    name: 'an object that theirs deletes, and ours has left as it was',
    base: listOf(one, two, three),
    ours: listOf(config('one', '  a: ours\n  b: "1"\n'), two, three),
    theirs: listOf(one, three),
    result: listOf(config('one', '  a: ours\n  b: "1"\n'), three),
  },
  {
    name: 'an object that theirs deletes and ours has changed',
    base: listOf(one, two),
    ours: listOf(one, config('two', '  a: ours\n')),
    theirs: listOf(one),
    result: listOf(one, config('two', '  a: ours\n')),
    conflicts: ['object a.yaml ConfigMap/two'],
  },
  {
    name: 'an object that both add, each with a field of its own',
    base: listOf(one),
    ours: listOf(one, config('new', '  x: "1"\n  o: ours\n')),
    theirs: listOf(one, config('new', '  x: "1"\n  t: theirs\n')),
    result: listOf(one, config('new', '  x: "1"\n  t: theirs\n  o: ours\n')),
  },
  {
    name: 'all objects deleted by theirs, with the file',
    base: { 'a.yaml': listOf(one, two), x: 'x\n' },
    ours: { 'a.yaml': listOf(one, two), x: 'ours\n' },
    theirs: { x: 'x\n' },
    result: { x: 'ours\n' },
  },
  {
    name: 'all objects deleted by theirs, with an empty list left, and one added by ours',
    base: listOf(one),
    ours: listOf(one, two),
    theirs: 'apiVersion: v1\nkind: List\nitems: []\n',
    result: listOf(two),
  },
  {
    name: 'the file deleted by theirs, and an object added by ours',
    base: { 'a.yaml': listOf(one), x: 'x\n' },
    ours: { 'a.yaml': listOf(one, two), x: 'x\n' },
    theirs: { x: 'x\n' },
    result: { 'a.yaml': listOf(two), x: 'x\n' },
  },
  {
    name: 'comments at, before and in objects, quotes and blank lines',
    base: `# all of it\n${listOf(one)}# two\n${item(two)}`,
    ours: `# all of it\n${listOf(config('one', '  a: "1" # ours\n  b: \'1\'\n'))}# two\n\n${item(two)}`,
    theirs: `# all of it\n${listOf(config('one', '  a: "1"\n  b: theirs\n'))}# two\n${item(config('two', '  a: 2x\n'))}`,
    result: `# all of it\n${listOf(config('one', '  a: "1" # ours\n  b: theirs\n'))}# two\n\n${item(config('two', '  a: 2x\n'))}`,
  },
  {
    name: 'a list that ours has indented, and theirs has not',
    base: listOf(one, two),
    ours: `apiVersion: v1\nkind: List\nitems:\n${indented(item(one) + item(config('two', '  a: ours\n')))}`,
    theirs: listOf(config('one', '  a: theirs\n  b: "1"\n'), two, three),
    result: `apiVersion: v1\nkind: List\nitems:\n${indented(
      item(config('one', '  a: theirs\n  b: "1"\n')) + item(config('two', '  a: ours\n')) + item(three),
    )}`,
  },
  {
    name: 'line breaks of ours, and no line break at the end',
    base: listOf(one, two).replaceAll('\n', '\r\n').trimEnd(),
    ours: listOf(one, config('two', '  a: ours\n')).replaceAll('\n', '\r\n').trimEnd(),
    theirs: listOf(config('one', '  a: theirs\n  b: "1"\n'), two).replaceAll('\n', '\r\n').trimEnd(),
    result: listOf(config('one', '  a: theirs\n  b: "1"\n'), config('two', '  a: ours\n'))
      .replaceAll('\n', '\r\n')
      .trimEnd(),
  },
  {
    name: 'JSON, as kubectl writes it',
    base: { 'a.json': json({ a: '1' }, { a: '1' }) },
    ours: { 'a.json': json({ a: 'ours' }, { a: '1' }) },
    theirs: { 'a.json': json({ a: '1' }, { a: 'theirs', b: 'new' }) },
    result: {
      'a.json': json({ a: 'ours' }, { a: 'theirs' }).replace(/"theirs"\n/, '"theirs", "b": "new"\n'),
    },
  },
  {
    name: 'fields of the list itself',
    base: `${listOf(one)}metadata:\n  resourceVersion: ""\n`,
    ours: `${listOf(config('one', '  a: ours\n  b: "1"\n'))}metadata:\n  resourceVersion: ""\n`,
    theirs: `${listOf(one)}metadata:\n  resourceVersion: "7"\n`,
    result: `${listOf(config('one', '  a: ours\n  b: "1"\n'))}metadata:\n  resourceVersion: "7"\n`,
  },
  {
    name: 'a list of one kind, whose objects do not say it',
    base: 'apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata:\n    name: one\n  data:\n    a: "1"\n    b: "1"\n',
    ours: 'apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata:\n    name: one\n  data:\n    a: ours\n    b: "1"\n',
    theirs:
      'apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata:\n    name: new\n- metadata:\n    name: one\n  data:\n    a: "1"\n    b: theirs\n',
    result:
      'apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata:\n    name: new\n- metadata:\n    name: one\n  data:\n    a: ours\n    b: theirs\n',
  },
  {
    name: 'lists, objects and comments in one file',
    base: `${one}---\n${listOf(two)}---\n# end\n`,
    ours: `${one}---\n${listOf(config('two', '  a: ours\n'))}---\n# end\n`,
    theirs: `${config('one', '  a: theirs\n  b: "1"\n')}---\n${listOf(two, three)}---\n# end\n`,
    result: `${config('one', '  a: theirs\n  b: "1"\n')}---\n${listOf(config('two', '  a: ours\n'), three)}---\n# end\n`,
  },
  {
    name: 'objects that theirs takes out of a list, each to a file of its own',
    base: listOf(config('one', '  # why\n  a: "1"\n  b: "1"\n'), two),
    ours: listOf(config('one', '  # why\n  a: ours\n  b: "1"\n'), two),
    theirs: { 'one.yaml': config('one', '  # why\n  a: "1"\n  b: theirs\n'), 'two.yaml': two },
    result: { 'one.yaml': config('one', '  # why\n  a: ours\n  b: theirs\n'), 'two.yaml': two },
  },
  {
    name: 'objects that ours has taken out of a list, changed by theirs',
    base: listOf(one, two),
    ours: { 'one.yaml': `# ours\n${one}`, 'two.yaml': two },
    theirs: listOf(config('one', '  a: "1"\n  b: theirs\n'), two),
    result: { 'one.yaml': `# ours\n${config('one', '  a: "1"\n  b: theirs\n')}`, 'two.yaml': two },
  },
  {
    name: 'objects that theirs puts into a list, unchanged by ours',
    base: { 'one.yaml': one, 'two.yaml': two },
    ours: { 'one.yaml': one, 'two.yaml': two, 'own.yaml': three },
    theirs: { 'all.yaml': listOf(one, `# two\n${config('two', '  a: theirs\n')}`) },
    result: { 'all.yaml': listOf(one, `# two\n${config('two', '  a: theirs\n')}`), 'own.yaml': three },
  },
  {
    name: 'objects that theirs puts into a list, one of them changed by ours',
    base: { 'one.yaml': one, 'two.yaml': two },
    ours: { 'one.yaml': one, 'two.yaml': config('two', '  a: ours\n') },
    theirs: { 'all.yaml': listOf(`# kept\n${one}`, two) },
    result: { 'all.yaml': listOf(`# kept\n${one}`, config('two', '  a: ours\n')) },
  },
  {
    name: 'an object that theirs moves to another list',
    base: { 'a.yaml': listOf(one, two), 'b.yaml': listOf(three) },
    ours: { 'a.yaml': listOf(one, config('two', '  a: ours\n')), 'b.yaml': listOf(three) },
    theirs: { 'a.yaml': listOf(one), 'b.yaml': listOf(three, two) },
    result: { 'a.yaml': listOf(one), 'b.yaml': listOf(three, config('two', '  a: ours\n')) },
    warned: true,
  },
  {
    name: 'a list in a file that theirs has renamed',
    base: listOf(one, two),
    ours: listOf(config('one', '  a: ours\n  b: "1"\n'), two),
    theirs: { 'b.yaml': listOf(one, config('two', '  a: theirs\n')) },
    result: { 'b.yaml': listOf(config('one', '  a: ours\n  b: "1"\n'), config('two', '  a: theirs\n')) },
  },
  {
    name: 'an anchor in one object that another one uses',
    base: listOf('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\ndata: &d\n  a: "1"\n', two),
    ours: listOf(
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\ndata: &d\n  a: "1"\n',
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: two\ndata: *d\n',
    ),
    theirs: listOf('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\ndata: &d\n  a: theirs\n', two),
    result: `apiVersion: v1\nkind: List\nitems:\n${indented(
      item(config('one', '  a: theirs\n')) + item(config('two', '  a: "1"\n')),
    )}`,
    warned: true,
  },
];

const conflictsIn = ({ conflicts }: MergedTree): string[] =>
  conflicts.map(({ of, file, object, steps }) =>
    `${of} ${file} ${object?.kind}/${object?.name} ${fieldPath(steps)}`.trim(),
  );

describe('merging lists of objects', () => {
  it.each(CASES)('$name', ({ base, ours, theirs, result, conflicts = [], warned = false }) => {
    const merged = merge(base, ours, theirs);
    expect(filesIn(merged)).toEqual(byPath(result));
    expect(conflictsIn(merged)).toEqual(conflicts);
    expect(merged.warnings).toHaveLength(warned ? 1 : 0);
  });

  it.each(CASES)('$name, from either side: the same conflicts', ({ base, ours, theirs }) => {
    expect(conflictsIn(merge(base, theirs, ours)).length).toBe(conflictsIn(merge(base, ours, theirs)).length);
  });

  it.each(CASES)('$name: what only one side has changed is that side, byte for byte', ({ base, ours, theirs }) => {
    expect(filesIn(merge(base, base, theirs))).toEqual(byPath(theirs));
    expect(filesIn(merge(base, ours, base))).toEqual(byPath(ours));
    expect(filesIn(merge(base, ours, ours))).toEqual(byPath(ours));
  });

  it('hides what Secrets in a list hold, in the conflict about them', () => {
    const secret = (value: string): string =>
      listOf(`apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  password: ${value}\n`, one);
    expect(merge(secret('one'), secret('ours'), secret('theirs')).conflicts).toMatchObject([
      { object: { kind: 'Secret', name: 's' }, steps: ['stringData', 'password'], isSecret: true },
    ]);
  });

  it('leaves a list to its lines that holds what is no object', () => {
    const odd = (text: string): string => `apiVersion: v1\nkind: List\nitems:\n- text\n${text}`;
    const merged = merge(odd('- a\n# x\n# y\n'), odd('- ours\n# x\n# y\n'), odd('- a\n# x\n# y\n- theirs\n'));
    expect(filesIn(merged)).toEqual({ 'a.yaml': odd('- ours\n# x\n# y\n- theirs\n') });
  });
});

/** Objects by name, with what they hold: no two of different names hold the same, so that none counts as renamed. */
const objects = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    data: fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.constantFrom('"1"', '2 # two', 'three'), { minKeys: 1 }),
  }),
  { selector: ({ name }) => name, minLength: 1 },
);
const asText = ({ name, data }: { name: string; data: Record<string, string> }): string =>
  config(
    name,
    Object.entries(data)
      .map(([key, value]) => `  ${key}: ${value.replace(/\w+/, `$&-${name}`)}\n`)
      .join(''),
  );

describe('a list of objects', () => {
  const heldBy = (merged: MergedTree): Map<string, unknown> =>
    new Map(
      merged.entries.flatMap(({ path, content }) =>
        readObjects(path, content ?? Buffer.alloc(0), limits).objects.map(
          ({ name, value }) => [name ?? '', toJson(value)] as const,
        ),
      ),
    );

  it('is merged to what its objects are merged to as documents of one file', () => {
    fc.assert(
      fc.property(objects, objects, objects, (base, ours, theirs) => {
        const lists = merge(
          ...([base, ours, theirs].map((all) => listOf(...all.map(asText))) as [string, string, string]),
        );
        const files = merge(
          ...([base, ours, theirs].map((all) => all.map(asText).join('---\n')) as [string, string, string]),
        );
        expect(heldBy(lists)).toEqual(heldBy(files));
        expect(conflictsIn(lists)).toEqual(conflictsIn(files));
      }),
    );
  });

  it('says what is decided wherever each version has its objects: in a list, in JSON, or in files of their own', () => {
    const placed = fc.tuple(objects, fc.constantFrom<Form>('list', 'json', 'lists', 'files'));
    fc.assert(
      fc.property(placed, placed, placed, (base, ours, theirs) => {
        const files = [base, ours, theirs].map(([all, form]) => placedIn[form](all)) as [Files, Files, Files];
        const merged = merge(...files);
        const asFiles = [base, ours, theirs].map(([all]) => placedIn.files(all)) as [Files, Files, Files];
        const alike = merge(...asFiles);
        expect(heldBy(merged)).toEqual(heldBy(alike));
        expect(merged.conflicts.length).toBe(alike.conflicts.length);
        expect(filesIn(merge(files[0], files[0], files[2]))).toEqual(files[2]);
        expect(filesIn(merge(files[0], files[1], files[0]))).toEqual(files[1]);
        expect(filesIn(merge(files[0], files[1], files[1]))).toEqual(files[1]);
      }),
    );
  });
});

type Form = 'list' | 'json' | 'lists' | 'files';

/** Objects of a version in its files. */
const placedIn: Record<Form, (all: readonly { name: string; data: Record<string, string> }[]) => Files> = {
  list: (all) => ({ 'all.yaml': listOf(...all.map(asText)) }),
  json: (all) => {
    const values = all.flatMap((object) => readObjects('a.yaml', Buffer.from(asText(object)), limits).objects);
    const items = values.map(({ value }) => toJson(value));
    return { 'all.yaml': `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2)}\n` };
  },
  lists: (all) => ({
    'all.yaml': [all.slice(1), all.slice(0, 1)]
      .flatMap((some) => (some[0] ? [listOf(...some.map(asText))] : []))
      .join('---\n'),
  }),
  files: (all) => Object.fromEntries(all.map((object) => [`${object.name}.yaml`, asText(object)])),
};
