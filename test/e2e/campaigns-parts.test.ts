import { beforeAll, describe, expect, it } from 'vitest';
import { EVENT_TYPE_NAMES } from '../../src/events/event-types.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { BulkWorld } from '../support/bulk.js';
import { CampaignSteps, type Fleet, makeFleet } from '../support/campaigns.js';
import type { HttpClient } from '../support/http-client.js';
import type { Steps } from '../support/steps.js';

const world = BulkWorld.create();
const names = ['edge-1/web', 'edge-2/web', 'edge-3/web'];
const WAIT = { Prefer: 'wait=30' };

let fleet: Fleet;
let ada: Steps;
let grace: Steps;
beforeAll(async () => {
  fleet = await makeFleet(world, names);
  [ada, grace] = [await world.person('ada', { role: 'author' }), await world.person('grace', { role: 'approver' })];
}, 120_000);

const body = (name: string, waves: object[] = [{ name: 'all' }]) => ({
  ...{ name, waves, change: { type: 'upgrade', to: { revisionId: fleet.second } } },
  selection: { filter: { repositoryId: fleet.id } },
});

/** Sends a POST twice with one key: the second is answered as the first was, and does nothing. */
async function twice(
  by: HttpClient,
  status: number,
  path: string,
  sent?: object,
  headers: Record<string, string> = {},
) {
  const key = { ...headers, 'Idempotency-Key': uuidv7() };
  const first = await by.expect(status, 'POST', path, sent, key);
  const again = await by.expect(status, 'POST', path, sent, key);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  // The work goes on meanwhile.
  if (status === 202) expect(again.body.id).toBe(first.body.id);
  else expect(again.body).toEqual(first.body);
  return first;
}

