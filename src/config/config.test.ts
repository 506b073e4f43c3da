import { describe, expect, it } from 'vitest';
import { readConfig, StartupError } from './config.js';
import { misspelt } from './misspelt.js';
import { isLoopback } from './loopback.js';

const mistakesOf = (variables: Record<string, string>): string => {
  try {
    readConfig(variables);
  } catch (error) {
    if (error instanceof StartupError) return error.message;
    throw error;
  }
  return '';
};

describe('readConfig', () => {
  it('needs no variable at all', () => {
    const config = readConfig({});
    expect(config.databaseUrl).toBeUndefined();
    expect(config.redisUrl).toBeUndefined();
    expect(config).toMatchObject({
      role: 'all',
      host: '127.0.0.1',
      port: 8080,
      maxFileBytes: 4 * 1024 * 1024,
      gitAllowedHosts: [],
    });
  });

  it('gives each variable under its name in camelCase, typed', () => {
    const config = readConfig({
      PORT: '0',
      GIT_ALLOWED_HOSTS: 'Git.Example.com, 127.0.0.1:3000',
      GIT_ALLOW_HTTP: 'true',
      DATA_DIR: '/var/lib/pkgserver',
      PATH: '/bin',
    });
    expect(config.port).toBe(0);
    expect(config.gitAllowedHosts).toEqual(['git.example.com', '127.0.0.1:3000']);
    expect(config.gitAllowHttp).toBe(true);
    expect(config.dataDir).toBe('/var/lib/pkgserver');
    expect(config).not.toHaveProperty('path');
  });

  it.each([
    ['TRUSTED_PROXIES', '10.0.0.300', '10.0.0.7, 192.0.2.0/24, ::1, loopback'],
    ['GIT_ALLOWED_HOSTS', 'http://foo', '127.0.0.1, [::1]:8080, ::1, git_1.example.com:3000'],
    ['CORS_ORIGINS', 'portal.example.com', 'https://portal.example.com, http://localhost:3000'],
    ['GIT_COMMITTER_EMAIL', 'pkgserver', 'pkgserver@example.com'],
  ])('takes for %s what it says, and not %s', (name, wrong, right) => {
    expect(mistakesOf({ [name]: wrong })).toMatch(new RegExp(`^${name} must be .+\\.$`));
    expect(mistakesOf({ [name]: right })).toBe('');
  });

  it('tells of names that are near to those of variables', () => {
    const given = {
      DATABASE_ULR: 'x',
      GIT_ALLOWED_HOST: 'x',
      LOGFORMAT: 'x',
      LOG_LEVEL: 'info',
      HOSTNAME: 'x',
      PATH: 'x',
    };
    expect(misspelt(given)).toEqual([
      'There is no variable DATABASE_ULR, which is not heeded: DATABASE_URL may be meant.',
      'There is no variable GIT_ALLOWED_HOST, which is not heeded: GIT_ALLOWED_HOSTS may be meant.',
      'There is no variable LOGFORMAT, which is not heeded: LOG_FORMAT may be meant.',
    ]);
    expect(misspelt({ DATABASE_ULR: 'x', DATABASE_URL: 'y' })).toEqual([]);
  });

  it('is frozen', () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true);
  });

  it('reports all mistakes at once, one sentence each, each naming its variable', () => {
    const mistakes = mistakesOf({ PORT: '80a', DATABASE_URL: 'mysql://x', ROLE: 'boss', LEASE_SECONDS: '0' }).split(
      '\n',
    );
    expect(mistakes).toHaveLength(4);
    expect(mistakes.map((sentence) => sentence.split(' ')[0]).sort()).toEqual([
      'DATABASE_URL',
      'LEASE_SECONDS',
      'PORT',
      'ROLE',
    ]);
    for (const sentence of mistakes) expect(sentence).toMatch(/must be .+\.$/);
  });

  it('never repeats the value of a URL, which may hold a password', () => {
    expect(mistakesOf({ DATABASE_URL: 'postgre://me:hunter2@db/x' })).not.toContain('hunter2');
  });

  it('takes an empty variable as unset', () => {
    expect(readConfig({ DATABASE_URL: '', PORT: ' ' }).port).toBe(8080);
  });

  it('takes other ways to the database beside DATABASE_URL only', () => {
    for (const name of ['DATABASE_DIRECT_URL', 'DATABASE_OWNER_URL']) {
      expect(mistakesOf({ [name]: 'postgresql://db/pkgserver' })).toMatch(new RegExp(`^${name} needs DATABASE_URL `));
      expect(mistakesOf({ [name]: 'mysql://db/x', DATABASE_URL: 'postgresql://db/x' })).toMatch(
        new RegExp(`^${name} must be a URL such as `),
      );
    }
    const [pooled, direct] = ['postgresql://pooler:6432/pkgserver', 'postgresql://db/pkgserver'];
    const config = readConfig({ DATABASE_URL: pooled, DATABASE_DIRECT_URL: direct });
    expect(config).toMatchObject({ databaseUrl: pooled, databaseDirectUrl: direct });
  });

  it.each(['api', 'worker'])('refuses ROLE=%s on the embedded database', (role) => {
    expect(mistakesOf({ ROLE: role })).toContain('DATABASE_URL must be set');
    expect(readConfig({ ROLE: role, DATABASE_URL: 'postgresql://db/pkgserver' }).role).toBe(role);
  });

  it('lets nobody in unasked beyond loopback unless told to', () => {
    expect(readConfig({}).auth).toBe('required');
    expect(readConfig({ HOST: '0.0.0.0' }).host).toBe('0.0.0.0');
    expect(readConfig({ AUTH: 'none' }).auth).toBe('none');
    expect(mistakesOf({ HOST: '0.0.0.0', AUTH: 'none' })).toContain('ALLOW_UNAUTHENTICATED');
    expect(readConfig({ HOST: '0.0.0.0', AUTH: 'none', ALLOW_UNAUTHENTICATED: 'true' }).host).toBe('0.0.0.0');
  });

  it('takes the Git transport by name', () => {
    expect(readConfig({}).gitTransport).toBe('auto');
    expect(readConfig({ GIT_TRANSPORT: 'javascript' }).gitTransport).toBe('javascript');
    expect(readConfig({ GIT_TRANSPORT: 'isomorphic' }).gitTransport).toBe('javascript');
    expect(mistakesOf({ GIT_TRANSPORT: 'jgit' })).toBe('GIT_TRANSPORT must be one of auto, native, javascript.');
  });

  it('reads how tokens of an identity provider are verified', () => {
    expect(readConfig({}).oidcIssuer).toBeUndefined();
    expect(readConfig({})).toMatchObject({
      oidcAudience: [],
      oidcAlgorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      oidcUserClaim: 'sub',
      oidcEmailClaim: 'email',
      oidcGroupsClaim: 'groups',
    });
    const given = {
      OIDC_ISSUER: 'https://id.example.com/',
      OIDC_AUDIENCE: 'Pkgserver, api://x',
      OIDC_ALGORITHMS: 'ES384',
    };
    expect(readConfig(given)).toMatchObject({
      oidcIssuer: 'https://id.example.com/',
      oidcAudience: ['Pkgserver', 'api://x'],
      oidcAlgorithms: ['ES384'],
    });
  });

  it.each(['none', 'None', 'HS256', 'RS256,HS512', 'rs256', 'A256KW', 'dir', ','])(
    'verifies signatures with public keys only: not by %s',
    (algorithms) => {
      expect(mistakesOf({ OIDC_ALGORITHMS: algorithms })).toMatch(/^OIDC_ALGORITHMS must be a list of RS256, /);
    },
  );

  it('believes an issuer without TLS on loopback only', () => {
    for (const issuer of ['http://localhost:9000', 'http://127.0.0.1/realms/x', 'http://[::1]:1', 'https://10.0.0.1']) {
      expect(readConfig({ OIDC_ISSUER: issuer, OIDC_AUDIENCE: 'x' }).oidcIssuer).toBe(issuer);
    }
    const others = ['http://id.example.com', 'http://127.evil.example', 'http://10.0.0.1', 'id.example.com'];
    const odd = [
      'https://id.example.com?x',
      'https://id.example.com/#x',
      'https://me:hunter2@id.example.com',
      'ftp://x',
    ];
    for (const issuer of [...others, ...odd]) {
      const mistake = mistakesOf({ OIDC_ISSUER: issuer, OIDC_AUDIENCE: 'x' });
      expect(mistake).toMatch(/^OIDC_ISSUER must be an https:\/\/ URL/);
      expect(mistake).not.toContain('hunter2');
    }
  });

  it('takes an issuer and an audience together only', () => {
    expect(mistakesOf({ OIDC_ISSUER: 'https://id.example.com' })).toContain('OIDC_AUDIENCE must be set');
    expect(mistakesOf({ OIDC_AUDIENCE: 'x' })).toContain('OIDC_ISSUER must be set');
    expect(mistakesOf({ OIDC_CLIENT_ID: 'x' })).toContain('OIDC_ISSUER must be set');
  });

  it('refuses a key that is not 32 bytes', () => {
    expect(mistakesOf({ CREDENTIALS_KEY: 'c2hvcnQ=' })).toContain('CREDENTIALS_KEY must be 32 bytes');
  });
});

