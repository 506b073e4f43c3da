import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

export type JsonSchema = { [keyword: string]: unknown };

/** Turns zod schemas into named components of an OpenAPI 3.1 document. */
export class ComponentRegistry {
  readonly schemas: Record<string, JsonSchema> = {};

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
      override: ({ zodSchema, jsonSchema }) => {
        const { openapi, examples } = z.globalRegistry.get(zodSchema) ?? {};
        delete jsonSchema.openapi;
        if (openapi) replace(jsonSchema, openapi as JsonSchema);
        // zod leaves the examples of transformed values out, for they could be of either side; ours are of the input.
        if (examples) jsonSchema.examples = examples as unknown[];
        simplifyNullable(jsonSchema);
        dropImpossible(jsonSchema);
      },
    }) as JsonSchema;
    for (const [name, component] of Object.entries(($defs ?? {}) as Record<string, JsonSchema>))
      this.note(name, component);
    return { schema: withComponentRefs(root) as JsonSchema };
  };

  /** A name stands for one thing: a request and a response that share one would overwrite each other. */
  private note(name: string, raw: JsonSchema): void {
    const component = withComponentRefs(raw) as JsonSchema;
    const known = this.schemas[name];
    if (known && !isDeepStrictEqual(known, component)) {
      throw new Error(`Two different schemas are named "${name}"; give each its own meta({ id }).`);
    }
    this.schemas[name] = component;
  }
}

function replace(schema: JsonSchema, keywords: JsonSchema): void {
  for (const keyword of Object.keys(schema)) {
    if (keyword !== 'description' && keyword !== 'examples') delete schema[keyword];
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

/** A field that may never be there (`z.never()`, for a better message) is one that the object does not have. */
function dropImpossible(schema: JsonSchema): void {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  for (const [name, property] of Object.entries(properties)) if ('not' in property) delete properties[name];
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
