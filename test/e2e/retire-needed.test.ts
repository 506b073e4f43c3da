import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BulkWorld } from '../support/bulk.js';
import { CampaignSteps } from '../support/campaigns.js';
import { makeNeedingFleet, type NeedingFleet } from '../support/needing-fleet.js';
import type { Steps } from '../support/steps.js';

const world = BulkWorld.create();
const [top, api, db] = ['edge-1/top', 'edge-1/api', 'edge-1/db'] as const;
/** The `db` of another target is needed by nobody. */
const NEEDS = { [top]: 'api', [api]: 'db', [db]: 'nothing', 'edge-2/db': 'nothing' };

let ada: Steps;
let grace: Steps;
let fleet: NeedingFleet;
let made = 0;
/** By path: the package, and its only publication. */
let ids: Record<string, { packageId: string; id: string }>;

beforeAll(async () => {
  [ada, grace] = [await world.person('ada', { role: 'author' }), await world.person('grace', { role: 'approver' })];
}, 120_000);
beforeEach(async () => {
  fleet = await makeNeedingFleet(world, NEEDS);
  const { body } = await world.root.expect(200, 'GET', `/package-revisions?latest=true&repositoryId=${fleet.id}`);
  ids = Object.fromEntries(
    (body.items as { path: string; packageId: string; id: string }[]).map((row) => [row.path, row]),
  );
});

const proposal = (path: string) => `/package-revisions/${ids[path]?.id}/propose-deletion`;

describe('the deletion of the last publication of a package that others need', () => {
  it('is refused, with those that the caller sees, unless it is forced', async () => {
    const { body } = await ada.expect(409, 'POST', proposal(db));
    expect(body).toMatchObject({ code: 'inUse', neededBy: [api] });
    const narrow = await world.person(`narrow-${fleet.id}`, { role: 'author', repositoryId: fleet.id, path: db });
    const { body: hidden, text } = await narrow.expect(409, 'POST', proposal(db));
    expect(hidden).toMatchObject({ code: 'inUse', neededBy: [] });
    expect(text).not.toContain(api);
    const items = [{ id: ids[db]?.id ?? '', etag: '*' }];
    const [refused] = await world.bulk(ada, { action: 'propose-deletion', items });
    expect(refused?.error).toMatchObject({ code: 'inUse', neededBy: [api] });
    await ada.expect(200, 'POST', `${proposal(db)}?force=true`);
  });

  it('is possible while something else of it stays, and once what needs it is to be deleted itself', async () => {
    const next = await world.root.copy(fleet.id, ids[db]?.id ?? '', 'next');
    await world.root.edit(next, { 'more.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n' });
    await world.root.propose(next);
    await grace.finished(await grace.approve(next));
    await ada.expect(200, 'POST', proposal(db));
    const last = `/package-revisions/${next}/propose-deletion`;
    expect((await ada.expect(409, 'POST', last, { head: 'restore' })).body.code).toBe('inUse');
    await ada.expect(200, 'POST', proposal('edge-2/db'));
    await ada.expect(409, 'POST', proposal(api));
    for (const path of [top, api]) await ada.expect(200, 'POST', proposal(path));
    await ada.expect(200, 'POST', last, { head: 'restore' });
  });
});

describe('a campaign that retires', () => {
  const create = (paths: string[], more: object = {}) =>
    CampaignSteps.create(ada, grace, {
      ...{ name: `retire-${(made += 1)}`, change: { type: 'retire', ...more } },
      selection: { packageIds: paths.map((path) => ids[path]?.packageId) },
    });
  const seen = async (campaign: CampaignSteps) =>
    Object.fromEntries(
      (await campaign.items()).map(({ path, state, error, waitsFor }) => [
        path,
        [error?.code ?? state, ...waitsFor.map((each) => `${each.path} ${each.order}`)],
      ]),
    );

  it('leaves out what packages need that stay, and what those need in their turn, unless it is forced', async () => {
    const campaign = await create([api, db, 'edge-2/db']);
    await campaign.plan();
    expect(await seen(campaign)).toEqual({
      ...{ [api]: ['inUse', `${top} notPlanned`], [db]: ['inUse', `${api} notPlanned`], 'edge-2/db': ['planned'] },
    });
    expect(await campaign.get()).toMatchObject({ change: { type: 'retire', force: false } });
    const narrow = await world.person(`part-${fleet.id}`, { role: 'viewer', repositoryId: fleet.id, path: db });
    expect(await campaign.items('', narrow)).toMatchObject([{ path: db, state: 'excluded', waitsFor: [] }]);
    const forced = await create([api, db], { force: true });
    await ada.finished(await forced.begin());
    expect(await seen(forced)).toEqual({ [api]: ['done'], [db]: ['done'] });
  });

  it('retires all of them together; what is left out again keeps what it needs', async () => {
    const campaign = await create([top, api, db]);
    await campaign.plan();
    expect(await seen(campaign)).toEqual({ [top]: ['planned'], [api]: ['planned'], [db]: ['planned'] });
    const { id } = await campaign.item(api);
    const url = `/campaigns/${campaign.id}/items/${id}`;
    await ada.expect(200, 'PATCH', url, { excluded: true }, { 'If-Match': '*' });
    expect(await seen(campaign)).toMatchObject({ [db]: ['inUse', `${api} notPlanned`], [top]: ['planned'] });
    await ada.expect(200, 'PATCH', url, { excluded: false }, { 'If-Match': '*' });
    await campaign.plan();
    await campaign.approve();
    await ada.finished((await campaign.act('start', 202)).body.id as string);
    expect(await seen(campaign)).toEqual({ [top]: ['done'], [api]: ['done'], [db]: ['done'] });
    expect((await fleet.fixture.lsTree('main')).map(({ path }) => path)).not.toContain('edge-1');
  });

  it('fails with what has come to be needed since it was planned', async () => {
    const campaign = await create([top]);
    await campaign.plan();
    await campaign.approve();
    const draft = await world.root.copy(fleet.id, ids[db]?.id ?? '', 'now');
    const { body } = await world.root.expect(200, 'GET', `/package-revisions/${ids[api]?.id}/resources`);
    const content = body.files['needs.yaml'].content as string;
    await world.root.edit(draft, { 'needs.yaml': content.replace('package: db', 'package: top') });
    await world.root.propose(draft);
    await grace.finished(await grace.approve(draft));
    await campaign.act('start', 202);
    await campaign.until('paused');
    expect(await seen(campaign)).toEqual({ [top]: ['inUse'] });
  });
});
