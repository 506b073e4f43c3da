import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './generated/api.js';

/** The API's resources as the contract describes them: `Schemas['Repository']`. */
export type Schemas = components['schemas'];

export type ApiClient = Client<paths>;

/** A client made from openapi.yaml alone, so that tests speak to the API as its users do. Acts as `actor`. */
export function createApiClient(baseUrl: string, actor = 'anonymous'): ApiClient {
  return createClient<paths>({ baseUrl, headers: actor === 'anonymous' ? {} : { 'X-Remote-User': actor } });
}

/** The body of a success; throws with the Problem where there is none. */
export function expectData<Data>(answer: { data?: Data; error?: unknown; response: Response }): Data {
  if (answer.response.ok && answer.data !== undefined) return answer.data;
  throw new Error(`${answer.response.status} ${answer.response.url}: ${JSON.stringify(answer.error)}`);
}
