import { beforeAll, describe, expect, it } from 'vitest';
import { at, type Json, OpenApi, refOf } from '../../../test/support/openapi.js';

let api: OpenApi;
beforeAll(async () => {
  api = await OpenApi.read();
});

/** The links of one answer of an operation: the operations that they lead to. */
function linksOf(operationId: string, status: string): string[] {
  const found = api.operations.find(({ operation }) => String(operation.operationId) === operationId);
  return Object.keys(at(api.responseOf(found?.operation ?? {}, status), 'links'));
}

const schemaOf = (response: Json): Json => api.resolve(at(response, 'content', 'application/json', 'schema'));

describe('links', () => {
  const all = () =>
    api.operations.flatMap(({ at: from, operation }) =>
      Object.keys(operation.responses ?? {}).flatMap((status) => {
        const response = api.responseOf(operation, status);
        return Object.entries(at(response, 'links')).map(([name, link]) => ({
          name: `${from} ${status}: ${name}`,
          link: api.resolve(link),
          schema: schemaOf(response),
        }));
      }),
    );

  it('lead to operations that there are, with all that their paths need, out of what the answer has', () => {
    const faults = all().flatMap(({ name, link, schema }) => {
      const target = api.operations.find(({ operation }) => operation.operationId === link.operationId);
      if (!target) return [`${name}: no such operation`];
      const needed = [...target.path.matchAll(/\{(\w+)\}/g)].map(([, slot]) => slot);
      const given = Object.entries(link.parameters ?? {});
      const fits = needed.every((slot) => given.some(([parameter]) => parameter === slot));
      const missing = given.filter(([, value]) => {
        const property = /^\$response\.body#\/(\w+)$/.exec(String(value))?.[1];
        return property === undefined || !(property in at(schema, 'properties'));
      });
      return fits && missing.length === 0 ? [] : [`${name}: ${needed.join()} from ${JSON.stringify(given)}`];
    });
    expect(all().length).toBeGreaterThan(100);
    expect(faults).toEqual([]);
  });

  it('are on every answer that holds one resource', () => {
    const items = new Set(
      api.operations
        .filter(({ method, path }) => method === 'get' && path.endsWith('/{id}'))
        .map(({ operation }) => refOf(at(api.responseOf(operation, '200'), 'content', 'application/json').schema)),
    );
    const without = api.operations.flatMap(({ at: name, operation }) =>
      Object.keys(operation.responses ?? {})
        .filter((status) => {
          const response = api.responseOf(operation, status);
          const holds = refOf(at(response, 'content', 'application/json').schema);
          return holds !== undefined && items.has(holds) && response.links === undefined;
        })
        .map((status) => `${name} ${status}`),
    );
    expect(items.size).toBeGreaterThan(5);
    expect(without).toEqual([]);
  });

  it('lead only to what is possible in a state that the answer shows', () => {
    const proposed = linksOf('proposePackageRevision', '200');
    expect(proposed).toContain('approvePackageRevision');
    expect(proposed).toContain('rejectPackageRevision');
    expect(proposed).not.toContain('proposePackageRevision');
    expect(linksOf('createPackageRevision', '201')).not.toContain('approvePackageRevision');
    expect(linksOf('createPackageRevision', '201')).toContain('proposePackageRevision');
  });

  it('lead from accepted work to its operation', () => {
    expect(linksOf('approvePackageRevision', '202')).toEqual(
      expect.arrayContaining(['getOperation', 'cancelOperation', 'retryOperation']),
    );
  });
});
