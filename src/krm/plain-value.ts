import { isAlias, isMap, isScalar, isSeq, type Document, type YAMLMap } from 'yaml';
import { AliasBudget } from './alias-budget.js';
import { keyTwice, MOST_WARNINGS, oddKey } from './key-warnings.js';
import { isOdd, keyText } from './kubectl-schema.js';
import { plainNumber, plainWord } from './plain-scalar.js';
import type { Documents } from './strict-yaml.js';
import { lineAt, type YamlLimits } from './yaml-limits.js';

/** Anchors of a document, and what is told of all of them. */
interface Reading {
  text: string;
  budget: AliasBudget;
  warnings: string[];
  /** Read in the order of the document, so that an alias finds the last anchor of its name before it, as YAML says. */
  anchors: Map<string, unknown>;
}

/**
 * What `yaml` read in `text`, as {@link strictDocuments} gives it. Unlike `toJS` it needs linear time whatever the file
 * holds: each alias shares the value of its anchor, and keys that are collections are left out. Throws YamlLimitError for
 * aliases that stand for too much, SyntaxError for one without an anchor.
 */
export function plainValues(documents: readonly Document.Parsed[], text: string, limits: YamlLimits): Documents {
  const budget = new AliasBudget(text, limits);
  const warnings: string[] = [];
  const values = documents.map(({ contents }) => valueOf(contents, { text, budget, warnings, anchors: new Map() }));
  return { documents: values, warnings };
}

function valueOf(node: unknown, reading: Reading): unknown {
  const { budget, anchors } = reading;
  if (isAlias(node)) {
    budget.alias(node.source, node.range?.[0] ?? 0);
    if (!anchors.has(node.source)) throw new SyntaxError('An alias has no anchor.');
    return anchors.get(node.source);
  }
  const name = isScalar(node) || isSeq(node) || isMap(node) ? node.anchor : undefined;
  const open = name === undefined ? null : budget.open(name);
  budget.add(isScalar(node) && typeof node.value === 'string' ? node.value.length : 0);
  const value = contentOf(node, reading);
  if (open !== null) {
    budget.close(open);
    anchors.set(open.name, value);
  }
  return value;
}

function contentOf(node: unknown, reading: Reading): unknown {
  if (isScalar(node)) {
    if (node.type !== 'PLAIN' || node.tag !== undefined) return node.value;
    const source = node.source ?? '';
    return plainWord(source) ?? plainNumber(source) ?? source;
  }
  if (isSeq(node)) return node.items.map((item) => valueOf(item, reading));
  if (isMap(node)) return mapOf(node, reading);
  return node === null ? null : undefined;
}

function mapOf({ items }: YAMLMap, reading: Reading): Map<string, unknown> {
  const map = new Map<string, unknown>();
  const merged: unknown[] = [];
  for (const { key, value } of items) {
    const keyValue = valueOf(key, reading);
    const itemValue = valueOf(value, reading);
    const text = keyText(keyValue);
    const line = () => lineAt(reading.text, (isScalar(key) ? key.range?.[0] : undefined) ?? 0);
    if (text === null) warn(reading, () => 'A key that is a list or a mapping is not taken by kubectl, and left out.');
    else if (text === '<<' && isScalar(key) && key.type === 'PLAIN') merged.push(itemValue);
    else {
      if (isOdd(keyValue)) warn(reading, () => oddKey(keyValue, line()));
      if (map.has(text)) warn(reading, () => keyTwice(text, line()));
      map.set(text, itemValue);
    }
  }
  // What is written counts before what is merged, and the first of those merged before the others.
  for (const source of merged.flat()) {
    if (!(source instanceof Map)) continue;
    for (const [key, value] of source as Map<string, unknown>) if (!map.has(key)) map.set(key, value);
  }
  return map;
}

function warn({ warnings }: Reading, warning: () => string): void {
  if (warnings.length < MOST_WARNINGS) warnings.push(warning());
}
