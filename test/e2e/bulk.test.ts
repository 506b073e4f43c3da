import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ask, BulkWorld, type Item, outcomes } from '../support/bulk.js';
import { giveRoles, signIn } from '../support/sign-in.js';

const world = BulkWorld.create();
const UNKNOWN = '0199a0de-0000-7000-8000-00000000dead';
const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `p${index}`);
/** Items that one transaction judges, and transactions at a time. */
const STEP = 50;
const AT_ONCE = 3;
const FOUR_STEPS = AT_ONCE * STEP + 5;
const firstOfSteps = (ids: readonly string[]) => ids.filter((_id, index) => index % STEP === 0).slice(0, AT_ONCE);
const anyOf = (ids: readonly string[]) => ids.map((id) => ({ id, etag: '*' }));

/** Until nothing that the background does changes an entity tag any more. */
const settled = (ids: readonly string[]): Promise<unknown> => Promise.all(ids.map((id) => world.root.pushed(id)));

/** All that a request could change, but for what it is to nobody's use to compare. */
async function contents(): Promise<Record<string, unknown>> {
  const tables = [
    'package_revision',
    'operation',
    'operation_item',
    'approval',
    'audit_entry',
    'event',
    'event_pending',
  ];
  const rows: Record<string, unknown> = {};
  for (const table of [...tables, 'idempotency_key', 'package', 'deleted_revision']) {
    const [row] = await world.database.client.$queryRawUnsafe<object[]>(
      `SELECT count(*)::int AS count, md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) AS digest FROM ${table} t`,
    );
    rows[table] = row;
  }
  return rows;
}

