import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BulkWorld } from '../support/bulk.js';
import { followBudget, toldOf } from '../support/campaign-log.js';
import { CampaignSteps, type Fleet, makeFleet } from '../support/campaigns.js';
import type { Steps } from '../support/steps.js';

const world = BulkWorld.create();
const names = ['edge-1/web', 'edge-2/web', 'edge-3/web', 'edge-4/web'];
const web = 'edge-1/web';

let ada: Steps;
let grace: Steps;
let made = 0;
const create = (fleets: readonly Fleet[], more: object = {}, by = ada): Promise<CampaignSteps> => {
  made += 1;
  return CampaignSteps.create(by, grace, {
    name: `budget-${made}`,
    change: { type: 'upgrade', to: { revisionId: fleets[0]?.second }, allowOtherPackage: true },
    selection: { filter: { repositoryId: fleets[0]?.id } },
    ...more,
  });
};

beforeAll(async () => {
  ada = await world.person('ada', { role: 'author' });
  grace = await world.person('grace', { role: 'approver' });
}, 120_000);
afterEach(() => world.git.onRequest(null));

/** The remote takes no publication any more. */
const refusePublications = (fleet: Fleet, script = 'exit 1') =>
  writeFile(join(fleet.fixture.path, 'hooks/update'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

/** Keeps the pushes to one repository back until the answer is called; `pushing` says whether one has come. */
function holdPushes(fleet: Fleet): { release: () => void; pushing: () => boolean } {
  let release = () => {};
  let came = false;
  const released = new Promise<void>((resolve) => (release = resolve));
  world.git.onRequest(async ({ repository, service, phase, method }) => {
    if (service !== 'git-receive-pack' || method !== 'POST' || phase !== 'before') return undefined;
    if (!fleet.fixture.path.endsWith(`${repository}.git`)) return undefined;
    came = true;
    await released;
    return undefined;
  });
  return { release, pushing: () => came };
}

const itemsOf = async (campaign: CampaignSteps, repositoryId: string) =>
  (await campaign.items()).filter((item) => item.repositoryId === repositoryId);

const states = async (campaign: CampaignSteps, repositoryId?: string): Promise<string[]> =>
  (repositoryId ? await itemsOf(campaign, repositoryId) : await campaign.items()).map((item) => item.state);

describe('a budget of failures', () => {
  it('lets nothing begin once it is spent, in the same step even', async () => {
    const fleet = await makeFleet(world, names);
    const paths = names.map((path) => ({ role: 'author' as const, repositoryId: fleet.id, path }));
    const bob = await world.person('bob', ...paths, { role: 'viewer' });
    const waves = [{ name: 'all', maxParallel: 4, approval: 'manual' }];
    const campaign = await create([fleet], { waves, budget: { maxFailures: 1 } }, bob);
    await campaign.begin();
    await campaign.until('waiting');
    await world.database.client.roleBinding.deleteMany({ where: { subject: 'bob', path: { not: null } } });
    await world.root.expect(200, 'POST', `/campaigns/${campaign.id}/continue`);
    expect(await campaign.until('paused')).toMatchObject({ reason: { code: 'failures' } });
    expect(await states(campaign)).toEqual(['failed', 'failed', 'planned', 'planned']);
    expect(followBudget(await toldOf(world.root, campaign.id), 1)).toEqual({ spent: 1, mostBeyond: 0 });
  });

  it('holds back what no worker has taken to the remote yet, and publishes it once the campaign goes on', async () => {
    const [broken, other] = [await makeFleet(world, [web]), await makeFleet(world, names)];
    await refusePublications(broken);
    const { body: list } = await ada.expect(200, 'GET', `/package-revisions?latest=true&repositoryId=${other.id}`);
    // Somebody else publishes there: what comes after that waits for its push.
    const before = await world.root.draft(other.id, 'lone');
    await world.root.pushed(before);
    const { release, pushing } = holdPushes(other);
    await world.root.propose(before);
    await expect.poll(pushing).toBe(true);
    const { body: own } = await ada.expect(200, 'GET', `/package-revisions?latest=true&repositoryId=${broken.id}`);
    const revisionIds = [own.items[0].id, ...(list.items as { id: string }[]).map(({ id }) => id)];
    const campaign = await create([broken], { selection: { revisionIds } });
    const operation = await campaign.begin();
    expect(await campaign.until('paused')).toMatchObject({ reason: { code: 'failures' } });
    await expect.poll(() => states(campaign, other.id)).toEqual(['planned', 'planned', 'planned', 'planned']);
    release();
    expect(await other.fixture.tags()).toEqual(names.map((name) => `${name}/v1`));
    const [failed] = await campaign.items('&state=failed');
    await campaign.act(`items/${failed?.id}/skip`);
    await campaign.act('resume');
    await ada.finished(operation);
    expect(await states(campaign, other.id)).toEqual(['done', 'done', 'done', 'done']);
    expect((await other.fixture.tags()).toSorted()).toEqual(names.flatMap((name) => [`${name}/v1`, `${name}/v2`]));
    const told = await toldOf(world.root, campaign.id);
    expect(told.filter(({ type }) => type.endsWith('itemHeldBack'))).toHaveLength(4);
    expect(followBudget(told, 0)).toEqual({ spent: 1, mostBeyond: 0 });
    const ends = told.filter(({ type, data }) => type.endsWith('itemEnded') && data.campaign.item?.state === 'done');
    expect(ends).toHaveLength(4);
  });

  it('lets end what is on its way, as it ends', async () => {
    const [slow, broken] = [await makeFleet(world, [web]), await makeFleet(world, [web])];
    await refusePublications(broken);
    const { release, pushing } = holdPushes(slow);
    const lists = [slow, broken].map(({ id }) =>
      ada.expect(200, 'GET', `/package-revisions?latest=true&repositoryId=${id}`),
    );
    const revisionIds = (await Promise.all(lists)).map(({ body }) => body.items[0].id as string);
    const campaign = await create([slow], { selection: { revisionIds } });
    await campaign.begin();
    await expect.poll(pushing).toBe(true);
    await campaign.until('paused');
    expect(await itemsOf(campaign, slow.id)).toMatchObject([{ state: 'publishing', error: { code: 'cancelled' } }]);
    release();
    await expect.poll(() => states(campaign, slow.id)).toEqual(['done']);
    expect(await slow.fixture.tags()).toContain(`${web}/v2`);
    expect(await itemsOf(campaign, slow.id)).toMatchObject([{ error: null }]);
  });
});
