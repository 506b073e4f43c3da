import { defineMappingTag } from './js-yaml.js';

/**
 * YAML mappings as Maps by the text of their keys. js-yaml's own are objects, which differ in nothing but their cost:
 * files whose keys are all different make the engine a new shape of object for each of them.
 */
export const mappingTag = defineMappingTag<Map<string, unknown>>('tag:yaml.org,2002:map', {
  create: () => new Map(),
  addPair: (map, key, value) => {
    if (isCollection(key)) return 'mappings with complex keys are not supported';
    map.set(String(key), value);
    return '';
  },
  has: (map, key) => !isCollection(key) && map.has(String(key)),
  keys: (map) => map.keys(),
  get: (map, key) => map.get(String(key)),
  // For reading only.
  identify: () => false,
});

const isCollection = (key: unknown): boolean => typeof key === 'object' && key !== null;
