import { isMapping, scalarOf, scalarsOf } from '../values.js';
import type { ClassRule } from './change-class.js';

const VERSION = 'spec.versions[]';
const SCHEMA = /^spec\.(?:versions\[\]\.schema|validation)\.openAPIV3Schema\.?/;

/** Words of a schema behind which a name, or a place in a list, is followed by a schema. */
const NAMED = new Set(['properties', 'patternProperties', 'definitions', 'dependencies']);
const SCHEMAS = new Set(['items', 'additionalProperties', 'not', 'allOf[]', 'anyOf[]', 'oneOf[]']);
const UPPER = new Set(['maximum', 'maxLength', 'maxItems', 'maxProperties']);
const LOWER = new Set(['minimum', 'minLength', 'minItems', 'minProperties']);
/** Words that allow less wherever they are new or say something else. */
const BOUNDS = new Set([
  'type',
  'format',
  'pattern',
  'multipleOf',
  'exclusiveMaximum',
  'exclusiveMinimum',
  'uniqueItems',
  'not',
  'allOf',
  'anyOf',
  'oneOf',
  'x-kubernetes-validations',
]);
const PERMITS = new Set(['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-int-or-string', 'nullable']);

/** Objects that were valid may not be so any more: a definition lost a field, a version or a value, or asks for more. */
export const narrowsCrd: ClassRule = ({ place, from, to, isWithin }, object) => {
  const { group, kind } = object;
  if (group !== 'apiextensions.k8s.io' || kind !== 'CustomResourceDefinition') return false;
  // Of a new definition there are no objects yet; one that is gone is a removal.
  if (object.from === undefined || object.to === undefined) return false;
  // Whatever a new field asks for, no object has it yet.
  if (isWithin && from === undefined) return false;
  if (place === VERSION) return from !== undefined && to === undefined;
  if (place === `${VERSION}.served`) return scalarOf(from) !== false && scalarOf(to) === false;
  return SCHEMA.test(place) && narrows(place.replace(SCHEMA, ''), from, to);
};

/** `path` is where the change is in a schema: names of properties can be the words of schemas. */
function narrows(path: string, from: unknown, to: unknown): boolean {
  const steps = path === '' ? [] : path.split('.');
  for (let word = steps.shift(); word !== undefined; word = steps.shift()) {
    if (NAMED.has(word)) {
      // The name of a property, or all of them: those that are gone.
      if (steps.shift() === undefined) return isMapping(from) && [...from.keys()].some((key) => !hasKey(to, key));
      if (steps.length === 0) return from !== undefined && to === undefined;
    } else if (!SCHEMAS.has(word) || steps.length === 0) return wordNarrows(word, from, to);
  }
  return false;
}

function wordNarrows(word: string, from: unknown, to: unknown): boolean {
  const [before, after] = [scalarOf(from), scalarOf(to)];
  if (word === 'required') return scalarsOf(to).some((name) => !scalarsOf(from).includes(name));
  if (word === 'enum')
    return to !== undefined && (from === undefined || scalarsOf(from).some((value) => !scalarsOf(to).includes(value)));
  if (UPPER.has(word)) return to !== undefined && (from === undefined || Number(after) < Number(before));
  if (LOWER.has(word)) return to !== undefined && (from === undefined || Number(after) > Number(before));
  if (BOUNDS.has(word)) return to !== undefined;
  if (word === 'additionalProperties')
    return from !== undefined && before !== false && (to === undefined || after === false);
  return PERMITS.has(word) && before === true && after !== true;
}

const hasKey = (value: unknown, key: string): boolean => isMapping(value) && value.has(key);
