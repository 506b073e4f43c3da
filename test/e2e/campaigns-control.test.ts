import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BulkWorld } from '../support/bulk.js';
import { CampaignSteps, type Fleet, makeFleet } from '../support/campaigns.js';
import { giveRoles } from '../support/sign-in.js';
import type { Steps } from '../support/steps.js';

const world = BulkWorld.create();
const names = ['edge-1/web', 'edge-2/web', 'edge-3/web'];
const [one = '', two = '', three = ''] = names;

let fleet: Fleet;
let ada: Steps;
let grace: Steps;

/** A fleet of its own for each test. */
async function begin(conflicting?: string): Promise<void> {
  fleet = await makeFleet(world, names, conflicting);
}

let made = 0;
const create = (more: object = {}, by = ada): Promise<CampaignSteps> => {
  made += 1;
  return CampaignSteps.create(by, grace, {
    name: `campaign-${made}`,
    change: { type: 'upgrade', to: { revisionId: fleet.second } },
    selection: { filter: { repositoryId: fleet.id } },
    ...more,
  });
};

beforeAll(async () => {
  ada = await world.person('ada', { role: 'author' });
  grace = await world.person('grace', { role: 'approver' });
}, 120_000);
afterEach(() => world.git.onRequest(null));

/** Keeps all pushes back until the answer is called. */
function holdPushes(): () => void {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  world.git.onRequest(async ({ service, phase, method }) => {
    if (service === 'git-receive-pack' && method === 'POST' && phase === 'before') await released;
    return undefined;
  });
  return () => {
    world.git.onRequest(null);
    release();
  };
}

const states = async (campaign: CampaignSteps): Promise<string[]> => (await campaign.items()).map(({ state }) => state);

