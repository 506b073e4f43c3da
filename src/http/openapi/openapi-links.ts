import type { OperationObject } from './openapi-operation.js';
import { reference, type ResponseObject } from './openapi-shared.js';

export interface Linked {
  path: string;
  operation: OperationObject;
  /** The states of the resource in which the operation is possible; undefined for all. */
  from?: readonly string[] | undefined;
  /** The states that its answer can show; undefined for all. */
  shows?: readonly string[] | undefined;
}

/** `…/package-revisions/{id}/approve` takes the id of a package revision, and no other. */
const SLOT = /^(\/[^{]*)\{id\}(\/[^{]*)?$/;

/**
 * Leads from every answer that holds one resource to the operations that take its id, and are possible in a state that
 * the answer can show. The path tells which resource an answer holds: that of a collection or of an item of it. A 202
 * holds an Operation. Gives the links by name.
 */
export function addLinks(operations: readonly Linked[]): Record<string, object> {
  const byCollection = new Map<string, Linked[]>();
  for (const linked of operations) {
    const [, collection] = SLOT.exec(linked.path) ?? [];
    if (collection !== undefined) byCollection.set(collection, [...(byCollection.get(collection) ?? []), linked]);
  }
  const itemOf = itemSchemas(operations);
  for (const { path, operation, shows } of operations) {
    for (const [status, response] of Object.entries(operation.responses)) {
      const collection = status === '201' ? `${path}/` : response && itemOf.get(schemaOf(response) ?? '');
      if (response === undefined || collection === undefined) continue;
      const states = collection.endsWith('/operations/') ? undefined : shows;
      const targets = (byCollection.get(collection) ?? []).filter(({ from }) => overlap(from, states));
      response.links = Object.fromEntries(targets.map((target) => [idOf(target), reference('links', idOf(target))]));
    }
  }
  const named = [...byCollection.values()].flat().map(idOf).sort();
  return Object.fromEntries(
    named.map((operationId) => [operationId, { operationId, parameters: { id: '$response.body#/id' } }]),
  );
}

const idOf = ({ operation }: Linked): string => operation.operationId ?? '';

const overlap = (some: readonly string[] | undefined, others: readonly string[] | undefined): boolean =>
  some === undefined || others === undefined || some.some((state) => others.includes(state));

/** Maps the schema of a resource to the collection that it is an item of, as `GET …/{id}` says. */
function itemSchemas(operations: readonly Linked[]): Map<string, string> {
  const items = new Map<string, string>();
  for (const { path, operation } of operations) {
    const [, collection, rest] = SLOT.exec(path) ?? [];
    const schema = operation.operationId?.startsWith('get') ? schemaOf(operation.responses['200']) : undefined;
    if (collection !== undefined && rest === undefined && schema !== undefined) items.set(schema, collection);
  }
  return items;
}

const schemaOf = (response: ResponseObject | undefined): string | undefined =>
  response?.content?.['application/json']?.schema?.$ref as string | undefined;
