import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { beforeAll, describe, expect, it } from 'vitest';
import { at, type Json, offenders, OpenApi, refOf } from '../../../test/support/openapi.js';
import { ERROR_CODES } from '../../domain/errors.js';
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

describe('schemas', () => {
  const every = () => api.schemas.flatMap(([name, schema]) => [...nested(name, schema)]);
  /** What an array holds is described, and shown, with the array. */
  const properties = () => every().filter(([name]) => !name.endsWith('[]'));

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

  it('have an example, of every property too', () => {
    const shows = (schema: Json) => exampleOf(schema, Object.fromEntries(api.schemas)) !== undefined;
    expect(offenders(properties(), shows)).toEqual([]);
  });

  it('write properties in camelCase', () => {
    const names = every().flatMap(([name, { properties }]) =>
      Object.keys(properties ?? {}).map((key) => `${name}.${key}`),
    );
    expect(names.filter((name) => !/\.[a-z][A-Za-z0-9]*$/.test(name))).toEqual([]);
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

  it('tell the members of every union apart by a discriminator', () => {
    const unions = every().filter(([, { oneOf }]) => oneOf);
    expect(unions.length).toBeGreaterThan(0);
    expect(
      offenders(unions, ({ discriminator }) => Boolean(discriminator?.propertyName && discriminator.mapping)),
    ).toEqual([]);
  });

  it('list every error code', () => {
    expect(at(api.document, 'components', 'schemas', 'Problem', 'properties', 'code').enum).toEqual([...ERROR_CODES]);
  });
});

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
});