describe('a campaign under way', () => {
  it('begins nothing while it is paused, never more at a time than its wave says, and goes on when it is resumed', async () => {
    await begin();
    const campaign = await create({ waves: [{ name: 'all', maxParallel: 1 }] });
    const release = holdPushes();
    const operation = await campaign.begin();
    await expect.poll(() => states(campaign)).toEqual(['publishing', 'planned', 'planned']);
    const { body: paused } = await campaign.act('pause');
    expect(paused).toMatchObject({ state: 'paused', reason: { code: 'asked', by: 'ada' } });
    expect((await campaign.act('pause', 409)).body).toMatchObject({ code: 'stateConflict', state: 'paused' });
    await ada.expect(409, 'DELETE', `/campaigns/${campaign.id}`, undefined, { 'If-Match': '*' });
    release();
    await expect.poll(() => states(campaign)).toEqual(['done', 'planned', 'planned']);
    const { body: waiting } = await ada.expect(200, 'GET', `/operations/${operation}`);
    expect(waiting).toMatchObject({ state: 'running', waitingFor: 'It is paused: asked.' });
    await campaign.act('resume');
    await ada.finished(operation);
    expect(await states(campaign)).toEqual(['done', 'done', 'done']);
  });

  it('ends when it is aborted: what is begun ends, the rest is skipped', async () => {
    await begin();
    const campaign = await create({ waves: [{ name: 'all', maxParallel: 1 }] });
    const release = holdPushes();
    const operation = await campaign.begin();
    await expect.poll(() => states(campaign)).toEqual(['publishing', 'planned', 'planned']);
    expect((await campaign.act('abort')).body.state).toBe('aborting');
    await expect.poll(() => states(campaign)).toEqual(['publishing', 'skipped', 'skipped']);
    release();
    await ada.finished(operation);
    expect(await campaign.get()).toMatchObject({ state: 'aborted', progress: { counts: { done: 1, skipped: 2 } } });
    expect((await campaign.act('resume', 409)).body.state).toBe('aborted');
    await ada.expect(204, 'DELETE', `/campaigns/${campaign.id}`, undefined, { 'If-Match': '*' });
    await ada.expect(404, 'GET', `/campaigns/${campaign.id}`);
  });

  it('pauses when more have failed than it may cost; what failed is skipped or retried', async () => {
    await begin();
    const paths = names.map((name) => ({ role: 'author' as const, repositoryId: fleet.id, path: name }));
    const bob = await world.person(`bob-${fleet.id}`, ...paths, { role: 'viewer' });
    const waves = [
      { name: 'first', count: 1 },
      { name: 'rest', approval: 'manual', maxParallel: 1 },
    ];
    const campaign = await create({ waves }, bob);
    const operation = await campaign.begin();
    await campaign.until('waiting');
    const own = { subject: `bob-${fleet.id}`, path: two };
    await world.database.client.roleBinding.deleteMany({ where: own });
    await campaign.act('continue', 403);
    // Nobody else has lost a right.
    await world.root.expect(200, 'POST', `/campaigns/${campaign.id}/continue`);
    const paused = await campaign.until('paused');
    expect(paused).toMatchObject({
      reason: { code: 'failures', by: null },
      progress: { counts: { done: 1, failed: 1, planned: 1 } },
    });
    const failed = await campaign.item(two);
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'forbidden' }, draftId: null });
    expect(
      await world.database.client.auditEntry.count({ where: { outcome: 'denied', path: two, actor: own.subject } }),
    ).toBe(1);
    // It pauses at once again, and has begun nothing.
    await giveRoles(world.database, own.subject, [{ role: 'author', repositoryId: fleet.id, path: two }]);
    await campaign.act('resume');
    await campaign.until('paused');
    expect((await campaign.item(three)).state).toBe('planned');
    const item = `items/${failed.id}`;
    expect((await campaign.act(`${item}/retry`)).body).toMatchObject({ state: 'planned', error: null });
    expect((await campaign.act(`${item}/retry`, 409)).body.code).toBe('stateConflict');
    expect((await campaign.act(`items/${(await campaign.item(three)).id}/skip`)).body.state).toBe('skipped');
    await campaign.act('resume');
    await bob.finished(operation);
    expect(await states(campaign)).toEqual(['done', 'done', 'skipped']);
    expect((await campaign.item(two)).attempts).toBe(2);
  });

  it('sets aside what was published, or committed, since it was planned, and overwrites nothing', async () => {
    await begin();
    const campaign = await create();
    await campaign.plan();
    const { from } = await campaign.item(one);
    const next = await world.root.copy(fleet.id, from.revisionId, 'meanwhile');
    await world.root.edit(next, { 'more.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n' });
    await world.root.propose(next);
    await grace.finished(await grace.approve(next));
    await fleet.fixture.commit({
      files: { [`${two}/own.yaml`]: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\n' },
    });
    const { body: sync } = await world.root.expect(202, 'POST', `/repositories/${fleet.id}/sync`);
    await world.root.finished(sync.id as string);
    await campaign.approve();
    await ada.finished((await campaign.act('start', 202)).body.id as string);
    expect(await states(campaign)).toEqual(['setAside', 'setAside', 'done']);
    expect((await campaign.item(one)).error?.code).toBe('contentChanged');
    expect((await campaign.item(two)).error?.code).toBe('headDiffers');
    expect((await campaign.item(three)).revision).toBe('v2');
    expect(await world.root.revision(next)).toMatchObject({ latest: true, revision: 'v2' });
    const { text } = await ada.expect(200, 'GET', `/campaigns/${campaign.id}`, undefined, { Accept: 'text/markdown' });
    expect(text).toContain('### setAside (2)');
  });

  it('sets aside what is in conflict when it starts', async () => {
    await begin(two);
    const campaign = await create();
    await ada.finished(await campaign.begin());
    expect(await states(campaign)).toEqual(['done', 'setAside', 'done']);
    expect((await campaign.item(two)).error?.code).toBe('unresolvedConflicts');
    expect(await fleet.fixture.tags()).not.toContain(`${two}/v2`);
  });

  it('waits for the readiness gates of a repository, and goes on when they are met', async () => {
    await begin();
    const policy = { readinessGates: ['example.com/scanned'] };
    await world.root.expect(200, 'PATCH', `/repositories/${fleet.id}`, { policy }, { 'If-Match': '*' });
    const campaign = await create({ selection: { filter: { repositoryId: fleet.id, target: 'edge-1' } } });
    const operation = await campaign.begin();
    await expect.poll(() => states(campaign)).toEqual(['proposed']);
    const { draftId, error } = await campaign.item(one);
    expect(error?.code).toBe('gatesNotMet');
    const said = { status: 'True', reason: 'Clean', message: 'No finding.' };
    const path = `/package-revisions/${draftId}/conditions/${encodeURIComponent('example.com/scanned')}`;
    await world.root.expect(200, 'PUT', path, said, { 'If-Match': '*' });
    await ada.finished(operation);
    expect(await states(campaign)).toEqual(['done']);
  });

  it('waits for what checkers say of a wave, and watches what it has published', async () => {
    await begin();
    const gate = { conditions: ['example.com/error-rate'] };
    const waves = [{ name: 'first', count: 1, soakSeconds: 1, gate }, { name: 'rest' }];
    const campaign = await create({ waves });
    const operation = await campaign.begin();
    await expect.poll(async () => (await campaign.get()).waves[0].state, { interval: 50 }).toBe('soaking');
    expect((await campaign.item(one)).state).toBe('published');
    await expect.poll(async () => (await campaign.get()).waves[0].state, { timeout: 20_000 }).toBe('gated');
    const url = `/campaigns/${campaign.id}/conditions/${encodeURIComponent('example.com/error-rate')}`;
    const said = { status: 'False', message: 'Too many.' };
    await ada.expect(403, 'PUT', url, said, { 'If-Match': '*' });
    await world.root.expect(428, 'PUT', url, said);
    await world.root.expect(200, 'PUT', url, said, { 'If-Match': '*' });
    expect((await campaign.get()).waves[0].conditions).toMatchObject([{ status: 'False', by: 'root' }]);
    expect((await campaign.item(two)).state).toBe('planned');
    await world.root.expect(200, 'PUT', url, { status: 'True' }, { 'If-Match': '*' });
    await ada.finished(operation);
    expect(await states(campaign)).toEqual(['done', 'done', 'done']);
  });
});

