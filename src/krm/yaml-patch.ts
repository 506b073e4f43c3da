import { isDeepStrictEqual } from 'node:util';
import { DomainError } from '../domain/errors.js';
import { isRecord } from './is-record.js';
import { lenientDocuments } from './lenient-yaml.js';
import { PlainScalar } from './plain-scalar.js';
import { plainValues } from './plain-value.js';
import { strictDocuments, strictEvents } from './strict-yaml.js';
import { DEFAULT_YAML_LIMITS, YamlLimitError } from './yaml-limits.js';
import { type Place, type PlacedPair, placesOf } from './yaml-places.js';
import { yamlScalar } from './yaml-scalar.js';

/** A text replaced between two offsets; everything outside stays as it is, byte for byte. */
interface Edit {
  start: number;
  end: number;
  text: string;
}

type Mapping = Map<string, unknown>;

interface Source {
  file: string;
  text: string;
  root: Place & { pairs: PlacedPair[] };
  value: Mapping;
  lineBreak: string;
}

/** A value that can be written: nothing but strings, in mappings. */
export interface Written {
  [key: string]: string | Written;
}

/**
 * Sets the string at `[outer][inner]` of the one mapping in `text`, adding what is missing. `file` names it in errors.
 * Throws `invalidPackage` when the text cannot be patched so that it reads as intended. The time grows with the length
 * of the text.
 */
export function setString(
  file: string,
  text: string,
  [outer, inner]: readonly [string, string],
  value: string,
): string {
  const source = open(file, text);
  const outerValue = source.value.get(outer);
  const old = outerValue instanceof Map ? (outerValue as Mapping) : new Map<string, unknown>();
  if (old.get(inner) === value) return text;
  const intended = new Map(source.value).set(outer, new Map(old).set(inner, value));
  const parent = findPair(source.root.pairs, outer)?.value;
  const edit =
    parent?.pairs && parent.pairs.length > 0
      ? stringEdit(source, parent, parent.pairs, inner, value)
      : blockEdit(source, outer, { [inner]: value }, ['kind']);
  return apply(source, edit, intended);
}

/**
 * Sets a key of the one mapping in `text` to `value`. A key that is missing goes behind the last of `after` that is
 * there. Throws `invalidPackage` as {@link setString} does.
 */
export function setBlock(
  file: string,
  text: string,
  { key, value, after }: { key: string; value: Written; after: readonly string[] },
): string {
  const source = open(file, text);
  const intended = new Map(source.value).set(key, mapOf(value));
  if (isDeepStrictEqual(source.value, intended)) return text;
  return apply(source, blockEdit(source, key, value, after), intended);
}

/** The value of the one mapping in `text` by js-yaml, or null when it holds anything else. */
export function readMapping(text: string): Record<string, unknown> | null {
  return recordIn(strictMapping(text)?.value);
}

/** As {@link readMapping}, also by what `yaml` takes for YAML; never on the main thread. */
export function readAnyMapping(text: string): Record<string, unknown> | null {
  try {
    return (
      readMapping(text) ??
      recordIn(onlyOne(plainValues(lenientDocuments(text, LIMITS) ?? [], text, LIMITS).documents)?.value)
    );
  } catch (error) {
    if (error instanceof YamlLimitError) return null;
    throw error;
  }
}

const LIMITS = DEFAULT_YAML_LIMITS;

/** The mapping, and which of the documents it is: all others are empty. Null for anything else. */
function strictMapping(text: string): { value: Mapping; document: number } | null {
  try {
    return onlyOne(strictDocuments(text, LIMITS).documents);
  } catch {
    // No YAML for js-yaml, or beyond a limit.
    return null;
  }
}

function onlyOne(documents: readonly unknown[]): { value: Mapping; document: number } | null {
  const filled = documents.flatMap((value, document) => (isNothing(value) ? [] : [{ value, document }]));
  const [first] = filled;
  return filled.length === 1 && first?.value instanceof Map ? { ...first, value: first.value as Mapping } : null;
}

const isNothing = (value: unknown): boolean => value instanceof PlainScalar && value.text === '';

function recordIn(value: Mapping | undefined): Record<string, unknown> | null {
  const record = value === undefined ? null : plainOf(value, new Map());
  return isRecord(record) ? record : null;
}

/** Mappings as objects, scalars by what they stand for. What aliases share stays shared. */
function plainOf(value: unknown, known: Map<unknown, unknown>): unknown {
  if (value instanceof PlainScalar) return value.value;
  if (typeof value !== 'object' || value === null) return value;
  const made = known.get(value);
  if (made !== undefined) return made;
  // fromEntries defines own properties, so that a key `__proto__` is just a key.
  const plain: unknown = Array.isArray(value)
    ? value.map((item) => plainOf(item, known))
    : Object.fromEntries([...(value as Mapping)].map(([key, item]) => [key, plainOf(item, known)]));
  known.set(value, plain);
  return plain;
}

