import { afterAll, beforeAll, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import { CampaignSteps } from '../support/campaigns.js';
import type { Steps } from '../support/steps.js';
import { type Body, VariantWorld } from '../support/variant-world.js';

let world: VariantWorld;
let grace: Steps;
let set: string;
const targets: Record<string, string> = {};

beforeAll(async () => {
  world = await VariantWorld.start();
  grace = await world.world.as('grace', { role: 'admin' });
  const { packageId } = await world.blueprint('web');
  for (const name of ['a-1', 'a-2', 'b-1']) {
    const { body } = await world.root.expect(201, 'POST', '/targets', { name, labels: { tier: name.slice(0, 1) } });
    targets[name] = body.id as string;
  }
  const { body } = await world.root.expect(201, 'POST', '/variant-sets', {
    ...{ name: 'webs', upstream: { packageId }, targets: { labelSelector: 'tier=a' } },
    ...{ updatePolicy: 'propose', downstream: { repositoryId: world.world.fleet, package: 'web' } },
  });
  set = body.id as string;
  await world.quiet();
}, 120_000);
afterAll(() => world?.stop());

const body = (name: string, change: object, variantSetId = set) => ({ name, change, selection: { variantSetId } });
const paths = async (campaign: CampaignSteps) => (await campaign.items()).map(({ path }) => path);
const MUTATE = {
  type: 'mutate',
  mutations: [{ objects: { kind: 'Deployment' }, path: 'spec.replicas', value: 5 }],
};

it('publishes what a set has drafted, and is about the members that it has when it is planned', async () => {
  const drafts = await CampaignSteps.create(world.root, grace, body('first', { type: 'publishDrafts' }));
  await world.root.finished(await drafts.begin());
  expect(await drafts.items()).toMatchObject([
    { path: 'a-1/web', state: 'done', revision: 'v1' },
    { path: 'a-2/web', state: 'done', revision: 'v1' },
  ]);
  const more = await CampaignSteps.create(world.root, grace, body('more', MUTATE));
  await more.plan();
  expect(await paths(more)).toEqual(['a-1/web', 'a-2/web']);
  expect((await more.get()).selection).toEqual({ variantSetId: set });
  const change = { labels: { tier: null } };
  await world.root.expect(200, 'PATCH', `/targets/${targets['a-2']}`, change, { 'If-Match': '*' });
  await world.quiet();
  await more.plan();
  expect(await paths(more)).toEqual(['a-1/web']);
});

it('knows no set that is not there, or that its creator may not see', async () => {
  const refused = async (by: Steps, variantSetId: string) => {
    const { body: problem } = await by.expect(422, 'POST', '/campaigns', body('none', MUTATE, variantSetId));
    expect(problem.errors as Body[]).toMatchObject([{ pointer: '/selection/variantSetId', code: 'notFound' }]);
  };
  await refused(world.root, uuidv7());
  const narrow = await world.world.as('narrow', {
    role: 'author',
    repositoryId: world.world.fleet,
    path: 'a-1/**',
  });
  await refused(narrow, set);
  const other = await CampaignSteps.create(narrow, grace, {
    ...{ name: 'other', change: MUTATE, selection: { filter: { repositoryId: world.world.fleet } } },
  });
  const patch = { selection: { variantSetId: set } };
  await narrow.expect(422, 'PATCH', `/campaigns/${other.id}`, patch, { 'If-Match': '*' });
  const both = { ...patch.selection, packageIds: [uuidv7()] };
  await world.root.expect(422, 'POST', '/campaigns', { name: 'both', change: MUTATE, selection: both });
});
