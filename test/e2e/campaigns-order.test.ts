import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BulkWorld } from '../support/bulk.js';
import { toldOf } from '../support/campaign-log.js';
import { CampaignSteps } from '../support/campaigns.js';
import { makeNeedingFleet, type NeedingFleet } from '../support/needing-fleet.js';
import type { Steps } from '../support/steps.js';

const world = BulkWorld.create();
const [api, db, top, one, two, other] = ['a-api', 'db', '0-top', 'x-1', 'x-2']
  .map((name) => `edge-1/${name}`)
  .concat('edge-2/a-api') as [...[string, string, string, string, string, string]];
const NEEDS: Record<string, string> = {
  [api]: 'db',
  [db]: 'nothing',
  [top]: 'a-api',
  [one]: 'x-2',
  [two]: 'x-1',
  [other]: 'db',
};

let ada: Steps;
let grace: Steps;
let fleet: NeedingFleet;
let made = 0;

const set = (kind: string, path: string, value: string) => ({
  type: 'mutate',
  mutations: [{ objects: { kind }, path, value }],
});
const create = (more: object = {}) =>
  CampaignSteps.create(ada, grace, {
    ...{ name: `order-${(made += 1)}`, orderByDependencies: true, budget: { maxFailures: 5 } },
    ...{ change: set('ConfigMap', 'data.value', 'second'), selection: { filter: { repositoryId: fleet.id } } },
    ...more,
  });

const orders = async (campaign: CampaignSteps, by?: Steps) =>
  Object.fromEntries(
    (await campaign.items('', by))
      .filter(({ waitsFor }) => waitsFor.length > 0)
      .map(({ path, waitsFor }) => [path, waitsFor.map((each) => `${each.path} ${each.order}`)]),
  );
const states = async (campaign: CampaignSteps) =>
  Object.fromEntries((await campaign.items()).map(({ path, state, error }) => [path, error?.code ?? state]));

/** No item began before those that are named with it had ended. */
async function followOrder(campaign: CampaignSteps, behind: Record<string, string[]>): Promise<void> {
  const done = new Set<string>();
  for (const { type, data } of await toldOf(world.root, campaign.id)) {
    const { path = '', state } = data.campaign.item ?? {};
    if (type.endsWith('itemStarted')) for (const each of behind[path] ?? []) expect(done, path).toContain(each);
    if (type.endsWith('itemEnded') && state === 'done') done.add(path);
  }
}

beforeAll(async () => {
  [ada, grace] = [await world.person('ada', { role: 'author' }), await world.person('grace', { role: 'approver' })];
}, 120_000);
beforeEach(async () => void (fleet = await makeNeedingFleet(world, NEEDS)));

describe('a campaign that is ordered by dependencies', () => {
  it('begins with each package once what it needs at its target is done; cycles are named, and not ordered', async () => {
    const campaign = await create();
    const { plan } = await campaign.plan();
    expect(await orders(campaign)).toEqual({
      ...{ [top]: [`${api} ordered`], [api]: [`${db} ordered`] },
      ...{ [one]: [`${two} cycle`], [two]: [`${one} cycle`] },
    });
    expect((await campaign.item(one)).warnings).toEqual([`It needs itself through "${two}": nothing orders these.`]);
    await campaign.approve();
    await ada.finished((await campaign.act('start', 202)).body.id as string);
    expect(new Set(Object.values(await states(campaign)))).toEqual(new Set(['done']));
    await followOrder(campaign, { [top]: [api], [api]: [db] });
    expect((await campaign.get()).orderByDependencies).toBe(true);
    // The order is a part of what was approved.
    const loose = await create({ orderByDependencies: false });
    expect(await loose.plan()).toMatchObject({ orderByDependencies: false });
    expect(await orders(loose)).toEqual({});
    const patch = { orderByDependencies: true };
    const { body } = await ada.expect(200, 'PATCH', `/campaigns/${loose.id}`, patch, { 'If-Match': '*' });
    expect(body).toMatchObject({ state: 'draft', plan: null, orderByDependencies: true });
    const { plan: ordered } = await loose.plan();
    const where = { campaignId: loose.id, path: api };
    await world.database.client.campaignItem.updateMany({ where, data: { waitsFor: [] } });
    await ada.expect(409, 'POST', `/campaigns/${loose.id}/start`);
    expect(ordered.digest).not.toBe(plan.digest);
    // Nobody is told of a package that they do not see.
    const part = await world.person(
      'part',
      { role: 'viewer', repositoryId: fleet.id, path: `${top}/**` },
      {
        ...{ role: 'viewer', repositoryId: fleet.id, path: one },
      },
    );
    expect(await orders(campaign, part)).toEqual({});
    expect((await campaign.items('', part)).flatMap(({ warnings }) => warnings)).toEqual([]);
  });

  it('looks at what is planned, not at what is there', async () => {
    const campaign = await create({ change: set('PackageDependency', 'spec.package', 'x-1') });
    await campaign.plan();
    expect(await orders(campaign)).toEqual(
      Object.fromEntries([api, db, top].map((path) => [path, [`${one} ordered`]])),
    );
  });

  it('sets aside what goes behind something that failed; retried in their order, all is done', async () => {
    const hook = join(fleet.fixture.path, 'hooks/update');
    await writeFile(hook, `#!/bin/sh\ntest "$1" != refs/tags/${db}/v2\n`, { mode: 0o755 });
    const waves = [
      { name: 'first', count: 5, soakSeconds: 1 },
      { name: 'rest', approval: 'manual' },
    ];
    const campaign = await create({ waves });
    const operation = await campaign.begin();
    await campaign.until('waiting');
    expect(await states(campaign)).toMatchObject({
      ...{ [db]: 'remoteRejected', [api]: 'dependencyFailed', [top]: 'dependencyFailed', [one]: 'done', [two]: 'done' },
    });
    await rm(hook);
    for (const path of [top, api, db]) await campaign.act(`items/${(await campaign.item(path)).id}/retry`);
    await campaign.act('continue');
    await ada.finished(operation);
    expect(new Set(Object.values(await states(campaign)))).toEqual(new Set(['done']));
    await followOrder(campaign, { [top]: [api], [api]: [db] });
  });

  it('says where a package goes before what it needs, since that is of a later wave', async () => {
    const campaign = await create({ waves: [{ name: 'first', count: 2 }, { name: 'rest' }] });
    await campaign.plan();
    expect((await orders(campaign))[api]).toEqual([`${db} laterWave`]);
    expect((await campaign.item(api)).warnings).toEqual([
      `It goes before "${db}" of a later wave, although it should go behind.`,
    ]);
  });

  it('retires what needs others before these', async () => {
    const selection = { packageIds: [] as string[] };
    for (const { path, packageId } of await (async () => {
      const all = await create();
      await all.plan();
      return all.items();
    })())
      if ([top, api, db].includes(path)) selection.packageIds.push(packageId);
    const campaign = await create({ change: { type: 'retire' }, selection });
    await campaign.plan();
    expect(await orders(campaign)).toEqual({ [api]: [`${top} ordered`], [db]: [`${api} ordered`] });
    await campaign.approve();
    await ada.finished((await campaign.act('start', 202)).body.id as string);
    expect(new Set(Object.values(await states(campaign)))).toEqual(new Set(['done']));
    await followOrder(campaign, { [api]: [top], [db]: [api] });
  });
});
