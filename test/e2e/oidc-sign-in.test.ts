import { afterAll, beforeAll, expect, it } from 'vitest';
import { giveRoles } from '../support/sign-in.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { IdentityProvider } from '../support/identity-provider.js';
import { addRepository } from '../support/index-rows.js';
import { uuidv7 } from '../../src/domain/uuid.js';

let provider: IdentityProvider;
let api: TestApi;
beforeAll(async () => {
  provider = await IdentityProvider.start([
    { login: 'alice', email: 'alice@example.com', name: 'Alice Liddell', groups: ['team-edge'] },
    { login: 'bob', email: 'bob@example.com', groups: [] },
  ]);
  api = await startTestApi({
    OIDC_ISSUER: provider.issuer,
    OIDC_AUDIENCE: IdentityProvider.api,
    OIDC_CLIENT_ID: IdentityProvider.clientId,
    AUTH: 'required',
  });
});
afterAll(async () => {
  await api.close();
  await provider.stop();
});

const signIn = async (login: string): Promise<string> => (await provider.signIn(login)).access_token;

const get = async (path: string, token: string) => {
  const response = await fetch(`${api.url}${path}`, { headers: { Authorization: `Bearer ${token}` } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

it('by a browser gives the roles of the groups, and an API token made then keeps them', async () => {
  const { id: repositoryId } = await addRepository(api.database);
  const [alice, bob] = [await signIn('alice'), await signIn('bob')];
  const path = `/api/v1/repositories/${repositoryId}`;
  expect((await get('/api/v1/me', alice)).body).toMatchObject({
    ...{ user: 'alice', email: 'alice@example.com', groups: ['team-edge'], tokenId: null, verified: true },
  });
  // What her commits will bear.
  expect(await api.database.client.knownUser.findUnique({ where: { user: 'alice' } })).toMatchObject({
    ...{ name: 'Alice Liddell', email: 'alice@example.com' },
  });
  expect((await get(path, alice)).status).toBe(404);
  const group = { subjectType: 'group', subject: 'team-edge', createdAt: new Date(), createdBy: 'test' } as const;
  await api.database.client.roleBinding.create({ data: { id: uuidv7(), role: 'viewer', repositoryId, ...group } });
  await giveRoles(api.database, 'team-edge', [{ role: 'admin' }]);
  expect((await get(path, alice)).status).toBe(200);
  expect((await get(path, bob)).status).toBe(404);

  const made = await fetch(`${api.url}/api/v1/api-tokens`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${alice}`, 'Content-Type': 'application/json' },
    body: '{"description":"laptop"}',
  });
  const { token } = (await made.json()) as { token: string };
  expect((await get('/api/v1/me', token)).body).toMatchObject({ user: 'alice', groups: ['team-edge'] });
  expect((await get(path, token)).status).toBe(200);
});

it('is refused without a word about why the provider is right', async () => {
  const token = await signIn('bob');
  const forged = `${token.slice(0, -6)}AAAAAA`;
  expect(await get('/api/v1/me', forged)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  const entries = await api.database.client.auditEntry.findMany({ where: { outcome: 'denied', actor: null } });
  expect(entries.length).toBeGreaterThan(0);
  expect(JSON.stringify(entries)).not.toContain(token.slice(20, 60));
});

it('is offered by Swagger UI', async () => {
  const document = (await (await fetch(`${api.url}/openapi.json`)).json()) as {
    security: object[];
    components: { securitySchemes: Record<string, { openIdConnectUrl?: string }> };
  };
  expect(document.security).toEqual([{ bearer: [] }, { oidc: [] }]);
  const { openIdConnectUrl = '' } = document.components.securitySchemes.oidc ?? {};
  expect((await fetch(openIdConnectUrl)).status).toBe(200);
  const script = await (await fetch(`${api.url}/docs/swagger-ui-init.js`)).text();
  expect(script).toContain(`"clientId": "${IdentityProvider.clientId}"`);
  expect(script).toContain('usePkceWithAuthorizationCodeGrant');
  expect((await fetch(`${api.url}/docs/oauth2-redirect.html`)).status).toBe(200);
});
