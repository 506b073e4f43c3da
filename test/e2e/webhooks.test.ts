import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import type { NewEvent } from '../../src/events/event-data.js';
import { CredentialVault, SealingKeys } from '../../src/vault/credential-vault.js';
import { createTestDatabase } from '../support/database.js';
import { eventsOn } from '../support/events.js';
import { HttpClient } from '../support/http-client.js';
import { addRepository } from '../support/index-rows.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { startProcess } from '../support/process.js';
import { giveRoles, makeToken, signIn } from '../support/sign-in.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const ANY = { 'If-Match': '*' };
const PUBLISHED = 'dev.pkgserver.packageRevision.published';
/** Webhooks of one owner. */
const MOST = 12;
const TESTED = 'dev.pkgserver.webhook.tested';

let pkgserver: Pkgserver;
let root: HttpClient;
let events: ReturnType<typeof eventsOn>;
const receivers: WebhookReceiver[] = [];
beforeAll(async () => {
  const settings = { WEBHOOK_TIMEOUT_SECONDS: '1', SWEEP_INTERVAL_MS: '50', WEBHOOKS_PER_OWNER: String(MOST) };
  pkgserver = await startPkgserver({ AUTH: 'required', ...settings });
  root = as(await signIn(pkgserver.database, 'root', { role: 'admin' }));
  events = eventsOn(pkgserver.database);
}, 60_000);
afterEach(async () => {
  await pkgserver.database.client.webhook.deleteMany();
  await Promise.all(receivers.splice(0).map((receiver) => receiver.stop()));
});
afterAll(() => pkgserver?.stop());

const as = (token: string) => new HttpClient(pkgserver.url, { Authorization: `Bearer ${token}` });
const received = async (answering?: WebhookReceiver['answering']) => {
  const receiver = await WebhookReceiver.start(answering);
  receivers.push(receiver);
  return receiver;
};
const answer = (status: number, headers: Record<string, string> = {}, text = '') =>
  received((response) => response.writeHead(status, headers).end(text));
const made = async (receiver: { url: string }, more: object = {}, client = root) =>
  (await client.expect(201, 'POST', '/webhooks', { name: 'x', url: receiver.url, ...more })).body;
const deliveries = async (id: string, query = '') =>
  (await root.expect(200, 'GET', `/webhooks/${id}/deliveries${query}`)).body.items;
const only = async (id: string) => (await deliveries(id))[0] ?? {};
const shown = async (id: string) => (await root.expect(200, 'GET', `/webhooks/${id}`)).body;

const REGISTERED = 'dev.pkgserver.repository.registered';
const publication = (repositoryId: string, path: string, id = uuidv7()): NewEvent => ({
  ...{ type: 'packageRevision.published', repositoryId, path, actor: 'ada' },
  facts: {
    ...{ id, name: 'x', repositoryId, packageId: uuidv7(), path, workspace: 'one', lifecycle: 'published' },
    ...{ revision: 'v1', tree: 'a', commit: null, previously: {} },
  },
});
const registration = (id: string): NewEvent => ({
  ...{ type: 'repository.registered', repositoryId: id, path: null, actor: null, facts: { id, name: 'x' } },
});
const happen = (...given: NewEvent[]) => pkgserver.database.transaction(() => events.log.record(given));
/** As if the pause of those that failed were over. */
const hurry = () =>
  pkgserver.database.client.webhookDelivery.updateMany({
    where: { state: 'waiting', nextAttemptAt: { not: null } },
    data: { nextAttemptAt: new Date() },
  });

