import type { Permission } from '../../access/permission.js';
import { ERROR_CODES, type ErrorCode } from '../../domain/errors.js';
import type { JsonSchema } from './component-registry.js';
import { ENDPOINT_EXTENSION, type EndpointFacts } from '../endpoint.js';
import { exampleOf, refName } from './openapi-examples.js';
import { describeProblems, reference, type ResponseObject } from './openapi-shared.js';
import { PROBLEMS } from '../problem.js';

interface ParameterObject {
  $ref?: string;
  name?: string;
  in?: string;
  example?: unknown;
  schema?: JsonSchema;
}

export interface OperationObject {
  description?: string;
  tags?: string[];
  security?: Record<string, string[]>[];
  'x-permission'?: Permission;
  parameters?: ParameterObject[];
  requestBody?: { description?: string; required?: boolean; content: NonNullable<ResponseObject['content']> };
  responses: Record<string, ResponseObject | undefined>;
  [ENDPOINT_EXTENSION]?: EndpointFacts;
}

interface Context {
  method: 'get' | 'put' | 'post' | 'patch' | 'delete';
  path: string;
  schemas: Record<string, JsonSchema>;
}

/** Adds what holds for every operation of its shape: headers, parameters, problems and examples. */
export function completeOperation(operation: OperationObject, context: Context): void {
  const facts = operation[ENDPOINT_EXTENSION];
  if (!facts) throw new Error(`${context.method} ${context.path} is no @Endpoint: it declares no permission`);
  delete operation[ENDPOINT_EXTENSION];
  completeSecurity(operation, facts);
  completeParameters(operation, facts, context);
  completeBody(operation, facts, context);
  completeSuccesses(operation, facts, context);
  const codes = problemCodes(operation, facts, context);
  for (const status of new Set(codes.map((code) => PROBLEMS[code].status))) {
    const alike = codes.filter((code) => PROBLEMS[code].status === status);
    operation.responses[status] = problemResponse(status, alike);
  }
}

/** Who may call it. The document as a whole asks for a bearer token. */
function completeSecurity(operation: OperationObject, { permission }: EndpointFacts): void {
  if (permission === 'public') operation.security = [];
  else if (permission !== 'signedIn') {
    operation['x-permission'] = permission;
    operation.description = `${operation.description ?? ''}\n\nNeeds the permission \`${permission}\`.`;
  }
}

function completeParameters(operation: OperationObject, facts: EndpointFacts, { method, schemas }: Context): void {
  const parameters = operation.parameters ?? [];
  for (const parameter of parameters) {
    const { schema } = parameter;
    if (schema === undefined) continue;
    // A parameter's description and example stand beside its schema, once.
    parameter.example ??= schema.example ?? exampleOf(schema, {});
    delete schema.example;
    delete schema.examples;
    delete schema.description;
  }
  const names: string[] = [];
  if (method !== 'get') names.push('DryRun');
  if (method === 'post') names.push('IdempotencyKey');
  if (facts.accepted) names.push('Prefer');
  if (facts.problems.includes('preconditionRequired')) names.push('IfMatch');
  if (method === 'get' && hasEtag(operation, facts, schemas)) names.push('IfNoneMatch');
  operation.parameters = [...parameters, ...names.map((name) => reference('parameters', name))];
}

/** Whether a success has an entity tag is written in its schema; bytes always have one. */
const hasEtag = (operation: OperationObject, facts: EndpointFacts, schemas: Context['schemas']): boolean =>
  facts.produces !== undefined ||
  hasProperty(operation.responses['200']?.content?.['application/json']?.schema, 'etag', schemas);

function completeBody(operation: OperationObject, facts: EndpointFacts, { method, schemas }: Context): void {
  const body = operation.requestBody;
  if (!body) return;
  const json = body.content['application/json'];
  if (!json?.schema) return;
  json.example = exampleOf(json.schema, schemas);
  body.description ??= String(resolved(json.schema, schemas).description ?? 'The body.');
  body.required = facts.optionalBody !== true;
  if (method === 'patch') body.content = { 'application/merge-patch+json': json, 'application/json': json };
}

function completeSuccesses(operation: OperationObject, facts: EndpointFacts, { method, schemas }: Context): void {
  if (facts.accepted) {
    operation.responses['202'] = {
      description: 'Accepted: the operation does it.',
      content: { 'application/json': { schema: reference('schemas', 'Operation') } },
    };
  }
  if (method === 'get' && hasEtag(operation, facts, schemas)) {
    operation.responses['304'] = { description: 'You have the current one.' };
  }
  for (const [status, response] of Object.entries(operation.responses)) {
    if (!response) continue;
    response.headers = { 'X-Request-Id': reference('headers', 'RequestId') };
    if (facts.produces && status === '200') response.content = bytesOf(facts.produces);
    const json = response.content?.['application/json'];
    if (json?.schema) json.example = exampleOf(json.schema, schemas);
    const tagged =
      status === '304' || (status === '200' && facts.produces) || hasProperty(json?.schema, 'etag', schemas);
    if (tagged) response.headers.ETag = reference('headers', 'ETag');
    if (status === '201') response.headers.Location = reference('headers', 'Location');
    if (status === '202') response.headers.Location = reference('headers', 'OperationLocation');
    if (facts.accepted) response.headers['Preference-Applied'] = reference('headers', 'PreferenceApplied');
    if (method === 'post') response.headers['Idempotency-Replayed'] = reference('headers', 'IdempotencyReplayed');
  }
}

const bytesOf = (mediaTypes: string[]) =>
  Object.fromEntries(mediaTypes.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]));

/** What an operation can end with, for callers that wait for its end. */
const WAITED_FOR: ErrorCode[] = [
  'cancelled',
  'hostRefused',
  ...ERROR_CODES.filter((code) => code.startsWith('remote')),
];

function problemCodes(operation: OperationObject, facts: EndpointFacts, { method, path }: Context): ErrorCode[] {
  const codes = new Set<ErrorCode>(['badRequest', 'invalidQuery', 'notAcceptable', 'internal', 'unavailable']);
  if (facts.permission !== 'public') codes.add('unauthenticated').add('tooManyRequests');
  if (facts.permission !== 'public' && facts.permission !== 'signedIn') codes.add('forbidden');
  if (path.includes('{')) codes.add('notFound');
  if (operation.parameters?.some(({ name }) => name === 'cursor')) codes.add('invalidCursor');
  if (method !== 'get') {
    for (const code of ['malformedBody', 'invalidBody', 'bodyTooLarge', 'unsupportedMediaType'] as const)
      codes.add(code);
  }
  if (method === 'post') codes.add('idempotencyKeyReused');
  for (const code of [...(facts.accepted ? WAITED_FOR : []), ...facts.problems]) codes.add(code);
  return ERROR_CODES.filter((code) => codes.has(code));
}

/** A status with one code is the same everywhere, and so a shared component. */
const problemResponse = (status: number, codes: ErrorCode[]): ResponseObject =>
  codes.length === 1 ? reference('responses', codes[0] as string) : describeProblems(status, codes);

const resolved = (schema: JsonSchema, schemas: Context['schemas']): JsonSchema =>
  typeof schema.$ref === 'string' ? (schemas[refName(schema.$ref)] ?? {}) : schema;

function hasProperty(schema: JsonSchema | undefined, name: string, schemas: Context['schemas']): boolean {
  if (schema === undefined) return false;
  const { properties } = resolved(schema, schemas);
  return properties !== undefined && name in (properties as object);
}
