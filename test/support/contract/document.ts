import type { Answer } from './contract.js';

/** A node of the document. */
export type Node = { [key: string]: Node };

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

/** Ways through the contract: what an operation declares, and what an answer shows of it. */
export class Walk {
  private readonly operations: readonly [name: string, operation: Node][];

  constructor(private readonly document: Node) {
    this.operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
      METHODS.flatMap((method): [string, Node][] => (item[method] ? [[`${method} ${path}`, item[method]]] : [])),
    );
  }

  resolve(node: Node): Node {
    const reference = node.$ref as unknown as string | undefined;
    return reference === undefined ? node : this.at(reference.slice(1));
  }

  at(place: string): Node {
    const keys = place.split('/').slice(1).map(unescape);
    return keys.reduce<Node>((node, key) => node[key] ?? {}, this.document);
  }

  statusesOf(operation: Node): number[] {
    return texts(operation['x-problem-statuses']).map(Number);
  }

  /** The codes that an operation may answer with: its own, and those that operations have in common. */
  codesOf(name: string): string[] {
    const operation = this.operations.find(([known]) => known === name)?.[1];
    return [...texts(operation?.['x-problem-codes']), ...texts(this.document['x-problem-codes'])];
  }

  /**
   * Everything that is to be seen at least once: of each operation its successes with their media types and headers, its
   * own codes and parameters; in the whole document the common codes and parameters, and the properties of each schema.
   */
  declared(): string[] {
    const declared = new Set<string>();
    for (const code of texts(this.document['x-problem-codes'])) declared.add(`code ${code}`);
    for (const name of Object.keys(this.document['x-common-headers'] ?? {}))
      declared.add(`header ${name.toLowerCase()}`);
    for (const [name, operation] of this.operations) {
      for (const code of texts(operation['x-problem-codes']))
        declared.add(waitedFor(code) ? `code ${code}` : `${name} ${code}`);
      for (const parameter of Object.values(operation.parameters ?? {})) {
        declared.add(this.parameterName(name, parameter));
      }
      for (const [status, response] of Object.entries(operation.responses ?? {})) {
        for (const item of this.partsOf(name, status, this.resolve(response))) declared.add(item);
      }
    }
    declared.delete('');
    return [...declared];
  }

  /** What one answer shows, in the words of {@link declared}. */
  seenIn(name: string, operation: Node, response: Node, answer: Answer): string[] {
    const key = answer.status >= 400 ? 'default' : String(answer.status);
    const seen = [`${name} ${key}`];
    const [mediaType = ''] = (answer.headers['content-type'] ?? '').split(';');
    if (answer.body.length > 0) seen.push(`${name} ${key} ${mediaType}`);
    for (const header of Object.keys(answer.headers)) seen.push(`header ${header}`, headerOf(name, key, header));
    const given = new Set([...answer.requestHeaders, ...answer.query.keys()].map((part) => part.toLowerCase()));
    for (const parameter of Object.values(operation.parameters ?? {})) {
      const wanted = String(this.resolve(parameter).name).toLowerCase();
      if (given.has(wanted)) seen.push(this.parameterName(name, parameter));
    }
    if (answer.body.length > 0 && isJson(mediaType)) {
      const json: unknown = JSON.parse(answer.body.toString('utf8'));
      const schema = this.resolve(response).content?.[mediaType]?.schema;
      if (schema) this.noteProperties(schema, json, seen);
      if (key === 'default') {
        const { code = '' } = json as { code?: string };
        seen.push(`code ${code}`, `${name} ${code}`);
      }
    }
    return seen;
  }

  private *partsOf(name: string, status: string, response: Node): Generator<string> {
    if (status === 'default') {
      for (const header of Object.keys(response.headers ?? {})) yield `header ${header.toLowerCase()}`;
    } else {
      yield `${name} ${status}`;
      for (const mediaType of Object.keys(response.content ?? {})) yield `${name} ${status} ${mediaType}`;
      for (const header of Object.keys(response.headers ?? {})) yield headerOf(name, status, header.toLowerCase());
    }
    for (const { schema } of Object.values(response.content ?? {}))
      if (schema) yield* this.propertiesOf(schema, new Set());
  }

  private *propertiesOf(schema: Node, visited: Set<string>): Generator<string> {
    const component = componentOf(schema);
    if (component !== undefined) {
      if (visited.has(component)) return;
      visited.add(component);
    }
    const { properties = {}, items, anyOf, oneOf, additionalProperties } = this.resolve(schema);
    for (const [property, child] of Object.entries(properties)) {
      if (component !== undefined) yield `${component}.${property}`;
      yield* this.propertiesOf(child, visited);
    }
    const parts = [items, additionalProperties, ...Object.values(anyOf ?? {}), ...Object.values(oneOf ?? {})];
    for (const part of parts) if (typeof part === 'object') yield* this.propertiesOf(part, visited);
  }

  /** A property that is `null` shows nothing of its schema. */
  private noteProperties(schema: Node, value: unknown, seen: string[]): void {
    const component = componentOf(schema);
    const { properties = {}, items, anyOf, oneOf, additionalProperties } = this.resolve(schema);
    if (Array.isArray(value)) {
      if (items) for (const item of value) this.noteProperties(items, item, seen);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    for (const part of [...Object.values(anyOf ?? {}), ...Object.values(oneOf ?? {})]) {
      if (this.mayBe(part, value)) this.noteProperties(part, value, seen);
    }
    for (const [property, child] of Object.entries(value)) {
      const declared = properties[property] ?? additionalProperties;
      if (child === null || typeof declared !== 'object') continue;
      if (component !== undefined) seen.push(`${component}.${property}`);
      this.noteProperties(declared, child, seen);
    }
  }

  private mayBe(schema: Node, value: object): boolean {
    const properties = Object.entries(this.resolve(schema).properties ?? {});
    return properties.every(([name, { const: constant }]) =>
      constant === undefined ? true : (value as Record<string, unknown>)[name] === (constant as unknown),
    );
  }

  /** A parameter that several operations share is to be sent to one of them; the slots of a path always are. */
  private parameterName(operation: string, parameter: Node): string {
    const { name, in: place } = this.resolve(parameter);
    if (String(place) === 'path') return '';
    return parameter.$ref === undefined ? `${operation} ?${String(name)}` : `parameter ${String(parameter.$ref)}`;
  }
}

/** Limits and the request's id are on every answer: once in the whole suite is enough. */
const headerOf = (name: string, status: string, header: string): string =>
  /^(x-request-id|ratelimit.*)$/.test(header) ? `header ${header}` : `${name} ${status} ${header}`;

const waitedFor = (code: string): boolean =>
  code.startsWith('remote') || code === 'cancelled' || code === 'hostRefused';

const texts = (list: Node | undefined): string[] => Object.values(list ?? {}).map(String);

const componentOf = ({ $ref }: Node): string | undefined =>
  ($ref as unknown as string | undefined)?.slice('#/components/schemas/'.length);

export const isJson = (mediaType: string): boolean => /^application\/([a-z]+\+)?json$/.test(mediaType);

export const pointer = (...keys: string[]): string =>
  keys.map((key) => `/${encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');

const unescape = (key: string): string => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~');
