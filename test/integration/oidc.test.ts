import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { base64url, type CryptoKey, exportSPKI, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { OidcVerifier, type OidcPacing } from '../../src/access/oidc/oidc.verifier.js';
import type { OidcSettings } from '../../src/access/oidc/oidc-settings.js';
import { IdentityProvider } from '../support/identity-provider.js';
import { AUDIENCE, makeKey, now, RogueIssuer, type SigningKey } from '../support/rogue-issuer.js';

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
/** Never again within a test, unless it says so. */
const LONG = 600_000;
const MINUTE_MS = 60_000;

const settingsFor = (issuer: string, others: Partial<OidcSettings> = {}): OidcSettings => ({
  issuer,
  audience: [AUDIENCE],
  algorithms: ALGORITHMS,
  userClaim: 'sub',
  emailClaim: 'email',
  nameClaim: 'name',
  groupsClaim: 'groups',
  ...others,
});

describe('a real provider', () => {
  const mara = {
    login: 'mara',
    email: 'mara@example.com',
    name: 'Mara Müller',
    groups: ['platform', 'reviewers'],
    statedAt: expect.any(Date),
  };
  let provider: IdentityProvider;

  beforeAll(async () => {
    provider = await IdentityProvider.start([mara]);
  });

  afterAll(() => provider.stop());

  it('signs people in, and both of its tokens say who they are', async () => {
    const { clientId, api } = IdentityProvider;
    const verifierFor = (audience: string[]) => new OidcVerifier(settingsFor(provider.issuer, { audience }));
    const verifier = verifierFor([clientId, api]);
    const { id_token: id, access_token: access } = await provider.signIn('mara');

    const identity = {
      ...{ user: 'mara', email: 'mara@example.com', name: 'Mara Müller', groups: ['platform', 'reviewers'] },
    };
    // Groups count as of the time at which the provider stated them.
    const stated = { ...identity, statedAt: expect.any(Date) };
    await expect(verifier.verify(id)).resolves.toEqual(stated);
    await expect(verifier.verify(access)).resolves.toEqual(stated);
    const other = { code: 'unauthenticated', message: 'The token was issued for another audience.' };
    await expect(verifierFor([api]).verify(id)).rejects.toMatchObject(other);
    await expect(verifierFor([clientId]).verify(access)).rejects.toMatchObject(other);
  });
});

describe('an issuer that does what it should not', () => {
  let issuer: RogueIssuer;
  let rsa: SigningKey;
  let ec: SigningKey;

  beforeAll(async () => {
    [rsa, ec] = await Promise.all([makeKey('RS256', 'rsa'), makeKey('ES256', 'ec')]);
  });

  beforeEach(async () => {
    issuer = await RogueIssuer.start();
    issuer.keys = [rsa.jwk, ec.jwk];
  });

  afterEach(() => issuer.down().catch(() => undefined));
  afterEach(() => void vi.restoreAllMocks());

  /** What is kept for a time counts it by this clock. */
  function turnClockOn(milliseconds: number): void {
    const before = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => before() + milliseconds + 1);
  }

  const verifier = (settings: Partial<OidcSettings> = {}, pacing: Partial<OidcPacing> = {}) =>
    new OidcVerifier(settingsFor(issuer.url, settings), {
      timeoutMs: 2000,
      maxAgeMs: LONG,
      cooldownMs: LONG,
      ...pacing,
    });

  const refused = (message: string | RegExp) => ({
    code: 'unauthenticated',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });
  const unavailable = { code: 'unavailable' };
  const identity = { user: 'mara', email: null, name: null, groups: [], statedAt: expect.any(Date) };

  const askedFor = (path: string) => issuer.requests.filter((asked) => asked === path).length;

  describe('time', () => {
    it.each([
      ['expired', () => ({ exp: now() - 61 }), 'The token has expired.'],
      ['without an end', () => ({ exp: undefined }), 'The token lacks the claim "exp".'],
      ['that ends at no time', () => ({ exp: 'never' }), 'The claim "exp" of the token is not of the right type.'],
      ['not yet valid', () => ({ nbf: now() + 90 }), 'The token is not valid yet.'],
      ['of the future', () => ({ iat: now() + 90 }), 'The token was issued in the future.'],
    ])('refuses a token %s', async (_, claims, reason) => {
      await expect(verifier().verify(await issuer.token(rsa, claims()))).rejects.toMatchObject(refused(reason));
    });

    it.each([
      ['expired', () => ({ exp: now() - 50 })],
      ['not yet valid', () => ({ nbf: now() + 60 })],
      ['of the future', () => ({ iat: now() + 60 })],
    ])('takes a token %s within the skew of clocks', async (_, claims) => {
      await expect(verifier().verify(await issuer.token(rsa, claims()))).resolves.toEqual(identity);
    });
  });

  describe('issuer, audience and type', () => {
    it.each([
      ['another audience', { aud: 'another' }, 'The token was issued for another audience.'],
      ['other audiences', { aud: ['another', 'third'] }, 'The token was issued for another audience.'],
      ['no audience', { aud: undefined }, 'The token lacks the claim "aud".'],
      ['another issuer', { iss: 'https://id.example.com' }, 'The token was issued by another issuer.'],
      ['no issuer', { iss: undefined }, 'The token lacks the claim "iss".'],
    ])('refuses %s', async (_, claims, reason) => {
      await expect(verifier().verify(await issuer.token(rsa, claims))).rejects.toMatchObject(refused(reason));
    });

    it('refuses an issuer that differs by a slash only', async () => {
      const token = await issuer.token(rsa, { iss: `${issuer.url}/` });
      await expect(verifier().verify(token)).rejects.toMatchObject(refused('The token was issued by another issuer.'));
    });

    it('takes a token for several audiences, and one for any of those that are configured', async () => {
      const several = await issuer.token(rsa, { aud: ['another', AUDIENCE] });
      await expect(verifier().verify(several)).resolves.toEqual(identity);
      const second = await issuer.token(rsa, { aud: 'second' });
      await expect(verifier({ audience: [AUDIENCE, 'second'] }).verify(second)).resolves.toEqual(identity);
    });

    it.each(['JWT', 'jwt', 'at+jwt', 'application/at+jwt', undefined])('takes the type %s', async (typ) => {
      await expect(verifier().verify(await issuer.token(rsa, {}, { typ }))).resolves.toEqual(identity);
    });

    it.each(['logout+jwt', 'dpop+jwt', 'secevent+jwt'])('refuses the type %s', async (typ) => {
      await expect(verifier().verify(await issuer.token(rsa, {}, { typ }))).rejects.toMatchObject(
        refused('The token is of a type that gives no access.'),
      );
    });
  });

  describe('signatures', () => {
    const notAccepted = refused('The token is signed with an algorithm that is not accepted.');
    const badSignature = refused('The signature of the token is not good.');
    const claims = () => ({ iss: issuer.url, aud: AUDIENCE, sub: 'mara', exp: now() + 300 });

    it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('takes %s', async (alg) => {
      const key = await makeKey(alg, 'one');
      issuer.keys = [key.jwk];
      await expect(verifier().verify(await issuer.token(key))).resolves.toEqual(identity);
    });

    it('refuses an algorithm that is good but not configured', async () => {
      const only = verifier({ algorithms: ['ES256'] });
      await expect(only.verify(await issuer.token(ec))).resolves.toEqual(identity);
      await expect(only.verify(await issuer.token(rsa))).rejects.toMatchObject(notAccepted);
    });

    it('refuses alg "none", however it is written', async () => {
      await expect(verifier().verify(new UnsecuredJWT(claims()).encode())).rejects.toMatchObject(
        refused(/not accepted|no JWT/),
      );
      const body = base64url.encode(JSON.stringify(claims()));
      const [, , signature] = (await issuer.token(rsa)).split('.');
      for (const alg of ['none', 'None', 'NONE', '']) {
        const header = base64url.encode(JSON.stringify({ alg, typ: 'JWT', kid: 'rsa' }));
        for (const end of ['', signature]) {
          await expect(verifier().verify(`${header}.${body}.${end}`)).rejects.toMatchObject(
            refused(/not accepted|no JWT/),
          );
        }
      }
    });

    it('refuses HS256 with the bytes of the public key as the secret', async () => {
      const pem = await exportSPKI((await importJWK(rsa.jwk, 'RS256', { extractable: true })) as CryptoKey);
      for (const secret of [pem, pem.trim(), JSON.stringify(rsa.jwk), rsa.jwk.n ?? '']) {
        const token = await new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: 'rsa' })
          .sign(new TextEncoder().encode(secret));
        await expect(verifier().verify(token)).rejects.toMatchObject(notAccepted);
      }
    });

    it('refuses a secret even where one is published and HS256 is configured', async () => {
      const secret = new TextEncoder().encode('0123456789abcdef0123456789abcdef');
      issuer.keys = [{ kty: 'oct', kid: 'oct', alg: 'HS256', k: base64url.encode(secret) }];
      const token = await new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'oct' }).sign(secret);
      await expect(verifier({ algorithms: ['HS256'] }).verify(token)).rejects.toMatchObject(refused(/./));
    });

    it('refuses a key that is not the issuer’s, under its own name, none, or that of a good one', async () => {
      const foreign = await makeKey('RS256', 'foreign');
      await expect(verifier().verify(await issuer.token(foreign))).rejects.toMatchObject(
        refused('The token is signed with a key that its issuer does not have.'),
      );
      for (const kid of ['rsa', undefined]) {
        await expect(verifier().verify(await issuer.token(foreign, {}, { kid }))).rejects.toMatchObject(badSignature);
      }
    });

    it('refuses the name of a key of another kind', async () => {
      await expect(verifier().verify(await issuer.token(rsa, {}, { kid: 'ec' }))).rejects.toMatchObject(
        refused('The token is signed with a key that its issuer does not have.'),
      );
    });

    it('believes no key that the token itself brings, and asks nobody for it', async () => {
      const foreign = await makeKey('RS256', 'rsa');
      const other = await RogueIssuer.start();
      other.keys = [foreign.jwk];
      const brought = [
        { jku: `${other.url}/keys` },
        { jwk: foreign.jwk },
        { x5u: `${other.url}/keys` },
        { x5c: [base64url.encode('certificate')] },
        { jku: `${other.url}/keys`, jwk: foreign.jwk, x5u: `${other.url}/keys` },
      ];
      for (const header of brought) {
        await expect(verifier().verify(await issuer.token(foreign, {}, header))).rejects.toMatchObject(badSignature);
        await expect(verifier().verify(await issuer.token(rsa, {}, header))).resolves.toEqual(identity);
      }
      expect(other.requests).toEqual([]);
      await other.down();
    });

    it('refuses a header that is critical and means nothing here', async () => {
      const token = await new SignJWT(claims())
        .setProtectedHeader({ alg: 'RS256', kid: 'rsa', crit: ['b64'], b64: true, typ: 'JWT' })
        .sign(rsa.privateKey);
      const [header = '', ...rest] = token.split('.');
      const changed = JSON.parse(new TextDecoder().decode(base64url.decode(header))) as object;
      const odd = base64url.encode(JSON.stringify({ ...changed, crit: ['exp-policy'], 'exp-policy': 1 }));
      await expect(verifier().verify([odd, ...rest].join('.'))).rejects.toMatchObject(refused(/no JWT/));
    });

    it('refuses what was changed after it was signed', async () => {
      const [header, , signature = ''] = (await issuer.token(rsa)).split('.');
      const body = base64url.encode(JSON.stringify({ ...claims(), sub: 'root' }));
      await expect(verifier().verify(`${header}.${body}.${signature}`)).rejects.toMatchObject(badSignature);
    });

    it.each([0, 1, 4, 100])('refuses a signature cut to %i characters', async (length) => {
      for (const key of [rsa, ec]) {
        const [header, body, signature = ''] = (await issuer.token(key)).split('.');
        const cut = signature.slice(0, Math.min(length, signature.length - 2));
        await expect(verifier().verify(`${header}.${body}.${cut}`)).rejects.toMatchObject(refused(/signature|no JWT/));
      }
    });

    it('refuses an ECDSA signature of zeros', async () => {
      const [header, body] = (await issuer.token(ec)).split('.');
      const zeros = base64url.encode(new Uint8Array(64));
      await expect(verifier().verify(`${header}.${body}.${zeros}`)).rejects.toMatchObject(badSignature);
    });

    it.each([
      '',
      '.',
      '..',
      'a.b.c',
      'x'.repeat(100_000),
      `${base64url.encode('[]')}.${base64url.encode('{}')}.`,
      `${base64url.encode('{"alg":"RS256"}')}.${base64url.encode('{}')}.${base64url.encode('x')}.extra`,
      `${base64url.encode('{"alg":["RS256"]}')}.e30.AA`,
      'é.e30.AA',
      '\0',
    ])('refuses garbage, and asks nobody about it (%#)', async (garbage) => {
      await expect(verifier().verify(garbage)).rejects.toMatchObject(refused(/no JWT|not accepted/));
      expect(issuer.requests).toEqual([]);
    });

    it('refuses a payload that is signed well and holds no claims', async () => {
      await expect(verifier().verify('eyJhbGciOiJSUzI1NiJ9.é.AA')).rejects.toMatchObject(refused(/no JWT|key/));
      for (const payload of ['[]', '"mara"', 'null', '{']) {
        const token = await signBytes(payload, rsa);
        await expect(verifier().verify(token)).rejects.toMatchObject(refused('The token is no JWT that can be read.'));
      }
    });

    it('tries each key that fits where neither tokens nor keys are named', async () => {
      const [first, second, third] = await Promise.all([makeKey('RS256'), makeKey('RS256'), makeKey('RS256')]);
      issuer.keys = [first.jwk, second.jwk];
      await expect(verifier().verify(await issuer.token(second))).resolves.toEqual(identity);
      await expect(verifier().verify(await issuer.token(third))).rejects.toMatchObject(badSignature);
      await expect(verifier().verify(await issuer.token(second, { exp: 1 }))).rejects.toMatchObject(
        refused('The token has expired.'),
      );
    });

    it('refuses a key that is too short, or not what it says it is', async () => {
      issuer.keys = [{ ...rsa.jwk, n: base64url.encode(new Uint8Array(64).fill(255)) }];
      await expect(verifier().verify(await issuer.token(rsa))).rejects.toMatchObject(refused(/key/));
      issuer.keys = [{ ...ec.jwk, x: 'AAAA' }];
      await expect(verifier().verify(await issuer.token(ec))).rejects.toMatchObject(refused(/key/));
    });
  });

  describe('claims', () => {
    it.each([
      ['no user', { sub: undefined }, /The claim "sub" .+ no name/],
      ['an empty user', { sub: '' }, /no name/],
      ['a user with a bar', { sub: 'auth0|1234' }, /no name/],
      ['a user of two lines', { sub: 'mara\nCo-authored-by: root' }, /no name/],
      ['a user of 129 characters', { sub: 'm'.repeat(129) }, /no name/],
      ['a number as user', { sub: 42 }, /no name/],
      ['a list as user', { sub: ['mara'] }, /no name/],
      ['an object of groups', { groups: { admin: true } }, /"groups" .+ list of strings/],
      ['a number among groups', { groups: ['a', 1] }, /list of strings/],
      ['1001 groups', { groups: Array.from({ length: 1001 }, (_, index) => `g${index}`) }, /more than 1000 groups/],
      ['a group of 257 characters', { groups: ['g'.repeat(257)] }, /more than 256 characters/],
    ])('refuses %s', async (_, claims, reason) => {
      await expect(verifier().verify(await issuer.token(rsa, claims))).rejects.toMatchObject(refused(reason));
    });

    it('reads them where they are configured to be', async () => {
      const token = await issuer.token(rsa, {
        sub: 'auth0|1234',
        preferred_username: 'mara',
        realm_access: { roles: ['admin'] },
        'https://example.com/mail': 'mara@example.com',
        'https://example.com/full-name': 'Mara Müller',
      });
      const names = {
        userClaim: 'preferred_username',
        emailClaim: 'https://example.com/mail',
        nameClaim: 'https://example.com/full-name',
        groupsClaim: 'realm_access.roles',
      };
      await expect(verifier(names).verify(token)).resolves.toEqual({
        statedAt: expect.any(Date),
        user: 'mara',
        email: 'mara@example.com',
        name: 'Mara Müller',
        groups: ['admin'],
      });
    });
  });

  describe('keys that change', () => {
    it('asks once for many tokens, and again for a key that is new', async () => {
      const subject = verifier({}, { cooldownMs: 0 });
      const token = await issuer.token(rsa);
      await Promise.all(Array.from({ length: 20 }, () => subject.verify(token)));
      expect(issuer.requests).toEqual(['/.well-known/openid-configuration', '/keys']);

      const next = await makeKey('RS256', 'next');
      issuer.keys = [next.jwk];
      const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.token(next)));
      await Promise.all(tokens.map((token) => expect(subject.verify(token)).resolves.toEqual(identity)));
      expect(askedFor('/keys')).toBe(2);
      await expect(subject.verify(token)).rejects.toMatchObject(
        refused('The token is signed with a key that its issuer does not have.'),
      );
    });

    it('asks no more than once within the cooldown, whatever keys are named', async () => {
      const subject = verifier({}, { cooldownMs: MINUTE_MS });
      const next = await makeKey('ES256', 'next');
      await subject.verify(await issuer.token(rsa));
      issuer.keys = [next.jwk];
      for (let index = 0; index < 10; index += 1) {
        const token = await issuer.token(rsa, {}, { kid: `made-up-${index}` });
        await expect(subject.verify(token)).rejects.toMatchObject(refused(/key/));
      }
      expect(askedFor('/keys')).toBe(1);
      turnClockOn(MINUTE_MS);
      await expect(subject.verify(await issuer.token(next))).resolves.toEqual(identity);
      expect(askedFor('/keys')).toBe(2);
    });

    it('refuses a key that was taken away as soon as its copy is old', async () => {
      const subject = verifier({}, { maxAgeMs: MINUTE_MS, cooldownMs: 0 });
      const token = await issuer.token(rsa);
      await subject.verify(token);
      issuer.keys = [ec.jwk];
      await expect(subject.verify(token)).resolves.toEqual(identity);
      turnClockOn(MINUTE_MS);
      await expect(subject.verify(token)).rejects.toMatchObject(refused(/key/));
    });

    it('follows a discovery document that names another place for the keys', async () => {
      const subject = verifier({}, { cooldownMs: 0 });
      await subject.verify(await issuer.token(rsa));
      const next = await makeKey('RS256', 'next');
      issuer.keys = [next.jwk];
      issuer.document = { jwks_uri: `${issuer.url}/keys/v2` };
      await expect(subject.verify(await issuer.token(next))).resolves.toEqual(identity);
      expect(issuer.requests.at(-1)).toBe('/keys/v2');
    });
  });

  describe('a provider that is away', () => {
    it('from the start: unavailable, until it is there', async () => {
      await issuer.down();
      const subject = verifier({}, { cooldownMs: MINUTE_MS });
      const token = await issuer.token(rsa);
      await expect(subject.verify(token)).rejects.toMatchObject(unavailable);
      await issuer.up();
      await expect(subject.verify(token)).rejects.toMatchObject(unavailable);
      expect(issuer.requests).toEqual([]);
      turnClockOn(MINUTE_MS);
      await expect(subject.verify(token)).resolves.toEqual(identity);
    });

    it('later: keys that are known stay good, and others are not called bad', async () => {
      const subject = verifier({}, { maxAgeMs: MINUTE_MS, cooldownMs: 0 });
      const token = await issuer.token(rsa);
      await subject.verify(token);
      await issuer.down();
      turnClockOn(MINUTE_MS);
      for (let time = 0; time < 3; time += 1) await expect(subject.verify(token)).resolves.toEqual(identity);
      const next = await makeKey('RS256', 'next');
      const fresh = await issuer.token(next);
      await expect(subject.verify(fresh)).rejects.toMatchObject(unavailable);
      await expect(subject.verify(await issuer.token(rsa, { exp: 1 }))).rejects.toMatchObject(
        refused('The token has expired.'),
      );
      issuer.keys = [next.jwk];
      await issuer.up();
      // The attempt that is under way may have begun before.
      await vi.waitFor(() => subject.verify(fresh), 30_000);
      await expect(subject.verify(token)).rejects.toMatchObject(refused(/key/));
    });

    it.each(['/.well-known/openid-configuration', '/keys'])('waits no longer than told for %s', async (path) => {
      const started = performance.now();
      for (const sendHead of [false, true]) {
        issuer.answers.set(path, (response) => {
          if (sendHead) response.write('{"keys": [');
        });
        await expect(verifier({}, { timeoutMs: 300 }).verify(await issuer.token(rsa))).rejects.toMatchObject(
          unavailable,
        );
      }
      // HTTP itself waits for minutes.
      expect(performance.now() - started).toBeLessThan(20_000);
    });

    it('lets nobody wait who has a key, once it is known to be slow', async () => {
      const subject = verifier({}, { timeoutMs: 2000, maxAgeMs: MINUTE_MS, cooldownMs: 0 });
      const token = await issuer.token(rsa);
      await subject.verify(token);
      issuer.answers.set('/keys', () => undefined);
      turnClockOn(MINUTE_MS);
      await expect(subject.verify(token)).resolves.toEqual(identity);
      const started = performance.now();
      await expect(subject.verify(token)).resolves.toEqual(identity);
      expect(performance.now() - started).toBeLessThan(1500);
    });
  });

  describe('answers that are not good', () => {
    const head = { 'content-type': 'application/json' };

    it.each(['/.well-known/openid-configuration', '/keys'])('%s', async (path) => {
      const other = await RogueIssuer.start();
      other.keys = [rsa.jwk];
      const answers: Parameters<typeof issuer.answers.set>[1][] = [
        (response) => response.writeHead(500).end(),
        (response) => response.writeHead(404, head).end(JSON.stringify({ keys: [rsa.jwk] })),
        (response) => response.writeHead(302, { location: `${other.url}${path}` }).end(),
        (response) => response.writeHead(200).end(),
        (response) => response.writeHead(200, head).end('<html>'),
        (response) => response.writeHead(200, head).end('null'),
        (response) => response.writeHead(200, head).end('[]'),
        (response) => response.writeHead(200, head).end('{}'),
        (response) => response.writeHead(200, head).end('{"keys": [1]}'),
        (response) => response.writeHead(200, head).end(JSON.stringify({ keys: [], pad: 'x'.repeat(1024 * 1024) })),
        (response) => void pour(response),
        (response) => response.destroy(),
      ];
      for (const answer of answers) {
        issuer.answers.set(path, answer);
        await expect(verifier().verify(await issuer.token(rsa))).rejects.toMatchObject(unavailable);
      }
      expect(other.requests).toEqual([]);
      await other.down();
    });

    it.each([
      ['of another issuer', () => ({ issuer: 'https://id.example.com' })],
      ['of an issuer with one more slash', () => ({ issuer: `${issuer.url}/` })],
      ['whose keys come without TLS', () => ({ jwks_uri: 'http://id.example.com/keys' })],
      ['whose keys are no URL', () => ({ jwks_uri: '/keys' })],
      ['whose keys are a file', () => ({ jwks_uri: 'file:///etc/passwd' })],
      ['whose keys are data', () => ({ jwks_uri: `data:application/json,${JSON.stringify({ keys: [rsa.jwk] })}` })],
      ['without keys', () => ({ jwks_uri: undefined })],
    ])('a document %s', async (_, document) => {
      issuer.document = document();
      await expect(verifier().verify(await issuer.token(rsa))).rejects.toMatchObject(unavailable);
      expect(askedFor('/keys')).toBe(0);
    });
  });
});

async function signBytes(payload: string, key: SigningKey): Promise<string> {
  const header = base64url.encode(JSON.stringify({ alg: key.alg, kid: key.kid, typ: 'JWT' }));
  const input = `${header}.${base64url.encode(payload)}`;
  const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', key.privateKey, new TextEncoder().encode(input));
  return `${input}.${base64url.encode(new Uint8Array(signature))}`;
}

/** An answer without an end. */
async function pour(response: ServerResponse): Promise<void> {
  const piece = Buffer.alloc(256 * 1024, ' ');
  while (!response.destroyed) {
    response.write(piece);
    await sleep(1);
  }
}
