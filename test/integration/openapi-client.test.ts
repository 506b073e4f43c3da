import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { toYaml } from '../../src/http/openapi/docs.js';
import { openApiDocument } from '../../src/openapi.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONTRACT = join(ROOT, 'openapi.yaml');

it('openapi.yaml is small enough to be read and generated from: at most 4,200 bytes an endpoint', async () => {
  const { paths } = await openApiDocument();
  const endpoints = Object.values(paths).flatMap((path) =>
    Object.keys(path).filter((key) => key !== 'parameters'),
  ).length;
  expect((await readFile(CONTRACT)).byteLength / endpoints).toBeLessThanOrEqual(4_200);
});

it('openapi.yaml is what the code says', async () => {
  expect(await readFile(CONTRACT, 'utf8')).toBe(toYaml(await openApiDocument()));
});

const USER = `
import createClient from 'openapi-fetch';
import type { components, paths } from './api.js';

const client = createClient<paths>({ baseUrl: 'http://127.0.0.1' });

export async function sync(name: string): Promise<components['schemas']['Operation'] | undefined> {
  const created = await client.POST('/api/v1/repositories', {
    params: { header: { 'Idempotency-Key': name } },
    body: { name, git: { url: 'https://git.example.com/a' } },
  });
  if (created.error) {
    const code: components['schemas']['Problem']['code'] = created.error.code;
    throw new Error(code);
  }
  const { data, response } = await client.POST('/api/v1/repositories/{id}/sync', {
    params: { path: { id: created.data.id }, header: { Prefer: 'wait=5' } },
  });
  return response.status === 202 && data && 'kind' in data ? data : undefined;
}

// @ts-expect-error a DELETE needs If-Match
void client.DELETE('/api/v1/credentials/{id}', { params: { path: { id: 'x' } } });
// @ts-expect-error a name is text
void client.POST('/api/v1/repositories', { body: { name: 7, git: { url: 'x' } } });
// @ts-expect-error a token credential has no password
void client.POST('/api/v1/credentials', { body: { type: 'token', name: 'a', password: 'x' } });
`;

it('openapi.yaml makes a client that a strict TypeScript compiler accepts, and holds its users to the contract', async () => {
  const folder = await mkdtemp(join(ROOT, 'dist-client-'));
  try {
    await run(join(ROOT, 'node_modules/.bin/openapi-typescript'), [CONTRACT, '-o', join(folder, 'api.d.ts')]);
    await writeFile(join(folder, 'user.ts'), USER);
    const options = '--noEmit --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --ignoreConfig';
    const target = '--target es2023 --lib es2023,dom --module nodenext --moduleResolution nodenext --types node';
    const files = [join(folder, 'user.ts'), join(folder, 'api.d.ts')];
    const compiled = await run(join(ROOT, 'node_modules/.bin/tsc'), [
      ...`${options} ${target}`.split(' '),
      ...files,
    ]).catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? String(error) }));
    expect(compiled.stdout).toBe('');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  // Two compilers, beside all that other tests do at the same time.
}, 300_000);