it.each([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['127.evil.example', false],
  ['[::1]', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
])('isLoopback(%s) is %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

describe('PUBLIC_URL', () => {
  it('is kept without the slash at its end', () => {
    expect(readConfig({ PUBLIC_URL: 'https://example.com/pkg/' }).publicUrl).toBe('https://example.com/pkg');
    expect(readConfig({ PUBLIC_URL: 'http://Example.com:80' }).publicUrl).toBe('http://example.com');
  });

  it.each([
    'example.com/pkg',
    'ftp://example.com',
    'javascript:alert(1)',
    'https://me:hunter2@example.com',
    'https://example.com//evil',
    'https://example.com/pkg?x',
    'https://example.com/pkg#x',
    'https://example.com/\r\nX: y',
  ])('is refused as %j', (url) => {
    const mistake = mistakesOf({ PUBLIC_URL: url });
    expect(mistake).toMatch(/^PUBLIC_URL must be an http\(s\):\/\/ URL .+\.$/);
    expect(mistake).not.toContain('hunter2');
  });
});

describe('the variables of forward proxies', () => {
  it('are taken in lower case as well, which wins', () => {
    const given = {
      https_proxy: 'http://low:1',
      HTTPS_PROXY: 'http://high:1',
      HTTP_PROXY: 'proxy:3128',
      no_proxy: 'a, .b',
    };
    expect(readConfig(given)).toMatchObject({
      httpsProxy: 'http://low:1',
      httpProxy: 'http://proxy:3128',
      noProxy: ['a', '.b'],
    });
  });

  it.each(['socks5://proxy:1080', 'http://', 'http://me:hunter2@proxy/path'])('are refused as %s', (url) => {
    const mistake = mistakesOf({ https_proxy: url });
    expect(mistake).toMatch(/^HTTPS_PROXY must be the http\(s\):\/\/ URL of a proxy, .+\.$/);
    expect(mistake).not.toContain('hunter2');
  });
});
