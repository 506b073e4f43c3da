import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import { ownPort } from './own-port.js';

export const AUDIENCE = 'pkgserver';
export const now = (): number => Math.floor(Date.now() / 1000);

export interface SigningKey {
  kid: string | undefined;
  alg: string;
  privateKey: CryptoKey;
  /** As it is published. */
  jwk: JWK;
}

export async function makeKey(alg: string, kid?: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), use: 'sig', alg, ...(kid === undefined ? {} : { kid }) };
  return { kid, alg, privateKey, jwk };
}

/** An issuer on loopback that signs and publishes whatever it is told to: what no good provider would. */
export class RogueIssuer {
  /** What `jwks_uri` answers with. */
  keys: JWK[] = [];
  /** Members of the discovery document to replace. */
  document: Record<string, unknown> = {};
  /** Answers in place of the usual one, by path. */
  readonly answers = new Map<string, (response: ServerResponse) => void>();
  /** Paths in the order in which they were asked for. */
  requests: string[] = [];

  private constructor(
    private server: Server,
    private readonly port: number,
  ) {}

  static async start(): Promise<RogueIssuer> {
    const server = createServer();
    server.listen(await ownPort(), '127.0.0.1');
    await once(server, 'listening');
    const issuer = new RogueIssuer(server, (server.address() as AddressInfo).port);
    issuer.#serve();
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async down(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  async up(): Promise<void> {
    this.server = createServer();
    this.#serve();
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  /** A good token but for what is given; `undefined` takes a claim away. */
  token(key: SigningKey, claims: Record<string, unknown> = {}, header: Partial<JWTHeaderParameters> = {}) {
    const good = { iss: this.url, aud: AUDIENCE, sub: 'mara', iat: now(), exp: now() + 300 };
    const named = key.kid === undefined ? {} : { kid: key.kid };
    return new SignJWT({ ...good, ...claims })
      .setProtectedHeader({ alg: key.alg, typ: 'JWT', ...named, ...header })
      .sign(key.privateKey);
  }

  #serve(): void {
    this.server.on('request', (request, response) => {
      const path = request.url ?? '';
      this.requests.push(path);
      const answer = this.answers.get(path);
      if (answer) return answer(response);
      const body: unknown = path === '/.well-known/openid-configuration' ? this.#document() : { keys: this.keys };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    });
  }

  #document(): Record<string, unknown> {
    return {
      issuer: this.url,
      jwks_uri: `${this.url}/keys`,
      authorization_endpoint: `${this.url}/auth`,
      token_endpoint: `${this.url}/token`,
      ...this.document,
    };
  }
}
