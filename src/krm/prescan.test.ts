import fc from 'fast-check';
import { loadAll } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { isCollection, isMap, parseAllDocuments } from 'yaml';
import { prescan, prescanCounting } from './prescan.js';
import { DEFAULT_YAML_LIMITS } from './yaml-limits.js';

const codeOf = (text: string, limits = {}): string | undefined =>
  prescan(text, { ...DEFAULT_YAML_LIMITS, ...limits })?.code;
const indented = (line: string, count: number): string =>
  Array.from({ length: count }, (_, index) => ' '.repeat(index) + line).join('\n');

/** What random YAML is put together from. */
const TOKENS = [
  '&a ',
  '&b\n',
  '*a',
  '*b ',
  '!x ',
  '? ',
  ': ',
  '- ',
  '\n',
  '\n  ',
  '\n    ',
  'a',
  'a: ',
  '[',
  '{',
  ']',
  '}',
].concat([
  ', ',
  '"q"',
  '"',
  "'",
  "'s'",
  '|\n',
  '>2\n',
  ' # c',
  ' ',
  '---\n',
  '...\n',
  '\t',
  '\r\n',
  '\\',
  'k:\n  ',
  '#',
  '%',
]);
const soup = fc.array(fc.constantFrom(...TOKENS), { maxLength: 60 }).map((tokens) => tokens.join(''));

describe('prescan refuses', () => {
  const nests: Record<string, (depth: number) => string> = {
    'open brackets': (depth) => '['.repeat(depth),
    'open braces': (depth) => '{'.repeat(depth),
    'closed brackets': (depth) => '['.repeat(depth) + ']'.repeat(depth),
    'flow mappings': (depth) => '{a: '.repeat(depth),
    'quoted keys': (depth) => '{"a":'.repeat(depth),
    'flow over lines': (depth) => '[\n'.repeat(depth),
    'brackets closed by another kind': (depth) => '[}'.repeat(depth),
    'compact keys': (depth) => `${'? '.repeat(depth)}a`,
    'compact items': (depth) => `${'- '.repeat(depth)}a`,
    'compact values': (depth) => ': '.repeat(depth),
    'compact items in brackets': (depth) => `[\n${'- '.repeat(depth - 1)}a`,
    'indented keys': (depth) => indented('a:', depth),
    'indented explicit keys': (depth) => indented('?', depth),
    'indented items': (depth) => indented('-', depth),
    'tagged and anchored': (depth) => '!x &a ['.repeat(depth),
    'behind a quote that ends': (depth) => `a: "\\"" \nb: 'it''s'\nc: ${'['.repeat(depth - 1)}`,
    'behind a block scalar': (depth) => `a: |\n  text\nb: ${'['.repeat(depth - 1)}`,
    'behind an empty block scalar': (depth) => `a: |\nb: ${'['.repeat(depth - 1)}`,
    'behind a comment': (depth) => `# [\n${'['.repeat(depth)}`,
    'behind a document marker in a quote': (depth) => `"a\n---\n${'['.repeat(depth)}`,
  };
  it.each(Object.entries(nests))('%s nested more than 100 deep', (_, nest) => {
    expect(codeOf(nest(101))).toBe('tooDeep');
    expect(codeOf(nest(2000))).toBe('tooDeep');
    expect(codeOf(nest(100))).toBeUndefined();
  });

  it('any mixture of nests of more than 100 levels', () => {
    const opener = fc.constantFrom('[', '{', '{a: ', '{"a": ', '[&x ', "{'[': ", '[ # c\n');
    fc.assert(
      fc.property(fc.array(opener, { minLength: 101, maxLength: 300 }), (openers) => {
        expect(codeOf(openers.join(''))).toBe('tooDeep');
      }),
    );
  });

  it('a text of more bytes than allowed, counted in UTF-8', () => {
    expect(codeOf('é', { maxBytes: 1 })).toBe('tooLarge');
    expect(codeOf('é', { maxBytes: 2 })).toBeUndefined();
  });

  it('more aliases than allowed', () => {
    const file = (count: number): string => `a: &x 1\nb:\n${'- *x\n'.repeat(count)}`;
    expect(codeOf(file(101))).toBe('tooManyAliases');
    expect(codeOf(file(100))).toBeUndefined();
  });

  it.each([
    ['flow', (name: string, items: string) => `${name}: &${name} [${items}]\n`],
    [
      'block',
      (name: string, items: string) =>
        `${name}: &${name}\n${items.replaceAll(/\*\w+,?/g, (item) => `- ${item.replace(',', '')}\n`)}`,
    ],
  ])('a bomb of few aliases in %s style', (_, level) => {
    let bomb = 'a0: &a0 [x, x, x, x, x, x, x, x, x]\n';
    for (let index = 1; index <= 9; index += 1) bomb += level(`a${index}`, `*a${index - 1},`.repeat(9));
    expect(codeOf(bomb)).toBe('aliasExpansion');
  });

  it('a node that holds itself', () => {
    expect(codeOf('&a [*a]')).toBe('aliasExpansion');
    expect(codeOf('a: &a\n  b: *a\n')).toBe('aliasExpansion');
  });

  it('and tells the line', () => {
    expect(prescan(`a: b\n\n${'['.repeat(101)}`)).toEqual({
      code: 'tooDeep',
      message: 'The file is nested deeper than 100 levels (line 3).',
      line: 3,
    });
  });
});

