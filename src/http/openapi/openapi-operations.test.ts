import { beforeAll, describe, expect, it } from 'vitest';
import { at, type Json, offenders, OpenApi, refOf } from '../../../test/support/openapi.js';
import type { ErrorCode } from '../../domain/errors.js';
import { PROBLEMS } from '../problem.js';
import { exampleOf } from './openapi-examples.js';

const WEBHOOK = 'post /api/v1/receivers/{id}/hook';
const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

let api: OpenApi;
beforeAll(async () => {
  api = await OpenApi.read();
});

const numbersOf = (list: Json | undefined): number[] => Object.values(list ?? {}).map(Number);

/** An operation can end with these, and a request that waits for it then answers them. */
const isWaitedFor = (code: string): boolean =>
  code.startsWith('remote') || code === 'cancelled' || code === 'hostRefused';

const parameterNames = (operation: Json): unknown[] => api.parametersOf(operation).map(({ name }) => name);

describe('operations', () => {
  const every = () => api.operations.map(({ at: name, ...rest }): [string, typeof rest] => [name, rest]);

  it('are there', () => {
    expect(api.operations.length).toBeGreaterThan(15);
    expect(api.operations.filter(({ method }) => !METHODS.includes(method))).toEqual([]);
  });

  it('have an operationId of verb and noun, each its own', () => {
    const ids = api.operations.map(({ operation }) => String(operation.operationId));
    expect(ids.filter((id) => !/^[a-z]+([A-Z][a-z]+)+$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('have exactly one tag, which is described', () => {
    const tags = Object.values(api.document.tags ?? {}).map(({ name, description }) => [name, description]);
    expect(tags.filter(([, description]) => !description)).toEqual([]);
    const known = new Set(tags.map(([name]) => name));
    expect(offenders(every(), ({ operation }) => Object.values(operation.tags ?? {}).length === 1)).toEqual([]);
    expect(offenders(every(), ({ operation }) => known.has(at(operation, 'tags', '0')))).toEqual([]);
  });

  it('have a summary and a description that are sentences of their own', () => {
    expect(offenders(every(), ({ operation }) => /^[A-Z].*[^.]$/.test(String(operation.summary)))).toEqual([]);
    expect(offenders(every(), ({ operation }) => /^[A-Z][\s\S]*\.$/.test(String(operation.description)))).toEqual([]);
  });

  it('describe every parameter, with a schema and an example', () => {
    const parameters = api.operations.flatMap(({ at: name, operation }) =>
      api.parametersOf(operation).map((parameter): [string, Json] => [`${name} ${String(parameter.name)}`, parameter]),
    );
    const complete = ({ description, schema, example }: Json) =>
      Boolean(description && schema) && example !== undefined;
    expect(offenders(parameters, complete)).toEqual([]);
  });

  it('describe every response, and give an example of every JSON body', () => {
    const responses = api.operations.flatMap(({ at: name, operation }) =>
      Object.entries(operation.responses ?? {}).map(([status, response]): [string, Json] => [
        `${name} ${status}`,
        api.resolve(response),
      ]),
    );
    expect(offenders(responses, ({ description }) => Boolean(description))).toEqual([]);
    const json = (response: Json) => at(response, 'content', 'application/json');
    const schemas = Object.fromEntries(api.schemas);
    const shows = ({ schema, examples }: Json) => examples ?? exampleOf(schema ?? {}, schemas);
    expect(offenders(responses, (response) => !json(response).schema || shows(json(response)) !== undefined)).toEqual(
      [],
    );
    const named = (response: Json) => !json(response).schema || refOf(json(response).schema) !== undefined;
    expect(offenders(responses, named)).toEqual([]);
  });

  it('repeat the description of every parameter inside its schema, where generators read it', () => {
    const parameters = api.operations.flatMap(({ operation }) => api.parametersOf(operation));
    const told = ({ description, schema }: Json) =>
      refOf(schema) !== undefined || at(schema).description === description;
    expect(parameters.filter((parameter) => !told(parameter)).map(({ name }) => name)).toEqual([]);
  });

  it('have one media type for a body, and give the most general one of bytes first', () => {
    const bodies = api.operations.flatMap(({ operation }) => (operation.requestBody ? [operation.requestBody] : []));
    expect(new Set(bodies.flatMap(({ content }) => Object.keys(content ?? {})))).toEqual(new Set(['application/json']));
    const contentOf = (path: string) => at(api.document, 'paths', path, 'get', 'responses', '200', 'content');
    const file = contentOf('/api/v1/package-revisions/{id}/files/content');
    expect(Object.keys(file)).toEqual(['application/octet-stream', 'text/plain']);
    expect(at(contentOf('/metrics'), 'text/plain', 'schema')).toEqual({ type: 'string' });
  });

  it('speak of entity tags only where there are some, and take a request id everywhere', () => {
    for (const path of ['/metrics', '/api/v1/audit-entries/export']) {
      const operation = at(api.document, 'paths', path, 'get');
      expect(parameterNames(operation), path).not.toContain('If-None-Match');
      expect(operation.responses, path).not.toHaveProperty('304');
    }
    expect(offenders(every(), ({ operation }) => parameterNames(operation).includes('X-Request-Id'))).toEqual([]);
    // Swagger UI shows none that a path has for all of its operations.
    const items = Object.values(at(api.document, 'paths'));
    expect(items.filter((item) => 'parameters' in item)).toEqual([]);
  });

  it('answer every error as a Problem, by their default answer', () => {
    const statuses = ({ responses }: Json) => Object.keys(responses ?? {}).filter((status) => status >= '4');
    expect(offenders(every(), ({ operation }) => statuses(operation).join() === 'default')).toEqual([]);
    const problem = (operation: Json) =>
      at(api.responseOf(operation, 'default'), 'content', 'application/problem+json', 'schema');
    expect(offenders(every(), ({ operation }) => refOf(problem(operation)) === '#/components/schemas/Problem')).toEqual(
      [],
    );
  });

  it('list the statuses of their problems, those of their own codes among them', () => {
    const missing = api.operations.flatMap(({ at: name, operation }) => {
      const statuses = numbersOf(operation['x-problem-statuses']);
      const codes = Object.values(operation['x-problem-codes'] ?? {}).map(String) as ErrorCode[];
      expect(statuses, name).toEqual([...new Set(statuses)].sort((left, right) => left - right));
      return codes.filter((code) => !statuses.includes(PROBLEMS[code].status)).map((code) => `${name} ${code}`);
    });
    expect(missing).toEqual([]);
  });

  it('tell people of the problems of their own', () => {
    const told = ({ operation }: { operation: Json }) =>
      Object.values(operation['x-problem-codes'] ?? {})
        .map(String)
        .filter((code) => !isWaitedFor(code))
        .every((code) => {
          const groups = String(operation.description).match(/\d{3} (?:`\w+`(?:, )?)+/g) ?? [];
          const { status } = PROBLEMS[code as ErrorCode];
          return groups.some((group) => group.startsWith(`${status} `) && group.includes(`\`${code}\``));
        });
    expect(offenders(every(), told)).toEqual([]);
  });

  it('list the errors that their shape can give', () => {
    const missing = api.operations.flatMap(({ at: name, method, path, operation }) => {
      const expected = [400, 406, 500, 503];
      if (path.includes('{')) expected.push(404, 414);
      if (method !== 'get') expected.push(413, 415, 422);
      if (parameterNames(operation).includes('If-Match')) expected.push(412);
      const statuses = numbersOf(operation['x-problem-statuses']);
      return expected.filter((status) => !statuses.includes(status)).map((status) => `${name} ${status}`);
    });
    expect(missing).toEqual([]);
  });

  it('have in common the statuses that no operation can know of', () => {
    expect(numbersOf(api.document['x-problem-statuses'])).toEqual([400, 404, 405, 408, 414, 431, 500, 503]);
  });

  it('take dryRun on every mutation, Idempotency-Key on every POST, If-Match on every PUT, PATCH and DELETE', () => {
    const lacks = (methods: string[], parameter: string) =>
      offenders(
        every(),
        ({ method, operation }) => methods.includes(method) === parameterNames(operation).includes(parameter),
      );
    // One has no caller, and two only read.
    const others = [WEBHOOK, 'post /api/v1/search', 'post /api/v1/variant-sets/{id}/preview'];
    expect(lacks(['put', 'post', 'patch', 'delete'], 'dryRun')).toEqual(others);
    expect(lacks(['post'], 'Idempotency-Key')).toEqual(others);
    const guarded = api.operations.filter(({ method }) => ['put', 'patch', 'delete'].includes(method));
    const required = ({ operation }: { operation: Json }) =>
      api
        .parametersOf(operation)
        .some((parameter) => String(parameter.name) === 'If-Match' && Boolean(parameter.required));
    // Of reports the one counts that was observed last, whatever its sender has read before.
    const unguarded = ['put /api/v1/packages/{id}/delivery'];
    expect(guarded.filter((entry) => !required(entry)).map(({ at: name }) => name)).toEqual(unguarded);
  });

  it('page every list: pageSize, cursor, items and nextCursor', () => {
    const paged = api.operations.filter(({ operation }) => parameterNames(operation).includes('cursor'));
    expect(paged.length).toBeGreaterThan(2);
    const whole = ({ operation }: { operation: Json }) => {
      const page = api.resolve(at(api.responseOf(operation, '200'), 'content', 'application/json', 'schema'));
      return (
        parameterNames(operation).includes('pageSize') &&
        // A comparison is no list: what it has pages of are its objects.
        ('items' in at(page, 'properties') || 'objects' in at(page, 'properties')) &&
        'nextCursor' in at(page, 'properties')
      );
    };
    expect(paged.filter((entry) => !whole(entry)).map(({ at: name }) => name)).toEqual([]);
  });

  it('answer 202 with the Operation, its Location and Prefer', () => {
    const accepting = api.operations.filter(
      ({ at: name, operation }) => operation.responses?.['202'] && name !== WEBHOOK,
    );
    expect(accepting.length).toBeGreaterThan(0);
    for (const { at: name, operation } of accepting) {
      const response = api.responseOf(operation, '202');
      expect(refOf(at(response, 'content', 'application/json', 'schema')), name).toBe('#/components/schemas/Operation');
      expect(Object.keys(response.headers ?? {}), name).toContain('Location');
      expect(parameterNames(operation), name).toContain('Prefer');
    }
  });
});
