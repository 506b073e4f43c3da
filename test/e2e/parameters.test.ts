import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.js';
import { OpenApi } from '../support/openapi.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const contract = await OpenApi.read();
const questions = contract.operations
  .filter(({ method, path }) => method === 'get' && !path.includes('{'))
  // A query that must name what is there is sent by the tests that have it.
  .filter(({ path }) => !['/api/v1/package-revisions/diff', '/api/v1/fleet/matrix'].includes(path))
  .flatMap(({ path, operation }) => {
    const parameters = contract.parametersOf(operation).filter(({ in: place }) => String(place) === 'query');
    const needed = parameters.filter(({ required }) => String(required) === 'true');
    return (
      parameters
        // The example of a cursor is of no list that is there.
        .filter(({ name }) => String(name) !== 'cursor')
        .map((parameter): [string, string] => [path, queryOf([...needed, parameter])])
    );
  });

function queryOf(parameters: readonly Record<string, unknown>[]): string {
  const pairs = parameters.map(({ name, example }) => [String(name), [example].flat().map(String).join(',')]);
  return new URLSearchParams(Object.fromEntries(pairs) as Record<string, string>).toString();
}

it.each(questions)('GET %s takes %s, as the contract shows it', async (path, query) => {
  const response = await fetch(`${api.url}${path}?${query}`);
  expect(response.status, await response.text()).toBe(200);
});

const bodyless = contract.operations
  // Whoever calls a receiver signs what they send.
  .filter(({ path, operation }) => operation.requestBody && !path.endsWith('/hook'))
  .filter(({ operation }) => String((operation.requestBody as Record<string, unknown>).required) !== 'true')
  .map(({ method, path }): [string, string] => [method.toUpperCase(), path]);

it.each(bodyless)('%s %s takes a request without a body, as the contract says', async (method, path) => {
  const nowhere = path.replace('{id}', '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c');
  const response = await fetch(`${api.url}${nowhere}`, { method, headers: { 'If-Match': '*' } });
  // There is no such thing: all else about the request was right.
  expect(response.status, await response.text()).toBe(404);
});

it.each(['/health/live', '/health/ready', '/metrics'])('GET %s is answered', async (path) => {
  const response = await fetch(`${api.url}${path}`);
  expect(response.status).toBe(200);
  expect(await response.text()).not.toBe('');
});
