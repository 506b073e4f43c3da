import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseSshPrivateKey } from '../../src/features/credentials/ssh-private-key.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { type Call, HttpClient } from '../support/http-client.js';
import { clear, gitOf } from '../support/index-rows.js';

let api: TestApi;
let call: Call;
beforeAll(async () => {
  api = await startTestApi({ GIT_ALLOWED_HOSTS: '10.1.2.3, plain.example.com' });
  call = new HttpClient(api.url).call;
});
afterAll(() => api.close());
beforeEach(() => clear(api));

const create = (name: string, more: object = {}, headers?: Record<string, string>) =>
  call('POST', '/repositories', { name, git: gitOf(name), ...more }, headers);
const rows = () => api.database.client.repository.count();

describe('registering', () => {
  it('stores the repository, asks for its first sync and rings once', async () => {
    const body = {
      description: 'Blueprints.',
      labels: { team: 'network' },
      deployment: true,
      git: gitOf('blueprints', { directory: '/packages/' }),
      syncIntervalSeconds: 300,
    };
    const created = await create('blueprints', body, { 'X-Remote-User': 'ada' });
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe(`/api/v1/repositories/${created.body.id}`);
    expect(created.headers.get('etag')).toBe(`"${created.body.etag}"`);
    expect(created.body).toMatchObject({
      ...body,
      name: 'blueprints',
      git: { url: 'https://git.example.com/blueprints.git', ref: null, directory: 'packages', credentialId: null },
      status: {
        conditions: [{ type: 'Ready', status: 'Unknown', reason: 'Syncing' }],
        lastSyncedAt: null,
        commit: null,
        packageCount: 0,
        revisionCount: 0,
        ignoredTags: 0,
      },
      createdBy: 'ada',
    });
    expect((await call('GET', `/repositories/${created.body.id}`)).body).toEqual(created.body);
    const operations = await call('GET', `/operations?repository=blueprints&kind=sync,push&state=queued`);
    expect(operations.body.items).toMatchObject([
      { kind: 'sync', requestedBy: 'ada', target: { type: 'Repository', id: created.body.id, name: 'blueprints' } },
    ]);
    expect(api.doorbell.rings).toEqual([created.body.id]);
    const polling = await api.database.client.repositoryPolling.findMany();
    expect(polling).toMatchObject([{ repositoryId: created.body.id }]);
  });

  it.each([
    [{ url: 'ssh://git.example.com/a.git' }, 'invalidUrl', '/git/url'],
    [{ url: 'ssh://git:hunter2@git.example.com/a.git' }, 'invalidUrl', '/git/url'],
    [{ url: 'ssh://git@git.example.com/a.git' }, 'invalidBody', '/git/credentialId'],
    [{ url: 'ssh://git@localhost/a' }, 'hostRefused', '/git/url'],
    [{ url: 'ssh://git@127.1/a' }, 'hostRefused', '/git/url'],
    [{ url: 'ssh://git@0x7f000001:2222/a' }, 'hostRefused', '/git/url'],
    [{ url: 'ssh://git@[::1]/a' }, 'hostRefused', '/git/url'],
    [{ url: 'ssh://git@[::ffff:10.0.0.1]/a' }, 'hostRefused', '/git/url'],
    [{ url: 'ssh://git@10.1.2.4/a' }, 'hostRefused', '/git/url'],
    [{ url: 'git@git.example.com:a.git' }, 'invalidUrl', '/git/url'],
    [{ url: 'https://me:hunter2@git.example.com/a.git' }, 'invalidUrl', '/git/url'],
    [{ url: 'https://git.example.com/' }, 'invalidUrl', '/git/url'],
    [{ url: 'https://git.example.com/a?x=1' }, 'invalidUrl', '/git/url'],
    [{ url: 'http://git.example.com/a' }, 'invalidUrl', '/git/url'],
    [{ url: 'https://localhost/a' }, 'hostRefused', '/git/url'],
    [{ url: 'https://127.1/a' }, 'hostRefused', '/git/url'],
    [{ url: 'https://0x7f000001/a' }, 'hostRefused', '/git/url'],
    [{ url: 'https://[::1]/a' }, 'hostRefused', '/git/url'],
    [{ url: 'https://[::ffff:10.0.0.1]/a' }, 'hostRefused', '/git/url'],
    [{ url: 'https://169.254.169.254/latest' }, 'hostRefused', '/git/url'],
    [{ ref: 'a..b' }, 'invalidName', '/git/ref'],
    [{ ref: 'refs/tags/v1' }, 'invalidName', '/git/ref'],
    [{ directory: '../x' }, 'invalidPath', '/git/directory'],
    [{ directory: 'a/.git' }, 'invalidPath', '/git/directory'],
    [{ directory: 'a//b' }, 'invalidPath', '/git/directory'],
    [{ credentialId: '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c' }, 'invalidBody', '/git/credentialId'],
  ])('refuses %j with 422 %s', async (more, code, pointer) => {
    const refused = await create('a', { git: gitOf('a', more) });
    expect([refused.status, refused.body.code, refused.body.errors[0].pointer]).toEqual([422, code, pointer]);
    expect(JSON.stringify(refused.body)).not.toContain('hunter2');
    expect([await rows(), api.doorbell.rings]).toEqual([0, []]);
  });

  it.each(['https://10.1.2.3/a', 'http://plain.example.com/a'])(
    'takes %s, whose host is allowed by name',
    async (url) => {
      expect((await create('a', { git: { url } })).status).toBe(201);
    },
  );

  it('says what is a package, and asks for a sync where that changes', async () => {
    const standard = { mode: 'kptfile', include: [], exclude: [] };
    expect((await create('a')).body.discovery).toEqual(standard);
    const given = { mode: 'krm', include: ['apps/*'] };
    const { body } = await create('b', { discovery: given });
    expect(body.discovery).toEqual({ ...standard, ...given });
    const path = `/repositories/${body.id}`;
    const syncs = () => api.database.client.operation.count({ where: { repositoryId: body.id, kind: 'sync' } });
    await api.database.client.operation.updateMany({ data: { state: 'succeeded' } });
    const patch = async (discovery: object | null) => {
      const answer = await call('PATCH', path, { discovery }, { 'If-Match': '*' });
      return [answer.status, answer.body.discovery ?? answer.body.errors[0].pointer, await syncs()];
    };
    expect(await patch({ include: ['apps/*'] })).toEqual([200, { ...standard, ...given }, 1]);
    expect(await patch({ exclude: ['**/test'], include: [] })).toEqual([
      200,
      { mode: 'krm', include: [], exclude: ['**/test'] },
      2,
    ]);
    expect(await patch({ mode: 'helm' })).toEqual([422, '/discovery/mode', 2]);
    expect(await patch({ include: [''] })).toEqual([422, '/discovery/include/0', 2]);
    expect(await patch({ exclude: Array<string>(51).fill('a') })).toEqual([422, '/discovery/exclude', 2]);
    await api.database.client.operation.updateMany({ data: { state: 'succeeded' } });
    expect(await patch(null)).toEqual([200, standard, 3]);
  });

  it('refuses a name that is taken, and says where', async () => {
    await create('a');
    const refused = await create('a', { git: gitOf('b') });
    expect(refused).toMatchObject({ status: 409, body: { code: 'alreadyExists', errors: [{ pointer: '/name' }] } });
    expect(await rows()).toBe(1);
  });

  it.each([
    ['https://GIT.example.com:443/team/a.git/', 'main', '', 409],
    ['https://git.example.com/team/a', 'refs/heads/main', 'below', 409],
    ['https://git.example.com/team/a', 'next', '', 201],
    ['https://git.example.com/team/ab', 'main', '', 201],
  ])('judges %s at %s, directory "%s", beside the whole of team/a: %i', async (url, ref, directory, status) => {
    await create('a', { git: { url: 'https://git.example.com/team/a' } });
    const second = await create('b', { git: { url, ref, directory } });
    expect(second.status).toBe(status);
    const overlap = { status: 409, body: { code: 'overlap', repository: 'a' } };
    if (status === 409) expect(second).toMatchObject(overlap);
    // So it is for one that is moved there.
    const { body: other } = await create('c', { git: { url: 'https://git.example.com/c', ref: 'main', directory } });
    const moved = await call('PATCH', `/repositories/${other.id}`, { git: { url, ref } }, { 'If-Match': '*' });
    if (status === 409) expect(moved).toMatchObject(overlap);
    // As the second one holds it by now.
    else expect(moved).toMatchObject({ status: 409, body: { code: 'overlap', repository: 'b' } });
  });

  it('lets sibling directories be, and one of eight concurrent registrations of the same place win', async () => {
    const place = (directory: string) => ({ git: { url: 'https://git.example.com/mono', directory } });
    const siblings = await Promise.all(['x/a', 'x/ab', 'y'].map((path, index) => create(`s${index}`, place(path))));
    expect(siblings.map(({ status }) => status)).toEqual([201, 201, 201]);
    const same = await Promise.all(Array.from({ length: 8 }, (_, index) => create(`c${index}`, place('z/z'))));
    expect(same.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
  });

  it('says when it is read next, and what that waits for', async () => {
    const { id, status, etag } = (await create('a')).body;
    expect(status).toMatchObject({ nextSyncAt: expect.any(String), waitingFor: expect.stringMatching(/^A worker/) });
    const soon = new Date(Date.now() + 60_000);
    const polled = async (data: object) => {
      await api.database.client.repositoryPolling.updateMany({ data: { lastSyncedAt: new Date(), ...data } });
      return (await call('GET', `/repositories/${id}`)).body;
    };
    const failing = await polled({ failures: 3, blockedUntil: soon, nextSyncAt: soon });
    expect(failing.status).toMatchObject({
      nextSyncAt: soon.toISOString(),
      waitingFor: expect.stringMatching(`3 times in a row; changes wait until ${soon.toISOString()}`),
    });
    expect((await polled({ failures: 1, blockedUntil: null })).status.waitingFor).toMatch('could not be read, once.');
    expect((await polled({ failures: 0 })).status.waitingFor).toBeNull();
    const due = await polled({ nextSyncAt: new Date(0) });
    expect([due.status.waitingFor, due.etag]).toEqual(['A free worker.', etag]);
  });

  it('rehearses with dryRun: the same answer, no row, no ring', async () => {
    const answer = await call('POST', '/repositories?dryRun=true', { name: 'a', git: gitOf('a') });
    expect(answer).toMatchObject({ status: 201, body: { name: 'a' } });
    expect([await rows(), await api.database.client.operation.count(), api.doorbell.rings]).toEqual([0, 0, []]);
  });
});

describe('over ssh', () => {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const knownHosts = `git.example.com ${parseSshPrivateKey(pem).publicKey}`;
  const credential = async (body: object): Promise<string> => (await call('POST', '/credentials', body)).body.id;
  const sshKey = (name = 'deploy') => credential({ type: 'ssh', name, privateKey: pem, knownHosts });
  const basic = () => credential({ type: 'basic', name: 'bot', username: 'git', password: 'x' });
  const SSH = 'ssh://git@git.example.com/a.git';

  it('takes an ssh URL with a key, of a private host too where it is allowed by name', async () => {
    const credentialId = await sshKey();
    const created = await create('a', { git: { url: 'ssh://git@GIT.example.com:22/a.git', credentialId } });
    expect(created).toMatchObject({ status: 201, body: { git: { url: SSH, credentialId } } });
    expect((await call('GET', `/repositories/${created.body.id}`)).body).toEqual(created.body);
    expect(
      (await create('b', { git: { url: 'ssh://git@10.1.2.3:2222/a', credentialId: await sshKey('there') } })).status,
    ).toBe(201);
  });

  it('refuses a URL and a credential that do not go together, when registered and when changed', async () => {
    const ids = { none: null, basic: await basic(), ssh: await sshKey() };
    const wrong = { status: 422, body: { code: 'invalidBody', errors: [{ pointer: '/git/credentialId' }] } };
    for (const [url, good, bad] of [
      [SSH, [ids.ssh], [ids.none, ids.basic]],
      ['https://git.example.com/b', [ids.none, ids.basic], [ids.ssh]],
    ] as const) {
      for (const credentialId of bad) expect(await create('x', { git: { url, credentialId } })).toMatchObject(wrong);
      const { body } = await create(url.slice(0, 3), { git: { url, credentialId: good[0] } });
      const patch = (git: object) => call('PATCH', `/repositories/${body.id}`, { git }, { 'If-Match': '*' });
      for (const credentialId of bad) expect(await patch({ credentialId })).toMatchObject(wrong);
      for (const credentialId of good) expect((await patch({ credentialId })).status).toBe(200);
      expect((await patch({})).status).toBe(200);
    }
  });

  it('is one repository with the same path over https, and goes from the one to the other with its credential', async () => {
    const credentialId = await sshKey();
    const { body } = await create('a', { git: { url: SSH, credentialId } });
    expect(await create('b', { git: gitOf('a') })).toMatchObject({ status: 409, body: { code: 'overlap' } });
    const patch = (url: string) => call('PATCH', `/repositories/${body.id}`, { git: { url } }, { 'If-Match': '*' });
    expect((await patch('ssh://git@GIT.example.com:22/a/')).status).toBe(200);
    const wrong = await patch('https://git.example.com/a.git');
    expect(wrong).toMatchObject({ status: 422, body: { errors: [{ pointer: '/git/credentialId' }] } });
    expect((await patch('ssh://robot@git.example.com/a.git')).status).toBe(200);
    const web = await create('c', { git: gitOf('c') });
    const moved = { git: { url: 'ssh://git@git.example.com/c', credentialId } };
    expect(await call('PATCH', `/repositories/${web.body.id}`, moved, { 'If-Match': '*' })).toMatchObject({
      status: 200,
      body: { git: { url: 'ssh://git@git.example.com/c', ref: null, credentialId } },
    });
  });

  it('never leaves a repository without its key: either it is registered, or the key is deleted', async () => {
    for (let round = 0; round < 5; round++) {
      const credentialId = await sshKey(`deploy-${round}`);
      const git = { url: `ssh://git@git.example.com/race-${round}`, credentialId };
      const [created, deleted] = await Promise.all([
        create(`race-${round}`, { git }),
        call('DELETE', `/credentials/${credentialId}`, undefined, { 'If-Match': '*' }),
      ]);
      expect([
        [201, 409],
        [422, 204],
      ]).toContainEqual([created.status, deleted.status]);
    }
  });
});

describe('changing', () => {
  it('needs If-Match, refuses a stale one, and takes the present one, *, or the etag of the body', async () => {
    const { body } = await create('a');
    const path = `/repositories/${body.id}`;
    const patch = { description: 'b' };
    expect(await call('PATCH', path, patch)).toMatchObject({ status: 428, body: { code: 'preconditionRequired' } });
    expect(await call('PATCH', path, patch, { 'If-Match': '"stale"' })).toMatchObject({
      status: 412,
      body: { code: 'preconditionFailed', currentEtag: body.etag },
    });
    const changed = await call('PATCH', path, patch, { 'If-Match': `"${body.etag}"` });
    expect(changed).toMatchObject({ status: 200, body: { description: 'b' } });
    expect(changed.body.etag).not.toBe(body.etag);
    expect((await call('PATCH', path, patch, { 'If-Match': `"${body.etag}"` })).status).toBe(412);
    expect((await call('PATCH', path, patch, { 'If-Match': changed.body.etag })).status).toBe(200);
    expect((await call('PATCH', path, patch, { 'If-Match': '*' })).status).toBe(200);
  });

  it('lets one of eight concurrent writers win', async () => {
    const { body } = await create('a');
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        call('PATCH', `/repositories/${body.id}`, { description: `${index}` }, { 'If-Match': `"${body.etag}"` }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412, 412, 412, 412]);
  });

  it('merges labels, clears by null, and takes merge-patch+json as well', async () => {
    const { body } = await create('a', {
      labels: { team: 'a', tier: 'gold' },
      description: 'x',
      syncIntervalSeconds: 60,
    });
    const patch = { labels: { tier: null, site: 'b' }, description: null, syncIntervalSeconds: null };
    const changed = await call('PATCH', `/repositories/${body.id}`, patch, {
      'If-Match': '*',
      'Content-Type': 'application/merge-patch+json',
    });
    expect(changed.body).toMatchObject({
      labels: { team: 'a', site: 'b' },
      description: null,
      syncIntervalSeconds: null,
    });
    expect(changed.body.labels).not.toHaveProperty('tier');
    const cleared = await call('PATCH', `/repositories/${body.id}`, { labels: null }, { 'If-Match': '*' });
    expect(cleared.body.labels).toEqual({});
  });

  it('refuses to change what cannot change, each by its pointer, and accepts what it is already', async () => {
    const { body } = await create('a', { git: gitOf('a', { directory: 'x' }) });
    const other = {
      name: 'b',
      deployment: true,
      git: { directory: 'y' },
    };
    const refused = await call('PATCH', `/repositories/${body.id}`, other, { 'If-Match': '*' });
    expect(refused).toMatchObject({ status: 422, body: { code: 'immutableField' } });
    expect(refused.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/name',
      '/deployment',
      '/git/directory',
    ]);
    const same = {
      name: 'a',
      deployment: false,
      git: { url: 'https://git.example.com/a/', directory: '/x/' },
    };
    expect((await call('PATCH', `/repositories/${body.id}`, same, { 'If-Match': '*' })).status).toBe(200);
  });
});
