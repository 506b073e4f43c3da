import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { searchPath } from '../../src/config/config.js';
import { createGit } from '../../src/git/create-git.js';
import type { GitPort } from '../../src/git/port.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { makePrivateCa } from '../support/private-ca.js';

const MAIN = 'refs/heads/main';

describe.each(['native', 'javascript'] as const)('%s git over TLS with a private CA', (transport) => {
  let server: GitServer;
  let dataDir: string;
  let git: GitPort;
  let caBundle: string;

  beforeAll(async () => {
    const { ca, ...tls } = makePrivateCa();
    caBundle = ca;
    server = await GitServer.start(tls);
    dataDir = await mkdtemp(join(tmpdir(), 'git-tls-'));
    ({ git } = await createGit({ transport, searchPath: searchPath(), dataDir, allowedHosts: ['127.0.0.1'] }));
  });

  afterAll(async () => {
    await git.close();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('lists, fetches and pushes with the CA of the credential, and with no other', async () => {
    const { url, path } = await server.createRepository(randomUUID());
    const remote = GitFixture.create(path);
    const first = await remote.revParse('main');
    const repository = await git.open({ key: randomUUID(), url, caBundle });
    await repository.fetch([first], []);
    expect((await repository.readCommit(first)).oid).toBe(first);
    await repository.push([{ ref: 'refs/heads/x', expected: null, next: first }], []);
    expect((await repository.listRefs()).refs).toEqual(await remote.refs());
    for (const bundle of [undefined, makePrivateCa().ca]) {
      const other = await git.open({ key: randomUUID(), url, caBundle: bundle });
      const refused = { code: 'unreachable', message: expect.stringContaining('TLS certificate of 127.0.0.1') };
      await expect(other.listRefs()).rejects.toMatchObject(refused);
      await expect(other.fetch([first], [])).rejects.toMatchObject(refused);
      await expect(other.push([{ ref: MAIN, expected: first, next: null }], [])).rejects.toMatchObject(refused);
    }
  });
});
