import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditLog } from '../../src/audit/audit-log.js';
import { AuditSealer } from '../../src/audit/audit-sealer.js';
import { verifyChain } from '../../src/audit/chain-verifier.js';
import { ChainStore } from '../../src/audit/chain.store.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { type Answer, type Call, HttpClient } from '../support/http-client.js';
import { addDraft, clear, gitOf } from '../support/index-rows.js';

const REVISION = '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a02';

let api: TestApi;
let call: Call;
let start: Date;
beforeAll(async () => {
  api = await startTestApi();
  call = new HttpClient(api.url, { 'X-Remote-User': 'ada' }).call;
});
afterAll(() => api.close());
beforeEach(async () => {
  await clear(api);
  start = new Date((await newest())?.time.getTime() ?? 0);
});

const change = (answer: Answer) => ({ 'If-Match': answer.headers.get('etag') ?? '' });
const create = (name: string, headers?: Record<string, string>) =>
  call('POST', '/repositories', { name, git: gitOf(name) }, headers);
const newest = () => api.database.client.auditEntry.findFirst({ orderBy: { id: 'desc' } });

/** What was written since the test began. */
const entries = () =>
  api.database.client.auditEntry.findMany({ where: { time: { gt: start } }, orderBy: { id: 'asc' } });

/** The one entry that a call leaves behind. */
async function entryOf(work: () => Promise<Answer>, status: number) {
  const before = (await entries()).length;
  const answer = await work();
  expect(answer.status, JSON.stringify(answer.body)).toBe(status);
  const added = (await entries()).slice(before);
  expect(added).toHaveLength(1);
  return { answer, entry: added[0] };
}

