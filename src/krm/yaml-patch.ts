import { isDeepStrictEqual } from 'node:util';
import { isCollection, isMap, isScalar, type Document, type Pair, type YAMLMap } from 'yaml';
import { DomainError } from '../domain/errors.js';
import { isRecord } from './is-record.js';
import { lenientDocuments } from './lenient-yaml.js';
import { plainValues } from './plain-value.js';
import { YamlLimitError } from './yaml-limits.js';
import { yamlScalar } from './yaml-scalar.js';

/** A text replaced between two offsets; everything outside stays as it is, byte for byte. */
interface Edit {
  start: number;
  end: number;
  text: string;
}

interface Source {
  file: string;
  text: string;
  document: Document;
  root: YAMLMap;
  value: Record<string, unknown>;
  lineBreak: string;
}

/**
 * Sets the string at `[outer][inner]` of the one mapping in `text`, adding what is missing. `file` names it in errors.
 * Throws `invalidPackage` when the text cannot be patched so that it reads as intended.
 */
export function setString(
  file: string,
  text: string,
  [outer, inner]: readonly [string, string],
  value: string,
): string {
  const source = open(file, text);
  const outerValue = source.value[outer];
  if (isRecord(outerValue) && outerValue[inner] === value) return text;
  const intended = { ...source.value, [outer]: { ...(isRecord(outerValue) ? outerValue : {}), [inner]: value } };
  const parent = findPair(source.root, outer)?.value;
  const edit =
    isMap(parent) && parent.items.length > 0
      ? stringEdit(source, parent, inner, value)
      : blockEdit(source, outer, [`${outer}:`, `  ${inner}: ${yamlScalar(value)}`], ['kind']);
  return apply(source, edit, intended);
}

/**
 * Sets a key of the one mapping in `text` to `value`, written as `lines` (the key's own line first). A key that is
 * missing goes behind the last of `after` that is there. Throws `invalidPackage` as {@link setString} does.
 */
export function setBlock(
  file: string,
  text: string,
  { key, value, lines, after }: { key: string; value: unknown; lines: readonly string[]; after: readonly string[] },
): string {
  const source = open(file, text);
  if (isDeepStrictEqual(source.value[key], value)) return text;
  return apply(source, blockEdit(source, key, lines, after), { ...source.value, [key]: value });
}

/** The value of the one mapping in `text`, or null when it holds anything else. */
export function readMapping(text: string): Record<string, unknown> | null {
  return readSource(text)?.value ?? null;
}

/** The one mapping in `text`; null for anything else, and for what is beyond a limit. */
function readSource(text: string): Pick<Source, 'document' | 'value'> | null {
  try {
    const documents = lenientDocuments(text);
    const [document] = documents ?? [];
    if (documents?.length !== 1 || document === undefined) return null;
    const [value] = plainValues(documents, text);
    return isRecord(value) ? { document, value } : null;
  } catch (error) {
    if (error instanceof YamlLimitError) return null;
    throw error;
  }
}

function open(file: string, text: string): Source {
  const source = readSource(text);
  if (source === null || !isMap(source.document.contents)) {
    throw new DomainError('invalidPackage', `"${file}" must hold exactly one YAML mapping; correct the file first.`);
  }
  const lineBreak = /\r?\n/.exec(text)?.[0] ?? '\n';
  return { file, text, ...source, root: source.document.contents, lineBreak };
}

function apply({ file, text }: Source, edit: Edit | null, intended: Record<string, unknown>): string {
  const patched = edit && text.slice(0, edit.start) + edit.text + text.slice(edit.end);
  // Anchors, odd indentation and the like may make the edit mean something else; then the file is left to its author.
  if (patched === null || !isDeepStrictEqual(readMapping(patched), intended)) {
    throw new DomainError(
      'invalidPackage',
      `"${file}" is written in a way that cannot be changed safely; simplify it.`,
    );
  }
  return patched;
}

function stringEdit(source: Source, parent: YAMLMap, key: string, value: string): Edit | null {
  const pair = findPair(parent, key);
  const scalar = yamlScalar(value);
  if (!pair) {
    const first = startOf(parent.items[0]);
    if (first === null) return null;
    const next = parent.flow ? ', ' : source.lineBreak + ' '.repeat(columnOf(source.text, first));
    return { start: first, end: first, text: `${key}: ${scalar}${next}` };
  }
  const range = isScalar(pair.value) ? pair.value.range : null;
  if (!range) return null;
  const start = range[0];
  const gap = source.text[start - 1] === ':' ? ' ' : '';
  return { start, end: trimBreaks(source.text, start, range[1]), text: gap + scalar };
}

function blockEdit(source: Source, key: string, lines: readonly string[], after: readonly string[]): Edit | null {
  const { root, text, lineBreak } = source;
  const first = startOf(root.items[0]);
  if (first === null || root.flow) return null;
  const block = lines.join(lineBreak + ' '.repeat(columnOf(text, first)));
  const present = findPair(root, key);
  if (present) {
    const start = startOf(present);
    const end = endOf(present, text);
    return start === null || end === null ? null : { start, end, text: block };
  }
  const anchorPair = after.map((name) => findPair(root, name)).findLast((pair) => pair !== undefined);
  const end = endOf(anchorPair ?? root.items[0], text);
  if (end === null) return null;
  // Behind the comment that ends the line, if there is one.
  const lineEnd = end + (/^[ \t]*(?:#[^\r\n]*)?/.exec(text.slice(end))?.[0].length ?? 0);
  return { start: lineEnd, end: lineEnd, text: lineBreak + ' '.repeat(columnOf(text, first)) + block };
}

function findPair(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

function startOf(pair: Pair | undefined): number | null {
  return isScalar(pair?.key) ? (pair.key.range?.[0] ?? null) : null;
}

/** Where the last content of a pair ends: before the comments and line breaks that follow it. */
function endOf(pair: Pair | undefined, text: string): number | null {
  let node: unknown = pair?.value;
  while (isCollection(node) && !node.flow && node.items.length > 0) {
    const last: unknown = node.items[node.items.length - 1];
    node = isMap(node) ? ((last as Pair).value ?? (last as Pair).key) : last;
  }
  const range = (node as { range?: [number, number, number] | null } | null | undefined)?.range;
  return range ? trimBreaks(text, range[0], range[1]) : null;
}

function trimBreaks(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && /[\r\n]/.test(text.charAt(at - 1))) at -= 1;
  return at;
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}
