import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCollection, isMap, parseAllDocuments } from 'yaml';
import { constructFromEvents, FAILSAFE_SCHEMA, parseEvents } from './js-yaml.js';
import { lenientDocuments } from './lenient-yaml.js';
import { parseKrm } from './parse.js';
import { plainValues } from './plain-value.js';
import { strictDocuments } from './strict-yaml.js';
import { DEFAULT_YAML_LIMITS, YamlLimitError } from './yaml-limits.js';

/** More than twice what a slow machine needs for any of these, and far less than what has no bound. */
const SOON_MS = 3_000;

/** The limit that a way of reading refuses the text by; undefined for what it reads, or refuses for other reasons. */
const codeBy =
  (read: (text: string, limits: typeof DEFAULT_YAML_LIMITS) => unknown) =>
  (text: string, limits = {}): string | undefined => {
    try {
      read(text, { ...DEFAULT_YAML_LIMITS, ...limits });
    } catch (error) {
      if (error instanceof YamlLimitError) return error.code;
    }
    return undefined;
  };
const strictCode = codeBy(strictDocuments);
const lenientCode = codeBy((text, limits) => plainValues(lenientDocuments(text, limits) ?? [], text, limits));
const parseErrorOf = (text: string): string | null => parseKrm(Buffer.from(text)).parseError;
const indented = (line: string, count: number): string =>
  Array.from({ length: count }, (_, index) => ' '.repeat(index) + line).join('\n');

/** So many keys, each with this behind its colon. */
const keys = (count: number, value: string): string =>
  Array.from({ length: count }, (_, index) => `k${index}:${value}\n`).join('');

/** What random YAML is put together from. */
const TOKENS = [
  ...String.raw`&a ¦*a¦*b ¦!x ¦? ¦: ¦- ¦a¦a: ¦[¦{¦]¦}¦, ¦"q"¦"¦'¦'s'¦ # c¦ ¦\¦#¦%`.split('¦'),
  ...['&b\n', '\n', '\n  ', '\n    ', '|\n', '>2\n', '---\n', '...\n', '\t', '\r\n', 'k:\n  '],
];
const soup = fc.array(fc.constantFrom(...TOKENS), { maxLength: 60 }).map((tokens) => tokens.join(''));

