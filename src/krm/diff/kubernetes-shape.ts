import { API_GROUPS, TYPES } from './kubernetes-lists.js';
import type { ListKey } from './list-items.js';
import { PLAIN, QUANTITIES, QUANTITY, shape, type Shape } from './shape.js';

/** A line of the table by the type's name; read when the type is first met. */
const LINES = new Map(
  TYPES.trim()
    .split('\n')
    .map((line): [string, string] => [line.slice(0, line.indexOf(' ')), line]),
);
const PACKAGES = new Map(
  API_GROUPS.split(' ').map((pair): [string, string] => {
    const [name = '', group = ''] = pair.split('=');
    return [group, name];
  }),
);
const shapes = new Map<string, Shape>();

const FIELD = /^([^>*[{#]+)(?:>(.+)|\*(.+)|\[([^\]]*)\](.*)|(\{\})|(#))$/;

/** A kind of Kubernetes' own in any of its versions, this one first; null: it is none. */
export function kubernetesShape(group: string, version: string, kind: string): Shape | null {
  const name = PACKAGES.get(group);
  if (name === undefined) return null;
  const exact = `${name}.${version}.${kind}`;
  if (LINES.has(exact)) return typeShape(exact);
  const other = [...LINES.keys()].find((type) => type.startsWith(`${name}.`) && type.split('.')[2] === kind);
  return other === undefined ? null : typeShape(other);
}

export const isKubernetesGroup = (group: string): boolean => PACKAGES.has(group);

/** Of `metadata`, which all kinds have. */
export const objectMetaShape = (): Shape => typeShape('meta.v1.ObjectMeta');

function typeShape(name: string): Shape {
  const known = shapes.get(name);
  if (known) return known;
  const [, ...fields] = (LINES.get(name) ?? '').split(' ');
  const found = new Map(fields.map(fieldShape));
  const made = shape({ field: (key) => found.get(key)?.() ?? PLAIN });
  shapes.set(name, made);
  return made;
}

/** Shapes are made when they are asked for: types hold one another. */
function fieldShape(text: string): [string, () => Shape] {
  const [, name = '', type, values, keys, item = '', set] = FIELD.exec(text) ?? [];
  if (type !== undefined) return [name, () => typeShape(type)];
  if (values !== undefined)
    return [name, () => (values === '#' ? QUANTITIES : shape({ field: () => typeShape(values) }))];
  if (keys !== undefined) {
    const list = shape({ rule: { by: 'keys', keys: keys.split(',').map(listKey) }, items: () => typeShape(item) });
    return [name, () => list];
  }
  if (set !== undefined) return [name, () => SET];
  return [name, () => QUANTITY];
}

const SET = shape({ rule: { by: 'value' } });

function listKey(text: string): ListKey {
  const [name = '', otherwise] = text.split('=');
  return otherwise === undefined ? { name } : { name, otherwise };
}