describe('an accepted change', () => {
  it('of a repository has one entry each', async () => {
    const { answer: made, entry } = await entryOf(() => create('a', { 'X-Request-Id': 'r-1' }), 201);
    const of = { resourceType: 'Repository', resourceId: made.body.id, repositoryId: made.body.id, actor: 'ada' };
    expect(entry).toMatchObject({
      ...of,
      ...{ action: 'createRepository', outcome: 'succeeded', requestId: 'r-1', before: null, after: made.body.etag },
    });
    const path = `/repositories/${made.body.id}`;
    const updated = await entryOf(() => call('PATCH', path, { description: 'x' }, change(made)), 200);
    const { etag } = updated.answer.body;
    expect(updated.entry).toMatchObject({ ...of, action: 'updateRepository', before: made.body.etag, after: etag });
    const synced = await entryOf(() => call('POST', `${path}/sync`), 202);
    expect(synced.entry).toMatchObject({
      ...of,
      ...{ action: 'syncRepository', before: etag, after: etag, operationId: synced.answer.body.id },
    });
    const deleted = await entryOf(() => call('DELETE', path, undefined, { 'If-Match': '*' }), 204);
    expect(deleted.entry).toMatchObject({ ...of, action: 'deleteRepository', before: etag, after: null });
  });

  it('of a credential has one entry each, without the secret', async () => {
    const body = { name: 'c', type: 'token', token: 'hunter2' };
    const { answer: made, entry } = await entryOf(() => call('POST', '/credentials', body), 201);
    expect(entry).toMatchObject({ action: 'createCredential', resourceType: 'Credential', resourceId: made.body.id });
    const path = `/credentials/${made.body.id}`;
    const updated = await entryOf(() => call('PATCH', path, { token: 'hunter3' }, change(made)), 200);
    expect(updated.entry).toMatchObject({
      action: 'updateCredential',
      before: made.body.etag,
      after: updated.answer.body.etag,
    });
    const deleted = await entryOf(() => call('DELETE', path, undefined, change(updated.answer)), 204);
    expect(deleted.entry).toMatchObject({ action: 'deleteCredential', before: updated.answer.body.etag, after: null });
    expect(JSON.stringify(await entries())).not.toContain('hunter');
  });

  it('of who may do what has one entry each, without the token', async () => {
    const binding = { role: 'viewer', subject: { type: 'user', name: 'bob' } };
    const { answer: bound, entry } = await entryOf(() => call('POST', '/role-bindings', binding), 201);
    expect(entry).toMatchObject({ action: 'createRoleBinding', resourceType: 'RoleBinding', after: bound.body.etag });
    const unbind = () => call('DELETE', `/role-bindings/${bound.body.id}`, undefined, change(bound));
    const unbound = await entryOf(unbind, 204);
    expect(unbound.entry).toMatchObject({ action: 'deleteRoleBinding', before: bound.body.etag, after: null });
    const token = { description: 'ci', expiresInDays: 1 };
    const { answer: made, entry: making } = await entryOf(() => call('POST', '/api-tokens', token), 201);
    expect(making).toMatchObject({ action: 'createApiToken', resourceType: 'ApiToken', after: made.body.etag });
    const revoke = () => call('DELETE', `/api-tokens/${made.body.id}`, undefined, change(made));
    const revoked = await entryOf(revoke, 204);
    const { etag: after } = (await call('GET', `/api-tokens/${made.body.id}`)).body;
    expect(revoked.entry).toMatchObject({ action: 'revokeApiToken', before: made.body.etag, after });
    expect(JSON.stringify(await entries())).not.toContain(made.body.token);
  });

  it('of a revision has one entry each, with its repository and path', async () => {
    const { body: repository } = await create('a');
    await addDraft(api, repository);
    await api.database.client.repositoryPolling.updateMany({ data: { lastSyncedAt: new Date() } });
    const place = { repositoryId: repository.id, package: 'b', workspace: 'w', source: { type: 'init' } };
    const made = await entryOf(() => call('POST', '/package-revisions', place), 201);
    const { id } = made.answer.body;
    const of = { resourceType: 'PackageRevision', resourceId: id, repositoryId: repository.id, path: 'b' };
    expect(made.entry).toMatchObject({
      ...of,
      ...{ action: 'createPackageRevision', before: null, after: made.answer.body.etag },
    });
    const path = `/package-revisions/${id}`;
    const steps: [string, string, string, unknown?][] = [
      ['updatePackageRevision', 'PATCH', path, { labels: { a: 'b' } }],
      ['updatePackageRevision', 'PATCH', path, { labels: { a: 'b' } }],
      ['proposePackageRevision', 'POST', `${path}/propose`],
      ['rejectPackageRevision', 'POST', `${path}/reject`, { comment: 'Too few replicas.' }],
      ['proposePackageRevision', 'POST', `${path}/propose`],
    ];
    let { etag } = made.answer.body;
    const resources = await call('GET', `${path}/resources`);
    const edit = { files: { 'a.yaml': { content: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' } } };
    const edited = await entryOf(() => call('PATCH', `${path}/resources`, edit, change(resources)), 200);
    expect(edited.entry).toMatchObject({
      ...of,
      action: 'updatePackageRevisionResources',
      ...{ before: resources.body.etag, after: edited.answer.body.etag },
    });
    ({ etag } = (await call('GET', path)).body);
    for (const [action, method, at, body] of steps) {
      const step = await entryOf(() => call(method, at, body, { 'If-Match': `"${etag}"` }), 200);
      const reason = action === 'rejectPackageRevision' ? 'Too few replicas.' : null;
      expect(step.entry).toMatchObject({ ...of, action, reason, before: etag, after: step.answer.body.etag });
      etag = step.answer.body.etag;
    }
    const approved = await entryOf(() => call('POST', `${path}/approve`, undefined, { 'If-Match': `"${etag}"` }), 202);
    expect(approved.entry).toMatchObject({
      ...{ ...of, action: 'approvePackageRevision', before: etag, after: etag },
      operationId: approved.answer.body.id,
    });
    const cancelled = await entryOf(() => call('POST', `/operations/${approved.answer.body.id}/cancel`), 200);
    expect(cancelled.entry).toMatchObject({
      ...{ action: 'cancelOperation', resourceType: 'Operation', resourceId: approved.answer.body.id },
      repositoryId: repository.id,
    });
    expect(cancelled.entry?.before).not.toBe(cancelled.entry?.after);
    const deleted = await entryOf(() => call('DELETE', path, undefined, { 'If-Match': '*' }), 204);
    expect(deleted.entry).toMatchObject({ ...of, action: 'deletePackageRevision', after: null });
    expect(deleted.entry?.before).toMatch(/^\d+\.[0-9a-f]{8}$/);
  });
});

describe('no entry', () => {
  it('comes from reading, a rehearsal, a replay, or a refusal by the rules of the resource', async () => {
    const { body: made } = await create('a', { 'Idempotency-Key': 'k' });
    await addDraft(api, made);
    const count = (await entries()).length;
    const again = await create('a', { 'Idempotency-Key': 'k' });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await call('GET', `/repositories/${made.id}`)).status).toBe(200);
    expect((await call('POST', '/repositories?dryRun=true', { name: 'b', git: gitOf('b') })).status).toBe(201);
    expect((await create('a')).status).toBe(409);
    expect((await call('POST', '/repositories', { name: 'A B' })).status).toBe(422);
    expect((await call('PATCH', `/repositories/${made.id}`, {}, { 'If-Match': '"other"' })).status).toBe(412);
    expect((await call('POST', `/package-revisions/${REVISION}/propose`)).status).toBe(409);
    expect((await call('DELETE', `/repositories/${made.id}`, undefined, { 'If-Match': '*' })).status).toBe(409);
    expect((await call('POST', `/operations/${REVISION}/cancel`)).status).toBe(404);
    expect(await entries()).toHaveLength(count);
  });

  it('is left by a change that is rolled back at its end', async () => {
    const { client } = api.database;
    await client.$executeRawUnsafe(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'gone'; END $$`,
    );
    await client.$executeRawUnsafe(
      `CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON audit_entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`,
    );
    expect((await create('a')).status).toBe(500);
    await client.$executeRawUnsafe('DROP TRIGGER refuse ON audit_entry');
    expect(await entries()).toEqual([]);
    expect(await client.repository.count()).toBe(0);
  });

  it('is written twice by twins with one key', async () => {
    await Promise.all(Array.from({ length: 10 }, () => create('a', { 'Idempotency-Key': 'twins' })));
    expect(await entries()).toHaveLength(1);
  });
});

describe('the audit log over HTTP', () => {
  const list = async (query: string) => {
    const answer = await call('GET', `/audit-entries?${query}`);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return answer.body as { items: Record<string, unknown>[]; nextCursor: string | null };
  };

  it('lists newest first, page by page', async () => {
    for (const name of ['a', 'b', 'c']) await create(name);
    const since = `since=${new Date(start.getTime() + 1).toISOString()}`;
    const first = await list(`${since}&pageSize=2`);
    const second = await list(`${since}&pageSize=2&cursor=${first.nextCursor}`);
    const shown = [...first.items, ...second.items].map(({ id }) => id);
    expect(shown).toEqual((await entries()).map(({ id }) => id).reverse());
    expect(second.nextCursor).toBeNull();
    const one = await call('GET', `/audit-entries/${String(shown[0])}`);
    expect(one.body).toEqual(first.items[0]);
    expect((await call('GET', `/audit-entries/${REVISION}`)).status).toBe(404);
  });

  it('finds by every filter', async () => {
    const { body: made } = await create('a', { 'X-Request-Id': 'find-me', 'X-Remote-User': 'grace' });
    await create('b');
    await api.app.get(AuditLog).denied({ action: 'deleteRepository', actor: 'eve', reason: 'forbidden', path: 'p/q' });
    const [of, , denied] = await entries();
    const at = (date: Date | undefined) => date?.toISOString() ?? '';
    const since = `since=${at(of?.time)}`;
    const found = async (query: string) => (await list(`${since}&${query}`)).items.map(({ id }) => id);
    for (const query of [
      'actor=grace',
      'requestId=find-me',
      `resourceId=${made.id}`,
      `repositoryId=${made.id}`,
      `resourceType=Repository&action=createRepository&actor=grace`,
      'outcome=succeeded&actor=grace',
    ]) {
      expect(await found(query), query).toEqual([of?.id]);
    }
    expect(await found('outcome=denied')).toEqual([denied?.id]);
    expect(await found('path=p/q')).toEqual([denied?.id]);
    expect(await found('action=createRepository&action=deleteRepository')).toHaveLength(3);
    expect(await found(`until=${at(of?.time)}`)).toEqual([]);
    expect(await found(`since=${at(denied?.time)}`.replace('since', 'until'))).not.toContain(denied?.id);
    expect((await list(`since=${at(denied?.time)}`)).items.map(({ id }) => id)).toContain(denied?.id);
    for (const wrong of ['since=yesterday', 'outcome=maybe', 'resourceTyp=x', 'pageSize=0']) {
      expect((await call('GET', `/audit-entries?${wrong}`)).status, wrong).toBe(400);
    }
  });

  it('is exported in the order of the chain, and further from any place', async () => {
    for (let index = 0; index < 3; index += 1) await create(`e${index}`);
    await api.app.get(AuditLog).record(Array.from({ length: 1_200 }, (_, index) => ({ action: `a${index}` })));
    await api.app.get(AuditSealer).seal();
    const read = async (query = '') => {
      const response = await fetch(`${api.url}/api/v1/audit-entries/export${query}`);
      expect(response.headers.get('content-type')).toBe('application/x-ndjson');
      const text = await response.text();
      return text === ''
        ? []
        : text
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line) as Record<string, unknown>);
    };
    const all = await read();
    expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, index) => index + 1));
    expect(all).toHaveLength(await api.database.client.auditEntry.count());
    const report = await verifyChain(api.app.get(ChainStore));
    expect(report).toMatchObject({ fault: null, head: { sequence: all.length, hash: all.at(-1)?.hash } });
    const { sequence, hash, ...entry } = all[0] ?? {};
    expect((await call('GET', `/audit-entries/${String(entry.id)}`)).body).toEqual(entry);
    expect([sequence, hash]).toEqual([1, expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(await read('?afterSequence=1000')).toEqual(all.slice(1000));
    expect(await read(`?afterSequence=${all.length}`)).toEqual([]);
    expect((await fetch(`${api.url}/api/v1/audit-entries/export?afterSequence=x`)).status).toBe(400);
  });

  it('knows its actions: a filter by any other is refused', async () => {
    const bogus = await call('GET', '/audit-entries?action=approvePackageRevision,bogus');
    expect(bogus).toMatchObject({ status: 400, body: { code: 'invalidQuery', errors: [{ pointer: 'action' }] } });
    for (const action of ['revokeApiToken', 'packageRevision.deleted', 'repository.policyChanged']) {
      expect((await call('GET', `/audit-entries?action=${action}`)).status, action).toBe(200);
    }
  });
});
