import { isAlias, isMap, isScalar, isSeq, type Document } from 'yaml';

/**
 * The JavaScript value of a pre-scanned document. Unlike `toJS` it needs linear time whatever the file holds:
 * each alias shares the value of its anchor, and keys that are collections are left out. An alias that leads
 * nowhere gives undefined; merge keys (`<<`) are plain keys.
 */
export function plainValue(document: Document): unknown {
  // In document order, so that an alias finds the last anchor of its name before it, as YAML says.
  const anchors = new Map<string, unknown>();
  const valueOf = (node: unknown): unknown => {
    if (isAlias(node)) return anchors.get(node.source);
    const value = contentOf(node);
    if ((isScalar(node) || isSeq(node) || isMap(node)) && node.anchor) anchors.set(node.anchor, value);
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