describe('readers of YAML refuse', () => {
  const nests: Record<string, (depth: number) => string> = {
    'open brackets': (depth) => '['.repeat(depth),
    'open braces': (depth) => '{'.repeat(depth),
    'closed brackets': (depth) => '['.repeat(depth) + ']'.repeat(depth),
    'flow mappings': (depth) => '{a: '.repeat(depth),
    'quoted keys': (depth) => '{"a":'.repeat(depth),
    'flow over lines': (depth) => '[\n'.repeat(depth),
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
  };
  it.each(Object.entries(nests))('%s nested more than 100 deep', (_, nest) => {
    expect(lenientCode(nest(101))).toBe('tooDeep');
    expect(lenientCode(nest(2000))).toBe('tooDeep');
    expect(lenientCode(nest(100))).toBeUndefined();
    expect(parseErrorOf(nest(101))).not.toBeNull();
    expect(parseErrorOf(nest(2000))).not.toBeNull();
  });

  it.each([
    ['flow', (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`],
    ['compact', (depth: number) => `${'- '.repeat(depth)}a`],
    ['block', (depth: number) => indented('a:', depth)],
  ])('no %s collections that are 100 deep', (_, nest) => {
    expect(parseErrorOf(nest(100))).toBeNull();
    expect(parseErrorOf(nest(101))).toMatch(/^The file is nested deeper than 100 levels \(line \d+\)\.$/);
  });

  it('any mixture of nests of more than 100 levels', () => {
    const opener = fc.constantFrom('[', '{', '{a: ', '{"a": ', '[&x ', "{'[': ", '[ # c\n');
    fc.assert(
      fc.property(fc.array(opener, { minLength: 102, maxLength: 300 }), (openers) => {
        expect(lenientCode(openers.join(''))).toBe('tooDeep');
        expect(parseErrorOf(openers.join(''))).not.toBeNull();
      }),
    );
  });

  it('a text of more bytes than allowed, counted in UTF-8', () => {
    const bytes = Buffer.from('é');
    expect(parseKrm(bytes, { ...DEFAULT_YAML_LIMITS, maxBytes: 1 }).parseError).toMatch(/larger than 1 bytes/);
    expect(parseKrm(bytes, { ...DEFAULT_YAML_LIMITS, maxBytes: 2 }).parseError).toBeNull();
  });

  describe.each([
    ['js-yaml', strictCode],
    ['yaml', lenientCode],
  ])('by %s', (_, codeOf) => {
    it('aliases that stand for more than allowed, in all documents together, and not many of them', () => {
      const file = (count: number): string => `a: &x [1, 2]\nb:\n${'- *x\n'.repeat(count)}`;
      const limits = { maxExpansion: 300 };
      expect(codeOf(file(101), limits)).toBe('aliasExpansion');
      expect(codeOf(file(100), limits)).toBeUndefined();
      expect(codeOf(`${file(60)}---\n${file(60)}`, limits)).toBe('aliasExpansion');
      expect(codeOf(file(20_000))).toBeUndefined();
    });

    it('few aliases of a text so long that they stand for a hundred megabytes', () => {
      const file = (count: number): string => `a: &x ${'long '.repeat(10_000)}\nb:\n${'- *x\n'.repeat(count)}`;
      expect(codeOf(file(2_000))).toBe('aliasExpansion');
      expect(codeOf(file(200))).toBeUndefined();
    });

    it('merges that stand for too much', () => {
      let bomb = 'a0: &a0 {x: 1}\n';
      for (let index = 1; index < 2_000; index += 1)
        bomb += `a${index}: &a${index} {<<: *a${index - 1}, k${index}: v}\n`;
      expect(codeOf(bomb)).toBe('aliasExpansion');
    });

    it.each([
      ['flow', (name: string, items: string) => `${name}: &${name} [${items}]\n`],
      [
        'block',
        (name: string, items: string) =>
          `${name}: &${name}\n${items.replaceAll(/\*\w+,?/g, (item) => `- ${item.replace(',', '')}\n`)}`,
      ],
    ])('a bomb of few aliases in %s style', (_style, level) => {
      let bomb = 'a0: &a0 [x, x, x, x, x, x, x, x, x]\n';
      for (let index = 1; index <= 9; index += 1) bomb += level(`a${index}`, `*a${index - 1},`.repeat(9));
      expect(codeOf(bomb)).toBe('aliasExpansion');
    });

    it('a node that holds itself', () => {
      expect(codeOf('&a [*a]')).toBe('aliasExpansion');
      expect(codeOf('a: &a\n  b: *a\n')).toBe('aliasExpansion');
    });
  });

  it('and tell the line', () => {
    expect(parseErrorOf(`a: b\n\n${'['.repeat(101)}`)).toBe('The file is nested deeper than 100 levels (line 3).');
    expect(parseErrorOf('a: &a\n\nb: &b [*b]\n')).toBe('The aliases stand for too much content (line 3).');
  });
});

describe('readers of YAML accept', () => {
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
    ['an apostrophe in plain text', `a: don't\nb: {}\n`],
    ['many documents', `a:\n  b:\n    c: [{}]\n---\n`.repeat(500)],
    ['many siblings', `a:\n${'- - b\n  - c: {d: [e]}\n    f:\n    - g\n'.repeat(500)}`],
    ['sequences at the column of their mapping', keys(500, '\n- b:\n  - c')],
    ['Windows line breaks', keys(200, `\r\n  b: |\r\n    ${brackets}\r\n  c: d\r`)],
    ['an anchor used often', `a: &a\n  b: c\n${keys(90, ' *a')}`],
    ['a scalar anchored at the top of a long file', `a: &a b\n${keys(5000, ' d')}e:\n${'- *a\n'.repeat(90)}`],
    ['nothing', ''],
  ])('%s', (_, text) => {
    expect(parseErrorOf(text)).toBeNull();
    expect(lenientCode(text)).toBeUndefined();
  });
});

describe('parseKrm of any text', () => {
  const large = 200_000;
  it.each([
    ['open brackets', '['],
    ['brackets closed by another kind', '[}'],
    ['brackets behind a document marker in a quote', '"a\n---\n['],
    ['braces by line', '}\n'],
    ['items', '- '],
    ['explicit keys', '? '],
    ['values', ': '],
    ['templates', 'a: {{ .Values.a }}\n{{- if eq .b "c" }}\n'],
    ['keys within keys by line', 'a: b: c\n'],
    ['aliases', '*a '],
    ['anchors', '&a '],
    ['directives', '%a\n'],
    ['quotes that do not end', '"\n'],
    ['quotes that do not end, as values', 'a: "\n'],
    ['own tags', 'a: !x b\n'],
    ['own tags without a value', '!x\n'],
    ['commas', ','],
    ['the same key', 'a: 1\n'],
    ['documents', '---\n'],
  ])('ends soon for 200 kB of %s', (_, part) => {
    const text = part.repeat(Math.ceil(large / part.length));
    const started = process.cpuUsage();
    parseKrm(Buffer.from(text));
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1000).toBeLessThan(SOON_MS);
  });

  it('reads only what js-yaml and yaml nest no deeper than the limit', () => {
    const limits = { ...DEFAULT_YAML_LIMITS, maxDepth: 4 };
    const read = codeBy((text) => {
      const documents = lenientDocuments(text, limits);
      if (documents === null) throw new YamlLimitError('tooDeep', limits);
    });
    fc.assert(
      fc.property(soup, (text) => {
        // A single pair in brackets (`[a: b]`) is a mapping without a bracket of its own.
        const most = text.includes('[') ? 2 * limits.maxDepth : limits.maxDepth;
        if (read(text) === undefined) expect(depthByYaml(text)).toBeLessThanOrEqual(most);
        expect(depthByJsYaml(text, limits.maxDepth + 1)).toBeLessThanOrEqual(most + 1);
      }),
      { numRuns: 2000 },
    );
  });
});

function depthByJsYaml(text: string, maxDepth: number): number {
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
  try {
    const events = parseEvents(text, { maxDepth });
    return Math.max(
      0,
      ...constructFromEvents(events, { source: text, schema: FAILSAFE_SCHEMA, maxAliases: 0 }).map(depthOf),
    );
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
