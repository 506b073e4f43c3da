import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { beforeAll, describe, expect, it } from 'vitest';
import { at, type Json, offenders, OpenApi, refOf } from '../../../test/support/openapi.js';
import { ERROR_CODES } from '../../domain/errors.js';
import { allowedActions, isPublished, type Lifecycle, LIFECYCLES } from '../../domain/lifecycle.js';
import { exampleOf } from './openapi-examples.js';

let api: OpenApi;
beforeAll(async () => {
  api = await OpenApi.read();
});

/** Every schema with where it is: components, and what is nested in them. */
function* nested(name: string, schema: Json): Generator<[string, Json]> {
  yield [name, schema];
  for (const [property, child] of Object.entries(schema.properties ?? {})) yield* nested(`${name}.${property}`, child);
  if (schema.items) yield* nested(`${name}[]`, schema.items);
}

/** Every node of the document with the JSON pointer of where it is. */
function* walk(node: Json, place: string): Generator<[string, Json]> {
  yield [place, node];
  for (const [key, child] of Object.entries(node)) {
    if (typeof child === 'object' && child !== null) yield* walk(child, `${place}/${key}`);
  }
}

describe('schemas', () => {
  const every = () => api.schemas.flatMap(([name, schema]) => [...nested(name, schema)]);

  it('are named in PascalCase and described', () => {
    expect(api.schemas.filter(([name]) => !/^([A-Z][a-z0-9]+)+$/.test(name)).map(([name]) => name)).toEqual([]);
    expect(
      offenders(
        every().filter(([name]) => !name.endsWith('[]')),
        describes,
      ),
    ).toEqual([]);
  });

  /** A `$ref` is described where it leads. */
  const describes = (schema: Json): boolean => Boolean(schema.description ?? api.resolve(schema).description);

  it('have an example, of every property too: its own, or a part of that of the whole', () => {
    const schemas = Object.fromEntries(api.schemas);
    const unshown = (name: string, schema: Json, whole: unknown): string[] => [
      ...((whole ?? exampleOf(schema, schemas)) === undefined ? [name] : []),
      ...Object.entries(schema.properties ?? {}).flatMap(([property, child]) =>
        unshown(`${name}.${property}`, child, (whole as Record<string, unknown> | undefined)?.[property]),
      ),
    ];
    expect(api.schemas.flatMap(([name, schema]) => unshown(name, schema, exampleOf(schema, schemas)))).toEqual([]);
  });

  it('write properties in camelCase', () => {
    const names = every().flatMap(([name, { properties }]) =>
      Object.keys(properties ?? {}).map((key) => `${name}.${key}`),
    );
    expect(names.filter((name) => !/\.[a-z][A-Za-z0-9]*$/.test(name))).toEqual([]);
  });

  // Generators for Go and Java write `SetId` or `setId` to set an `id`: a property of that name beside it does not compile.
  it('have no property whose name is that of what a generator writes for another', () => {
    const names = every().flatMap(([name, { properties = {} }]) =>
      Object.keys(properties).flatMap((key) =>
        ['set', 'get', 'has', 'is', 'unset']
          .map((verb) => `${verb}${key[0]?.toUpperCase()}${key.slice(1)}`)
          .filter((written) => written in properties)
          .map((written) => `${name}.${written}`),
      ),
    );
    expect(names).toEqual([]);
  });

  it('serve requests or responses, never both, unless they are mere values', () => {
    const reach = (roots: unknown[]): Set<string> => {
      const found = new Set<string>();
      const walk = (value: unknown): void => {
        if (typeof value !== 'object' || value === null) return;
        const $ref = refOf(value as Json);
        if (typeof $ref === 'string') {
          if (found.has($ref)) return;
          found.add($ref);
          walk(api.resolve(value as Json));
        }
        Object.values(value).forEach(walk);
      };
      roots.forEach(walk);
      return found;
    };
    const requests = reach(api.operations.map(({ operation }) => operation.requestBody));
    const responses = reach(api.operations.map(({ operation }) => operation.responses));
    const shared = [...requests].filter(
      (reference) => responses.has(reference) && api.resolve({ $ref: reference } as unknown as Json).properties,
    );
    expect(shared).toEqual([]);
  });

  it('refuse unknown fields in every request', () => {
    const requests = api.schemas.filter(([name, schema]) => name.endsWith('Request') && schema.properties);
    expect(requests.length).toBeGreaterThan(4);
    expect(offenders(requests, ({ additionalProperties }) => (additionalProperties as unknown) === false)).toEqual([]);
  });

  it('tell the members of every union apart: by their type, a discriminator, or a field that each requires alone', () => {
    const unions = every().filter(([, { oneOf }]) => oneOf);
    expect(unions.length).toBeGreaterThan(0);
    const isApart = ({ oneOf, discriminator }: Json): boolean => {
      const members = Object.values(oneOf ?? {});
      const kinds = members.map((member) => String(api.resolve(member).type));
      if (new Set(kinds).size === members.length) return true;
      if (discriminator) return Boolean(discriminator.propertyName && discriminator.mapping);
      const required = members.map((member) => Object.values(api.resolve(member).required ?? {}).map(String));
      return required.every((names, index) =>
        names.some((name) => required.every((others, other) => other === index || !others.includes(name))),
      );
    };
    expect(offenders(unions, isApart)).toEqual([]);
  });

  it('list every error code', () => {
    expect(at(api.document, 'components', 'schemas', 'ProblemCode')['x-extensible-enum']).toEqual([...ERROR_CODES]);
  });

  it('have a name for every enumeration, and for each of its constants', () => {
    const inline = [...walk(api.document, '')].filter(([place, node]) => {
      const values = node.enum ?? node['x-extensible-enum'];
      return Array.isArray(values) && !/^\/components\/schemas\/[^/]+$/.test(place);
    });
    expect(inline.map(([place]) => place)).toEqual([]);
    const enumerations = api.schemas.filter(([, schema]) => schema.enum ?? schema['x-extensible-enum']);
    expect(enumerations.length).toBeGreaterThan(15);
    const named = (schema: Json) => {
      const values = Object.values(schema.enum ?? schema['x-extensible-enum'] ?? {});
      const names = Object.values(schema['x-enum-varnames'] ?? {}).map(String);
      return names.length === values.length && names.every((name) => /^[A-Z][A-Z0-9_]*$/.test(name));
    };
    expect(offenders(enumerations, named)).toEqual([]);
  });

  it('say no default beside the description: generators take what has one for required', () => {
    const defaults = [...walk(api.document, '')].filter(
      ([place, node]) => node.default !== undefined && !place.endsWith('/responses') && !place.endsWith('/properties'),
    );
    expect(defaults.map(([place]) => place)).toEqual([]);
  });

  it('have names that generators keep apart: none is New… beside its plain name, none stands for two components', () => {
    const names = Object.entries(at(api.document, 'components'))
      .filter(([kind]) => kind !== 'examples' && kind !== 'links')
      .flatMap(([, named]) => Object.keys(named))
      .map((name) => name.toLowerCase());
    expect(names.filter((name) => name.startsWith('new') && names.includes(name.slice('new'.length)))).toEqual([]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});

/** The states of a package revision that the answer of each operation can show. */
const LEADS_TO: Record<string, Lifecycle[]> = {
  createPackageRevision: ['draft'],
  addSubpackage: ['draft'],
  getPackageRevision: [...LIFECYCLES],
  updatePackageRevision: [...LIFECYCLES],
  proposePackageRevision: ['proposed'],
  rejectPackageRevision: ['draft'],
  withdrawPackageRevision: ['draft'],
  approvePackageRevision: ['proposed'],
  proposePackageRevisionDeletion: ['deletionProposed'],
  rejectPackageRevisionDeletion: ['published'],
  resolvePackageRevision: ['draft', 'proposed'],
  rebasePackageRevision: ['draft'],
  applyUpgradePreview: ['draft'],
  adoptDrift: ['draft'],
  restoreDrift: ['draft'],
};

interface RevisionExample {
  lifecycle: Lifecycle;
  allowedActions: string[];
  revision: string | null;
  tag: string | null;
  branch: string | null;
  publishedAt: string | null;
  publishedBy: string | null;
}

const revisionExamples = () =>
  LIFECYCLES.map((state): [Lifecycle, { value: RevisionExample }] => {
    const name = `PackageRevision${state.slice(0, 1).toUpperCase()}${state.slice(1)}`;
    return [state, at(api.document, 'components', 'examples', name) as unknown as { value: RevisionExample }];
  });

/** The lifecycles of the examples of an operation's successes, where they are of package revisions. */
function statesShownBy(operation: Json): string[] {
  return Object.keys(operation.responses ?? {})
    .map((status) => at(api.responseOf(operation, status), 'content', 'application/json'))
    .filter(({ schema }) => refOf(schema) === '#/components/schemas/PackageRevision')
    .flatMap(({ examples }) => Object.values(examples ?? {}).map((example) => api.resolve(example)))
    .map(({ value }) => String(value?.lifecycle));
}

describe('examples', () => {
  it('validate against their schemas, everywhere', () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true, discriminator: false });
    formats.default(ajv);
    ajv.addSchema(api.document, 'openapi');
    const faults: string[] = [];
    let checked = 0;
    const check = (pointer: string, example: unknown): void => {
      checked += 1;
      const escaped = pointer
        .split('/')
        .map((part) => encodeURIComponent(part))
        .join('/');
      const validate = ajv.getSchema(`openapi#${escaped}`);
      if (!validate) faults.push(`${pointer}: no schema`);
      else if (!validate(example)) faults.push(`${pointer}: ${ajv.errorsText(validate.errors)}`);
    };
    const walk = (value: unknown, pointer: string): void => {
      if (typeof value !== 'object' || value === null) return;
      const node = value as Json;
      if (Array.isArray(node.examples)) for (const example of node.examples as unknown[]) check(pointer, example);
      else if (node.schema) {
        if (node.example !== undefined) check(`${pointer}/schema`, node.example);
        for (const example of Object.values(node.examples ?? {}))
          check(`${pointer}/schema`, api.resolve(example).value);
      }
      for (const [key, child] of Object.entries(node)) {
        if (key === 'examples' || key === 'example') continue;
        walk(child, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
      }
    };
    walk(api.document, '');
    expect(faults).toEqual([]);
    expect(checked).toBeGreaterThan(300);
  });

  it('that readers make from those of the properties validate as well', () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true, discriminator: false });
    formats.default(ajv);
    ajv.addSchema(api.document, 'openapi');
    const schemas = Object.fromEntries(api.schemas);
    const wrong = api.schemas.filter(([name, schema]) => {
      const validate = ajv.getSchema(`openapi#/components/schemas/${name}`);
      return !validate?.(exampleOf(schema, schemas));
    });
    expect(wrong.map(([name]) => name)).toEqual([]);
  });

  it('show what the lifecycle allows, and operations only the states that they lead to', () => {
    for (const [state, { value }] of revisionExamples()) {
      expect(value.lifecycle).toBe(state);
      expect(value.allowedActions).toEqual(allowedActions(state));
      const isOut = isPublished(state);
      for (const field of ['revision', 'tag', 'publishedAt', 'publishedBy'] as const) {
        expect(value[field] !== null, `${state} ${field}`).toBe(isOut);
      }
      expect(value.branch?.split('/')[0]).toBe({ draft: 'drafts', proposed: 'proposed' }[state as string]);
    }
    const shown = api.operations
      .map(({ operation }): [string, string[]] => [String(operation.operationId), statesShownBy(operation)])
      .filter(([, states]) => states.length > 0);
    expect(Object.fromEntries(shown)).toEqual(LEADS_TO);
  });
});
