import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { Provider } from 'oidc-provider';

export interface Person {
  login: string;
  email: string;
  name?: string;
  groups: string[];
}

export interface Tokens {
  id_token: string;
  access_token: string;
}

const CALLBACK = 'http://127.0.0.1/callback';
const SCOPES = ['openid', 'email', 'profile', 'groups'];

/** A provider as an organisation runs one, on loopback, with one public client and one API whose tokens are JWTs. */
export class IdentityProvider {
  static readonly clientId = 'swagger-ui';
  static readonly api = 'https://pkgserver.example.com';

  private constructor(
    readonly issuer: string,
    private readonly server: Server,
  ) {}

  static async start(people: readonly Person[]): Promise<IdentityProvider> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const handle = makeProvider(issuer, people, await exportJWK(privateKey)).callback();
    server.on('request', (request, response) => void handle(request, response));
    return new IdentityProvider(issuer, server);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** What a browser does: the authorization code flow with PKCE, through the forms of the provider. */
  async signIn(login: string) {
    const [authorizationUrl, tokenUrl] = [`${this.issuer}/auth`, `${this.issuer}/token`];
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      client_id: IdentityProvider.clientId,
      response_type: 'code',
      redirect_uri: CALLBACK,
      scope: SCOPES.join(' '),
      resource: IdentityProvider.api,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const back = await this.#browse(`${authorizationUrl}?${query.toString()}`, login);
    const code = back.searchParams.get('code');
    if (code === null) throw new Error(`No code: ${back.search}`);
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: IdentityProvider.clientId,
      redirect_uri: CALLBACK,
      resource: IdentityProvider.api,
      code,
      code_verifier: verifier,
    });
    const response = await fetch(tokenUrl, { method: 'POST', body });
    if (!response.ok) throw new Error(`No token: ${await response.text()}`);
    return (await response.json()) as Tokens;
  }

  /** Follows redirects and fills in forms until it is sent back to the client. */
  async #browse(from: string, login: string): Promise<URL> {
    const cookies = new Map<string, string>();
    let url = new URL(from);
    let body: URLSearchParams | undefined;
    for (let step = 0; step < 12; step += 1) {
      const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
      const response = await fetch(url, {
        redirect: 'manual',
        headers,
        ...(body ? { method: 'POST', body } : {}),
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        cookies.set(name, value);
      }
      const page = await response.text();
      const location = response.headers.get('location');
      if (location?.startsWith(CALLBACK)) return new URL(location);
      const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
      if (location === null && action === undefined) throw new Error(`Lost at ${url.href}: ${page}`);
      const prompt = page.includes('value="login"') ? 'login' : 'consent';
      body = location === null ? new URLSearchParams({ prompt, login, password: 'any' }) : undefined;
      url = new URL(location ?? action ?? '', url);
    }
    throw new Error('Signing in does not end.');
  }
}

function makeProvider(issuer: string, people: readonly Person[], key: JWK): Provider {
  const claimsOf = (login: string) => {
    const person = people.find((person) => person.login === login);
    return person && { email: person.email, email_verified: true, name: person.name, groups: person.groups };
  };
  return new Provider(issuer, {
    jwks: { keys: [{ ...key, alg: 'RS256', use: 'sig', kid: 'first' }] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    clients: [
      {
        client_id: IdentityProvider.clientId,
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        redirect_uris: [CALLBACK],
      },
    ],
    scopes: SCOPES,
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    conformIdTokenClaims: false,
    findAccount: (_, login) =>
      claimsOf(login) && { accountId: login, claims: () => ({ sub: login, ...claimsOf(login) }) },
    // Claims of people are in ID tokens as such; in access tokens where the organisation puts them.
    extraTokenClaims: (_, token) => ('accountId' in token ? claimsOf(token.accountId) : undefined),
    features: {
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, audience) => ({
          audience,
          scope: 'groups',
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    ttl: { AccessToken: 300, IdToken: 300, Grant: 300, Interaction: 300, Session: 300 },
  });
}
