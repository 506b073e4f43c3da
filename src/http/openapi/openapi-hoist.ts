import { isDeepStrictEqual } from 'node:util';
import { refName } from './openapi-examples.js';
import type { OperationObject, ParameterObject } from './openapi-operation.js';
import { reference, type ResponseObject } from './openapi-shared.js';

type Named<Value> = Record<string, Value>;

interface Shared {
  parameters: Named<ParameterObject>;
  responses: Named<ResponseObject>;
}

/**
 * Makes a component of each parameter and response that stands more than once, and lets the operations refer to it.
 * `taken` are the names of other components: a name stands for one thing in the whole document.
 */
export function shareRepeated(operations: readonly OperationObject[], taken: Iterable<string>): Shared {
  const names = new Set([...taken].map((name) => name.toLowerCase()));
  const parameters = new Repeated<ParameterObject>('parameters', names);
  const responses = new Repeated<ResponseObject>('responses', names);
  for (const { parameters: own = [], responses: all } of operations) {
    for (const parameter of own) if (parameter.$ref === undefined) parameters.count(parameter);
    for (const response of Object.values(all)) if (response && response.$ref === undefined) responses.count(response);
  }
  for (const operation of operations) {
    operation.parameters = operation.parameters?.map((parameter) =>
      parameters.share(parameter, parameterName(parameter)),
    );
    for (const [status, response] of Object.entries(operation.responses)) {
      if (response) operation.responses[status] = responses.share(response, responseName(status, response));
    }
  }
  return { parameters: parameters.shared, responses: responses.shared };
}

class Repeated<Value extends { $ref?: string }> {
  readonly shared: Named<Value> = {};
  private readonly seen: { value: Value; times: number; name?: string }[] = [];

  constructor(
    private readonly kind: string,
    private readonly names: Set<string>,
  ) {}

  count(value: Value): void {
    const known = this.find(value);
    if (known) known.times += 1;
    else this.seen.push({ value, times: 1 });
  }

  /** The value itself where it stands once, else a reference to the component. */
  share(value: Value, name: string): Value {
    const known = this.find(value);
    if (!known || known.times < 2) return value;
    known.name ??= this.take(name);
    this.shared[known.name] = known.value;
    return reference(this.kind, known.name) as Value;
  }

  private take(name: string): string {
    let free = name;
    for (let count = 2; this.names.has(free.toLowerCase()); count += 1) free = `${name}${count}`;
    this.names.add(free.toLowerCase());
    return free;
  }

  private find(value: Value) {
    return this.seen.find((candidate) => isDeepStrictEqual(candidate.value, value));
  }
}

const parameterName = ({ name = '', description = '' }: ParameterObject): string => {
  // "The id of the package revision." tells one `{id}` from another.
  const [, noun] = /^The id of the (.*)\.$/.exec(description) ?? [];
  return name === 'id' && noun !== undefined ? pascal(`${noun.toLowerCase()} id`) : `${pascal(name)}Parameter`;
};

function responseName(status: string, { content, headers = {} }: ResponseObject): string {
  const schema = content?.['application/json']?.schema?.$ref;
  const post = 'Idempotency-Replayed' in headers ? 'Post' : '';
  if (status === '202') return `Accepted${post}`;
  if (typeof schema === 'string') return `${refName(schema)}${post}Answer`;
  const [mediaType] = Object.keys(content ?? {});
  if (mediaType !== undefined) return `${pascal(mediaType.slice(mediaType.indexOf('/') + 1))}${post}Answer`;
  return status === '304' ? 'NotModified' : `NoContent${post}`;
}

const pascal = (words: string): string =>
  words.replaceAll(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, first: string) => first.toUpperCase());
