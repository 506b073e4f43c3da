import { isAlias, isMap, isScalar, isSeq, type Document } from 'yaml';
import { AliasBudget } from './alias-budget.js';
import { DEFAULT_YAML_LIMITS, type YamlLimits } from './yaml-limits.js';

/**
 * The JavaScript values of the documents that `yaml` read in `text`. Unlike `toJS` it needs linear time whatever the file
 * holds: each alias shares the value of its anchor, and keys that are collections are left out. An alias without an
 * anchor gives undefined; merge keys (`<<`) are plain keys. Throws YamlLimitError for too many aliases.
 */
export function plainValues(
  documents: readonly Document.Parsed[],
  text: string,
  limits: YamlLimits = DEFAULT_YAML_LIMITS,
): unknown[] {
  const budget = new AliasBudget(text, limits);
  return documents.map((document) => plainValue(document, budget));
}

function plainValue(document: Document.Parsed, budget: AliasBudget): unknown {
  // In document order, so that an alias finds the last anchor of its name before it, as YAML says.
  const anchors = new Map<string, unknown>();
  const valueOf = (node: unknown): unknown => {
    if (isAlias(node)) {
      budget.alias(node.source, node.range?.[0] ?? 0);
      return anchors.get(node.source);
    }
    const name = isScalar(node) || isSeq(node) || isMap(node) ? node.anchor : undefined;
    const open = name === undefined ? null : budget.open(name);
    budget.add();
    const value = contentOf(node);
    if (open !== null) {
      budget.close(open);
      anchors.set(open.name, value);
    }
    return value;
  };
  const contentOf = (node: unknown): unknown => {
    if (isScalar(node)) return node.value;
    if (isSeq(node)) return node.items.map(valueOf);
    if (!isMap(node)) return node === null ? null : undefined;
    const entries: [string, unknown][] = [];
    for (const { key, value } of node.items) {
      const keyValue = valueOf(key);
      const itemValue = valueOf(value);
      if (typeof keyValue !== 'object' || keyValue === null) entries.push([String(keyValue), itemValue]);
    }
    // fromEntries defines own properties, so that a key `__proto__` is just a key.
    return Object.fromEntries(entries);
  };
  return valueOf(document.contents);
}
