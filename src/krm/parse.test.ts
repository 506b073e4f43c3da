import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isYamlPath, parseKrm } from './parse.js';
import { DEFAULT_YAML_LIMITS } from './yaml-limits.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const parse = (text: string) => parseKrm(bytes(text));
const withoutBodies = ({ objects, ...file }: ReturnType<typeof parse>) => ({
  ...file,
  objects: objects.map(({ body: _, images: _images, ...object }) => object),
});

describe('parseKrm', () => {
  it('reads each document that is a KRM object', () => {
    const file = `# a comment
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {app: web, tier: front}
  annotations:
    note: |
      two
      lines
---
not: krm
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: inner}}
- not krm
- {apiVersion: v1, kind: Secret, metadata: {name: last}}
---
{"apiVersion": "v1", "kind": "Pod"}
`;
    const bare = { apiVersion: 'v1', namespace: null, labels: {}, annotations: {} };
    expect(withoutBodies(parse(file))).toEqual({
      parseError: null,
      objects: [
        {
          position: 0,
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          namespace: 'shop',
          name: 'web',
          labels: { app: 'web', tier: 'front' },
          annotations: { note: 'two\nlines\n' },
        },
        { position: 2, kind: 'ConfigMap', name: 'inner', ...bare },
        { position: 4, kind: 'Secret', name: 'last', ...bare },
        { position: 5, kind: 'Pod', name: null, ...bare },
      ],
      parseWarnings: [],
    });
  });

  it.each([
    ['nothing', ''],
    ['a comment', '# nothing\n'],
    ['a scalar', 'hello\n'],
    ['a list', '- apiVersion: v1\n  kind: Pod\n'],
    ['no kind', 'apiVersion: v1\n'],
    ['a kind that is a number', 'apiVersion: v1\nkind: 1\n'],
    ['an empty kind', 'apiVersion: v1\nkind: ""\n'],
    ['a kind no type can have', `apiVersion: v1\nkind: ${'K'.repeat(254)}\n`],
    ['inherited keys', '__proto__: {apiVersion: v1, kind: Pod}\n'],
  ])('finds no object, and no fault, in %s', (_, text) => {
    expect(parse(text)).toEqual({ objects: [], parseError: null, parseWarnings: [] });
  });

  it('keeps scalars of labels as text and leaves other values out', () => {
    const text =
      'apiVersion: v1\nkind: Pod\nmetadata: {name: 7, labels: {a: 1, b: true, c: null, d: [x], e: {}, f: ""}}';
    expect(parse(text).objects[0]).toMatchObject({ name: '7', labels: { a: '1', b: 'true', f: '' } });
    expect(Object.keys(parse(text).objects[0]?.labels ?? {})).toEqual(['a', 'b', 'f']);
  });

  it('takes a key named __proto__ as any other', () => {
    const { objects } = parse('apiVersion: v1\nkind: Pod\nmetadata: {labels: {__proto__: x}}');
    expect(Object.entries(objects[0]?.labels ?? {})).toEqual([['__proto__', 'x']]);
    expect('x' in {}).toBe(false);
  });

  it('resolves aliases and merge keys', () => {
    const text =
      'apiVersion: v1\nkind: Pod\nx: &l {app: web}\nmetadata: {name: n, labels: {<<: *l, b: c}, annotations: *l}';
    expect(parse(text).objects[0]).toMatchObject({ labels: { app: 'web', b: 'c' }, annotations: { app: 'web' } });
  });

  it('takes the items of lists for objects: those of one kind need not say it, and lists may lie in lists', () => {
    const list = `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleList
items:
- metadata: {name: a}
- {kind: Role, metadata: {name: untyped}}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: inner}}]}
- {metadata: {name: no type}}
---
{apiVersion: example.com/v1, kind: AllowList, spec: {}}
`;
    expect(parse(list).objects.map(({ position, kind, name }) => [position, kind, name])).toEqual([
      [0, 'Role', 'a'],
      [2, 'Pod', 'inner'],
      [4, 'AllowList', null],
    ]);
  });

  it.each([
    ['js-yaml', ''],
    ['yaml', 'spec: {\n}\n'],
  ])('reads the last of a key given twice, and says so, by %s', (_, odd) => {
    const text = `${odd}apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    app: a\n    on: 1\n    app: b\n`;
    const line = odd === '' ? 5 : 7;
    expect(parse(text)).toMatchObject({
      objects: [{ labels: { app: 'b', on: '1' } }],
      parseError: null,
      parseWarnings: [
        `The key "on" is read as "true" by kubectl (line ${line + 1}).`,
        `The key "app" is given twice; the last counts (line ${line + 2}).`,
      ],
    });
  });

  it('warns of nothing that is usual, and ten times at most', () => {
    const usual = 'a: &a {b: 1}\nc: {<<: *a, b: 2}\nd: {b: 3, <<: *a}\n"on": 1\n!!str y: 1\n1: x\ntrue: x\n1.5: x\n';
    expect(parse(usual).parseWarnings).toEqual([]);
    const odd = parse('a: 1\n'.repeat(10_000)).parseWarnings;
    expect([odd.length, odd[9]]).toEqual([10, 'The key "a" is given twice; the last counts (line 11).']);
    const long = parse(`? "${'k'.repeat(1000)}\\a"\n: 1\n? "${'k'.repeat(1000)}\\a"\n: 2\n`).parseWarnings[0];
    expect(long).toMatch(/^The key "k{63}" is given twice; the last counts \(line 3\)\.$/);
  });

  it('gives nothing that PostgreSQL cannot hold', () => {
    const text = 'apiVersion: v1\nkind: "P\\0d"\nmetadata: {name: "a\\ud800b", labels: {"k\\0": "v\\udc00"}}';
    expect(parse(text).objects[0]).toMatchObject({ kind: 'Pd', name: 'a\ufffdb', labels: { k: 'v\ufffd' } });
    expect(parse(`apiVersion: v1\nkind: Pod\nmetadata: {name: ${'n'.repeat(5000)}}`).objects[0]?.name).toHaveLength(
      253,
    );
  });

  it('asks a second parser when the first refuses', () => {
    // js-yaml wants the bracket indented; Kubernetes tools do not.
    expect(parse('apiVersion: v1\nkind: Pod\nspec: {\n  a: b\n}\n').objects).toHaveLength(1);
    expect(parse('apiVersion: v1\nkind: Pod\nspec: !!binary aGk=\n').objects).toHaveLength(1);
  });

  it.each([
    ['bad indentation', 'a: b: c\n', 'The file cannot be read as YAML: bad indentation of a mapping entry (line 1).'],
    ['too deep a nest', '['.repeat(10_000), 'The file is nested deeper than 100 levels (line 1).'],
    ['a NUL', 'a: b\0', 'The file is not text: it holds NUL characters.'],
  ])('says what is wrong with %s', (_, text, parseError) => {
    expect(parse(text)).toEqual({ objects: [], parseError, parseWarnings: [] });
  });

  it('refuses what is no UTF-8 text or too large', () => {
    expect(parseKrm(Uint8Array.of(0xff, 0xfe, 0x61)).parseError).toBe('The file is not UTF-8 text.');
    expect(parseKrm(bytes('a: b'), { ...DEFAULT_YAML_LIMITS, maxBytes: 3 }).parseError).toMatch(/larger than 3 bytes/);
  });

  it('keeps the content of the file out of its errors', () => {
    const secret = `${'s3cret'.repeat(100)}\u0007`;
    const { parseError } = parse(`a: !<${secret} b\n`);
    expect(parseError?.length).toBeLessThan(250);
    expect(parseError).not.toMatch(/\p{Cc}/u);
  });

  it('reads a file with a byte order mark and Windows line breaks', () => {
    expect(parse('\ufeffapiVersion: v1\r\nkind: Pod\r\nmetadata:\r\n  name: a\r\n').objects[0]?.name).toBe('a');
  });

  it('survives keys that are collections, in time', () => {
    // The second opinion's own conversion needs exponential time for these.
    expect(parse(`${'{'.repeat(90)}a: b${'}: b'.repeat(89)}}`).objects).toEqual([]);
    expect(parse(`${'? '.repeat(90)}a`).objects).toEqual([]);
  });

  it('has the second parser read a large file without comparing each key with all others', () => {
    const keys = Array.from({ length: 60_000 }, (_, index) => `k${index}: v\n`).join('');
    expect(parse(`apiVersion: v1\nkind: Pod\nspec: {\n}\n${keys}`).objects).toHaveLength(1);
  });

  it('never throws and says either objects or a fault', () => {
    const words = fc.constantFrom(
      'apiVersion: v1\n',
      'kind: Pod\n',
      'metadata: ',
      '{name: a}',
      '\n',
      '---\n',
      '"',
      '[',
      '&a ',
      '*a',
      '\0',
      '  ',
    );
    const text = fc.array(words, { maxLength: 20 }).map((list) => list.join(''));
    fc.assert(
      fc.property(fc.oneof(text.map(bytes), fc.uint8Array({ maxLength: 200 })), (content) => {
        const { objects, parseError } = parseKrm(content);
        expect(objects.length === 0 || parseError === null).toBe(true);
        expect(JSON.stringify(objects)).not.toMatch(/\\u0000|\\ud[89a-f]/i);
      }),
    );
  });
});

it.each([
  ['a.yaml', true],
  ['b/a.yml', true],
  ['Kptfile', true],
  ['b/Kptfile', true],
  ['kptfile', false],
  ['NotKptfile', false],
  ['a.YAML', false],
  ['a.json', true],
  ['a.jsonl', false],
  ['json', false],
  ['yaml', false],
])('isYamlPath %s: %s', (path, expected) => {
  expect(isYamlPath(path)).toBe(expected);
});
