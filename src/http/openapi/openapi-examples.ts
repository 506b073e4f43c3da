import { EXAMPLE_ID, EXAMPLE_TIME } from '../schema/fields.js';
import type { JsonSchema } from './component-registry.js';

export type Schemas = Record<string, JsonSchema>;

/** An example of each state of a resource, by component and state. */
export type States = Record<string, Record<string, unknown>>;

/**
 * Gives every union its `discriminator`, every property a description (its own, or that of what it holds), and every
 * resource with states the example of the first: made from its properties it would show several states at once.
 */
export function completeSchemas(schemas: Schemas, states: States): void {
  for (const schema of Object.values(schemas)) describeUnions(schema, schemas);
  for (const schema of Object.values(schemas)) describeProperties(schema, schemas);
  for (const [name, byState] of Object.entries(states)) {
    const schema = schemas[name];
    if (schema) schema.examples = [Object.values(byState)[0]];
  }
  for (const schema of Object.values(schemas)) dropShownTwice(schema);
}

/** Drops the example of a property that the example of the whole schema shows already. */
function dropShownTwice({ examples, properties = {} }: JsonSchema): void {
  const [whole] = (examples ?? []) as Record<string, unknown>[];
  for (const [name, property] of Object.entries(properties as Schemas)) {
    if ((whole?.[name] ?? null) !== null) delete property.examples;
  }
}

/** The first example of a schema, or the one its parts make up. */
export function exampleOf(schema: JsonSchema, schemas: Schemas): unknown {
  if (Array.isArray(schema.examples)) return schema.examples[0] as unknown;
  if (typeof schema.$ref === 'string') return exampleOf(resolved(schema, schemas), schemas);
  if ('const' in schema) return schema.const;
  if (schema.format === 'uuid') return EXAMPLE_ID;
  if (schema.format === 'date-time') return EXAMPLE_TIME;
  if (Array.isArray(schema.enum)) return schema.enum[0] as unknown;
  const [first] = alternatives(schema);
  if (first) return exampleOf(first, schemas);
  if (schema.type === 'array') return [exampleOf(schema.items as JsonSchema, schemas)];
  if (schema.type === 'object') {
    const properties = Object.entries((schema.properties ?? {}) as Schemas);
    return Object.fromEntries(properties.map(([name, property]) => [name, exampleOf(property, schemas)]));
  }
  return undefined;
}

export const refName = (reference: string): string => reference.slice('#/components/schemas/'.length);

/** The component that a schema refers to, or the schema itself. */
export const resolved = (schema: JsonSchema, schemas: Schemas): JsonSchema =>
  typeof schema.$ref === 'string' ? (schemas[refName(schema.$ref)] ?? {}) : schema;

const alternatives = (schema: JsonSchema): JsonSchema[] => (schema.oneOf ?? schema.anyOf ?? []) as JsonSchema[];

function describeProperties(schema: JsonSchema, schemas: Schemas): void {
  for (const property of Object.values((schema.properties ?? {}) as Schemas)) {
    const [first] = alternatives(property);
    if (first?.$ref !== undefined) property.description ??= resolved(first, schemas).description;
    describeProperties(property, schemas);
  }
  for (const part of alternatives(schema)) describeProperties(part, schemas);
  if (schema.items) describeProperties(schema.items as JsonSchema, schemas);
}

/** A union of components that share a constant property is told apart by it. */
function describeUnions(schema: JsonSchema, schemas: Schemas): void {
  const members = alternatives(schema);
  if (members.length > 1 && members.every(({ $ref }) => $ref !== undefined)) {
    const propertyName = sharedConstant(members.map((member) => resolved(member, schemas)));
    if (propertyName !== undefined) {
      const mapping = members.map((member) => [constantOf(resolved(member, schemas), propertyName), member.$ref]);
      schema.discriminator = { propertyName, mapping: Object.fromEntries(mapping) as unknown };
    }
  }
  for (const property of Object.values((schema.properties ?? {}) as Schemas)) describeUnions(property, schemas);
}

const constantOf = (schema: JsonSchema, property: string): unknown =>
  (schema.properties as Schemas | undefined)?.[property]?.const;

const sharedConstant = ([first, ...rest]: JsonSchema[]): string | undefined =>
  Object.keys(first?.properties ?? {}).find((name) =>
    [first as JsonSchema, ...rest].every((schema) => constantOf(schema, name) !== undefined),
  );
