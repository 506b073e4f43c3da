import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { openApiDocument } from '../../src/openapi.js';

/** A node of the document; strings are read with `String` or {@link refOf}. */
export type Json = { [key: string]: Json };

export interface Described {
  /** `get /api/v1/…` */
  at: string;
  method: string;
  path: string;
  operation: Json;
}

export const refOf = (value: Json | undefined) => value?.$ref as unknown as string | undefined;

/** What is below, by keys; an empty node where there is nothing. */
export const at = (value: Json | undefined, ...keys: string[]): Json =>
  keys.reduce<Json>((node, key) => node[key] ?? {}, value ?? {});

/** The contract, and ways through it. */
export class OpenApi {
  private constructor(readonly document: Json) {}

  /** As the code says it now. */
  static async read(): Promise<OpenApi> {
    return new OpenApi(JSON.parse(JSON.stringify(await openApiDocument())) as Json);
  }

  /** As users have it in openapi.yaml: what it promises, the code has to keep. */
  static async committed(): Promise<OpenApi> {
    return new OpenApi(parse(await readFile('openapi.yaml', 'utf8')) as Json);
  }

  get operations(): Described[] {
    return Object.entries(at(this.document, 'paths')).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([key]) => key !== 'parameters')
        .map(([method, operation]) => ({ at: `${method} ${path}`, method, path, operation })),
    );
  }

  get schemas(): [string, Json][] {
    return Object.entries(at(this.document, 'components', 'schemas'));
  }

  resolve(value: Json): Json {
    const reference = refOf(value);
    return reference === undefined ? value : at(this.document, ...reference.slice(2).split('/'));
  }

  /** The answer of a status, wherever it is written. */
  responseOf(operation: Json, status: string): Json {
    return this.resolve(at(operation, 'responses', status));
  }

  parametersOf(operation: Json): Json[] {
    return Object.values(operation.parameters ?? {}).map((parameter) => this.resolve(parameter));
  }
}

/** The names for which `rule` does not hold: a test shows all of them at once. */
export const offenders = <Item>(items: Iterable<[string, Item]>, rule: (item: Item) => boolean): string[] =>
  [...items].filter(([, item]) => !rule(item)).map(([name]) => name);