describe('webhooks', () => {
  it('are made with a secret that is shown once, read, listed, changed and deleted', async () => {
    const repositoryId = (await addRepository(pkgserver.database)).id;
    const once = { 'Idempotency-Key': uuidv7() };
    const filter = { repositoryId, path: null, labelSelector: 'team=network' };
    const body = { name: 'chat', url: 'https://chat.example.com/hooks/7', types: [PUBLISHED], filter };
    const { body: webhook, headers } = await root.expect(201, 'POST', '/webhooks', body, once);
    const { secret, ...rest } = webhook;
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
    expect(rest).toMatchObject({ ...body, enabled: true, disabledReason: null, failingSince: null, description: '' });
    expect(rest).toMatchObject({ owner: 'root', createdBy: 'root' });
    expect(headers.get('location')).toBe(`/api/v1/webhooks/${webhook.id}`);
    expect((await root.expect(201, 'POST', '/webhooks', body, once)).body).toEqual(rest);
    const path = `/webhooks/${webhook.id}`;
    expect((await root.expect(200, 'GET', path)).body).toEqual(rest);
    expect((await root.call('GET', path, undefined, { 'If-None-Match': `"${webhook.etag}"` })).status).toBe(304);

    const other = await made({ url: 'https://other.example.com/' }, { name: 'a', enabled: false });
    const ids = async (query: string) =>
      (await root.expect(200, 'GET', `/webhooks${query}`)).body.items.map(({ id }: { id: string }) => id);
    expect(await ids('')).toEqual([other.id, webhook.id]);
    expect(await ids('?sort=createdAt')).toEqual([webhook.id, other.id]);
    expect(await ids(`?repositoryId=${repositoryId}`)).toEqual([webhook.id]);
    expect(await ids('?enabled=false')).toEqual([other.id]);

    expect((await root.call('PATCH', path, { name: 'y' })).status).toBe(428);
    const seen = { 'If-Match': `"${webhook.etag}"` };
    const { body: changed } = await root.expect(200, 'PATCH', path, { types: [], description: 'd' }, seen);
    expect(changed).toMatchObject({ types: [], description: 'd', url: body.url });
    expect((await root.call('PATCH', path, { name: 'late' }, seen)).body.code).toBe('preconditionFailed');
    expect((await root.expect(200, 'PATCH', path, { url: body.url, filter: {} }, ANY)).body).toEqual(changed);
    const wider = await root.expect(200, 'PATCH', path, { filter: { labelSelector: null } }, ANY);
    expect(wider.body.filter).toEqual({ ...filter, labelSelector: null });
    expect(wider.body.etag).not.toBe(changed.etag);
    const moved = await root.call('PATCH', path, { filter: { repositoryId: null } }, ANY);
    expect(moved.body).toMatchObject({ code: 'invalidBody', status: 422 });
    const tables = await pkgserver.database.client.$queryRaw<{ found: number }[]>`
      SELECT count(*)::int AS found FROM webhook_secret t WHERE t::text LIKE ${`%${secret}%`}
      UNION ALL SELECT count(*)::int FROM idempotency_key t WHERE t::text LIKE ${`%${secret}%`}
      UNION ALL SELECT count(*)::int FROM audit_entry t WHERE t::text LIKE ${`%${secret}%`}`;
    expect(tables.map(({ found }) => found)).toEqual([0, 0, 0]);
    await root.expect(204, 'DELETE', path, undefined, ANY);
    expect((await root.call('GET', path)).status).toBe(404);
  });

  it.each([
    ['http://10.0.0.1/', 'hostRefused'],
    ['https://169.254.169.254/latest', 'hostRefused'],
    ['https://localhost/', 'hostRefused'],
    ['http://chat.example.com/', 'invalidUrl'],
    ['https://ada:secret@chat.example.com/', 'invalidUrl'],
    ['ssh://git@chat.example.com/x', 'invalidUrl'],
    ['nonsense', 'invalidUrl'],
  ])('are not sent to %s', async (url, code) => {
    const refused = await root.call('POST', '/webhooks', { name: 'x', url });
    expect(refused.body).toMatchObject({ code, errors: [{ pointer: '/url', code }] });
    const { id } = await made({ url: 'https://chat.example.com/' });
    expect((await root.call('PATCH', `/webhooks/${id}`, { url }, ANY)).body.code).toBe(code);
  });

  it('are refused what makes no sense', async () => {
    for (const wrong of [
      { types: ['x'] },
      { name: '' },
      { filter: { path: '' } },
      { filter: { path: 'edge/**' } },
      { secret: 'x' },
    ]) {
      const body = { name: 'x', url: 'https://chat.example.com/', ...wrong };
      expect((await root.call('POST', '/webhooks', body)).body.code, JSON.stringify(wrong)).toBe('invalidBody');
    }
  });

  it.each(['=b', 'a in b', ''])('are refused the label selector %j, as lists are', async (labelSelector) => {
    const pointed = { code: 'invalidBody', status: 422, errors: [{ pointer: '/filter/labelSelector' }] };
    const url = 'https://chat.example.com/';
    const filter = { labelSelector };
    expect((await root.call('POST', '/webhooks', { name: 'x', url, filter })).body).toMatchObject(pointed);
    const { id } = await made({ url });
    expect((await root.call('PATCH', `/webhooks/${id}`, { filter }, ANY)).body).toMatchObject(pointed);
  });

  it('are as many as an owner may have, however many requests come at once', async () => {
    const owner = as(await signIn(pkgserver.database, uuidv7(), { role: 'admin' }));
    const body = { name: 'x', url: 'https://chat.example.com/' };
    const answers = await Promise.all(Array.from({ length: MOST + 3 }, () => owner.call('POST', '/webhooks', body)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(MOST);
    const refused = { code: 'stateConflict', status: 409, detail: expect.stringContaining('WEBHOOKS_PER_OWNER') };
    expect(answers.find(({ status }) => status !== 201)?.body).toMatchObject(refused);
    // One of somebody else would be theirs with the change.
    const { id } = await made(body);
    for (const [method, path] of [
      ['PATCH', `/webhooks/${id}`],
      ['POST', `/webhooks/${id}/rotate-secret`],
    ] as const) {
      const change = method === 'PATCH' ? { name: 'y' } : undefined;
      expect((await owner.call(method, path, change, ANY)).body).toMatchObject(refused);
    }
    const own = answers.find(({ status }) => status === 201)?.body.id;
    await owner.expect(200, 'PATCH', `/webhooks/${own}`, { name: 'y' }, ANY);
    await owner.expect(204, 'DELETE', `/webhooks/${own}`, undefined, ANY);
    await owner.expect(201, 'POST', '/webhooks', body);
  });

  it('are for those who may read what is told, and not there for the others', async () => {
    const [own, other] = [await addRepository(pkgserver.database), await addRepository(pkgserver.database)];
    const user = uuidv7();
    const path = 'edge/**';
    const owner = as(await signIn(pkgserver.database, user, { role: 'repositoryAdmin', repositoryId: own.id }));
    const url = 'https://chat.example.com/';
    const create = (filter?: object, client = owner, types: string[] = []) =>
      client.call('POST', '/webhooks', { name: 'x', url, types, ...(filter && { filter }) });
    const mine = await create({ repositoryId: own.id });
    expect(mine.status).toBe(201);
    const hidden = { code: 'invalidBody', errors: [{ pointer: '/filter/repositoryId', code: 'notFound' }] };
    expect((await create({ repositoryId: other.id })).body).toMatchObject(hidden);
    expect((await create({ repositoryId: uuidv7() })).body).toMatchObject(hidden);
    expect((await create()).body).toMatchObject({ code: 'forbidden', permission: 'webhooks.manage' });
    const all = await made({ url });
    const there = await made({ url }, { filter: { repositoryId: other.id } });
    for (const { id } of [all, there]) {
      const path = `/webhooks/${id}`;
      for (const answer of [
        await owner.call('GET', path),
        await owner.call('DELETE', path, undefined, ANY),
        await owner.call('POST', `${path}/test`),
        await owner.call('GET', `${path}/deliveries`),
      ]) {
        expect(answer.body).toMatchObject({ code: 'notFound', detail: `There is no webhook with the id ${id}.` });
      }
    }
    const { body: page } = await owner.expect(200, 'GET', '/webhooks');
    expect(page.items.map(({ id }: { id: string }) => id)).toEqual([mine.body.id]);

    // Of a path only where one has a role on it; and no token has sent what it could not read.
    const narrow = as(
      await signIn(pkgserver.database, uuidv7(), { role: 'repositoryAdmin', repositoryId: own.id, path }),
    );
    expect((await create({ repositoryId: own.id }, narrow)).status).toBe(403);
    expect((await create({ repositoryId: own.id, path: 'edge/nf' }, narrow)).status).toBe(201);
    const token = as(await makeToken(pkgserver.database, { user: 'root', repositoryIds: [own.id] }));
    expect((await create(undefined, token)).status).toBe(403);
    expect((await create({ repositoryId: own.id }, token)).status).toBe(201);
  });
});

describe('a delivery', () => {
  it('is signed as Standard Webhooks has it, with the old secret as well for a day', async () => {
    const receiver = await received();
    const repositoryId = uuidv7();
    const webhook = await made(receiver);
    const [eventId] = await happen(publication(repositoryId, 'web'));
    await expect.poll(() => receiver.calls.length).toBe(1);
    const [call] = receiver.calls;
    expect(call?.id).toBe(eventId);
    expect(call?.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    expect(call?.isSigned(webhook.secret)).toBe(true);
    const { body: told } = await root.expect(200, 'GET', '/events?sort=-sequence&pageSize=1');
    expect(call?.event).toEqual(told.items[0]);
    await expect.poll(() => only(webhook.id)).toMatchObject({ state: 'succeeded', status: 204, attempts: 1, eventId });

    const first = await root.expect(200, 'POST', `/webhooks/${webhook.id}/rotate-secret`, undefined, ANY);
    const second = await root.expect(200, 'POST', `/webhooks/${webhook.id}/rotate-secret`, undefined, ANY);
    await happen(publication(repositoryId, 'web'));
    await expect.poll(() => receiver.calls.length).toBe(2);
    const isSigned = (secret: string) => receiver.calls.at(-1)?.isSigned(secret);
    expect([webhook.secret, first.body.secret, second.body.secret].map(isSigned)).toEqual([false, true, true]);
    await pkgserver.database.client.webhookSecret.updateMany({
      where: { NOT: { signsUntil: null } },
      data: { signsUntil: new Date() },
    });
    await happen(publication(repositoryId, 'web'));
    await expect.poll(() => receiver.calls.length).toBe(3);
    expect([first.body.secret, second.body.secret].map(isSigned)).toEqual([false, true]);
  });

  it('is made of what the filter names, of no event skipped, in the order of each resource', async () => {
    const receiver = await received();
    const [one, two] = [(await addRepository(pkgserver.database)).id, uuidv7()];
    const all = await made(receiver, { types: [PUBLISHED] });
    const narrow = await made(receiver, { filter: { repositoryId: one, path: 'web' } });
    let commit = () => undefined as void;
    const held = new Promise<void>((resolve) => (commit = resolve));
    let written = () => undefined as void;
    const isWritten = new Promise<void>((resolve) => (written = resolve));
    const first = pkgserver.database.transaction(async () => {
      await events.log.record([publication(one, 'web')]);
      written();
      await held;
    });
    await isWritten;
    await happen(publication(one, 'api'), publication(two, 'web'), registration(one));
    await expect.poll(async () => (await deliveries(all.id, '?state=succeeded')).length).toBe(2);
    expect(await deliveries(narrow.id)).toEqual([]);
    commit();
    await first;
    const id = uuidv7();
    await happen(...Array.from({ length: 20 }, () => publication(one, 'web', id)));
    await expect.poll(async () => (await deliveries(all.id, '?state=succeeded')).length).toBe(23);
    await expect.poll(async () => (await deliveries(narrow.id, '?state=succeeded')).length).toBe(21);
    const sequences = receiver.calls
      .filter(({ event }) => event.data.packageRevision?.id === id)
      .map(({ event }) => Number(event.sequence));
    const ids = new Set(sequences);
    expect(ids.size).toBe(20);
    expect([...ids]).toEqual([...ids].sort((left, right) => left - right));
    const page = await root.expect(200, 'GET', `/webhooks/${narrow.id}/deliveries?pageSize=20&sort=sequence`);
    const rest = await deliveries(narrow.id, `?pageSize=20&sort=sequence&cursor=${page.body.nextCursor}`);
    expect([...page.body.items, ...rest]).toEqual((await deliveries(narrow.id)).reverse());
  });

  it('with a label selector is made of what is about packages with those labels by then, and there still', async () => {
    const { client } = pkgserver.database;
    const repositoryId = (await addRepository(pkgserver.database)).id;
    const label = async (path: string, labels: object, at = repositoryId) => {
      const names = { target: null, realm: '', name: path, createdAt: new Date(), updatedAt: new Date() };
      const data = { id: uuidv7(), repositoryId: at, path, ...names, labels };
      await client.package.upsert({
        where: { repositoryId_path: { repositoryId: at, path } },
        create: data,
        update: { labels },
      });
    };
    await label('ours', { team: 'network', tier: 'gold' });
    await label('theirs', { team: 'other' });
    await label('bare', {});
    await label('theirs', { team: 'network' }, (await addRepository(pkgserver.database)).id);
    const told: Record<string, string[]> = {};
    const selectors = ['team=network', 'team!=network', '!team', 'team in (network, other),tier'];
    for (const labelSelector of [...selectors, null]) {
      const own: string[] = [];
      told[String(labelSelector)] = own;
      const known = new Set<string>();
      const receiver = await received((response, { event }) => {
        // On a busy machine an answer comes after its second, and what it was for is told again.
        const which = `${event.type} ${event.sequence}`;
        if (!known.has(which)) own.push(event.data.packageRevision?.path ?? event.type);
        known.add(which);
        response.writeHead(204).end();
      });
      // A poll of a repository that no remote is behind may fail meanwhile, which is told as well.
      await made(receiver, { types: [PUBLISHED, REGISTERED], filter: { labelSelector } });
    }
    const known = ['ours', 'theirs', 'bare', 'gone'].map((path) => publication(repositoryId, path));
    await happen(...known, registration(repositoryId), publication(uuidv7(), 'ours'));
    await expect.poll(() => told['null']).toHaveLength(6);
    const sorted = (selector: string) => told[selector]?.toSorted();
    await expect.poll(() => selectors.map(sorted)).toEqual([['ours'], ['bare', 'theirs'], ['bare'], ['ours']]);

    // By the labels of now: those that are gone do not count, and new ones do.
    await label('ours', { team: 'other' });
    await label('bare', { team: 'network' });
    await happen(...known);
    await expect.poll(() => told['team=network']?.slice(1)).toEqual(['bare']);
    const { items } = (await root.expect(200, 'GET', '/webhooks')).body;
    for (const { id } of items) await root.expect(200, 'POST', `/webhooks/${id}/test`);
    await expect.poll(() => selectors.map((selector) => told[selector]?.at(-1))).toEqual(selectors.map(() => TESTED));
  });

  it('that fails is tried again, by and by, and delays nobody else', async () => {
    let isBack = false;
    const ill = await received((response) =>
      response.writeHead(isBack ? 200 : 500).end(isBack ? 'ok' : 'x'.repeat(9_000)),
    );
    const [asks, moved, hangs, middle, well] = [
      await answer(503, { 'Retry-After': '900' }),
      await answer(302, { Location: `${ill.url}/elsewhere` }),
      await received(() => undefined),
      await received((response) => response.writeHead(200, { 'Content-Length': '10' }).write('half')),
      await received(),
    ];
    const ids: string[] = [];
    const idOf = (index: number) => ids[index] ?? '';
    for (const receiver of [ill, asks, moved, hangs, middle, well, { url: 'http://127.0.0.1:9/' }]) {
      ids.push((await made(receiver)).id);
    }
    const repositoryId = uuidv7();
    await happen(...Array.from({ length: 10 }, () => publication(repositoryId, 'web')));
    await expect.poll(() => well.calls.length, { interval: 10 }).toBe(10);
    // Those that hang go one after the other, a second each: most of them are still to come.
    const tried = (await deliveries(idOf(3))).filter(({ attempts }: { attempts: number }) => attempts > 0);
    expect(tried.length).toBeLessThan(10);
    const last = async (index: number) => only(idOf(index));
    await expect
      .poll(() => last(0))
      .toMatchObject({ state: 'waiting', attempts: 1, status: 500, answer: 'x'.repeat(4096) });
    const seconds = async (index: number) =>
      (Date.parse((await last(index)).nextAttemptAt) - Date.parse((await last(index)).lastAttemptAt)) / 1_000;
    expect(await seconds(0)).toBeGreaterThanOrEqual(5);
    expect(await seconds(0)).toBeLessThanOrEqual(6);
    await expect.poll(() => last(1)).toMatchObject({ state: 'waiting', status: 503 });
    expect(await seconds(1)).toBeCloseTo(900, 0);
    await expect.poll(() => last(2)).toMatchObject({ status: 302, error: 'Redirects are not followed.' });
    expect(ill.calls.every(({ headers }) => headers['webhook-id'] !== undefined)).toBe(true);
    for (const index of [3, 4]) {
      await expect
        .poll(() => last(index), { timeout: 8_000 })
        .toMatchObject({ status: null, error: 'There was no whole answer in time.' });
    }
    await expect.poll(() => last(6)).toMatchObject({ status: null, error: expect.stringContaining('ECONNREFUSED') });
    expect((await shown(idOf(0))).failingSince).not.toBeNull();

    isBack = true;
    await hurry();
    await expect.poll(async () => (await deliveries(idOf(0), '?state=succeeded')).length).toBe(10);
    expect(await last(0)).toMatchObject({ attempts: 2, status: 200, answer: 'ok', nextAttemptAt: null });
    expect((await shown(idOf(0))).failingSince).toBeNull();
    expect(new Set(ill.calls.map(({ id }) => id)).size).toBe(10);

    // The last of all attempts, once none is under way any more that the hurry has brought.
    const isPutOff = ({ nextAttemptAt }: { nextAttemptAt: string }) => Date.parse(nextAttemptAt) > Date.now();
    await expect.poll(async () => (await deliveries(idOf(1))).every(isPutOff)).toBe(true);
    await pkgserver.database.client.webhookDelivery.updateMany({
      where: { webhookId: idOf(1) },
      data: { attempts: 9 },
    });
    await hurry();
    await expect.poll(async () => (await deliveries(idOf(1), '?state=failed')).length).toBe(10);
    const failed = await last(1);
    expect(failed).toMatchObject({ attempts: 10, nextAttemptAt: null });
    const path = `/webhooks/${idOf(1)}/deliveries/${failed.id}/redeliver`;
    asks.answering = (response) => response.writeHead(204).end();
    expect((await root.expect(200, 'POST', path)).body).toMatchObject({ id: failed.id, state: 'waiting', attempts: 0 });
    await expect.poll(() => last(1)).toMatchObject({ state: 'succeeded', attempts: 1 });
    expect(asks.calls.at(-1)?.id).toBe(failed.eventId);
    expect((await root.call('POST', path.replace(failed.id, uuidv7()))).status).toBe(404);
  });

  it('that no key of the process can sign waits and says so, until the secret is a new one', async () => {
    const receiver = await received();
    const { id } = await made(receiver);
    const { client } = pkgserver.database;
    const secret = await client.webhookSecret.findFirstOrThrow({ where: { webhookId: id } });
    const others = new CredentialVault(new SealingKeys([randomBytes(32)]));
    const sealed = others.seal(secret.id, { token: 'whsec_AAAA' });
    await client.webhookSecret.update({ where: { id: secret.id }, data: { sealed } });
    await root.expect(200, 'POST', `/webhooks/${id}/test`);
    await expect
      .poll(() => only(id))
      .toMatchObject({
        state: 'waiting',
        attempts: 0,
        error: expect.stringMatching(/^The secret of the webhook "x" was sealed/),
      });
    expect(receiver.calls).toEqual([]);
    await root.expect(200, 'POST', `/webhooks/${id}/rotate-secret`, undefined, ANY);
    await expect.poll(() => only(id)).toMatchObject({ state: 'succeeded', attempts: 1, error: null });
  });

  it('to one that is gone, or failed for five days, disables it and says so', async () => {
    const [gone, ill] = [await answer(410), await answer(500)];
    const webhooks = [await made(gone), await made(ill, { types: [PUBLISHED] })];
    const longAgo = new Date(Date.now() - 6 * 24 * 3_600_000);
    await pkgserver.database.client.webhook.updateMany({
      where: { id: webhooks[1].id },
      data: { failingSince: longAgo },
    });
    await happen(publication(uuidv7(), 'web'));
    for (const [index, reason] of ['gone', 'failing'].entries()) {
      const { id, name } = webhooks[index];
      await expect.poll(() => shown(id)).toMatchObject({ enabled: false, disabledReason: reason });
      const { body } = await root.expect(200, 'GET', '/events?type=dev.pkgserver.webhook.disabled&pageSize=500');
      const told = body.items.map(({ data }: { data: unknown }) => data);
      expect(told).toContainEqual({ webhook: { id, name, repositoryId: null, reason } });
      for (const request of ['test', `deliveries/${(await only(id)).id}/redeliver`]) {
        expect((await root.call('POST', `/webhooks/${id}/${request}`)).body.code).toBe('stateConflict');
      }
    }
    expect(await only(webhooks[0].id)).toMatchObject({ state: 'failed', status: 410, attempts: 1 });
    const again = await root.expect(200, 'PATCH', `/webhooks/${webhooks[0].id}`, { enabled: true }, ANY);
    expect(again.body).toMatchObject({ enabled: true, disabledReason: null, failingSince: null });
  });

  it('is a test where one is asked for, whatever the types', async () => {
    const [receiver, other] = [await received(), await received()];
    const { id } = await made(receiver, { types: [PUBLISHED] });
    await made(other);
    const trace = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', tracestate: 'vendor=1' };
    const { eventId } = (await root.expect(200, 'POST', `/webhooks/${id}/test`, undefined, trace)).body;
    await expect.poll(() => receiver.calls.map((call) => call.id)).toEqual([eventId]);
    expect(receiver.calls[0]?.event.data).toEqual({ webhook: { id, name: 'x', repositoryId: null } });
    expect(receiver.calls[0]?.headers).toMatchObject(trace);
    expect(await only(id)).toMatchObject({ type: 'dev.pkgserver.webhook.tested' });
    const { body } = await root.expect(200, 'GET', '/events?type=dev.pkgserver.webhook.tested&pageSize=500');
    expect(body.items.at(-1)).toEqual(receiver.calls[0]?.event);
    expect(other.calls).toEqual([]);
  });

  it('and a secret are asked for once, however often the request is sent', async () => {
    const repositoryId = (await addRepository(pkgserver.database)).id;
    const receiver = await received();
    const { id } = await made(receiver, { filter: { repositoryId, path: null }, types: [PUBLISHED] });
    await made(receiver, { name: 'y', types: [PUBLISHED] });
    const twice = async (path: string, headers: Record<string, string> = {}) => {
      const request = [
        'POST',
        `/webhooks/${id}/${path}`,
        undefined,
        { ...headers, 'Idempotency-Key': uuidv7() },
      ] as const;
      const [first, again] = [await root.expect(200, ...request), await root.expect(200, ...request)];
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      return [first.body, again.body];
    };
    const [test, sameTest] = await twice('test');
    expect(sameTest).toEqual(test);
    await expect.poll(() => only(id)).toMatchObject({ state: 'succeeded', eventId: test.eventId });
    await twice(`deliveries/${(await only(id)).id}/redeliver`);
    await expect.poll(() => receiver.calls.map((call) => call.id)).toEqual([test.eventId, test.eventId]);
    const { body } = await root.expect(200, 'GET', `/events?repositoryId=${repositoryId}&type=${TESTED}`);
    expect(body.items[0].data).toEqual({ webhook: { id, name: 'x', repositoryId } });

    const isOver = { enabled: false, disabledReason: 'failing', failingSince: new Date() };
    await pkgserver.database.client.webhook.updateMany({ where: { id }, data: isOver });
    const [{ secret, ...issued }, repeated] = await twice('rotate-secret', ANY);
    expect(secret).toMatch(/^whsec_/);
    expect(repeated).toEqual(issued);
    expect(issued).toMatchObject({ disabledReason: 'failing', failingSince: isOver.failingSince.toISOString() });
    const first = await root.expect(200, 'GET', '/webhooks?pageSize=1');
    const second = await root.expect(200, 'GET', `/webhooks?pageSize=1&cursor=${first.body.nextCursor}`);
    expect([...first.body.items, ...second.body.items].map(({ name }) => name)).toEqual(['x', 'y']);
    expect(second.body.nextCursor).toBeNull();
  });

  it('shows its owner nothing that they may not see any more', async () => {
    const [one, two] = [(await addRepository(pkgserver.database)).id, (await addRepository(pkgserver.database)).id];
    const user = uuidv7();
    const owner = as(await signIn(pkgserver.database, user, { role: 'admin' }));
    const bindings = pkgserver.database.client.roleBinding;
    let isDown = true;
    const receiver = await received((response) => response.writeHead(isDown ? 500 : 204).end());
    const { id } = await made(receiver, { types: [PUBLISHED] }, owner);
    await happen(publication(one, 'web'), publication(two, 'web'));
    const attempts = async () => (await deliveries(id)).map((item: { attempts: number }) => item.attempts);
    await expect.poll(attempts).toEqual([1, 1]);
    await bindings.deleteMany({ where: { subject: user } });
    await giveRoles(pkgserver.database, user, [{ role: 'viewer', repositoryId: one }]);
    isDown = false;
    receiver.calls.length = 0;
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await hurry();
    await expect.poll(async () => (await deliveries(id, '?state=waiting')).length).toBe(0);
    expect((await deliveries(id)).map(({ state }: { state: string }) => state).sort()).toEqual([
      'skipped',
      'succeeded',
    ]);
    // And of what happens from now on no delivery is made.
    await happen(publication(two, 'web'), publication(one, 'web'));
    await expect.poll(() => receiver.calls.length).toBe(2);
    expect(receiver.calls.map(({ event }) => event.data.packageRevision?.repositoryId)).toEqual([one, one]);
    expect(await deliveries(id)).toHaveLength(3);

    await bindings.deleteMany({ where: { subject: user } });
    await happen(publication(one, 'web'));
    await expect.poll(() => shown(id)).toMatchObject({ enabled: false, disabledReason: 'ownerLost' });
    expect(receiver.calls).toHaveLength(2);
    // Whoever changes it owns it.
    const { body } = await root.expect(200, 'PATCH', `/webhooks/${id}`, { enabled: true }, ANY);
    expect(body).toMatchObject({ owner: 'root', enabled: true });
  });
});

it('a process that is killed before it could note an answer leaves the delivery to the next one', async () => {
  const { url, database, drop } = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-webhooks-'));
  const settings = { DATABASE_URL: url, DATA_DIR: dataDir, LEASE_SECONDS: '1', SWEEP_INTERVAL_MS: '50' };
  let killed = () => undefined as void;
  const receiver = await received(() => killed());
  const first = await startProcess(settings);
  const { secret } = await made(receiver, {}, new HttpClient(first.url));
  const isCalled = new Promise<void>((resolve) => (killed = resolve));
  const { log, numbering } = eventsOn(database);
  const [eventId] = await log.record([publication(uuidv7(), 'web')]);
  await isCalled;
  await first.kill();
  receiver.answering = (response) => response.writeHead(204).end();
  const second = await startProcess(settings);
  await expect.poll(() => receiver.calls.length, { timeout: 10_000 }).toBe(2);
  expect(receiver.calls.map(({ id }) => id)).toEqual([eventId, eventId]);
  expect(receiver.calls.every((call) => call.isSigned(secret))).toBe(true);
  await expect
    .poll(() => database.client.webhookDelivery.findMany())
    .toMatchObject([{ state: 'succeeded', attempts: 1 }]);
  await numbering.stop();
  await second.stop();
  await drop();
  await rm(dataDir, { recursive: true, force: true });
});
