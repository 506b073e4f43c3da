import { isPermission } from '../../access/guard.js';
import type { Permission } from '../../access/permission.js';
import { ENDPOINT_EXTENSION, type EndpointFacts, isCounted } from '../endpoint.js';
import type { JsonSchema } from './component-registry.js';
import { exampleOf, refName, resolved, type Schemas, type States } from './openapi-examples.js';
import { problemsOf } from './openapi-problems.js';
import { reference, type ResponseObject } from './openapi-shared.js';

export interface ParameterObject {
  $ref?: string;
  name?: string;
  in?: string;
  required?: boolean;
  description?: string;
  example?: unknown;
  schema?: JsonSchema;
}

export interface OperationObject {
  operationId?: string;
  description?: string;
  tags?: string[];
  security?: Record<string, string[]>[];
  'x-permission'?: Permission;
  'x-problem-statuses'?: number[];
  'x-problem-codes'?: string[];
  parameters?: ParameterObject[];
  requestBody?: { description?: string; required?: boolean; content: NonNullable<ResponseObject['content']> };
  responses: Record<string, ResponseObject | undefined>;
  [ENDPOINT_EXTENSION]?: EndpointFacts;
}

export interface Context {
  method: 'get' | 'put' | 'post' | 'patch' | 'delete';
  path: string;
  schemas: Schemas;
  states: States;
}

/** Adds what holds for every operation of its shape: headers, parameters, problems and examples. Gives its facts. */
export function completeOperation(operation: OperationObject, context: Context): EndpointFacts {
  const facts = operation[ENDPOINT_EXTENSION];
  if (!facts) throw new Error(`${context.method} ${context.path} is no @Endpoint: it declares no permission`);
  delete operation[ENDPOINT_EXTENSION];
  completeSecurity(operation, facts);
  completeParameters(operation, facts, context);
  completeBody(operation, facts, context);
  completeSuccesses(operation, facts, context);
  addProblems(operation, facts, context);
  return facts;
}

/** Names the permission that an operation needs. The document as a whole asks for a sign-in. */
function completeSecurity(operation: OperationObject, { permission }: EndpointFacts): void {
  if (permission === 'public' || permission === 'signature') operation.security = [];
  if (isPermission(permission)) {
    operation['x-permission'] = permission;
    addProse(operation, `Needs \`${permission}\`.`);
  }
}

function addProse(operation: OperationObject, sentence: string): void {
  operation.description = `${operation.description ?? ''} ${sentence}`;
}

function completeParameters(operation: OperationObject, facts: EndpointFacts, { method, schemas }: Context): void {
  const parameters = operation.parameters ?? [];
  for (const parameter of parameters) {
    const { schema } = parameter;
    if (schema === undefined) continue;
    parameter.example ??= schema.example ?? exampleOf(schema, schemas);
    delete schema.example;
    if (parameter.required === false) delete parameter.required;
    delete schema.examples;
    // Documentation reads the description beside the schema, generators read it in the schema.
    if (schema.$ref === undefined) schema.description = parameter.description;
  }
  const names: string[] = [];
  if (method !== 'get' && canRepeat(facts)) names.push('DryRun');
  if (method === 'post' && canRepeat(facts)) names.push('IdempotencyKey');
  if (facts.accepted) names.push('Prefer');
  if (facts.problems.includes('preconditionRequired')) names.push('IfMatch');
  else if (facts.problems.includes('preconditionFailed')) names.push('OptionalIfMatch');
  if (method === 'get' && hasEtag(operation, facts, schemas)) names.push('IfNoneMatch');
  if (facts.alsoProduces?.includes(STREAM)) names.push('LastEventId');
  operation.parameters = [...parameters, ...names.map((name) => reference('parameters', name))];
}

/** Whether there is somebody who may rehearse or repeat a change. */
const canRepeat = ({ reads, permission }: EndpointFacts): boolean => !reads && permission !== 'signature';

/** A success has an entity tag where its schema has an `etag`; bytes have one where the endpoint's options say so. */
const hasEtag = (operation: OperationObject, { produces }: EndpointFacts, schemas: Schemas): boolean =>
  produces
    ? produces.tagged === true
    : hasProperty(operation.responses['200']?.content?.['application/json']?.schema, 'etag', schemas);

function completeBody(operation: OperationObject, facts: EndpointFacts, { method }: Context): void {
  const body = operation.requestBody;
  if (!body) return;
  const json = body.content['application/json'];
  if (!json?.schema) return;
  // Its schema says what it is.
  delete body.description;
  body.required = facts.optionalBody !== true;
  // One media type: generators write every method of an operation once for each.
  if (method === 'patch') body.description = 'Taken as `application/merge-patch+json` as well.';
}

