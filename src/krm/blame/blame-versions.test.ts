import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DiffOptions } from '../diff/tree-diff.js';
import { DEFAULT_YAML_LIMITS } from '../yaml-limits.js';
import { blameVersions, type BlameVersion, type TreeBlame } from './blame-versions.js';

const OPTIONS: DiffOptions = { limits: DEFAULT_YAML_LIMITS, definitions: [], secretsKey: null };

type Files = Readonly<Record<string, string>>;

const version = (files: Files, previous: number | null = null, upstream: number | null = null): BlameVersion => ({
  previous,
  upstream,
  entries: Object.entries(files).map(([path, text]) => {
    const oid = createHash('sha1').update(text).digest('hex');
    return { path, mode: '100644', oid, content: Buffer.from(text), rawPath: null };
  }),
});

/** The setters of each field, by object and path. */
const setters = ({ objects }: TreeBlame): Record<string, number[]> =>
  Object.fromEntries(
    objects.flatMap(({ kind, name, fields }) =>
      fields.map((field) => [`${kind}/${name} ${field.path}`, field.setters] as const),
    ),
  );

/** The setters of the fields that a text names, of the only object; versions follow one another, each a file. */
function line(...texts: string[]): (path: string) => number[] | undefined {
  const versions = texts.map((text, at) => version({ 'a.yaml': text }, at === 0 ? null : at - 1));
  const { objects } = blameVersions(versions, OPTIONS);
  return (path) => objects[0]?.fields.find((field) => field.path === path)?.setters;
}

const config = (data: string, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: it${more}}\ndata: ${data}\n`;
const pod = (containers: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: it}\nspec: {containers: ${containers}}\n`;

describe('who set a field', () => {
  it('is the last version that changed its value, or the first that has it', () => {
    const setBy = line(config('{a: x, b: x}'), config('{a: y, b: x, c: x}'), config('{c: x, b: x, a: y}'));
    expect(['data.a', 'data.b', 'data.c', 'metadata.name'].map(setBy)).toEqual([[1], [0], [1], [0]]);
    expect(line(config('{a: x}'), config('{}'), config('{a: x}'))('data.a')).toEqual([2]);
    expect(line(config('{a: x}'), config('{}'))('data')).toEqual([1]);
    expect(line(config('{a: "1"}'), config('{a: 1}'))('data.a')).toEqual([1]);
  });

  it('is not the one that wrote it in another way', () => {
    const setBy = line(
      pod('[{name: a, args: [x], resources: {limits: {cpu: 1000m, memory: 1Gi}}}]'),
      pod('[{name: b}, {resources: {limits: {memory: 1024Mi, cpu: 1}}, "args": ["x"], name: a}]'),
    );
    const fields = ['resources.limits.cpu', 'resources.limits.memory', 'args', 'name'];
    expect(fields.map((field) => setBy(`spec.containers[name=a].${field}`))).toEqual([[0], [0], [0], [0]]);
    expect(setBy('spec.containers[name=b].name')).toEqual([1]);
  });

  it('is told of a list without keys as a whole', () => {
    const setBy = line(pod('[{name: a, args: [x, y]}]'), pod('[{name: a, args: [x, z]}]'));
    expect(setBy('spec.containers[name=a].args')).toEqual([1]);
  });

  it('stays through other files, other versions of the kind, and files that cannot be read beside it', () => {
    const told = blameVersions(
      [
        version({ 'a.yaml': config('{a: x}'), 'b.yaml': config('{b: x}', '-too') }),
        version({ 'c/d.yaml': `${config('{b: x}', '-too')}---\n${config('{a: x, c: x}')}`, 'b.yaml': '{' }, 0),
      ],
      OPTIONS,
    );
    expect(setters(told)).toMatchObject({
      ...{ 'ConfigMap/it data.a': [0], 'ConfigMap/it data.c': [1], 'ConfigMap/it-too data.b': [0] },
    });
    const list = (apiVersion: string, cpu: string): string =>
      `apiVersion: ${apiVersion}\nkind: Deployment\nmetadata: {name: it}\nspec: {template: {spec: {volumes: [{name: a, x: ${cpu}}]}}}\n`;
    const setBy = line(list('apps/v9', '1'), list('apps/v1', '1'));
    expect([setBy('apiVersion'), setBy('spec.template.spec.volumes[name=a].x')]).toEqual([[1], [0]]);
  });

  it('is found through every clone and upgrade, and is the local version where that has another value', () => {
    const told = blameVersions(
      [
        version({ 'a.yaml': config('{first: x, later: x, both: x}') }),
        version({ 'a.yaml': config('{first: x, later: y, both: x}') }, 0),
        version({ 'a.yaml': config('{first: x, later: x, both: x, mine: x}') }, null, 0),
        version({ 'a.yaml': config('{first: x, later: y, both: z, mine: x}') }, 2, 1),
        version({ 'b.yaml': config('{first: x, later: y, both: z, mine: x, here: x}') }, null, 3),
      ],
      OPTIONS,
    );
    expect(setters(told)).toMatchObject({
      ...{ 'ConfigMap/it data.first': [4, 2, 0], 'ConfigMap/it data.later': [4, 3, 1] },
      ...{ 'ConfigMap/it data.both': [4, 3], 'ConfigMap/it data.mine': [4, 2], 'ConfigMap/it data.here': [4] },
    });
  });

  it('shows hashes for what a Secret holds, and who set each of them', () => {
    const secret = (data: string): string =>
      `apiVersion: v1\nkind: Secret\nmetadata: {name: it}\nstringData: ${data}\n`;
    const versions = [version({ 'a.yaml': secret('{a: x, b: x}') }), version({ 'a.yaml': secret('{a: y, b: x}') }, 0)];
    const { objects } = blameVersions(versions, { ...OPTIONS, secretsKey: 'key' });
    const told = objects[0]?.fields.filter(({ path }) => path.startsWith('stringData'));
    expect(told).toMatchObject([
      { path: 'stringData.a', value: expect.stringMatching(/^hmac-sha256:/), setters: [1] },
      { path: 'stringData.b', value: expect.stringMatching(/^hmac-sha256:/), setters: [0] },
    ]);
    expect(blameVersions(versions, OPTIONS).objects[0]?.fields.at(-1)?.value).toBe('x');
  });

  it('is told of so much as there is room for', () => {
    const many = Array.from({ length: 20_000 }, (_, at) => `k${at}: x`).join(', ');
    const { truncated, objects } = blameVersions([version({ 'a.yaml': config(`{${many}}`) })], OPTIONS);
    expect(truncated).toBe(true);
    expect(objects[0]?.fields.length).toBeGreaterThan(5_000);
  });
});

