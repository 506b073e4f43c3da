import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Prisma } from '../../src/database/generated/client.js';
import { parseGitUrl } from '../../src/domain/git-url.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import type { Health } from '../../src/health/health.schema.js';
import { CredentialVault } from '../../src/vault/credential-vault.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type Answer, type Body, HttpClient } from '../support/http-client.js';
import { addRepository } from '../support/index-rows.js';
import { startPkgserver } from '../support/pkgserver.js';
import { signIn } from '../support/sign-in.js';

const ANY = { 'If-Match': '*' };
const hmacOf = (secret: string, body: string | Buffer) => createHmac('sha256', secret).update(body).digest('hex');
const urlOf = (name: string) => `https://git.example.com/fleet/${name}.git`;

let api: TestApi;
let root: HttpClient;
beforeAll(async () => {
  api = await startTestApi({ AUTH: 'required' }, { bodyLimits: { signedWithinMs: 300 } });
  root = as(await signIn(api.database, 'root', { role: 'admin' }));
});
afterAll(() => api?.close());

const as = (token: string) => new HttpClient(api.url, { Authorization: `Bearer ${token}` });

async function registered(name = `r${uuidv7()}`) {
  const url = urlOf(name);
  return addRepository(api.database, { name, url, urlKey: parseGitUrl(url).key });
}

interface Made extends Body {
  secret: string;
  url: string;
}
const made = async (type: string, ...repositoryIds: string[]) =>
  (await root.expect(201, 'POST', '/receivers', { name: type, type, repositoryIds })).body as Made;