function completeSuccesses(operation: OperationObject, facts: EndpointFacts, context: Context): void {
  const { method, schemas } = context;
  const tagged = hasEtag(operation, facts, schemas);
  if (facts.accepted) {
    operation.responses['202'] = {
      description: 'Accepted: the operation does it.',
      content: { 'application/json': { schema: reference('schemas', 'Operation') } },
    };
  }
  if (method === 'get' && tagged) operation.responses['304'] = { description: 'You have the current one.' };
  for (const [status, response] of Object.entries(operation.responses)) {
    if (!response) continue;
    if (facts.produces && status === '200') response.content = bytesOf(facts.produces.mediaTypes);
    if (facts.alsoProduces && status === '200') Object.assign(response.content ?? {}, bytesOf(facts.alsoProduces));
    const json = response.content?.['application/json'];
    if (json?.schema) Object.assign(json, shown(json.schema, status === '202' ? ACCEPTED : facts.shows, context));
    if (json?.schema && status === '200') response.description = String(resolved(json.schema, schemas).description);
    response.headers = headersOf(status, facts, method, {
      paged: json !== undefined && hasProperty(json.schema, 'nextCursor', schemas),
      tagged: status === '304' || (json ? hasProperty(json.schema, 'etag', schemas) : status === '200' && tagged),
    });
  }
}

/** The states in which an operation is when it was accepted, or when time is up. */
const ACCEPTED = ['queued', 'running'];

/** The examples of a success: one of each state that the answer can show. */
function shown(schema: JsonSchema, wanted: readonly string[] | undefined, { states }: Context): object {
  const name = typeof schema.$ref === 'string' ? refName(schema.$ref) : '';
  const known = Object.keys(states[name] ?? {});
  // Readers make the example of a body that has but one state from those of its properties.
  if (known.length === 0) return {};
  const named = (wanted ?? known).map((state) => {
    if (!known.includes(state)) throw new Error(`${name} has no example of the state ${state}`);
    return exampleName(name, state);
  });
  return { examples: Object.fromEntries(named.map((example) => [example, reference('examples', example)])) };
}

export const exampleName = (schema: string, state: string): string =>
  `${schema}${state.slice(0, 1).toUpperCase()}${state.slice(1)}`;

function headersOf(
  status: string,
  facts: EndpointFacts,
  method: string,
  { tagged, paged }: { tagged: boolean; paged: boolean },
) {
  const names: [string, string][] = [['X-Request-Id', 'RequestId']];
  if (isCounted(facts.permission)) names.push(['RateLimit', 'RateLimit'], ['RateLimit-Policy', 'RateLimitPolicy']);
  if (tagged) names.push(['ETag', 'ETag']);
  if (status === '200' && facts.alsoProduces?.includes(STREAM)) names.push(['X-Accel-Buffering', 'AccelBuffering']);
  if (paged) names.push(['X-Event-Sequence', 'EventSequence']);
  if (status === '201') names.push(['Location', 'Location']);
  if (status === '202' && facts.accepted) names.push(['Location', 'OperationLocation']);
  if (facts.accepted) names.push(['Preference-Applied', 'PreferenceApplied']);
  if (facts.accepted && status !== '202') names.push(['Dry-Run-Operation', 'DryRunOperation']);
  if (method === 'post' && canRepeat(facts)) names.push(['Idempotency-Replayed', 'IdempotencyReplayed']);
  if (facts.produces?.attachment && status === '200') names.push(['Content-Disposition', 'ContentDisposition']);
  return Object.fromEntries(names.map(([header, name]) => [header, reference('headers', name)]));
}

const STREAM = 'text/event-stream';

const bytesOf = (mediaTypes: readonly string[]) =>
  Object.fromEntries(mediaTypes.map((type) => [type, { schema: schemaOfBytes(type) }]));

function schemaOfBytes(mediaType: string): JsonSchema {
  if (mediaType.endsWith('+json')) return { type: 'object', additionalProperties: true };
  return mediaType.startsWith('text/') ? { type: 'string' } : { type: 'string', format: 'binary' };
}

/** All problems are one answer: generators write one type for it, and not one for each status. */
function addProblems(operation: OperationObject, facts: EndpointFacts, { method, path }: Context): void {
  const paged = operation.parameters?.some(({ name }) => name === 'cursor') ?? false;
  const { statuses, codes, prose } = problemsOf(facts, { method, path, paged });
  if (prose !== undefined) addProse(operation, prose);
  operation['x-problem-statuses'] = statuses;
  if (codes.length > 0) operation['x-problem-codes'] = codes;
  operation.responses.default = reference('responses', 'ProblemAnswer');
}

function hasProperty(schema: JsonSchema | undefined, name: string, schemas: Schemas): boolean {
  if (schema === undefined) return false;
  const { properties } = resolved(schema, schemas);
  return properties !== undefined && name in (properties as object);
}
