import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isYamlPath, parseKrm } from './parse.js';
import { DEFAULT_YAML_LIMITS } from './yaml-limits.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const parse = (text: string) => parseKrm(bytes(text));

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
`;
    expect(parse(file)).toEqual({
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
        { position: 2, apiVersion: 'v1', kind: 'List', namespace: null, name: null, labels: {}, annotations: {} },
      ],
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
    expect(parse(text)).toEqual({ objects: [], parseError: null });
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
    ['a key twice', 'a: 1\nb: 2\na: 3\n', 'The file cannot be read as YAML: duplicated mapping key (line 3).'],
    ['too deep a nest', '['.repeat(10_000), 'The file is nested deeper than 100 levels (line 1).'],
    ['a NUL', 'a: b\0', 'The file is not text: it holds NUL characters.'],
  ])('says what is wrong with %s', (_, text, parseError) => {
    expect(parse(text)).toEqual({ objects: [], parseError });
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
  ['a.json', false],
  ['yaml', false],
])('isYamlPath %s: %s', (path, expected) => {
  expect(isYamlPath(path)).toBe(expected);
});