function mapOf(value: Written): Mapping {
  return new Map(Object.entries(value).map(([key, item]) => [key, typeof item === 'string' ? item : mapOf(item)]));
}

function open(file: string, text: string): Source {
  const read = strictMapping(text);
  const root = read && placesOf(text, strictEvents(text, LIMITS))[read.document];
  if (!read || !root?.pairs) {
    throw new DomainError('invalidPackage', `"${file}" must hold exactly one YAML mapping; correct the file first.`);
  }
  const lineBreak = /\r?\n/.exec(text)?.[0] ?? '\n';
  return { file, text, root: { ...root, pairs: root.pairs }, value: read.value, lineBreak };
}

function apply({ file, text }: Source, edit: Edit | null, intended: Mapping): string {
  const patched = edit && text.slice(0, edit.start) + edit.text + text.slice(edit.end);
  // Anchors, odd indentation and the like may make the edit mean something else; then the file is left to its author.
  if (patched === null || !isDeepStrictEqual(strictMapping(patched)?.value, intended)) {
    throw new DomainError(
      'invalidPackage',
      `"${file}" is written in a way that cannot be changed safely; simplify it.`,
    );
  }
  return patched;
}

function stringEdit(source: Source, parent: Place, pairs: PlacedPair[], key: string, value: string): Edit | null {
  const { text, lineBreak } = source;
  const pair = findPair(pairs, key);
  const isJson = parent.isFlow && isInDoubleQuotes(text, pairs[0]);
  const scalar = isJson ? JSON.stringify(value) : yamlScalar(value);
  if (!pair) {
    const first = pairs[0]?.key.start;
    if (first === undefined) return null;
    const next = parent.isFlow ? ', ' : lineBreak + ' '.repeat(columnOf(text, first));
    return { start: first, end: first, text: `${isJson ? JSON.stringify(key) : key}: ${scalar}${next}` };
  }
  if (pair.value.text === null) return null;
  const { start, end } = pair.value;
  const gap = text[start - 1] === ':' && !isJson ? ' ' : '';
  return { start, end: trimBreaks(text, start, end), text: gap + scalar };
}

function blockEdit(source: Source, key: string, value: Written, after: readonly string[]): Edit | null {
  const { root, text, lineBreak } = source;
  const [first] = root.pairs;
  if (first === undefined) return null;
  const isJson = isInDoubleQuotes(text, first);
  const margin = lineBreak + ' '.repeat(columnOf(text, first.key.start));
  const pair = root.isFlow ? flowOf({ [key]: value }, isJson).slice(1, -1) : linesOf({ [key]: value }).join(margin);
  const present = findPair(root.pairs, key);
  if (present) return { start: present.key.start, end: endOf(text, present), text: pair };
  const neighbour = after.map((name) => findPair(root.pairs, name)).findLast((found) => found !== undefined) ?? first;
  const end = endOf(text, neighbour);
  if (root.isFlow) return { start: end, end, text: `, ${pair}` };
  // Behind the comment that ends the line, if there is one.
  const lineEnd = end + (/^[ \t]*(?:#[^\r\n]*)?/.exec(text.slice(end))?.[0].length ?? 0);
  return { start: lineEnd, end: lineEnd, text: margin + pair };
}

function linesOf(value: Written): string[] {
  return Object.entries(value).flatMap(([key, item]) =>
    typeof item === 'string'
      ? [`${key}: ${yamlScalar(item)}`]
      : [`${key}:`, ...linesOf(item).map((line) => `  ${line}`)],
  );
}

function flowOf(value: Written, isJson: boolean): string {
  const entries = Object.entries(value).map(([key, item]) => {
    const text = typeof item !== 'string' ? flowOf(item, isJson) : isJson ? JSON.stringify(item) : yamlScalar(item);
    return `${isJson ? JSON.stringify(key) : key}: ${text}`;
  });
  return `{${entries.join(', ')}}`;
}

/** The one that counts. */
function findPair(pairs: readonly PlacedPair[], key: string): PlacedPair | undefined {
  return pairs.findLast((pair) => pair.key.text === key);
}

const isInDoubleQuotes = (text: string, pair: PlacedPair | undefined): boolean =>
  pair !== undefined && text.charAt(pair.key.start) === '"';

/** Where the last content of a pair ends: before the comments and line breaks that follow it. */
function endOf(text: string, { key, value }: PlacedPair): number {
  return trimBreaks(text, key.end, value.end);
}

function trimBreaks(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && /[\r\n]/.test(text.charAt(at - 1))) at -= 1;
  return at;
}

/** A byte order mark takes no room. */
function columnOf(text: string, offset: number): number {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  return offset - lineStart - (text.charAt(lineStart) === '\ufeff' ? 1 : 0);
}