describe('what delivery tools report', () => {
  it('opens the gate of a wave, and pauses the campaign where too much is degraded', async () => {
    await begin();
    const waves = [
      { name: 'first', count: 2, gate: { minHealthyPercent: 50 } },
      { name: 'rest', maxParallel: 1 },
    ];
    const campaign = await create({ waves });
    const operation = await campaign.begin();
    await expect.poll(async () => (await campaign.get()).waves[0].state, { timeout: 20_000 }).toBe('gated');
    const report = async (path: string, health: string, revision: string) => {
      const { packageId } = await campaign.item(path);
      const body = {
        tool: 'argocd',
        state: 'delivered',
        health,
        message: '',
        revision,
        observedAt: new Date().toISOString(),
      };
      await world.root.expect(200, 'PUT', `/packages/${packageId}/delivery`, body);
    };
    // Of what was there before nobody asks.
    await report(one, 'healthy', 'v1');
    await report(two, 'degraded', 'v2');
    expect(await campaign.until('paused')).toMatchObject({
      reason: { code: 'unhealthy' },
      waves: [{ state: 'gated' }, {}],
    });
    await campaign.act('resume');
    await campaign.until('paused');
    expect((await campaign.item(three)).state).toBe('planned');
    await report(two, 'healthy', 'v2');
    await campaign.act('resume');
    await ada.finished(operation);
    expect(await states(campaign)).toEqual(['done', 'done', 'done']);
  });
});

