import { isRecord } from '../is-record.js';
import { isAlwaysThere, isApplied, isServed } from './built-in.js';
import { groupOf, type IndexedBody, type Need } from './need.js';
import { needKey, Offers } from './offers.js';
import { type Reference, referencesOf } from './references.js';
import { serviceHosts } from './service-hosts.js';

const DECLARATION = { group: 'pkgserver.dev', kind: 'PackageDependency' };

/** What a package needs that it does not bring itself, each once, in the order of its objects. */
export function packageNeeds(objects: readonly IndexedBody[]): Need[] {
  const own = new Offers(objects);
  const needs = new Map<string, Need>();
  for (const object of objects) {
    const { file, apiVersion, kind, namespace, name } = object;
    for (const reference of [...declared(object), ...(isApplied(object) ? applied(object) : [])]) {
      if (reference.kind !== 'package' && (isAlwaysThere(reference.object) || own.meets(reference) > 0)) continue;
      const key = JSON.stringify([reference.kind, needKey(reference), reference.object.namespace]);
      const known = needs.get(key);
      const by = known?.by ?? { file, apiVersion, kind, namespace, name };
      needs.set(key, {
        ...(known ?? reference),
        ...{ by, uses: (known?.uses ?? 0) + 1, optional: (known?.optional ?? true) && reference.optional },
      });
    }
  }
  return [...needs.values()];
}

/** Of an object that goes to a cluster. */
function applied(object: IndexedBody): Reference[] {
  const { apiVersion, kind, namespace } = object;
  const needed: Reference[] = [];
  if (!isServed(apiVersion)) {
    const type = { apiVersion, kind, namespace: null, name: null };
    needed.push({ kind: 'definition', object: type, path: 'kind', optional: false });
  }
  if (namespace !== null) {
    const into = { apiVersion: 'v1', kind: 'Namespace', namespace: null, name: namespace };
    needed.push({ kind: 'namespace', object: into, path: 'metadata.namespace', optional: false });
  }
  return [...needed, ...referencesOf(object), ...serviceHosts(object)];
}

/** What a `PackageDependency` says. It is read whether or not it is marked as local. */
function declared({ apiVersion, kind, body }: IndexedBody): Reference[] {
  const spec = isRecord(body) ? body.spec : null;
  if (groupOf(apiVersion) !== DECLARATION.group || kind !== DECLARATION.kind || !isRecord(spec)) return [];
  if (typeof spec.package !== 'string' || spec.package === '') return [];
  const object = { apiVersion, kind: 'Package', namespace: null, name: spec.package };
  return [{ kind: 'package', object, path: 'spec.package', optional: spec.optional === true }];
}
