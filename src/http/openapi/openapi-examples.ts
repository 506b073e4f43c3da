import type { JsonSchema } from './component-registry.js';

type Schemas = Record<string, JsonSchema>;

/**
 * Gives every component an example made from those of its properties, and every union its `discriminator`, so that
 * authors write an example once, at the leaf.
 */
export function completeExamples(schemas: Schemas): void {
  for (const schema of Object.values(schemas)) describeUnions(schema, schemas);
  for (const schema of Object.values(schemas)) completeProperties(schema, schemas);
  for (const schema of Object.values(schemas)) schema.examples ??= [exampleOf(schema, schemas)];
}

/** The first example of a schema, or the one its parts make up. */
export function exampleOf(schema: JsonSchema, schemas: Schemas): unknown {
  if (Array.isArray(schema.examples)) return schema.examples[0] as unknown;
  if (typeof schema.$ref === 'string') return exampleOf(resolve(schema.$ref, schemas), schemas);
  if ('const' in schema) return schema.const;
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

const resolve = (reference: string, schemas: Schemas): JsonSchema => schemas[refName(reference)] ?? {};

const alternatives = (schema: JsonSchema): JsonSchema[] => (schema.oneOf ?? schema.anyOf ?? []) as JsonSchema[];

/** A property without an example or a description of its own shows what its schema shows. */
function completeProperties(schema: JsonSchema, schemas: Schemas): void {
  for (const property of Object.values((schema.properties ?? {}) as Schemas)) {
    if (typeof property.$ref === 'string') continue;
    const example = exampleOf(property, schemas);
    if (example !== undefined) property.examples ??= [example];
    const [first] = alternatives(property);
    if (typeof first?.$ref === 'string') property.description ??= resolve(first.$ref, schemas).description;
    completeProperties(property, schemas);
  }
  for (const part of alternatives(schema)) completeProperties(part, schemas);
  if (schema.items) completeProperties(schema.items as JsonSchema, schemas);
}

/** A union of components that share a constant property is told apart by it. */
function describeUnions(schema: JsonSchema, schemas: Schemas): void {
  const members = alternatives(schema).map(({ $ref }) => $ref);
  if (members.length > 1 && members.every((member) => typeof member === 'string')) {
    const propertyName = sharedConstant(members.map((member) => resolve(member, schemas)));
    if (propertyName !== undefined) {
      const mapping = members.map((member) => [constantOf(resolve(member, schemas), propertyName), member]);
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
