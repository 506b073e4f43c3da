import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

export type JsonSchema = { [keyword: string]: unknown };

/** Turns zod schemas into named components of an OpenAPI 3.1 document. */
export class ComponentRegistry {
  readonly schemas: Record<string, JsonSchema> = {};
  /** An example of each state that a resource can be in, by component. */
  readonly states: Record<string, Record<string, unknown>> = {};

  /** Given to @nestjs/swagger: notes all components the schema names and gives back the schema itself, or its `$ref`. */
  readonly convert = (schema: unknown, { schemaType }: { schemaType: 'input' | 'output' }) => {
    if (!(schema instanceof z.ZodType)) return undefined;
    const {
      $schema: _,
      $defs,
      ...root
    } = z.toJSONSchema(schema, {
      io: schemaType,
      target: 'draft-2020-12',
      override: ({ zodSchema, jsonSchema }) => this.complete(jsonSchema, z.globalRegistry.get(zodSchema) ?? {}),
    }) as JsonSchema;
    for (const [name, component] of Object.entries(($defs ?? {}) as Record<string, JsonSchema>))
      this.note(name, component);
    const converted = withComponentRefs(root) as JsonSchema;
    tellDefaults(converted);
    return { schema: converted };
  };

  private complete(schema: JsonSchema, { id, openapi, examples, states }: z.GlobalMeta): void {
    delete schema.openapi;
    delete schema.states;
    // Beside a reference stand a description and examples of its own, and nothing of the component again.
    if (typeof schema.$ref === 'string') replace(schema, { $ref: schema.$ref });
    else if (openapi) replace(schema, openapi as JsonSchema);
    // zod leaves the examples of transformed values out, for they could be of either side; ours are of the input.
    if (examples) schema.examples = examples;
    // A format says by itself what its values look like.
    if (schema.format === 'uuid' || schema.format === 'date-time') delete schema.examples;
    if (id !== undefined && states) this.states[id] = states as Record<string, unknown>;
    simplifyNullable(schema);
    unionAsChoice(schema);
    dropImpossible(schema);
    nameValues(schema);
    // zod writes the bounds of what a JavaScript number can count.
    if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
    if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  }

  /** A name stands for one thing: a request and a response that share one would overwrite each other. */
  private note(name: string, raw: JsonSchema): void {
    const component = withComponentRefs(raw) as JsonSchema;
    tellDefaults(component);
    const known = this.schemas[name];
    if (known && !isDeepStrictEqual(known, component)) {
      throw new Error(`Two different schemas are named "${name}"; give each its own meta({ id }).`);
    }
    this.schemas[name] = component;
  }
}

function replace(schema: JsonSchema, keywords: JsonSchema): void {
  for (const keyword of Object.keys(schema)) {
    if (keyword !== 'description' && keyword !== 'examples' && keyword !== 'default') delete schema[keyword];
  }
  Object.assign(schema, keywords);
}

/** `anyOf [string, null]` as `type: [string, null]`, with the description and the examples where readers look for them. */
function simplifyNullable(schema: JsonSchema): void {
  const { anyOf } = schema;
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return;
  const [value, nothing] = anyOf as [JsonSchema, JsonSchema];
  if (nothing.type !== 'null' || typeof value.type !== 'string' || 'enum' in value || 'const' in value) return;
  delete schema.anyOf;
  Object.assign(schema, { ...value, ...schema, type: [value.type, 'null'] });
}

/**
 * `anyOf` of a string and an object, or of objects that refuse each other's fields, is a choice of one. Generators make a
 * union type of `oneOf`, and one type with all fields of `anyOf`.
 */
function unionAsChoice(schema: JsonSchema): void {
  const { anyOf } = schema;
  if (!Array.isArray(anyOf) || anyOf.filter(({ type }: JsonSchema) => type !== 'null').length < 2) return;
  delete schema.anyOf;
  schema.oneOf = anyOf;
}

/** A field that may never be there (`z.never()`, for a better message) is one that the object does not have. */
function dropImpossible(schema: JsonSchema): void {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  for (const [name, property] of Object.entries(properties)) if ('not' in property) delete properties[name];
}

/**
 * A default goes into the description: generators take a property with `default` for a required one, and some do not
 * compile where it stands beside a `$ref`.
 */
function tellDefaults(schema: JsonSchema): void {
  if ('default' in schema) {
    const { default: value, description } = schema;
    delete schema.default;
    const told = isEmpty(value) ? 'Empty' : `\`${typeof value === 'object' ? JSON.stringify(value) : String(value)}\``;
    if (typeof description === 'string') schema.description = `${description} ${told} if left out.`;
  }
  const { properties = {}, items, anyOf = [], oneOf = [] } = schema as Record<string, JsonSchema & JsonSchema[]>;
  const parts = [...Object.values(properties), ...(items ? [items] : []), ...anyOf, ...oneOf];
  for (const part of parts) tellDefaults(part as JsonSchema);
}

const isEmpty = (value: unknown): boolean =>
  value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/**
 * Generators name the constants of an enumeration by this; a value may hold characters that no name can. Capitals and underscores are
 * usual in Java and Python, and never a word of a language: `True` is one.
 */
function nameValues(schema: JsonSchema): void {
  const values = (schema.enum ?? schema['x-extensible-enum']) as string[] | undefined;
  if (values === undefined) return;
  schema['x-enum-varnames'] = values.map((value) =>
    value
      .replaceAll(/[-.]/g, '_')
      .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
      .toUpperCase(),
  );
}

function withComponentRefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withComponentRefs);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([keyword]) => keyword !== 'propertyNames')
      .map(([keyword, child]) => [
        keyword,
        keyword === '$ref' ? String(child).replace('#/$defs/', '#/components/schemas/') : withComponentRefs(child),
      ]),
  );
}