describe('prescan accepts', () => {
  const brackets = '[{'.repeat(200);
  it.each([
    ['brackets in double quotes', `a: "${brackets}"`],
    ['brackets behind an escaped quote', `a: "\\"${brackets}"`],
    ['brackets in single quotes', `a: 'it''s ${brackets}'`],
    ['brackets in quotes over lines', `a: "\n  ${brackets}\n\n  ${brackets}"`],
    ['brackets in comments', `a: b # ${brackets}\n# ${brackets}\n`],
    ['brackets in plain text', `a: see ${brackets}\n`],
    ['brackets in plain text over lines', `a: see\n  ${brackets}\n\n  - - - ${brackets}\nb: c`],
    ['brackets in a block scalar', `a: |\n  ${brackets}\n\n ${' '.repeat(9)}${brackets}\nb: c`],
    ['brackets in a folded scalar', `a:\n- >-  # why\n  ${brackets}\n- b`],
    ['brackets in a scalar with an indentation of its own', `a: |2\n    ${brackets}\n  ${brackets}\nb: c`],
    ['brackets in a block scalar at the root', `--- |\n${brackets}\n${brackets}\n`],
    ['templates', 'a: {{ .Values.a }}\n{{- if eq .b "c" }}\nd: "{{ .d }}"\n{{- end }}\n'.repeat(500)],
    ['an apostrophe in plain text', `a: don't\nb: ${'{}\n'.repeat(3)}`],
    ['many documents', `a:\n  b:\n    c: [{}]\n---\n`.repeat(500)],
    ['many siblings', `a:\n${'- - b\n  - c: {d: [e]}\n    f:\n    - g\n'.repeat(500)}`],
    ['sequences at the column of their mapping', 'a:\n- b:\n  - c\n'.repeat(500)],
    ['Windows line breaks', `a:\r\n  b: |\r\n    ${brackets}\r\n  c: d\r\n`.repeat(200)],
    ['an anchor used often', `a: &a\n  b: c\n${'d: *a\n'.repeat(90)}`],
    ['a scalar anchored at the top of a long file', `a: &a b\n${'c: d\n'.repeat(5000)}${'e: *a\n'.repeat(90)}`],
    ['nothing', ''],
  ])('%s', (_, text) => {
    expect(prescan(text)).toBeNull();
  });
});

describe('prescan of any text', () => {
  it('never throws and looks at each character a bounded number of times', () => {
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: 'binary' })), fc.nat(40), (text, times) => {
        const long = text.repeat(times + 1);
        expect(prescanCounting(long).steps).toBeLessThanOrEqual(long.length + 3);
      }),
      { numRuns: 500 },
    );
  });

  it('lets through only what js-yaml and yaml nest no deeper than it counted', () => {
    const limits = { ...DEFAULT_YAML_LIMITS, maxDepth: 4 };
    fc.assert(
      fc.property(soup, (text) => {
        if (prescan(text, limits) !== null) return;
        const [byJs, byYaml] = [depthByJsYaml(text), depthByYaml(text)];
        // A single pair in brackets (`[a: b]`) is a mapping without a bracket of its own.
        expect(byJs).toBeLessThanOrEqual(2 * limits.maxDepth);
        expect(byYaml).toBeLessThanOrEqual(2 * limits.maxDepth);
        if (!text.includes('[')) expect(Math.max(byJs, byYaml)).toBeLessThanOrEqual(limits.maxDepth);
      }),
      { numRuns: 2000 },
    );
  });
});

function depthByJsYaml(text: string): number {
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
  try {
    return Math.max(0, ...loadAll(text, { maxAliases: 0 }).map(depthOf));
  } catch {
    return 0;
  }
}

function depthByYaml(text: string): number {
  const depthOf = (node: unknown): number => {
    if (!isCollection(node)) return 0;
    const inner = isMap(node) ? node.items.flatMap(({ key, value }) => [key, value]) : node.items;
    return 1 + Math.max(0, ...inner.map(depthOf));
  };
  const documents = parseAllDocuments(text, { logLevel: 'silent', uniqueKeys: false });
  if (!Array.isArray(documents) || documents.some((document) => document.errors.length > 0)) return 0;
  return Math.max(0, ...documents.map((document) => depthOf(document.contents)));
}