describe('what is published on top meanwhile', () => {
  it('opens the gate where it is healthy, and is left as it is by a rollback', async () => {
    await begin();
    const campaign = await create({ waves: [{ name: 'all', gate: { minHealthyPercent: 100 } }] });
    const operation = await campaign.begin();
    const waitingFor = async () => (await campaign.get()).progress.waitingFor as string | null;
    await expect.poll(waitingFor, { timeout: 20_000 }).toContain('100 %');
    const item = await campaign.item(two);
    const newer = await world.root.copy(fleet.id, item.draftId ?? '', 'newer');
    await world.root.edit(newer, { 'newer.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: newer}\n' });
    await world.root.propose(newer);
    await ada.finished(
      (await grace.expect(202, 'POST', `/package-revisions/${newer}/approve`, {}, { 'If-Match': '*' })).body.id,
    );
    for (const [path, revision] of [
      [one, 'v2'],
      [two, 'v3'],
      [three, 'v2'],
    ] as const) {
      const { packageId } = await campaign.item(path);
      const body = { tool: 'argocd', state: 'delivered', health: 'healthy', message: '', revision };
      const observedAt = new Date().toISOString();
      await world.root.expect(200, 'PUT', `/packages/${packageId}/delivery`, { ...body, observedAt });
    }
    await ada.finished(operation);
    expect(await states(campaign)).toEqual(['done', 'done', 'done']);
    expect(await waitingFor()).toBeNull();
    const { body: back } = await campaign.act('rollback', 201, { name: `back-${made}` });
    const rollback = new CampaignSteps(ada, grace, back.id as string);
    await rollback.plan();
    expect(await rollback.item(two)).toMatchObject({ state: 'excluded', error: { code: 'contentChanged' } });
    expect(await states(rollback)).toEqual(['planned', 'excluded', 'planned']);
  });
});

