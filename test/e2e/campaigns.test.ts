import { beforeAll, describe, expect, it } from 'vitest';
import { BulkWorld } from '../support/bulk.js';
import { CampaignSteps, type Fleet, makeFleet } from '../support/campaigns.js';
import type { Steps } from '../support/steps.js';

const world = BulkWorld.create();
const names = ['edge-1', 'edge-2', 'edge-3', 'edge-4', 'edge-5', 'edge-6'].map((target) => `${target}/web`);
const [canary = '', , , , , conflicting = ''] = names;

let fleet: Fleet;
let ada: Steps;
let grace: Steps;

const upgrade = (name: string, more: object = {}) => ({
  name,
  change: { type: 'upgrade', to: { revisionId: fleet.second } },
  selection: { filter: { repositoryId: fleet.id } },
  ...more,
});

beforeAll(async () => {
  fleet = await makeFleet(world, names, conflicting);
  ada = await world.person('ada', { role: 'author' });
  grace = await world.person('grace', { role: 'approver' });
  const target = { name: 'edge-1', labels: { stage: 'canary' } };
  const { body } = await world.root.expect(200, 'GET', '/targets?name=edge-1');
  const [{ id }] = body.items as [{ id: string }];
  const change = { labels: target.labels };
  await world.root.expect(200, 'PATCH', `/targets/${id}`, change, { 'If-Match': '*' });
}, 120_000);

const waves = [
  { name: 'canary', labelSelector: 'stage=canary', maxParallel: 1 },
  { name: 'rest', maxParallel: 2, approval: 'manual' },
];