describe('campaigns', () => {
  it('are listed by name, state, creator and package, in two orders, page by page', async () => {
    const first = await CampaignSteps.create(
      ada,
      grace,
      body('listed-a', [{ name: 'half', percent: 50 }, { name: 'rest' }]),
    );
    await CampaignSteps.create(ada, grace, body('listed-b'));
    expect((await first.plan()).waves).toMatchObject([
      { percent: 50, counts: { planned: 2 } },
      { counts: { planned: 1 } },
    ]);
    const list = async (query: string) =>
      ((await ada.expect(200, 'GET', `/campaigns?${query}`)).body.items as { name: string }[]).map(({ name }) => name);
    expect(await list('name=listed-a')).toEqual(['listed-a']);
    expect(await list('state=planned')).toEqual(['listed-a']);
    expect(await list('createdBy=ada&sort=name')).toEqual(['listed-a', 'listed-b']);
    expect(await list('q=ISTED-B')).toEqual(['listed-b']);
    const [item] = await first.items('&wave=1');
    expect(await list(`packageId=${item?.packageId}`)).toEqual(['listed-a']);
    expect(await first.items(`&packageId=${item?.packageId}`)).toHaveLength(1);
    for (const path of ['/campaigns', `/campaigns/${first.id}/items`]) {
      const { body: page } = await ada.expect(200, 'GET', `${path}?pageSize=1`);
      const { body: next } = await ada.expect(200, 'GET', `${path}?pageSize=1&cursor=${page.nextCursor}`);
      expect(next.items[0].id).not.toBe(page.items[0].id);
    }
    for (const path of [`/campaigns/${first.id}`, `/campaigns/${first.id}/items/${item?.id}`]) {
      const { headers } = await ada.expect(200, 'GET', path);
      await ada.expect(304, 'GET', path, undefined, { 'If-None-Match': headers.get('etag') ?? '' });
    }
  });

  it('have names of their own, and refuse what is not possible where they stand', async () => {
    const campaign = (await twice(ada, 201, '/campaigns', body('states'))).body as { id: string };
    const path = `/campaigns/${campaign.id}`;
    const refused = (method: string, below: string, sent?: object, by: HttpClient = ada) =>
      by.expect(409, method, `${path}${below}`, sent, { 'If-Match': '*' });
    expect((await ada.expect(409, 'POST', '/campaigns', body('states'))).body.code).toBe('alreadyExists');
    await CampaignSteps.create(ada, grace, body('states-too'));
    expect((await refused('PATCH', '', { name: 'states-too' })).body.code).toBe('alreadyExists');
    for (const action of ['start', 'continue', 'abort', 'pause', 'resume'])
      expect((await refused('POST', `/${action}`)).body.code).toBe('stateConflict');
    expect((await refused('POST', '/rollback', { name: 'x' })).body.code).toBe('stateConflict');
    expect((await refused('POST', '/approve', {}, grace)).body.code).toBe('stateConflict');
    const condition = await world.root.expect(
      409,
      'PUT',
      `${path}/conditions/a`,
      { status: 'True' },
      { 'If-Match': '*' },
    );
    expect(condition.body.code).toBe('stateConflict');
    const none = { ...body('none'), selection: { packageIds: [uuidv7()] } };
    const empty = await CampaignSteps.create(ada, grace, none);
    expect((await empty.act('plan', 409)).body.code).toBe('stateConflict');
  });

  it('answer with what they led to, and say what they would', async () => {
    const { body: made } = await ada.expect(
      201,
      'POST',
      '/campaigns',
      body('waited', [
        { name: 'one', count: 1 },
        { name: 'rest', approval: 'manual' },
      ]),
    );
    const path = `/campaigns/${made.id}`;
    const rehearsed = await ada.expect(200, 'POST', `${path}/plan?dryRun=true`);
    expect(rehearsed.headers.get('dry-run-operation')).toBe('campaignPlan');
    await twice(ada, 202, `${path}/plan`, undefined, { Prefer: 'wait=0' });
    await expect.poll(async () => (await ada.expect(200, 'GET', path)).body.state).toBe('planned');
    const planned = await twice(ada, 200, `${path}/plan`, undefined, WAIT);
    expect(planned.headers.get('preference-applied')).toBe('wait=30');
    const [{ id }] = (await ada.expect(200, 'GET', `${path}/items`)).body.items as [{ id: string }];
    const digest = { 'If-Match': `"${planned.body.plan.digest}"` };
    await twice(grace, 200, `${path}/approve`, { comment: 'Seen.' }, digest);
    expect((await ada.expect(200, 'GET', path)).body.plan.approvals).toMatchObject([{ comment: 'Seen.' }]);
    expect((await ada.expect(200, 'POST', `${path}/start?dryRun=true`)).headers.get('dry-run-operation')).toBe(
      'campaign',
    );
    const started = await twice(ada, 202, `${path}/start`, undefined, { Prefer: 'wait=1' });
    await expect.poll(async () => (await ada.expect(200, 'GET', path)).body.state, { timeout: 20_000 }).toBe('waiting');
    const done = await ada.expect(200, 'GET', `${path}/items/${id}`);
    expect(done.body).toMatchObject({
      state: 'done',
      revision: 'v2',
      publishedAt: expect.any(String),
      draftId: expect.any(String),
    });
    for (const [method, below, sent] of [
      ['PATCH', '', { description: 'x' }],
      ['PATCH', `/items/${id}`, { excluded: true }],
      ['POST', `/items/${id}/skip`, undefined],
      ['POST', `/items/${id}/retry`, undefined],
      ['POST', '/plan', undefined],
    ] as const) {
      const { body: problem } = await ada.expect(409, method, `${path}${below}`, sent, { 'If-Match': '*' });
      expect(problem.code).toBe('stateConflict');
    }
    await twice(ada, 200, `${path}/pause`);
    await twice(ada, 200, `${path}/resume`);
    const others = (await ada.expect(200, 'GET', `${path}/items?state=planned`)).body.items as { id: string }[];
    await twice(ada, 200, `${path}/items/${others[0]?.id}/skip`);
    await twice(ada, 200, `${path}/continue`);
    await ada.finished(started.body.id as string);
    await twice(ada, 201, `${path}/rollback`, { name: 'waited-back' });
    expect((await ada.expect(409, 'POST', `${path}/rollback`, { name: 'waited-back' })).body.code).toBe(
      'alreadyExists',
    );
  });

  it('are carried out while somebody waits, are not planned twice at a time, and tell why an item was set aside', async () => {
    fleet = await makeFleet(world, names, names[1]);
    const campaign = await CampaignSteps.create(ada, grace, body('short'));
    await campaign.plan();
    await campaign.approve();
    const ended = await twice(ada, 200, `/campaigns/${campaign.id}/start`, undefined, WAIT);
    expect(ended.body).toMatchObject({ state: 'finished', progress: { counts: { done: 2, setAside: 1 } } });
    const aside = await campaign.item(names[1] ?? '');
    expect((await ada.expect(200, 'GET', `/campaigns/${campaign.id}/items/${aside.id}`)).body.error.code).toBe(
      'unresolvedConflicts',
    );
    const { body: told } = await world.root.expect(
      200,
      'GET',
      '/events?type=campaign.itemEnded,campaign.paused&pageSize=500',
    );
    const facts = (told.items as { data: { campaign: { reason?: string; item?: { error?: string } } } }[]).map(
      ({ data }) => data.campaign,
    );
    expect(facts.map(({ item }) => item?.error)).toContain('unresolvedConflicts');
    expect(facts.map(({ reason }) => reason)).toContain('asked');

    const other = await CampaignSteps.create(ada, grace, { ...body('locked'), change: { type: 'retire' } });
    // Held: no worker gets at it.
    const { client } = world.database;
    await client.campaign.update({ where: { id: other.id }, data: { state: 'planning', planOperationId: uuidv7() } });
    expect((await other.get()).state).toBe('draft');
    const { body: operation } = await other.act('plan', 202);
    await ada.finished(operation.id as string);
    await client.operation.update({
      where: { id: operation.id as string },
      data: { state: 'running', nextAttemptAt: new Date(Date.now() + 600_000) },
    });
    await client.campaign.update({ where: { id: other.id }, data: { state: 'planning' } });
    expect((await other.act('plan', 409)).body.code).toBe('operationInProgress');
    await client.operation.update({ where: { id: operation.id as string }, data: { state: 'succeeded' } });
    const aborted = await CampaignSteps.create(ada, grace, {
      ...body('aborted'),
      change: { type: 'retire' },
      waves: [{ name: 'all', approval: 'manual' }],
    });
    await aborted.begin();
    await aborted.until('waiting');
    await twice(ada, 200, `/campaigns/${aborted.id}/abort`);
    await aborted.until('aborted');
    // What failed is retried, once for both requests.
    const again = await CampaignSteps.create(ada, grace, {
      ...body('again'),
      change: { type: 'retire' },
      waves: [{ name: 'all', approval: 'manual' }],
    });
    await again.begin();
    await again.until('waiting');
    const [item] = await again.items();
    await client.campaignItem.update({
      where: { id: item?.id ?? '' },
      data: { state: 'failed', error: { code: 'drift', detail: 'x', data: {} } },
    });
    await twice(ada, 200, `/campaigns/${again.id}/items/${item?.id}/retry`);
  });

  it('have told each type of event', async () => {
    // What is held back is told in campaigns-budget.
    const types = EVENT_TYPE_NAMES.filter((type) => type.startsWith('campaign.') && type !== 'campaign.itemHeldBack');
    const { body: told } = await world.root.expect(200, 'GET', `/events?pageSize=500&type=${types.join(',')}`);
    const seen = new Set((told.items as { type: string }[]).map(({ type }) => type.replace('dev.pkgserver.', '')));
    expect([...seen].toSorted()).toEqual(types.toSorted());
  });
});