describe('a plan', () => {
  it('does not start once its rows were changed past the service', async () => {
    await begin();
    const campaign = await create();
    await campaign.plan();
    await campaign.approve();
    const other = (await campaign.item(two)).result;
    const where = { campaignId: campaign.id, path: one };
    await world.database.client.campaignItem.updateMany({ where, data: { resultTree: other } });
    expect((await campaign.act('start', 409)).body.code).toBe('contentChanged');
    expect((await campaign.approve(world.root, 409)).body.code).toBe('contentChanged');
  });

  it('is void once its waves, its budget or what it leaves out are others; a new description changes nothing', async () => {
    await begin();
    const campaign = await create();
    const path = `/campaigns/${campaign.id}`;
    const change = (body: object) => ada.expect(200, 'PATCH', path, body, { 'If-Match': '*' });
    await campaign.plan();
    await campaign.approve();
    expect((await change({ description: 'Soon.' })).body).toMatchObject({ state: 'approved', description: 'Soon.' });
    expect((await change({ budget: { maxFailures: 1 } })).body).toMatchObject({ state: 'draft', plan: null });
    expect((await campaign.act('start', 409)).body.code).toBe('stateConflict');
    const before = (await campaign.plan()).plan.digest;
    await campaign.approve();
    const { id, etag } = await campaign.item(one);
    await ada.expect(412, 'PATCH', `${path}/items/${id}`, { excluded: true }, { 'If-Match': '"9.00000000"' });
    await ada.expect(200, 'PATCH', `${path}/items/${id}`, { excluded: true }, { 'If-Match': `"${etag}"` });
    const excluded = await campaign.get();
    expect(excluded).toMatchObject({
      state: 'planned',
      plan: { missingApprovals: 1 },
      progress: { counts: { excluded: 1 } },
    });
    expect(excluded.plan.digest).not.toBe(before);
    // A new plan heeds it, and the same plan has the same digest.
    expect((await campaign.plan()).plan.digest).toBe(excluded.plan.digest);
    const again = await campaign.item(one);
    await ada.expect(200, 'PATCH', `${path}/items/${again.id}`, { excluded: false }, { 'If-Match': '*' });
    expect((await campaign.get()).plan.digest).toBe(before);
    expect((await change({ waves: [{ name: 'one', count: 1 }] })).body.state).toBe('draft');
    await campaign.plan();
    expect(await states(campaign)).toEqual(['planned', 'excluded', 'excluded']);
    await ada.expect(412, 'PATCH', path, { description: 'x' }, { 'If-Match': '"1.00000000"' });
    await ada.expect(428, 'PATCH', path, { description: 'x' });
  });

  it('needs as many approvals as the strictest of its repositories, and none of who has begun its drafts', async () => {
    await begin();
    const [strict, loose] = [fleet, await makeFleet(world, names)];
    await world.root.expect(
      200,
      'PATCH',
      `/repositories/${strict.id}`,
      { policy: { requiredApprovals: 2 } },
      { 'If-Match': '*' },
    );
    const { body } = await world.root.expect(200, 'GET', `/package-revisions?latest=true&repositoryId=${loose.id}`);
    const { body: others } = await world.root.expect(
      200,
      'GET',
      `/package-revisions?latest=true&repositoryId=${strict.id}`,
    );
    const revisionIds = [body.items[0].id, others.items[0].id];
    const change = { type: 'upgrade', to: { revisionId: fleet.second }, allowOtherPackage: true };
    const campaign = await create({ selection: { revisionIds }, change });
    expect((await campaign.plan()).plan).toMatchObject({ requiredApprovals: 2, missingApprovals: 2 });
    await campaign.approve();
    expect((await campaign.act('start', 409)).body.detail).toContain('1 are missing');
    await campaign.approve();
    expect((await campaign.get()).plan.missingApprovals).toBe(1);
    await campaign.approve(world.root);
    expect((await campaign.act('start', 409, undefined, world.root)).body.code).toBe('stateConflict');
    const { body: started } = await campaign.act('start', 202);
    // It was seen once that it did not end: the items say which of them was waited for.
    await ada.finished(started.id as string).catch(async (error: Error) => {
      throw new Error(`${error.message}: ${JSON.stringify(await campaign.items())}`, { cause: error });
    });
    expect(await states(campaign)).toEqual(['done', 'done']);
  });
});

describe('what somebody may not see', () => {
  it('is neither listed nor counted, and a campaign of nothing that they see is not there', async () => {
    await begin();
    const campaign = await create();
    await campaign.plan();
    const part = await world.person('part', { role: 'viewer', repositoryId: fleet.id, path: one });
    const seen = await campaign.get(part);
    expect(seen).toMatchObject({ progress: { counts: { planned: 1 } }, selection: null, change: { to: null } });
    const items = await campaign.items('', part);
    expect(items.map(({ path }) => path)).toEqual([one]);
    expect(items[0]).toMatchObject({ to: null, summary: null, warnings: [] });
    const hidden = await campaign.item(two);
    await part.expect(404, 'GET', `/campaigns/${campaign.id}/items/${hidden.id}`);
    const { body: list } = await part.expect(200, 'GET', `/campaigns?packageId=${hidden.packageId}`);
    expect(list.items).toEqual([]);
    const none = await world.person('none', { role: 'viewer', repositoryId: (await makeFleet(world, [one])).id });
    await none.expect(404, 'GET', `/campaigns/${campaign.id}`);
    await none.expect(404, 'GET', `/campaigns/${campaign.id}/items`);
    expect((await none.expect(200, 'GET', '/campaigns')).body.items.map(({ id }: { id: string }) => id)).not.toContain(
      campaign.id,
    );
    await part.expect(403, 'POST', `/campaigns/${campaign.id}/plan`);
    const { body: told } = await part.expect(200, 'GET', '/events?pageSize=500');
    expect(JSON.stringify(told)).not.toContain(two);
  });
});

