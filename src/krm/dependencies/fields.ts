import { isRecord } from '../is-record.js';

/** A value of a body, and the path of its field. */
export interface Place {
  path: string;
  value: unknown;
}

const PLAIN_KEY = /^[\w-]+$/;

export const fieldOf = (path: string, key: string): string => {
  if (!PLAIN_KEY.test(key)) return `${path}["${key}"]`;
  return path === '' ? key : `${path}.${key}`;
};

/** The mappings at a path such as `spec.volumes[].configMap`, where `[]` stands for each item of a list; empty: the value itself. */
export function placesAt(value: unknown, at: string): Place[] {
  let places: Place[] = [{ path: '', value }];
  for (const step of at === '' ? [] : at.split('.')) {
    const isList = step.endsWith('[]');
    const key = isList ? step.slice(0, -2) : step;
    places = places.flatMap((place) => {
      if (!isRecord(place.value)) return [];
      const found = place.value[key];
      const path = fieldOf(place.path, key);
      if (!isList) return [{ path, value: found }];
      return Array.isArray(found)
        ? found.map((item: unknown, index) => ({ path: `${path}[${index}]`, value: item }))
        : [];
    });
  }
  return places.filter((place) => isRecord(place.value));
}

/** Text that may be a name: templates have other things there. */
export function nameAt(value: unknown, key: string): string | null {
  const found = isRecord(value) ? value[key] : undefined;
  return typeof found === 'string' && /^[a-z0-9][a-z0-9.:-]*$/i.test(found) ? found : null;
}
