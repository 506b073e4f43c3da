import type { ListKey, ListRule } from './list-items.js';
import { QUANTITY, shape, type Shape, UNKNOWN } from './shape.js';
import { isMapping, type Mapping, scalarsOf, scalarOf, textAt, valueAt } from './values.js';

/** The kinds that custom resource definitions describe, by `group/kind`, and of each its versions' schemas. */
export type CustomKinds = ReadonlyMap<string, ReadonlyMap<string, Mapping>>;

/** The first definition of a kind counts. */
export function customKinds(definitions: readonly unknown[]): CustomKinds {
  const kinds = new Map<string, Map<string, Mapping>>();
  for (const definition of definitions) {
    const spec = valueAt(definition, 'spec');
    const [group, kind] = [textAt(spec, 'group'), textAt(spec, 'names', 'kind')];
    if (group === null || kind === null || kinds.has(`${group}/${kind}`)) continue;
    kinds.set(`${group}/${kind}`, schemasOf(spec));
  }
  return kinds;
}

function schemasOf(spec: unknown): Map<string, Mapping> {
  const schemas = new Map<string, Mapping>();
  const shared = valueAt(spec, 'validation', 'openAPIV3Schema');
  const versions = valueAt(spec, 'versions');
  const listed = Array.isArray(versions) ? versions : [];
  for (const version of [...listed, new Map([['name', valueAt(spec, 'version')]])]) {
    const schema = valueAt(version, 'schema', 'openAPIV3Schema') ?? shared;
    const name = textAt(version, 'name');
    if (name !== null && isMapping(schema)) schemas.set(name, schema);
  }
  return schemas;
}

/** A kind that a definition describes, in this version or else another one of it; null: none does. */
export function customShape(kinds: CustomKinds, group: string, version: string, kind: string): Shape | null {
  const schemas = kinds.get(`${group}/${kind}`);
  const schema = schemas?.get(version) ?? schemas?.values().next().value;
  return schema === undefined ? null : schemaShape(schema);
}

const isTrue = (schema: Mapping, word: string): boolean => scalarOf(schema.get(word)) === true;

/** Quantities are these in the definitions that controller-gen writes. */
const QUANTITY_PATTERN = '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))';

function schemaShape(schema: unknown): Shape {
  if (!isMapping(schema) || isTrue(schema, 'x-kubernetes-embedded-resource')) return UNKNOWN;
  if (isTrue(schema, 'x-kubernetes-int-or-string') && textAt(schema, 'pattern')?.startsWith(QUANTITY_PATTERN)) {
    return QUANTITY;
  }
  return shape({
    field: (key) => {
      const found = valueAt(schema, 'properties', key) ?? schema.get('additionalProperties');
      return schemaShape(found);
    },
    items: () => schemaShape(schema.get('items')),
    rule: ruleOf(schema),
  });
}

function ruleOf(schema: Mapping): ListRule {
  const type = textAt(schema, 'x-kubernetes-list-type');
  if (type === 'set') return { by: 'value' };
  const keys = type === 'map' ? scalarsOf(schema.get('x-kubernetes-list-map-keys')) : [];
  if (keys.length === 0) return { by: 'whole' };
  return { by: 'keys', keys: keys.map((key) => listKey(schema, String(key))) };
}

function listKey(schema: Mapping, name: string): ListKey {
  const otherwise = textAt(schema, 'items', 'properties', name, 'default');
  return otherwise === null ? { name } : { name, otherwise };
}