describe('a campaign', () => {
  let campaign: CampaignSteps;

  it('is planned: what would be done to each package, in which wave, and what is in conflict', async () => {
    campaign = await CampaignSteps.create(ada, grace, upgrade('web-v2', { waves, description: 'The new image.' }));
    expect(await campaign.get()).toMatchObject({ state: 'draft', plan: null, createdBy: 'ada' });
    const planned = await campaign.plan();
    expect(planned).toMatchObject({
      plan: { plannedBy: 'ada', requiredApprovals: 1, missingApprovals: 1, approvals: [] },
      progress: { counts: { planned: 5, conflicted: 1 } },
      waves: [{ counts: { planned: 1 } }, { counts: { planned: 4, conflicted: 1 } }],
    });
    expect(planned.plan.digest).toMatch(/^[0-9a-f]{64}$/);
    const items = await campaign.items();
    expect(items.map(({ path, wave }) => [path, wave])).toEqual(names.map((path, at) => [path, at === 0 ? 0 : 1]));
    expect((await campaign.items('&state=conflicted')).map(({ path }) => path)).toEqual([conflicting]);
    // Nothing has happened.
    expect(await world.database.client.packageRevision.count({ where: { workspace: { startsWith: 'web-v2' } } })).toBe(
      0,
    );
  });

  it('has its conflicts resolved, which makes another plan of it', async () => {
    const { plan: before } = await campaign.get();
    await campaign.approve();
    expect(await campaign.get()).toMatchObject({ state: 'approved', plan: { missingApprovals: 0 } });
    const item = await campaign.item(conflicting);
    const path = `/campaigns/${campaign.id}/items/${item.id}`;
    const { body: detail } = await ada.expect(200, 'GET', path);
    const [conflict] = detail.conflicts as [{ id: string; class: string }];
    expect(conflict.class).toBe('image');
    const unknown = { resolutions: { '0123456789abcdef': { take: 'ours' } } };
    const etag = { 'If-Match': `"${item.etag}"` };
    await ada.expect(422, 'PATCH', path, unknown, etag);
    const resolutions = { [conflict.id]: { take: 'value', value: 'web:2-own' } };
    const { body: resolved } = await ada.expect(200, 'PATCH', path, { resolutions }, etag);
    expect(resolved).toMatchObject({ state: 'planned', summary: { open: 0, conflicts: 1 } });
    const after = await campaign.get();
    expect(after).toMatchObject({ state: 'planned', plan: { missingApprovals: 1, approvals: [] } });
    expect(after.plan.digest).not.toBe(before.digest);
    // The approval was for another plan, and so is a late one.
    const late = { 'If-Match': `"${before.digest}"` };
    await grace.expect(412, 'POST', `/campaigns/${campaign.id}/approve`, {}, late);
    expect((await campaign.act('start', 409)).body.code).toBe('stateConflict');
  });

  it('is approved by somebody else, who may approve all of it', async () => {
    const own = await campaign.approve(world.root, 200);
    expect(own.body.plan.approvals).toMatchObject([{ approvedBy: 'root' }]);
    const editor = await world.person('ada-too', { role: 'repositoryAdmin' });
    expect((await campaign.approve(await world.person('ada', { role: 'admin' }), 403)).body.code).toBe('selfApproval');
    const half = await world.person(
      'half',
      { role: 'approver', repositoryId: fleet.id, path: 'edge-1/**' },
      { role: 'viewer' },
    );
    expect((await campaign.approve(half, 403)).body).toMatchObject({
      code: 'forbidden',
      permission: 'packageRevisions.approve',
    });
    expect((await campaign.approve(editor, 200)).body.plan.approvals).toHaveLength(2);
    await campaign.approve();
  });

  it('goes wave by wave, waits where somebody has to let it go on, and publishes exactly what was planned', async () => {
    const operationId = (await campaign.act('start', 202)).body.id as string;
    await campaign.until('waiting');
    expect((await campaign.items('&state=done')).map(({ path }) => path)).toEqual([canary]);
    expect(await fleet.fixture.tags()).toContain(`${canary}/v2`);
    expect(await campaign.get()).toMatchObject({
      progress: { wave: 1 },
      waves: [{ state: 'done' }, { state: 'pending' }],
    });
    await campaign.act('continue');
    expect(await ada.finished(operationId)).toMatchObject({ state: 'succeeded', kind: 'campaign' });
    expect(await campaign.get()).toMatchObject({
      ...{ state: 'finished', progress: { counts: { done: 6 } } },
      waves: [
        { state: 'done', continuedBy: null },
        { state: 'done', continuedBy: 'ada' },
      ],
    });
    for (const item of await campaign.items()) {
      expect(item).toMatchObject({ state: 'done', revision: 'v2', attempts: 1 });
      const revision = await world.root.revision(item.draftId ?? '');
      expect(revision).toMatchObject({ lifecycle: 'published', tree: item.result, createdBy: 'ada', latest: true });
      expect(revision.source).toMatchObject({ type: 'upgrade', to: 'web/v2' });
    }
    const { body } = await ada.expect(
      200,
      'GET',
      `/package-revisions/${(await campaign.item(conflicting)).draftId}/resources`,
    );
    expect(body.files['web.yaml'].content).toContain('image: web:2-own');
  });

  it('tells in each commit which campaign it was of, and who stood for the plan', async () => {
    const log = await fleet.fixture.log();
    const message = log.find(({ message: text }) => text.includes(`Publish ${canary}/v2`))?.message ?? '';
    expect(message).toMatch(new RegExp(`^Campaign: web-v2 ${campaign.id}$`, 'm'));
    expect(message).toMatch(/^Campaign-approved-by: root$/m);
    expect(message).toMatch(/^Campaign-approved-by: grace$/m);
    expect(message).toMatch(/^Approved-by: root$/m);
  });

  it('is in the audit log as single requests are', async () => {
    const { draftId } = await campaign.item(canary);
    const where = { resourceId: draftId, outcome: 'succeeded' as const };
    const entries = await world.database.client.auditEntry.findMany({ where, orderBy: { id: 'asc' } });
    expect(entries.map(({ action, actor }) => [action, actor])).toEqual([
      ['createPackageRevision', 'ada'],
      ['proposePackageRevision', 'ada'],
      ['approvePackageRevision', 'root'],
      ['packageRevision.published', 'root'],
    ]);
    const own = await world.database.client.auditEntry.findMany({ where: { resourceId: campaign.id } });
    expect(own.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['planCampaign', 'approveCampaign', 'startCampaign']),
    );
  });

  it('has told all of it, each item exactly one end', async () => {
    const { body } = await world.root.expect(
      200,
      'GET',
      '/events?pageSize=500&type=campaign.itemEnded,campaign.waveStarted,campaign.finished',
    );
    const told = body.items as {
      type: string;
      data: { campaign: { state: string; item?: { path: string; state: string } } };
    }[];
    const ends = told.filter(({ type }) => type.endsWith('itemEnded')).map(({ data }) => data.campaign.item);
    expect(ends.map((item) => item?.path).toSorted()).toEqual([...names]);
    expect(told.filter(({ type }) => type.endsWith('waveStarted'))).toHaveLength(2);
  });

  it('is taken back as a campaign of its own, with the waves backwards', async () => {
    const { body } = await campaign.act('rollback', 201, { name: 'web-v2-back' });
    const back = new CampaignSteps(ada, grace, body.id as string);
    expect(body).toMatchObject({
      change: { type: 'rollback', campaignId: campaign.id },
      waves: [{ name: 'rest' }, { name: 'canary' }],
    });
    await back.plan();
    expect((await back.act('start', 409)).body.code).toBe('stateConflict');
    await back.approve();
    const operationId = (await back.act('start', 202)).body.id as string;
    await back.until('waiting');
    await back.act('continue');
    await ada.finished(operationId);
    for (const item of await back.items()) {
      expect(item).toMatchObject({ state: 'done', revision: 'v3', wave: item.path === canary ? 1 : 0 });
      const before = (await campaign.item(item.path)).from;
      expect(await world.root.revision(item.draftId ?? '')).toMatchObject({
        tree: before.tree,
        lifecycle: 'published',
      });
    }
  });

  it('is a report for people', async () => {
    const { text } = await ada.expect(200, 'GET', `/campaigns/${campaign.id}`, undefined, { Accept: 'text/markdown' });
    expect(text).toContain('## Campaign `web-v2`: finished');
    expect(text).toContain('| canary | done | 1 done |');
    expect(text).toContain(`- \`${canary}\` from \`v1\`, now \`v2\``);
  });
});