/** Sends bytes as they are, with no token. */
async function send(path: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> {
  return new HttpClient(api.url).call('POST', path, body.toString(), headers);
}
const hook = (receiver: Made, payload: unknown, headers: Record<string, string> = {}) => {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const signature = { 'X-Signature': `sha256=${hmacOf(receiver.secret, body)}` };
  return send(receiver.url.replace('/api/v1', ''), body, { ...signature, ...headers });
};
const syncs = (repositoryId: string) =>
  api.database.client.operation.findMany({ where: { repositoryId, kind: 'sync' }, orderBy: { id: 'asc' } });

describe('receivers', () => {
  it('are made with a secret that is shown once, read, changed and deleted', async () => {
    const [one, two] = [await registered(), await registered()];
    const once = { 'Idempotency-Key': uuidv7() };
    const body = { name: 'fleet', type: 'github', repositoryIds: [one.id, one.id] };
    const rehearsed = await root.expect(201, 'POST', '/receivers?dryRun=true', body);
    expect(rehearsed.body.secret).toBeUndefined();
    const { body: receiver, headers } = await root.expect(201, 'POST', '/receivers', body, once);
    const { secret, ...shown } = receiver;
    expect(secret).toMatch(/^[\w-]{43}$/);
    const url = `/api/v1/receivers/${receiver.id}/hook`;
    expect(shown).toMatchObject({ ...body, repositoryIds: [one.id], url, lastReceivedAt: null, createdBy: 'root' });
    expect(headers.get('location')).toBe(`/api/v1/receivers/${receiver.id}`);
    expect((await root.expect(201, 'POST', '/receivers', body, once)).body).toEqual(shown);
    const path = `/receivers/${receiver.id}`;
    expect((await root.expect(200, 'GET', path)).body).toEqual(shown);
    expect((await root.call('GET', path, undefined, { 'If-None-Match': `"${receiver.etag}"` })).status).toBe(304);

    expect((await root.call('PATCH', path, { name: 'all' })).status).toBe(428);
    const seen = { 'If-Match': `"${receiver.etag}"` };
    const repositoryIds = [two.id, one.id].sort();
    const { body: changed } = await root.expect(200, 'PATCH', path, { name: 'all', repositoryIds }, seen);
    expect(changed).toMatchObject({ name: 'all', repositoryIds });
    expect((await root.call('PATCH', path, { name: 'late' }, seen)).body.code).toBe('preconditionFailed');
    expect((await root.expect(200, 'PATCH', path, {}, ANY)).body).toEqual(changed);

    const key = { ...ANY, 'Idempotency-Key': uuidv7() };
    const { body: rotated } = await root.expect(200, 'POST', `${path}/rotate-secret`, undefined, key);
    expect(rotated.secret).not.toBe(secret);
    expect(rotated.etag).not.toBe(changed.etag);
    const again = await root.expect(200, 'POST', `${path}/rotate-secret`, undefined, key);
    expect([again.body.etag, again.body.secret]).toEqual([rotated.etag, undefined]);
    expect((await root.call('POST', `${path}/rotate-secret`, undefined, seen)).status).toBe(412);
    const tables = await api.database.client.$queryRaw<{ found: number }[]>`
      SELECT count(*)::int AS found FROM receiver t WHERE t::text LIKE ${`%${rotated.secret}%`}
      UNION ALL SELECT count(*)::int FROM idempotency_key t WHERE t::text LIKE ${`%${rotated.secret}%`}
      UNION ALL SELECT count(*)::int FROM audit_entry t WHERE t::text LIKE ${`%${rotated.secret}%`}`;
    expect(tables.map(({ found }) => found)).toEqual([0, 0, 0]);

    // Whoever is unregistered is not read again; the receiver stays.
    await api.database.client.repository.delete({ where: { id: two.id } });
    expect((await root.expect(200, 'GET', path)).body.repositoryIds).toEqual([one.id]);
    await root.expect(204, 'DELETE', path, undefined, ANY);
    expect((await root.call('GET', path)).status).toBe(404);
    expect((await root.call('DELETE', path, undefined, ANY)).status).toBe(404);
  });

  it('are listed by type and repository, in orders and pages', async () => {
    const { id } = await registered();
    const [b, a] = [await made('gitlab', id), await made('bitbucket', id)];
    const list = async (query: string) => (await root.expect(200, 'GET', `/receivers?repositoryId=${id}${query}`)).body;
    const idsOf = (page: Body) => page.items.map((item) => item.id);
    expect(idsOf(await list(''))).toEqual([a.id, b.id]);
    expect(idsOf(await list('&sort=createdAt'))).toEqual([b.id, a.id]);
    expect(idsOf(await list('&type=gitlab,github'))).toEqual([b.id]);
    const first = await list('&pageSize=1');
    expect(idsOf(await list(`&pageSize=1&cursor=${first.nextCursor}`))).toEqual([b.id]);
    for (const wrong of [{ type: 'svn' }, { repositoryIds: [] }, { name: '' }, { secret: 'x' }]) {
      const body = { name: 'x', type: 'generic', repositoryIds: [id], ...wrong };
      expect((await root.call('POST', '/receivers', body)).body.code, JSON.stringify(wrong)).toBe('invalidBody');
    }
  });

  it('are for those who administer all of their repositories, and not there for the others', async () => {
    const [own, other, read] = [await registered(), await registered(), await registered()];
    const owner = as(
      await signIn(
        api.database,
        uuidv7(),
        { role: 'repositoryAdmin', repositoryId: own.id },
        { role: 'author', repositoryId: read.id },
      ),
    );
    const body = (...repositoryIds: string[]) => ({ name: 'x', type: 'generic', repositoryIds });
    const mine = await owner.expect(201, 'POST', '/receivers', body(own.id));
    const hidden = await owner.call('POST', '/receivers', body(other.id));
    expect(hidden.body).toMatchObject({
      code: 'invalidBody',
      errors: [{ pointer: '/repositoryIds/0', code: 'notFound' }],
    });
    const unknown = await owner.call('POST', '/receivers', body(uuidv7()));
    expect(unknown.body.errors[0].code).toBe('notFound');
    const denied = { code: 'forbidden', permission: 'receivers.manage' };
    expect((await owner.call('POST', '/receivers', body(own.id, read.id))).body).toMatchObject(denied);
    const path = `/receivers/${mine.body.id}`;
    expect((await owner.call('PATCH', path, { repositoryIds: [read.id] }, ANY)).body).toMatchObject(denied);

    const both = await made('generic', own.id, other.id);
    const answers = [
      await owner.call('GET', `/receivers/${both.id}`),
      await owner.call('DELETE', `/receivers/${both.id}`, undefined, ANY),
      await owner.call('POST', `/receivers/${both.id}/rotate-secret`, undefined, ANY),
    ];
    for (const answer of answers) {
      expect(answer.body).toMatchObject({ code: 'notFound', detail: `There is no receiver with the id ${both.id}.` });
    }
    const { items } = (await owner.expect(200, 'GET', '/receivers')).body as Body;
    expect(items.map(({ id }) => id)).toEqual([mine.body.id]);
    // One without repositories belongs to nobody but those who administer everything.
    await api.database.client.receiverRepository.deleteMany({ where: { receiverId: both.id } });
    expect((await owner.call('GET', `/receivers/${both.id}`)).status).toBe(404);
    expect((await owner.expect(200, 'GET', '/receivers')).body.items).toHaveLength(1);
    expect((await root.expect(200, 'GET', `/receivers/${both.id}`)).body.repositoryIds).toEqual([]);
  });
});

describe('a webhook', () => {
  it('of each kind of host has the repository that it names read again', async () => {
    const [repository, other] = [await registered(), await registered()];
    const clone = { repository: { clone_url: repository.url } };
    const kinds: [string, object, (secret: string, body: string) => Record<string, string>][] = [
      [
        'github',
        clone,
        (key, body) => ({ 'X-Hub-Signature-256': `sha256=${hmacOf(key, body)}`, 'X-GitHub-Event': 'push' }),
      ],
      ['gitea', clone, (key, body) => ({ 'X-Gitea-Signature': hmacOf(key, body), 'X-Gitea-Event': 'create' })],
      [
        'gitlab',
        { project: { git_http_url: repository.url } },
        (key) => ({ 'X-Gitlab-Token': key, 'X-Gitlab-Event': 'Tag Push Hook', 'Idempotency-Key': uuidv7() }),
      ],
      [
        'bitbucket',
        { repository: { links: { html: { href: repository.url } } } },
        (key, body) => ({ 'X-Hub-Signature': `sha256=${hmacOf(key, body)}`, 'X-Event-Key': 'repo:push' }),
      ],
      ['generic', { repository: repository.url }, (key, body) => ({ 'X-Signature': `sha256=${hmacOf(key, body)}` })],
    ];
    for (const [type, payload, sign] of kinds) {
      const receiver = await made(type, repository.id, other.id);
      const body = JSON.stringify(payload);
      const path = `/receivers/${receiver.id}/hook`;
      api.doorbell.rings.length = 0;
      const taken = await send(path, body, sign(receiver.secret, body));
      expect(taken, type).toMatchObject({ status: 202, body: { repositoryIds: [repository.id] } });
      expect(api.doorbell.rings, type).toEqual([repository.id]);
      const forged = await send(path, `${body} `, sign(type === 'gitlab' ? 'other' : receiver.secret, body));
      expect(forged.status, type).toBe(401);
      const read = await root.expect(200, 'GET', `/receivers/${receiver.id}`);
      expect(read.body).toMatchObject({ lastReceivedAt: expect.any(String), etag: receiver.etag });
    }
    // All in one sync, since no worker has begun it.
    const [sync, ...more] = await syncs(repository.id);
    expect(sync).toMatchObject({ state: 'queued', requestedBy: expect.stringMatching(/^receiver:[0-9a-f-]{36}$/) });
    expect(more).toEqual([]);
    expect(await syncs(other.id)).toEqual([]);
  });

  it('reaches its receiver’s own repositories alone: all if it names none, and none if it names somebody else’s', async () => {
    const [one, two, foreign] = [await registered(), await registered(), await registered()];
    const receiver = await made('generic', one.id, two.id);
    const due = async (payload: unknown) => (await hook(receiver, payload)).body.repositoryIds;
    expect(await due({ repository: foreign.url })).toEqual([]);
    expect(await due({ repository: 'https://git.example.com/' })).toEqual([]);
    expect(await syncs(foreign.id)).toEqual([]);
    expect(await due({ repository: { ssh_url: 'git@git.example.com:fleet/nobody.git' } })).toEqual([]);
    expect(await due({})).toEqual([one.id, two.id].sort());
    expect(await due('')).toEqual([one.id, two.id].sort());
    // What the rest says is nobody's business.
    expect(await due({ repositoryIds: [foreign.id], ref: 7, repository: { clone_url: two.url } })).toEqual([two.id]);
  });

  it('that is no change, or was taken before, does nothing', async () => {
    const { id, url } = await registered();
    const receiver = await made('github', id);
    const call = (payload: object, headers: Record<string, string>) => {
      const body = JSON.stringify(payload);
      return hook(receiver, body, { 'X-Hub-Signature-256': `sha256=${hmacOf(receiver.secret, body)}`, ...headers });
    };
    const push = { repository: { clone_url: url } };
    const none = { status: 202, body: { repositoryIds: [] } };
    expect(await call({ zen: 'x', ...push }, { 'X-GitHub-Event': 'ping' })).toMatchObject(none);
    expect(await syncs(id)).toEqual([]);
    const delivery = { 'X-GitHub-Event': 'push', 'X-GitHub-Delivery': uuidv7() };
    const twins = await Promise.all([call(push, delivery), call(push, delivery), call(push, delivery)]);
    expect(twins.map(({ body }) => body.repositoryIds.length).sort()).toEqual([0, 0, 1]);
    expect(await syncs(id)).toHaveLength(1);
    // A worker is at it: what comes now needs another one.
    await api.database.client.operation.updateMany({ where: { repositoryId: id }, data: { state: 'running' } });
    expect(await call(push, delivery)).toMatchObject(none);
    expect(await syncs(id)).toHaveLength(1);
    await Promise.all([1, 2, 3].map(() => call(push, { 'X-GitHub-Delivery': uuidv7() })));
    expect((await syncs(id)).filter(({ state }) => state === 'queued').length).toBeGreaterThan(0);
    const count = (await syncs(id)).length;
    for (let burst = 0; burst < 10; burst += 1) await call(push, { 'X-GitHub-Delivery': uuidv7() });
    expect(await syncs(id)).toHaveLength(count);
    // Of another receiver the same id is another one.
    const beside = await made('generic', id);
    const repeated = { 'Idempotency-Key': delivery['X-GitHub-Delivery'] };
    expect((await hook(beside, {}, repeated)).body.repositoryIds).toEqual([id]);
    expect((await hook(beside, {}, repeated)).body.repositoryIds).toEqual([]);
  });

  it('to nobody is answered as one with a wrong signature, and leaves nothing', async () => {
    const { id } = await registered();
    const receiver = await made('generic', id);
    const wrong = { 'X-Signature': `sha256=${hmacOf('guessed', '{}')}` };
    const known = await hook(receiver, '{}', wrong);
    const unsigned = await send(`/receivers/${receiver.id}/hook`, '{}');
    const unknown = await send(`/receivers/${uuidv7()}/hook`, '{}', wrong);
    const nonsense = await send('/receivers/x/hook', '{}', wrong);
    const { requestId: _, instance: __, ...problem } = known.body;
    expect(problem).toMatchObject({ status: 401, code: 'unauthenticated' });
    for (const answer of [unsigned, unknown, nonsense]) {
      expect(answer).toMatchObject({ status: 401, body: problem });
      const names = ({ headers }: Answer) => [...headers.keys()].sort();
      expect(names(answer)).toEqual(names(known));
    }
    expect((await root.expect(200, 'GET', `/receivers/${receiver.id}`)).body.lastReceivedAt).toBeNull();
    expect(await syncs(id)).toEqual([]);
    // A token opens nothing here.
    expect((await root.call('POST', `/receivers/${receiver.id}/hook`, {})).status).toBe(401);
    // A secret that was changed in the database is as good as none; the log says so.
    await api.database.write(Prisma.sql`
      UPDATE receiver SET sealed = set_byte(sealed, 40, 255 - get_byte(sealed, 40)) WHERE id = ${receiver.id}::uuid`);
    expect((await hook(receiver, '{}')).status).toBe(401);
  });

  it('with the old secret is refused once there is another one', async () => {
    const { id } = await registered();
    const receiver = await made('generic', id);
    expect((await hook(receiver, {})).status).toBe(202);
    const { body } = await root.expect(200, 'POST', `/receivers/${receiver.id}/rotate-secret`, undefined, ANY);
    expect((await hook(receiver, {})).status).toBe(401);
    expect((await hook(body as Made, {})).status).toBe(202);
    await root.expect(204, 'DELETE', `/receivers/${receiver.id}`, undefined, ANY);
    expect((await hook(body as Made, {})).status).toBe(401);
  });

  it('that makes something due is in the audit log', async () => {
    const { id } = await registered();
    const receiver = await made('generic', id);
    const entries = (query: string) => root.expect(200, 'GET', `/audit-entries?resourceId=${receiver.id}&${query}`);
    await hook(receiver, {});
    // What makes nothing due leaves nothing for ever.
    await hook(receiver, { repository: urlOf('nobody') });
    const [entry, ...more] = ((await entries('action=receiveWebhook')).body as Body).items;
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      ...{ outcome: 'succeeded', actor: null, address: '127.0.0.1', resourceType: 'Receiver', operationId: null },
      ...{ before: receiver.etag, after: receiver.etag },
    });
  });

  it('is read as JSON or a form, and refused as anything else', async () => {
    const { id, url } = await registered();
    const receiver = await made('generic', id);
    const form = new URLSearchParams({ payload: JSON.stringify({ repository: url }) }).toString();
    const type = (name: string) => ({ 'Content-Type': name });
    const asForm = await hook(receiver, form, type('application/x-www-form-urlencoded'));
    expect(asForm).toMatchObject({ status: 202, body: { repositoryIds: [id] } });
    expect((await hook(receiver, form)).body).toMatchObject({ status: 400, code: 'malformedBody' });
    expect((await hook(receiver, '{"a":')).body.code).toBe('malformedBody');
    expect((await hook(receiver, '{}', type('text/plain'))).body).toMatchObject({ code: 'unsupportedMediaType' });
    expect((await root.call('POST', '/views', 'a=b', type('application/x-www-form-urlencoded'))).status).toBe(415);
    // Nobody learns by a wrong body whether a receiver is there.
    expect((await send(`/receivers/${uuidv7()}/hook`, '{"a":')).status).toBe(401);
    const { status } = await hook({ ...receiver, url: `${receiver.url}?dryRun=true` }, {});
    expect(status).toBe(400);
    // Without a body, and without a word on its type.
    const bare = await fetch(`${api.url}${receiver.url}`, {
      method: 'POST',
      headers: { 'X-Signature': `sha256=${hmacOf(receiver.secret, '')}` },
    });
    expect([bare.status, await bare.json()]).toEqual([202, { repositoryIds: [id] }]);
  });

  it('may have 1 MiB, and has to be there in time', async () => {
    const receiver = await made('generic', (await registered()).id);
    const padded = (bytes: number) => JSON.stringify({ pad: 'x'.repeat(bytes - '{"pad":""}'.length) });
    expect((await hook(receiver, padded(1024 * 1024))).status).toBe(202);
    expect((await hook(receiver, padded(1024 * 1024 + 1))).body).toMatchObject({ status: 413, code: 'bodyTooLarge' });
    const slow = request(`${api.url}${receiver.url}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Length': 100 },
    });
    const answered = new Promise<number | undefined>((resolve, reject) => {
      slow.on('response', (response) => resolve(response.statusCode)).on('error', reject);
    });
    slow.write('{');
    expect(await answered).toBe(408);
    slow.destroy();
  });

  it('slows the poll of its repository down, until nobody tells of it any more', async () => {
    const [told, other] = [await registered(), await registered()];
    const receiver = await made('generic', told.id, other.id);
    const later = new Date(Date.now() + 600_000);
    await api.database.client.repositoryPolling.updateMany({ data: { nextSyncAt: later } });
    const polling = (repositoryId: string) =>
      api.database.client.repositoryPolling.findUniqueOrThrow({ where: { repositoryId } });
    await hook(receiver, { repository: told.url });
    expect((await polling(told.id)).toldAt).toBeInstanceOf(Date);
    expect((await polling(other.id)).toldAt).toBeNull();
    await root.expect(200, 'PATCH', `/receivers/${receiver.id}`, { repositoryIds: [other.id] }, ANY);
    expect(await polling(told.id)).toMatchObject({ toldAt: null });
    expect((await polling(told.id)).nextSyncAt.getTime()).toBeLessThan(later.getTime());
    expect((await polling(other.id)).nextSyncAt).toEqual(later);
    await hook(receiver, {});
    await root.expect(204, 'DELETE', `/receivers/${receiver.id}`, undefined, ANY);
    expect((await polling(other.id)).toldAt).toBeNull();
  });

  const REAL = resolve(import.meta.dirname, '../../../shared/cases/gitea-hooks.json');
  it.runIf(existsSync(REAL))('that a real Gitea sent is taken, and refused with one byte changed', async () => {
    const hooks = JSON.parse(readFileSync(REAL, 'utf8')) as { headers: Record<string, string>; body: string }[];
    expect(hooks).toHaveLength(3);
    for (const { headers, body } of hooks) {
      const { repository } = JSON.parse(body) as { repository: { clone_url: string; ssh_url: string } };
      const { id } = await addRepository(api.database, { urlKey: parseGitUrl(repository.clone_url).key });
      const receiver = await made('gitea', id, (await registered()).id);
      const sealed = api.app.get(CredentialVault, { strict: false }).seal(receiver.id, { token: 's3cret' });
      await api.database.client.receiver.update({ where: { id: receiver.id }, data: { sealed } });
      const { 'content-length': _, host: __, 'content-type': ___, ...sent } = headers;
      const path = `/receivers/${receiver.id}/hook`;
      for (const at of [0, body.length >> 1, body.length - 1]) {
        const changed = `${body.slice(0, at)}${body[at] === ' ' ? '\n' : ' '}${body.slice(at + 1)}`;
        expect((await send(path, changed, sent)).status).toBe(401);
      }
      expect(await send(path, body, sent)).toMatchObject({ status: 202, body: { repositoryIds: [id] } });
      expect((await send(path, body, sent)).body.repositoryIds).toEqual([]);
    }
  });
});

describe('calls with wrong signatures', () => {
  let limited: TestApi | undefined;
  afterEach(() => limited?.close());

  it('count against their address as failed sign-ins do', async () => {
    limited = await startTestApi({ AUTH: 'required', RATE_LIMIT_ADDRESS: '1000' });
    const client = new HttpClient(limited.url);
    const statuses = [];
    for (let turn = 0; turn < 4; turn += 1) {
      statuses.push((await client.call('POST', `/receivers/${uuidv7()}/hook`, '{}')).status);
    }
    expect(statuses).toEqual([401, 401, 401, 429]);
    const { client: database } = limited.database;
    const denied = await database.auditEntry.findMany({ where: { action: 'receiveWebhook', outcome: 'denied' } });
    expect(denied).toHaveLength(1);
  });
});

it('a push by hand is in the index within a moment of its webhook, also one that comes during a visit', async () => {
  const git = await GitServer.start();
  // No poll comes to help.
  const service = await startPkgserver({ SYNC_INTERVAL_SECONDS: '3600', SYNC_INTERVAL_WITH_RECEIVER_SECONDS: '7200' });
  try {
    const client = new HttpClient(service.url);
    const { url, path } = await git.createRepository('fleet');
    const remote = GitFixture.create(path);
    const { body: repository } = await client.expect(201, 'POST', '/repositories', { name: 'fleet', git: { url } });
    await client.expect(200, 'POST', `/repositories/${repository.id}/sync`, undefined, { Prefer: 'wait=30' });
    const request_ = { name: 'fleet', type: 'generic', repositoryIds: [repository.id] };
    const { body: receiver } = await client.expect(201, 'POST', '/receivers', request_);
    const body = JSON.stringify({ repository: url });
    const signature = { 'X-Signature': `sha256=${hmacOf(receiver.secret, body)}` };
    const tell = () => client.expect(202, 'POST', `/receivers/${receiver.id}/hook`, body, signature);
    const kptfile = (name: string) => `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\n`;
    const push = (name: string) => remote.commit({ files: { [`${name}/Kptfile`]: kptfile(name) } });
    const isThere = async (name: string) =>
      ((await client.expect(200, 'GET', `/packages?path=${name}`)).body as Body).items.length === 1;
    const appears = async (name: string) => {
      for (const until = Date.now() + 20_000; Date.now() < until; await sleep(5)) if (await isThere(name)) return;
      throw new Error(`${name} does not appear`);
    };

    const times: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      await push(`p${turn}`);
      const begun = performance.now();
      await tell();
      await appears(`p${turn}`);
      times.push(performance.now() - begun);
    }
    const median = times.sort((left, right) => left - right)[2] ?? 0;
    console.log(`From the webhook until a push is in the index: ${median.toFixed(0)} ms (median of 5).`);

    // The visit has listed the refs and the answer is on its way: what is pushed now it does not know.
    const late: Promise<unknown>[] = [];
    git.onRequest(async ({ service: asked, method, phase }) => {
      if (phase !== 'after' || asked !== 'git-upload-pack' || method !== 'POST' || late.length > 0) return;
      late.push(push('late').then(tell));
      await late[0];
    });
    await tell();
    await appears('late');
    git.onRequest(null);

    const { nextSyncAt } = await service.database.client.repositoryPolling.findFirstOrThrow();
    expect(nextSyncAt.getTime()).toBeGreaterThan(Date.now() + 6_000_000);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toMatch(/pkgserver_syncs_total\{cause="receiver"\} [1-9]/);
    expect(metrics).toContain(`pkgserver_receiver_last_call_seconds{receiver="${receiver.id}",name="fleet"}`);
  } finally {
    await service.stop();
    await git.stop();
  }
}, 60_000);

it('one whose secret no key opens tells its host so, and readiness tells since when', async () => {
  const receiver = await made('generic', (await registered()).id);
  const turn = () =>
    api.database.write(Prisma.sql`
      UPDATE receiver SET sealed = set_byte(sealed, 1, 255 - get_byte(sealed, 1)) WHERE id = ${receiver.id}::uuid`);
  const sent = () => hook(receiver, { repository: urlOf('x') });
  expect(await sent()).toMatchObject({ status: 202 });
  // As if another key had sealed it.
  await turn();
  const refused = await sent();
  expect(refused).toMatchObject({
    status: 503,
    body: {
      code: 'unavailable',
      detail: expect.stringMatching(/^The secret of this receiver was sealed with another key/),
    },
  });
  expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
  const ready = async () => (await (await fetch(`${api.url}/health/ready`)).json()) as Health;
  const first = await ready();
  expect(first).toMatchObject({
    status: 'degraded',
    checks: { sealingKeys: { status: 'down', message: expect.stringMatching(/^1 secrets are sealed/) } },
  });
  expect(first.checks.sealingKeys?.since).toMatch(/^\d{4}-\d\d-\d\dT/);
  expect(await ready()).toEqual(first);
  await turn();
  expect(await sent()).toMatchObject({ status: 202 });
  expect(await ready()).toEqual({ status: 'ok', checks: { database: { status: 'up' }, queue: { status: 'up' } } });
});