interface Thing {
  name: string;
  file: string;
  labels: Record<string, string>;
  containers: { name: string; image: string; args: string[] }[];
}

const word = fc.constantFrom('x', 'y', 'z');
const thing: fc.Arbitrary<Thing> = fc.record({
  name: fc.constantFrom('one', 'two', 'three'),
  file: fc.constantFrom('a.yaml', 'b.yaml', 'c/d.yaml'),
  labels: fc.dictionary(fc.constantFrom('a', 'b.c', 'd'), word),
  containers: fc.uniqueArray(
    fc.record({ name: fc.constantFrom('m', 'n', 'o'), image: word, args: fc.array(word, { maxLength: 2 }) }),
    { selector: ({ name }) => name },
  ),
});
const things = fc.uniqueArray(thing, { selector: ({ name }) => name });

/** Versions, with the numbers of those before that they come from. */
const chain = fc
  .array(fc.tuple(things, fc.nat(), fc.nat(), fc.boolean()), { minLength: 1, maxLength: 7 })
  .map((drawn) =>
    drawn.map(([of, previous, upstream, isClone], at) => ({
      things: of,
      previous: previous % (at + 1) === at ? null : previous % (at + 1),
      upstream: isClone && at > 0 ? upstream % at : null,
    })),
  );

const filesOf = (of: readonly Thing[]): Files => {
  const files: Record<string, string> = {};
  for (const { name, file, labels, containers } of of) {
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec: { containers } };
    files[file] = `${files[file] ?? ''}---\n${JSON.stringify(object)}\n`;
  }
  return files;
};

/** Each field with its value, written down by hand. */
function flat(of: readonly Thing[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (const { name, labels, containers } of of) {
    const set = (path: string, value: unknown) => fields.set(`Pod/${name} ${path}`, JSON.stringify(value));
    set('apiVersion', 'v1');
    set('kind', 'Pod');
    set('metadata.name', name);
    for (const [key, value] of Object.entries(labels))
      set(`metadata.labels.${key.includes('.') ? JSON.stringify(key) : key}`, value);
    if (Object.keys(labels).length === 0) set('metadata.labels', {});
    if (containers.length === 0) set('spec.containers', []);
    for (const container of containers)
      for (const [key, value] of Object.entries(container))
        set(`spec.containers[name=${container.name}].${key}`, value);
  }
  return fields;
}

it('agrees with whoever walks all versions for each field', () => {
  fc.assert(
    fc.property(chain, (versions) => {
      const fields = versions.map((each) => flat(each.things));
      const walk = (field: string, value: string, from: number): number[] => {
        let at = from;
        for (let next = versions[at]?.previous ?? null; next !== null && fields[next]?.get(field) === value;) {
          at = next;
          next = versions[at]?.previous ?? null;
        }
        const upstream = versions[at]?.upstream ?? null;
        return upstream !== null && fields[upstream]?.get(field) === value
          ? [at, ...walk(field, value, upstream)]
          : [at];
      };
      const told = blameVersions(
        versions.map(({ things: of, previous, upstream }) => version(filesOf(of), previous, upstream)),
        OPTIONS,
      );
      const last = versions.length - 1;
      const expected = [...(fields[last] ?? [])].map(([field, value]) => [field, walk(field, value, last)]);
      expect(setters(told)).toEqual(Object.fromEntries(expected));
    }),
    { numRuns: 60 },
  );
});
