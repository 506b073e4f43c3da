import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';

/** Each is looked for wherever pkgserver writes anything; so is what it looks like when it is sent. */
const MARKED = {
  password: 'marked-password-7Kq2',
  token: 'marked-token-9Zt4',
  jwt: 'eyJhbGciOiJub25lIn0.bWFya2VkLWp3dC0zWHk4.',
  header: 'marked-header-5Rw1',
  sealing: Buffer.from('marked-sealing-key-of-32-bytes!!').toString('base64'),
};
const basic = Buffer.from(`bot:${MARKED.password}`).toString('base64');

/** A Git remote that repeats what it was sent, in every place where an error is told. */
async function startEcho(): Promise<{ url: string; seen: string[]; stop(): Promise<void> }> {
  const seen: string[] = [];
  const answers: ((secret: string, response: ServerResponse) => void)[] = [
    (secret, response) => response.writeHead(500, { 'Content-Type': 'text/plain' }).end(`remote: ${secret}`),
    (secret, response) => response.writeHead(401, { 'WWW-Authenticate': `Basic realm="${secret}"` }).end(secret),
    (secret, response) => response.writeHead(302, { Location: `http://127.0.0.1:9/${secret}/info/refs` }).end(),
    (secret, response) => {
      const line = `ERR access denied for ${secret}\n`;
      const packet = `${(line.length + 4).toString(16).padStart(4, '0')}${line}`;
      response.writeHead(200, { 'Content-Type': 'application/x-git-upload-pack-advertisement' });
      response.end(`001e# service=git-upload-pack\n0000${packet}0000`);
    },
  ];
  const server = createServer((request: IncomingMessage, response) => {
    const secret = request.headers.authorization ?? 'nothing';
    seen.push(secret);
    const decoded = Buffer.from(secret.replace(/^\w+ /, ''), 'base64').toString();
    answers[seen.length % answers.length]?.(`${secret} ${decoded.replaceAll(/[^\x20-\x7e]/g, '')}`, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.git`, seen, stop };
}

let folder: string;
let test: TestDatabase;
let pkgserver: PkgserverProcess;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pkgserver-secrets-'));
  test = await createTestDatabase();
});
afterEach(async () => {
  await pkgserver.stop();
  await test.drop();
  await rm(folder, { recursive: true, force: true });
});

/** Every text of the database, with the place where it is. */
async function storedTexts(): Promise<[string, string][]> {
  const tables = await test.database.client.$queryRaw<{ name: string }[]>`
    SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
    WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`;
  const texts: [string, string][] = [];
  for (const { name } of tables) {
    const rows = await test.database.client.$queryRawUnsafe<{ row: string }[]>(`SELECT t::text AS row FROM ${name} t`);
    texts.push([name, rows.map(({ row }) => row).join('\n')]);
    // Bytes are written as hexadecimal digits.
    const bytes = rows.flatMap(({ row }) => row.match(/\\x[0-9a-f]+/g) ?? []);
    texts.push([`${name} (bytes)`, bytes.map((hex) => Buffer.from(hex.slice(2), 'hex').toString('latin1')).join('\n')]);
  }
  return texts;
}

async function storedFiles(below: string): Promise<[string, string][]> {
  const entries = await readdir(below, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (file): Promise<[string, string]> => [file, await readFile(file, 'latin1')]));
}

describe.each(['native', 'javascript'])('with %s Git', (transport) => {
  it('no secret is anywhere but where it was put', async () => {
    const echo = await startEcho();
    pkgserver = await startProcess({
      ...{ DATABASE_URL: test.url, DATA_DIR: folder, AUTH: 'required', GIT_TRANSPORT: transport, LOG_LEVEL: 'trace' },
      ...{ CREDENTIALS_KEY: MARKED.sealing, GIT_ALLOW_HTTP: 'true', SWEEP_INTERVAL_MS: '100', RETRY_MAX_SECONDS: '1' },
    });
    const admin = (await readFile(join(folder, 'admin-token'), 'utf8')).trim();
    const answers: [string, string][] = [];
    const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
      const response = await fetch(`${pkgserver.url}${path}`, {
        method,
        headers: { Authorization: `Bearer ${admin}`, 'Content-Type': 'application/json', ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const head = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
      answers.push([`${method} ${path}`, `${head}\n${text}`]);
      return { status: response.status, text };
    };
    const made = async (path: string, body: object) =>
      JSON.parse((await call('POST', path, body)).text) as { id: string };

    // What people send where it belongs.
    const login = { name: 'basic', type: 'basic', username: 'bot', password: MARKED.password };
    const basicId = (await made('/api/v1/credentials', login)).id;
    const tokenId = (await made('/api/v1/credentials', { name: 'token', type: 'token', token: MARKED.token })).id;
    for (const [name, credentialId] of Object.entries({ one: basicId, two: tokenId })) {
      const git = { url: echo.url.replace('x.git', `${name}.git`), credentialId };
      const { id } = await made('/api/v1/repositories', { name, git });
      for (let turn = 0; turn < 5; turn += 1)
        await call('POST', `/api/v1/repositories/${id}/sync`, {}, { Prefer: 'wait=1' });
      await call('GET', `/api/v1/repositories/${id}`);
    }
    const narrow = JSON.parse((await call('POST', '/api/v1/api-tokens', { description: 'x' })).text) as {
      token: string;
    };

    // And where it does not.
    const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
    await call('GET', '/api/v1/me', undefined, bearer(MARKED.jwt));
    await call('GET', '/api/v1/me', undefined, { Authorization: `Digest ${MARKED.header}` });
    await call('GET', '/api/v1/me', undefined, bearer(`${narrow.token}x`));
    await call('POST', '/api/v1/credentials', `{"name":"x","password":"${MARKED.password}"`);
    await call('POST', '/api/v1/credentials', { ...login, name: 'Not A Name', password: MARKED.password });
    await call('POST', '/api/v1/credentials', login, { 'Idempotency-Key': uuidv7() });
    const inUrl = `http://bot:${MARKED.password}@127.0.0.1/x.git`;
    await call('POST', '/api/v1/repositories', { name: 'three', git: { url: inUrl } });
    for (const list of ['operations', 'credentials', 'repositories', 'api-tokens', 'audit-entries']) {
      await call('GET', `/api/v1/${list}`);
    }
    await call('GET', '/metrics');
    expect(echo.seen.filter((secret) => secret.includes(basic)).length).toBeGreaterThan(2);
    expect(echo.seen.some((secret) => secret.includes(MARKED.token) || secret !== `Basic ${basic}`)).toBe(true);
    await echo.stop();

    const secrets = [
      ...Object.values(MARKED),
      'bWFya2VkLWp3dC0zWHk4',
      basic,
      admin.slice(-43),
      narrow.token.slice(-43),
    ];
    const ofToken = [`x-access-token:${MARKED.token}`, `git:${MARKED.token}`, `:${MARKED.token}`];
    secrets.push(...ofToken.map((text) => Buffer.from(text).toString('base64')));
    const shown = answers.filter(([place]) => place !== 'POST /api/v1/api-tokens');
    const files = (await storedFiles(folder)).filter(([file]) => !file.endsWith('admin-token'));
    const places = [...shown, ...(await storedTexts()), ...files, ['the log', pkgserver.output()] as [string, string]];
    for (const [place, text] of places) {
      for (const secret of secrets)
        expect(text.includes(secret), `${secret} in ${place}:\n${around(text, secret)}`).toBe(false);
    }
    expect(pkgserver.output()).toContain('credentials');
  }, 90_000);
});

const around = (text: string, secret: string): string => {
  const index = text.indexOf(secret);
  return index < 0 ? '' : text.slice(Math.max(0, index - 200), index + 200);
};
