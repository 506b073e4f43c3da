import { isRecord } from '../is-record.js';
import { isApplied } from './built-in.js';
import { nameAt, placesAt } from './fields.js';
import { groupOf, type IndexedBody, keyOf, mayBeSame, type Need, type ObjectName } from './need.js';

/** An object of a package of some kind that others may need, by the key under which it is looked for. */
export interface Offer {
  key: string;
  namespace: string | null;
}

/** Under this a definition is looked for, by the kind that it defines. */
export const definitionKey = (group: string, kind: string): string => JSON.stringify(['definition', group, kind]);

export const needKey = ({ kind, object }: Pick<Need, 'kind' | 'object'>): string =>
  kind === 'definition' ? definitionKey(groupOf(object.apiVersion), object.kind) : keyOf(object);

/** What there is once an object was applied: itself, what it defines, and the Secret that a controller makes of it. */
export function offersOf(object: IndexedBody): Offer[] {
  if (!isApplied(object) || object.name === null) return [];
  const { apiVersion, kind, namespace, name, body } = object;
  const secret = (of: string): Offer => ({
    key: keyOf({ apiVersion: 'v1', kind: 'Secret', namespace, name: of }),
    namespace,
  });
  return [
    { key: keyOf(object), namespace },
    ...(kind === 'CustomResourceDefinition' ? defined(body) : []),
    ...madeSecrets(groupOf(apiVersion), kind, name, body).map(secret),
  ];
}

function defined(body: unknown): Offer[] {
  return placesAt(body, 'spec').flatMap(({ value }) => {
    const names = isRecord(value) ? value.names : null;
    const [group, kind] = [nameAt(value, 'group'), nameAt(names, 'kind')];
    return group === null || kind === null ? [] : [{ key: definitionKey(group, kind), namespace: null }];
  });
}

/** cert-manager, External Secrets and Sealed Secrets write these. */
function madeSecrets(group: string, kind: string, name: string, body: unknown): string[] {
  if (group === 'cert-manager.io' && kind === 'Certificate')
    return placesAt(body, 'spec').flatMap(({ value }) => nameAt(value, 'secretName') ?? []);
  if (group === 'bitnami.com' && kind === 'SealedSecret') return [name];
  if (group !== 'external-secrets.io' || kind !== 'ExternalSecret') return [];
  const [target] = placesAt(body, 'spec.target');
  return [nameAt(target?.value, 'name') ?? name];
}

/** Whether one of the offers is what is needed. */
export class Offers {
  private readonly byKey = new Map<string, (string | null)[]>();

  constructor(objects: Iterable<IndexedBody>) {
    for (const { key, namespace } of [...objects].flatMap(offersOf)) {
      this.byKey.set(key, [...(this.byKey.get(key) ?? []), namespace]);
    }
  }

  /** How well the need is met: 2 by the very namespace, 1 by one that is not written, 0 not at all. */
  meets(need: { kind: Need['kind']; object: ObjectName }): 0 | 1 | 2 {
    const namespaces = this.byKey.get(needKey(need)) ?? [];
    if (need.kind === 'definition') return namespaces.length > 0 ? 2 : 0;
    if (namespaces.includes(need.object.namespace)) return 2;
    return namespaces.some((namespace) => mayBeSame(namespace, need.object.namespace)) ? 1 : 0;
  }
}
