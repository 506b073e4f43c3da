import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ GIT_ALLOWED_HOSTS: '10.1.2.3, plain.example.com' });
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.database.client.$executeRaw`TRUNCATE repository, operation, idempotency_key, credential CASCADE`;
  api.doorbell.rings.length = 0;
});

interface Answer {
  status: number;
  headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into bodies of every shape
  body: any;
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(path.startsWith('http') ? path : `${api.url}/api/v1${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

const git = (name: string, more: object = {}) => ({ url: `https://git.example.com/${name}.git`, ...more });
const create = (name: string, more: object = {}, headers?: Record<string, string>) =>
  call('POST', '/repositories', { name, git: git(name), ...more }, headers);
const rows = () => api.database.client.repository.count();

/** A draft of a package in the repository, written as the rows that an accepted POST would leave. */
async function addDraft(repository: { id: string; name: string }): Promise<void> {
  const now = new Date();
  const stamp = { createdAt: now, updatedAt: now };
  const packageId = '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a01';
  await api.database.client.package.create({
    data: { id: packageId, repositoryId: repository.id, path: 'a', realm: '', name: 'a', ...stamp },
  });
  await api.database.client.packageRevision.create({
    data: {
      id: '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a02',
      repositoryId: repository.id,
      repositoryName: repository.name,
      packageId,
      path: 'a',
      realm: '',
      packageName: 'a',
      name: `catalog.${repository.name}..a.w`,
      workspace: 'w',
      lifecycle: 'draft',
      source: { type: 'init' },
      tree: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
      gitState: 'pending',
      createdBy: 'ada',
      updatedBy: 'ada',
      ...stamp,
    },
  });
}

describe('registering', () => {
  it('stores the repository, asks for its first sync and rings once', async () => {
    const body = {
      description: 'Blueprints.',
      labels: { team: 'network' },
      deployment: true,
      git: git('blueprints', { directory: '/packages/' }),
      syncIntervalSeconds: 300,
    };
    const created = await create('blueprints', body, { 'X-Remote-User': 'ada' });
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe(`/api/v1/repositories/${created.body.id}`);
    expect(created.headers.get('etag')).toBe(`"${created.body.etag}"`);
    expect(created.body).toMatchObject({
      ...body,
      name: 'blueprints',
      git: { url: 'https://git.example.com/blueprints.git', ref: 'main', directory: 'packages', credentialId: null },
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
    [{ url: 'ssh://git@git.example.com/a.git' }, 'invalidUrl', '/git/url'],
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
    const refused = await create('a', { git: git('a', more) });
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

  it('refuses a name that is taken, and says where', async () => {
    await create('a');
    const refused = await create('a', { git: git('b') });
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
    if (status === 409) expect(second.body).toMatchObject({ code: 'overlap', repository: 'a' });
  });

  it('lets sibling directories be, and one of eight concurrent registrations of the same place win', async () => {
    const place = (directory: string) => ({ git: { url: 'https://git.example.com/mono', directory } });
    const siblings = await Promise.all(['x/a', 'x/ab', 'y'].map((path, index) => create(`s${index}`, place(path))));
    expect(siblings.map(({ status }) => status)).toEqual([201, 201, 201]);
    const same = await Promise.all(Array.from({ length: 8 }, (_, index) => create(`c${index}`, place('z/z'))));
    expect(same.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
  });

  it('rehearses with dryRun: the same answer, no row, no ring', async () => {
    const answer = await call('POST', '/repositories?dryRun=true', { name: 'a', git: git('a') });
    expect(answer).toMatchObject({ status: 201, body: { name: 'a' } });
    expect([await rows(), await api.database.client.operation.count(), api.doorbell.rings]).toEqual([0, 0, []]);
  });
});

describe('Idempotency-Key', () => {
  const key = { 'Idempotency-Key': 'k-1' };

  it('replays the first answer and does nothing again', async () => {
    const first = await create('a', {}, key);
    const second = await create('a', {}, key);
    expect(second.status).toBe(201);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
    expect([first, second].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    expect(await rows()).toBe(1);
  });

  it('refuses the key for another request, and keeps it apart for another actor', async () => {
    await create('a', {}, key);
    expect(await create('b', {}, key)).toMatchObject({ status: 422, body: { code: 'idempotencyKeyReused' } });
    expect((await create('b', {}, { ...key, 'X-Remote-User': 'bob' })).status).toBe(201);
  });

  it('lets one of ten concurrent twins do it and gives all the same answer', async () => {
    const twins = await Promise.all(Array.from({ length: 10 }, () => create('a', {}, key)));
    expect(new Set(twins.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect(twins.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1);
    expect(await rows()).toBe(1);
  });

  it('keeps nothing of a failure', async () => {
    const refused = await create('a', { git: git('a', { ref: 'a..b' }) }, key);
    expect(refused.status).toBe(422);
    expect((await create('a', {}, key)).status).toBe(201);
  });

  it('forgets after 24 hours', async () => {
    await create('a', {}, key);
    const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await api.database.client.idempotencyKey.updateMany({ data: { createdAt: yesterday } });
    expect((await create('b', {}, key)).status).toBe(201);
    expect(await api.database.client.idempotencyKey.count()).toBe(1);
  });

  it.each(['a b', 'x'.repeat(256), 'é'])('refuses the key %s', async (value) => {
    const refused = await create('a', {}, { 'Idempotency-Key': value });
    expect(refused).toMatchObject({ status: 400, body: { code: 'badRequest' } });
    expect(await rows()).toBe(0);
  });
});

describe('reading', () => {
  it('answers 304 to the ETag it gave, also when only the time of the last sync has changed', async () => {
    const { body } = await create('a');
    const known = { 'If-None-Match': `"other", W/"${body.etag}"` };
    await api.database.client.repositoryPolling.updateMany({ data: { lastSyncedAt: new Date() } });
    const same = await call('GET', `/repositories/${body.id}`, undefined, known);
    expect([same.status, same.body, same.headers.get('etag')]).toEqual([304, undefined, `"${body.etag}"`]);
    await addDraft(body);
    const changed = await call('GET', `/repositories/${body.id}`, undefined, known);
    expect(changed).toMatchObject({ status: 200, body: { status: { packageCount: 1, revisionCount: 1 } } });
  });

  it('pages through all of them once, while others are registered', async () => {
    const names = Array.from({ length: 23 }, (_, index) => `r${String(index).padStart(2, '0')}`);
    for (const name of names) await create(name);
    const seen: string[] = [];
    let path = '/repositories?pageSize=5';
    for (let page = 0; page < 10; page += 1) {
      const { body } = await call('GET', path);
      seen.push(...body.items.map((item: { name: string }) => item.name));
      if (body.nextCursor === null) break;
      await create(`r0-${page}`);
      await create(`z-${page}`);
      path = `/repositories?pageSize=5&cursor=${body.nextCursor}`;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((name) => names.includes(name))).toEqual(names);
  });

  it('refuses a cursor of another filter, or one that was changed', async () => {
    await create('a');
    await create('b');
    const { nextCursor } = (await call('GET', '/repositories?pageSize=1')).body;
    const changed = Buffer.from(Buffer.from(nextCursor, 'base64url').toString().replace('"a"', '"b"')).toString(
      'base64url',
    );
    for (const query of [`cursor=${nextCursor}&q=b`, `cursor=${changed}`]) {
      expect(await call('GET', `/repositories?${query}`)).toMatchObject({
        status: 400,
        body: { code: 'invalidCursor' },
      });
    }
  });

  it('takes a page size beyond the largest as the largest', async () => {
    expect((await call('GET', '/repositories?pageSize=100000')).status).toBe(200);
  });

  it.each([
    ['name=blue-1', ['blue-1']],
    ['q=LUE', ['blue-1', 'blue-2']],
    ['q=%25', []],
    ['deployment=true', ['blue-2']],
    ['labelSelector=team', ['blue-1', 'blue-2']],
    ['labelSelector=!team', ['red']],
    ['labelSelector=team=a', ['blue-1']],
    ['labelSelector=team!=a', ['blue-2', 'red']],
    ['labelSelector=team in (a,b),tier', ['blue-2']],
    ['labelSelector=team notin (a,c)&q=e', ['blue-2', 'red']],
  ])('filters by %s', async (query, expected) => {
    await create('blue-1', { labels: { team: 'a' } });
    await create('blue-2', { labels: { team: 'b', tier: '' }, deployment: true });
    await create('red');
    const { body } = await call('GET', `/repositories?${query}`);
    expect(body.items.map((item: { name: string }) => item.name)).toEqual(expected);
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
    const { body } = await create('a', { git: git('a', { directory: 'x' }) });
    const other = {
      name: 'b',
      deployment: true,
      git: { url: 'https://git.example.com/b', ref: 'next', directory: 'y' },
    };
    const refused = await call('PATCH', `/repositories/${body.id}`, other, { 'If-Match': '*' });
    expect(refused).toMatchObject({ status: 422, body: { code: 'immutableField' } });
    expect(refused.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/name',
      '/deployment',
      '/git/url',
      '/git/ref',
      '/git/directory',
    ]);
    const same = {
      name: 'a',
      deployment: false,
      git: { url: 'https://git.example.com/a/', ref: 'main', directory: '/x/' },
    };
    expect((await call('PATCH', `/repositories/${body.id}`, same, { 'If-Match': '*' })).status).toBe(200);
  });
});

describe('unregistering', () => {
  it('forgets it, its index and its polling, and cancels what waits for it', async () => {
    const { body } = await create('a');
    const gone = await call('DELETE', `/repositories/${body.id}`, undefined, { 'If-Match': `"${body.etag}"` });
    expect([gone.status, gone.body]).toEqual([204, undefined]);
    expect((await call('GET', `/repositories/${body.id}`)).status).toBe(404);
    expect(await api.database.client.repositoryPolling.count()).toBe(0);
    expect(await api.database.client.operation.findMany()).toMatchObject([{ state: 'cancelled' }]);
  });

  it('refuses while there are drafts, naming them, unless told to discard them', async () => {
    const { body } = await create('a');
    await addDraft(body);
    const path = `/repositories/${body.id}`;
    expect(await call('DELETE', path, undefined, { 'If-Match': '*' })).toMatchObject({
      status: 409,
      body: { code: 'draftsExist', drafts: ['catalog.a..a.w'], draftCount: 1 },
    });
    expect((await call('DELETE', `${path}?drafts=keep`, undefined, { 'If-Match': '*' })).status).toBe(400);
    expect((await call('DELETE', `${path}?drafts=discard`, undefined, { 'If-Match': '*' })).status).toBe(204);
    expect(await api.database.client.packageRevision.count()).toBe(0);
  });
});

describe('syncing', () => {
  const finish = (id: string, data: object) => api.database.client.operation.update({ where: { id }, data });
  const done = { state: 'succeeded', finishedAt: new Date() };

  it('answers 202, the operation and where it is; a second request shares a sync that has not begun', async () => {
    const { body } = await create('a');
    const first = await call('POST', `/repositories/${body.id}/sync`);
    const second = await call('POST', `/repositories/${body.id}/sync`);
    expect(first).toMatchObject({ status: 202, body: { kind: 'sync', state: 'queued', repositoryId: body.id } });
    expect(first.headers.get('location')).toBe(`/api/v1/operations/${first.body.id}`);
    expect(second.body.id).toBe(first.body.id);
  });

  it('holds the answer on Prefer: wait and gives the finished repository', async () => {
    const { body } = await create('a');
    const held = call('POST', `/repositories/${body.id}/sync`, undefined, { Prefer: 'respond-async, wait=10' });
    const [operation] = await api.database.client.operation.findMany();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await finish(operation?.id ?? '', { ...done, result: { resource: { type: 'Repository', id: body.id } } });
    const answer = await held;
    expect(answer).toMatchObject({ status: 200, body: { id: body.id, name: 'a' } });
    expect(answer.headers.get('preference-applied')).toBe('wait=10');
    expect(answer.headers.get('etag')).toBe(`"${answer.body.etag}"`);
  });

  it('gives the Problem of an operation that failed while it was waited for', async () => {
    const { body } = await create('a');
    const held = call('POST', `/repositories/${body.id}/sync`, undefined, { Prefer: 'wait=10' });
    const [operation] = await api.database.client.operation.findMany();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const error = { code: 'remoteAuthFailed', detail: 'The remote refused the credential.' };
    await finish(operation?.id ?? '', { state: 'failed', error, finishedAt: new Date() });
    const answer = await held;
    expect(answer).toMatchObject({ status: 502, body: { ...error, status: 502, title: expect.any(String) } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('gives 202 when time is up', async () => {
    const { body } = await create('a');
    const answer = await call('POST', `/repositories/${body.id}/sync`, undefined, { Prefer: 'wait=1' });
    expect([answer.status, answer.headers.get('preference-applied')]).toEqual([202, 'wait=1']);
  });

  it('holds GET of an operation until it has ended', async () => {
    await create('a');
    const [operation] = await api.database.client.operation.findMany();
    const held = Array.from({ length: 5 }, () => call('GET', `/operations/${operation?.id}?wait=20`));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await finish(operation?.id ?? '', done);
    for (const answer of await Promise.all(held))
      expect(answer).toMatchObject({ status: 200, body: { state: 'succeeded' } });
  });

  it('cancels what waits, asks what runs to stop, retries what failed, and refuses the rest', async () => {
    await create('a');
    const [operation] = await api.database.client.operation.findMany();
    const id = operation?.id ?? '';
    const act = (action: string) => call('POST', `/operations/${id}/${action}`);
    expect(await act('retry')).toMatchObject({ status: 409, body: { code: 'stateConflict' } });
    expect(await act('cancel')).toMatchObject({ status: 200, body: { state: 'cancelled' } });
    expect(await act('cancel')).toMatchObject({ status: 409, body: { code: 'stateConflict' } });
    await finish(id, { state: 'running', finishedAt: null });
    expect(await act('cancel')).toMatchObject({ status: 200, body: { state: 'running' } });
    expect(await api.database.client.operation.findUnique({ where: { id } })).toMatchObject({ cancelRequested: true });
    await finish(id, { state: 'failed', error: { code: 'remoteTimeout', detail: 'Too slow.' } });
    expect((await call('GET', `/operations/${id}`)).body.error).toMatchObject({ code: 'remoteTimeout', status: 504 });
    api.doorbell.rings.length = 0;
    expect(await act('retry')).toMatchObject({ status: 200, body: { state: 'queued', error: null } });
    expect(api.doorbell.rings).toHaveLength(1);
    await finish(id, { kind: 'push' });
    expect(await act('cancel')).toMatchObject({ status: 409, body: { code: 'stateConflict' } });
  });
});