describe('other changes', () => {
  it('sets a field in each package alike; one that has it already is up to date', async () => {
    await begin();
    const objects = { kind: 'Deployment', name: 'web' };
    const mutations = [
      { objects, path: 'spec.replicas', value: 2 },
      { objects: { kind: 'Ingress' }, path: 'spec.ingressClassName', value: 'nginx' },
    ];
    const campaign = await create({ change: { type: 'mutate', mutations } });
    await ada.finished(await campaign.begin());
    expect(await states(campaign)).toEqual(['upToDate', 'done', 'done']);
    const { draftId } = await campaign.item(three);
    const { body } = await ada.expect(200, 'GET', `/package-revisions/${draftId}/resources`);
    expect(body.files['web.yaml'].content).toContain('replicas: 2 # by hand');
    expect((await campaign.items())[2]).toMatchObject({ warnings: [expect.stringContaining('spec.ingressClassName')] });
    const nowhere = await create({ change: { type: 'mutate', mutations: mutations.slice(1) } });
    await nowhere.plan();
    expect(await states(nowhere)).toEqual(['excluded', 'excluded', 'excluded']);
    expect((await nowhere.item(one)).error).toMatchObject({ code: 'notFound' });
    const both = { objects, path: 'spec.replicas', value: 2, remove: true };
    const bad = {
      name: 'bad',
      change: { type: 'mutate', mutations: [both] },
      selection: { packageIds: [campaign.id] },
    };
    await ada.expect(422, 'POST', '/campaigns', bad);
  });

  it('publishes drafts as they are', async () => {
    await begin();
    const { body } = await world.root.expect(200, 'GET', `/package-revisions?latest=true&repositoryId=${fleet.id}`);
    const drafts: string[] = [];
    for (const { id, path } of body.items as { id: string; path: string }[]) {
      const draft = await world.root.copy(fleet.id, id, 'by-hand');
      if (path !== three)
        await world.root.edit(draft, {
          'by-hand.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: by-hand}\n',
        });
      drafts.push(draft);
    }
    const packageIds = (body.items as { packageId: string }[]).map(({ packageId }) => packageId);
    const campaign = await create({ change: { type: 'publishDrafts' }, selection: { packageIds } });
    await ada.finished(await campaign.begin());
    expect(await campaign.get()).toMatchObject({ state: 'finished', progress: { counts: { done: 3 } } });
    for (const id of drafts)
      expect(await world.root.revision(id)).toMatchObject({ lifecycle: 'published', revision: 'v2' });
    const { body: back } = await campaign.act('rollback', 201, { name: `back-${made}` });
    const rollback = new CampaignSteps(ada, grace, back.id as string);
    await ada.finished(await rollback.begin());
    for (const item of await rollback.items()) {
      expect(item).toMatchObject({ state: 'done', revision: 'v3' });
      const first = (body.items as { path: string; tree: string }[]).find(({ path }) => path === item.path);
      expect((await world.root.revision(item.draftId ?? '')).tree).toBe(first?.tree);
    }
  });

  it('retires packages: all that was published of them, and their directories', async () => {
    await begin();
    const upgrade = await create({ selection: { filter: { repositoryId: fleet.id, target: 'edge-1' } } });
    await ada.finished(await upgrade.begin());
    const selection = { filter: { repositoryId: fleet.id, target: 'edge-1' } };
    const campaign = await create({ change: { type: 'retire' }, selection });
    await ada.finished(await campaign.begin());
    expect(await campaign.items()).toMatchObject([{ path: one, state: 'done', error: null }]);
    expect((await campaign.act('rollback', 409, { name: `back-${made}` })).body.code).toBe('stateConflict');
    expect((await fleet.fixture.tags()).filter((tag) => tag.startsWith(one))).toEqual([]);
    expect((await fleet.fixture.lsTree('main')).map(({ path }) => path)).not.toContain('edge-1');
    const left = await world.root.expect(200, 'GET', `/package-revisions?repositoryId=${fleet.id}&target=edge-1`);
    expect(left.body.items).toEqual([]);
  });
});