describe('a bulk request', () => {
  it('does to each what a single request does, and says of each how it went', async () => {
    const { id: repositoryId } = await world.repository();
    const [one = '', two = '', proposed = ''] = await world.drafts(repositoryId, ['a', 'b', 'c']);
    await world.root.propose(proposed);
    const items = [{ id: two }, { id: proposed }, { id: UNKNOWN }, { id: one, etag: '*' }];
    const answer = await ask(world.root.call, { action: 'propose', items });
    expect(answer.status).toBe(200);
    expect(answer.body.items.map(({ id }: Item) => id)).toEqual([two, proposed, UNKNOWN, one]);
    expect(outcomes(answer.body.items)).toEqual(['succeeded', 'stateConflict', 'notFound', 'succeeded']);
    for (const id of [one, two]) expect(await world.root.revision(id)).toMatchObject({ lifecycle: 'proposed' });
    for (const at of [1, 2]) {
      const { id, error } = answer.body.items[at];
      const single = await world.root.call('POST', `/package-revisions/${id}/propose`);
      const { instance: _path, requestId: _id, ...told } = single.body;
      expect(error).toEqual(told);
    }
  });

  it('takes the actions that only write the database, each as its single request does', async () => {
    const { id: repositoryId } = await world.repository();
    const [id = ''] = await world.drafts(repositoryId, ['a']);
    const act = async (action: string, parameters?: object) => {
      const [item] = await world.bulk(world.root, {
        action,
        items: [{ id, etag: '*' }],
        ...(parameters && { parameters }),
      });
      expect(item).toMatchObject({ id, status: 'succeeded' });
      return world.root.revision(id);
    };
    expect(await act('propose')).toMatchObject({ lifecycle: 'proposed' });
    const rejected = { lifecycle: 'draft', lastDecision: { action: 'reject', comment: 'Not yet.', by: 'root' } };
    expect(await act('reject', { comment: 'Not yet.' })).toMatchObject(rejected);
    await act('propose');
    expect(await act('withdraw')).toMatchObject({ lifecycle: 'draft', lastDecision: { action: 'withdraw' } });
    expect(await act('label', { labels: { tier: 'gold' } })).toMatchObject({ labels: { tier: 'gold' } });
    await act('propose');
    await world.bulk(world.root, { action: 'approve', items: anyOf([id]) });
    expect(await act('propose-deletion', { comment: 'Old.' })).toMatchObject({ lifecycle: 'deletionProposed' });
    expect(await act('reject-deletion')).toMatchObject({ lifecycle: 'published' });
  });

  it('deletes drafts at once, and what is published once the remote has lost it', async () => {
    const { id: repositoryId, fixture } = await world.repository();
    const [draft = ''] = await world.drafts(repositoryId, ['a']);
    const published = await world.proposals(repositoryId, ['b', 'c']);
    await world.bulk(world.root, { action: 'approve', items: anyOf(published) });
    await world.bulk(world.root, { action: 'propose-deletion', items: anyOf(published) });
    const items = await world.bulk(world.root, { action: 'delete', items: anyOf([draft, ...published]) });
    expect(outcomes(items)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(items.map(({ operationId }) => operationId !== undefined)).toEqual([false, true, true]);
    expect(await fixture.tags()).toEqual([]);
    for (const id of [draft, ...published]) await world.root.expect(404, 'GET', `/package-revisions/${id}`);
  });

  it('publishes what is approved, by one operation that ends when all have', async () => {
    const { id: repositoryId, fixture } = await world.repository();
    const ids = await world.proposals(repositoryId, ['a', 'b', 'c']);
    const [first = ''] = ids;
    await world.root.expect(200, 'POST', `/package-revisions/${first}/reject`);
    const answer = await ask(world.root.call, { action: 'approve', items: anyOf(ids) });
    expect(answer).toMatchObject({ status: 202, body: { kind: 'bulk' } });
    const result = { action: 'approve', items: { succeeded: 2, failed: 1, cancelled: 0 } };
    expect(await world.root.finished(answer.body.id)).toMatchObject({ state: 'succeeded', result });
    expect(await fixture.tags()).toEqual(['b/v1', 'c/v1']);
    const items = await world.items(world.root, answer.body.id);
    expect(outcomes(items)).toEqual(['stateConflict', 'succeeded', 'succeeded']);
    expect(await world.items(world.root, answer.body.id, '&status=failed')).toEqual([items[0]]);
    const pages = await world.root.expect(200, 'GET', `/operations/${answer.body.id}/items?pageSize=2`);
    const next = `/operations/${answer.body.id}/items?pageSize=2&cursor=${pages.body.nextCursor}`;
    const rest = await world.root.expect(200, 'GET', next);
    expect([...pages.body.items, ...rest.body.items]).toEqual(items);
    const back = await world.root.expect(200, 'GET', `/operations/${answer.body.id}/items?sort=-position`);
    expect(back.body.items).toEqual(items.toReversed());
  });

  it('says how a publication has failed', async () => {
    const { id: repositoryId, fixture } = await world.repository();
    const [id = ''] = await world.proposals(repositoryId, ['a']);
    await world.root.pushed(id);
    // Found only by the worker: somebody has published the same package meanwhile.
    await fixture.commit({
      files: { 'a/Kptfile': 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: other\n' },
    });
    const [item] = await world.bulk(world.root, { action: 'approve', items: anyOf([id]) });
    expect(item).toMatchObject({ status: 'failed', operationId: expect.any(String) });
    expect(item?.error?.status).toBe(409);
  });

  it('refuses what cannot be meant, and says where', async () => {
    const id = randomUUID();
    const refused = async (body: object, pointer: string) => {
      const { status, body: problem } = await ask(world.root.call, body);
      expect(status).toBe(422);
      expect(problem.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    };
    const items = [{ id }, { id: UNKNOWN }, { id: id.toUpperCase() }];
    await refused({ action: 'propose', items }, '/items/2/id');
    await refused({ action: 'approve', items: [{ id, etag: '*' }, { id: UNKNOWN }] }, '/items/1/etag');
    await refused({ action: 'propose', items: [{ id }], parameters: { force: true } }, '/parameters/force');
    await refused(
      { action: 'label', items: [{ id, etag: '*', parameters: { head: 'keep' } }] },
      '/items/0/parameters/head',
    );
    await refused({ action: 'propose' }, '/items');
    await refused({ action: 'propose', items: [{ id }], filter: { q: 'x' } }, '/items');
    await refused({ action: 'propose', filter: {} }, '/filter');
    await refused({ action: 'approve', filter: { lifecycle: ['proposed'] } }, '/filter');
    await refused({ action: 'propose', items: Array.from({ length: 5_001 }, () => ({ id: randomUUID() })) }, '/items');
  });

  it('refuses what was changed since it was seen, and nothing else', async () => {
    const { id: repositoryId } = await world.repository();
    const ids = await world.proposals(repositoryId, ['a', 'b']);
    await settled(ids);
    const items = await Promise.all(
      ids.map(async (id) => ({ id, etag: (await world.root.revision(id)).etag as string })),
    );
    await world.root.expect(200, 'POST', `/package-revisions/${ids[0]}/reject`);
    await world.root.propose(ids[0] ?? '');
    const [stale, seen] = await world.bulk(world.root, { action: 'approve', items });
    expect(stale?.error).toMatchObject({ code: 'preconditionFailed', status: 412, currentEtag: expect.any(String) });
    expect(seen).toMatchObject({ status: 'succeeded' });
  });
});

describe('whoever asks', () => {
  it('does to each what they may, and is not told of what they may not see', async () => {
    const { id: repositoryId } = await world.repository();
    const { id: hidden } = await world.repository();
    const ids = await world.proposals(
      repositoryId,
      ['mine/a', 'mine/b', 'theirs/c', 'theirs/d'].map((path) => path.replace('/', '-')),
    );
    const [secret = ''] = await world.proposals(hidden, ['e']);
    const grace = await world.person(
      `grace-${repositoryId}`,
      { role: 'viewer', repositoryId },
      { role: 'approver', repositoryId, path: 'mine-*' },
    );
    const answer = await ask(grace.call, { action: 'approve', items: anyOf([...ids, secret, UNKNOWN]) });
    expect(answer.status).toBe(202);
    await grace.finished(answer.body.id);
    const items = await world.items(grace, answer.body.id);
    expect(outcomes(items)).toEqual(['succeeded', 'succeeded', 'forbidden', 'forbidden', 'notFound', 'notFound']);
    const [seen, unknown] = [items[4]?.error, items[5]?.error];
    expect(JSON.stringify(seen).replace(secret, UNKNOWN)).toBe(JSON.stringify(unknown));
    expect(items[2]?.error).toMatchObject({ permission: 'packageRevisions.approve' });
    // Who sees less than she does is not told of her work.
    const eve = await world.person(`eve-${repositoryId}`, { role: 'viewer', repositoryId, path: 'mine-*' });
    await eve.expect(404, 'GET', `/operations/${answer.body.id}`);
    await eve.expect(404, 'GET', `/operations/${answer.body.id}/items`);
    const other = await world.person(`olga-${repositoryId}`, { role: 'viewer', repositoryId });
    await other.expect(200, 'GET', `/operations/${answer.body.id}/items`);
    await other.expect(403, 'POST', `/operations/${answer.body.id}/cancel`);
  });

  it('has what they did and were refused in the audit log, item by item, as of single requests', async () => {
    const { id: repositoryId } = await world.repository();
    const [good = '', other = ''] = await world.drafts(repositoryId, ['mine', 'theirs']);
    const token = await signIn(
      world.database,
      `ada-${repositoryId}`,
      { role: 'viewer', repositoryId },
      { role: 'author', repositoryId, path: 'mine' },
    );
    const answer = await ask(world.holder(token).call, { action: 'propose', items: [{ id: good }, { id: other }] });
    expect(outcomes(answer.body.items)).toEqual(['succeeded', 'forbidden']);
    const requestId = answer.headers.get('x-request-id') ?? '';
    const entries = await world.database.client.auditEntry.findMany({ where: { requestId }, orderBy: { id: 'asc' } });
    const shared = { actor: `ada-${repositoryId}`, tokenId: expect.any(String), address: expect.any(String) };
    expect(entries).toMatchObject([
      {
        ...shared,
        action: 'bulkPackageRevisions',
        outcome: 'succeeded',
        resourceType: 'Operation',
        resourceId: answer.body.operationId,
      },
      {
        ...{ ...shared, action: 'proposePackageRevision', outcome: 'succeeded', resourceType: 'PackageRevision' },
        ...{
          resourceId: good,
          repositoryId,
          path: 'mine',
          before: expect.any(String),
          after: answer.body.items[0].etag,
        },
      },
      {
        ...{ ...shared, action: 'proposePackageRevision', outcome: 'denied', resourceId: other },
        reason: 'forbidden: packageRevisions.propose',
      },
    ]);
  });

  it('is held to the release policy', async () => {
    const { id: repositoryId } = await world.repository();
    const { body, headers } = await world.root.expect(200, 'GET', `/repositories/${repositoryId}`);
    const policy = { requiredApprovals: 2, selfApproval: true };
    const seen = { 'If-Match': headers.get('etag') ?? '' };
    await world.root.expect(200, 'PATCH', `/repositories/${body.id}`, { policy }, seen);
    const [id = ''] = await world.proposals(repositoryId, ['a']);
    const grace = await world.person(`grace-${repositoryId}`, { role: 'approver', repositoryId });
    const first = await world.bulk(grace, { action: 'approve', items: anyOf([id]) });
    expect(first).toMatchObject([{ status: 'succeeded', etag: expect.any(String) }]);
    expect(first[0]).not.toHaveProperty('operationId');
    expect(await world.root.revision(id)).toMatchObject({ lifecycle: 'proposed' });
    const [last] = await world.bulk(world.root, { action: 'approve', items: anyOf([id]) });
    expect(last).toMatchObject({ status: 'succeeded', operationId: expect.any(String) });
    expect(await world.root.revision(id)).toMatchObject({ lifecycle: 'published' });
  });

  it('is judged by the right that they have when the work is done', async () => {
    const { id: repositoryId } = await world.repository();
    const ids = await world.drafts(repositoryId, many(FOUR_STEPS));
    const user = `ada-${repositoryId}`;
    const token = await signIn(world.database, user, { role: 'author', repositoryId });
    await quiet();
    const release = await world.hold(...firstOfSteps(ids));
    const request = { action: 'propose', items: ids.map((id) => ({ id })) };
    const { status, body } = await ask(world.holder(token).call, request, { Prefer: 'wait=0' });
    expect(status).toBe(202);
    await world.areAt(AT_ONCE);
    await world.database.client.apiToken.updateMany({ where: { user }, data: { revokedAt: new Date() } });
    await release();
    await world.root.finished(body.id);
    const items = await world.items(world.root, body.id);
    // Some were judged together before.
    expect(outcomes(items)).toEqual(ids.map((_id, index) => (index < AT_ONCE * STEP ? 'succeeded' : 'forbidden')));
  });
});

describe('a request that is repeated', () => {
  it('is answered as it was, and nothing is done again', async () => {
    const { id: repositoryId } = await world.repository();
    const ids = await world.drafts(repositoryId, ['a', 'b']);
    const request = { action: 'propose', items: ids.map((id) => ({ id })) };
    const key = { 'Idempotency-Key': randomUUID() };
    const first = await ask(world.root.call, request, { ...key, Prefer: 'wait=30' });
    expect(first.headers.get('preference-applied')).toBe('wait=30');
    expect(outcomes(first.body.items)).toEqual(['succeeded', 'succeeded']);
    const again = await ask(world.root.call, request, key);
    expect(again).toMatchObject({ status: 200, body: first.body });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    const other = await ask(world.root.call, { ...request, action: 'withdraw' }, key);
    expect(other.body.code).toBe('idempotencyKeyReused');
    const without = await ask(world.root.call, request);
    expect(outcomes(without.body.items)).toEqual(['stateConflict', 'stateConflict']);

    const approval = { action: 'approve', items: anyOf(ids) };
    const approve = { 'Idempotency-Key': randomUUID() };
    const twins = await Promise.all([1, 2, 3].map(() => ask(world.root.call, approval, approve)));
    expect(new Set(twins.map(({ body }) => body.id)).size).toBe(1);
    const [{ body } = { body: {} }] = twins;
    expect(await world.root.finished(body.id)).toMatchObject({ result: { items: { succeeded: 2 } } });
    const where = { kind: 'publish', revisionId: { in: ids } } as const;
    expect(await world.database.client.operation.count({ where })).toBe(2);
  });

  it('is refused once its caller may not see all of it any more', async () => {
    const { id: repositoryId } = await world.repository();
    const [id = ''] = await world.drafts(repositoryId, ['a']);
    const user = `ada-${repositoryId}`;
    const ada = await world.person(user, { role: 'author', repositoryId });
    const key = { 'Idempotency-Key': randomUUID() };
    const request = { action: 'propose', items: [{ id }] };
    expect((await ask(ada.call, request, key)).status).toBe(200);
    await world.database.client.roleBinding.deleteMany({ where: { subject: user } });
    const { id: elsewhere } = await world.repository();
    await giveRoles(world.database, user, [{ role: 'author', repositoryId: elsewhere }]);
    expect((await ask(ada.call, request, key)).status).toBe(404);
  });
});

describe('a dry run', () => {
  it('changes nothing, and says of each what would become of it', async () => {
    const { id: repositoryId, name } = await world.repository();
    const ids = await world.proposals(repositoryId, ['a', 'b']);
    const [draft = ''] = await world.drafts(repositoryId, ['c']);
    await settled([...ids, draft]);
    await quiet();
    const before = await contents();
    const dry = (body: object) => ask(world.root.call, body, { 'Idempotency-Key': randomUUID() }, '?dryRun=true');
    const approval = await dry({ action: 'approve', items: anyOf([...ids, draft, UNKNOWN]) });
    expect(approval).toMatchObject({ status: 200, body: { operationId: null } });
    expect(outcomes(approval.body.items)).toEqual(['started', 'started', 'stateConflict', 'notFound']);
    expect(approval.headers.get('location')).toBeNull();
    expect(approval.headers.get('dry-run-operation')).toBe('bulk');
    const proposal = await dry({ action: 'propose', items: anyOf([...ids, draft]) });
    expect(outcomes(proposal.body.items)).toEqual(['stateConflict', 'stateConflict', 'succeeded']);
    const deletion = await dry({ action: 'delete', filter: { repository: name } });
    expect(outcomes(deletion.body.items)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(await contents()).toEqual(before);
  });

  it('gives by a filter what can be sent as it is, also for what cannot be taken back', async () => {
    const { id: repositoryId, name } = await world.repository();
    const ids = await world.proposals(repositoryId, many(3));
    await settled(ids);
    const found = await ask(
      world.root.call,
      { action: 'approve', filter: { repository: name, lifecycle: ['proposed'] } },
      {},
      '?dryRun=true',
    );
    expect(new Set(found.body.items.map(({ id }: Item) => id))).toEqual(new Set(ids));
    const items = found.body.items.map(({ id, etag }: Item) => ({ id, etag }));
    expect(outcomes(await world.bulk(world.root, { action: 'approve', items }))).toEqual(
      many(3).map(() => 'succeeded'),
    );
  });
});

describe('a filter', () => {
  it('chooses as lists do what the caller may see, as it is then', async () => {
    const { id: repositoryId, name } = await world.repository();
    const [other = ''] = await world.drafts(repositoryId, ['b-one']);
    // In the order in which they are locked.
    const [first = '', second = ''] = (await world.drafts(repositoryId, ['a-one', 'a-two'])).toSorted();
    await settled([first, second, other]);
    const ada = await world.person(`ada-${repositoryId}`, { role: 'author', repositoryId, path: 'a-*' });
    const filter = { repository: name, lifecycle: ['draft'], latest: false };
    const release = await world.hold(first);
    const { body } = await ask(ada.call, { action: 'propose', filter }, { Prefer: 'wait=0' });
    // Of what has changed since it was found, nothing is done.
    await world.root.edit(second, { 'more.yaml': 'a: 1\n' });
    await release();
    await ada.finished(body.id);
    const items = await world.items(ada, body.id);
    const found = new Map(items.map((item) => [item.id, outcomes([item])[0]]));
    expect(found).toEqual(
      new Map([
        [first, 'succeeded'],
        [second, 'preconditionFailed'],
      ]),
    );
    expect(await world.root.revision(other)).toMatchObject({ lifecycle: 'draft' });
    const none = await ask(ada.call, { action: 'propose', filter: { repository: name, q: 'nothing' } });
    expect(none).toMatchObject({ status: 200, body: { operationId: null, items: [] } });
  });
});

describe('at the same time', () => {
  it('two requests over the same items do each once', async () => {
    const { id: repositoryId, fixture } = await world.repository();
    const ids = await world.proposals(repositoryId, many(120));
    const requests = [ids, ids.toReversed()].map((order) =>
      world.bulk(world.root, { action: 'approve', items: anyOf(order) }),
    );
    const [one = [], two = []] = await Promise.all(requests);
    const ends = new Map(
      ids.map((id) => [id, [...one, ...two].filter((item) => item.id === id).map((item) => outcomes([item])[0])]),
    );
    for (const pair of ends.values()) {
      expect(pair).toContain('succeeded');
      expect(['operationInProgress', 'stateConflict']).toContain(pair.find((end) => end !== 'succeeded'));
    }
    expect((await fixture.tags()).toSorted()).toEqual(
      many(120)
        .map((path) => `${path}/v1`)
        .toSorted(),
    );
    const where = { kind: 'publish', revisionId: { in: ids } } as const;
    expect(await world.database.client.operation.count({ where })).toBe(120);
  });

  it('one that is cancelled leaves out what is not begun', async () => {
    const { id: repositoryId } = await world.repository();
    const ids = await world.drafts(repositoryId, many(FOUR_STEPS));
    await quiet();
    const release = await world.hold(...firstOfSteps(ids));
    const request = { action: 'propose', items: ids.map((id) => ({ id })) };
    const { body } = await ask(world.root.call, request, { Prefer: 'wait=0' });
    await world.areAt(AT_ONCE);
    await world.root.expect(200, 'POST', `/operations/${body.id}/cancel`);
    await release();
    expect(await world.root.finished(body.id)).toMatchObject({ state: 'cancelled' });
    const ends = ids.map((_id, index) => (index < AT_ONCE * STEP ? 'succeeded' : 'cancelled'));
    expect(outcomes(await world.items(world.root, body.id))).toEqual(ends);
    expect(await world.root.revision(ids.at(-1) ?? '')).toMatchObject({ lifecycle: 'draft' });
  });
});

/** Until no work of earlier tests goes on. */
async function quiet(): Promise<void> {
  const { client } = world.database;
  const open = () => client.operation.count({ where: { state: { in: ['queued', 'running'] } } });
  await expect.poll(open).toBe(0);
  await expect.poll(() => client.eventPending.count()).toBe(0);
}
