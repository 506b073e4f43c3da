import { expect } from 'vitest';
import type { BulkWorld } from './bulk.js';
import { CampaignSteps, type Fleet, makeFleet } from './campaigns.js';
import { addFleetPackage } from './fleet-rows.js';
import { signIn } from './sign-in.js';

/** What a page must not take for its own. */
export const NASTY = `<script>document.title='pwned'</script><img src=x onerror="document.title='pwned'">`;
const NASTY_TARGET = `<img src=x onerror="document.title='pwned'">`;

export interface FleetPageWorld {
  token: string;
  fleet: Fleet;
  campaign: CampaignSteps;
  /** The blueprint's package. */
  blueprintId: string;
  /** The packages by their paths. */
  packages: Record<string, string>;
  draftId: string;
}

const NAMES = ['edge-1/web', 'edge-2/web', 'edge-3/web', 'edge-4/web'];

/**
 * A fleet at the first of two versions; a campaign that brings three of its packages to the second, in two waves; a draft of the
 * fourth; and texts that would be scripts, wherever somebody can write any.
 */
export async function makeFleetPageWorld(world: BulkWorld): Promise<FleetPageWorld> {
  const { root, database } = world;
  const fleet = await makeFleet(world, NAMES);
  const token = await signIn(database, 'ada', { role: 'admin' });
  const [ada, grace] = [world.holder(token), await world.person('grace', { role: 'approver' })];
  const { body: listed } = await root.expect(200, 'GET', `/packages?repositoryId=${fleet.id}`);
  const packages = Object.fromEntries(listed.items.map(({ path, id }: Record<string, string>) => [path, id]));
  const { packageId: blueprintId } = await root.revision(fleet.second);
  const repository = await database.client.repository.findUniqueOrThrow({ where: { id: fleet.id } });
  const { upstreamId } = await database.client.package.findUniqueOrThrow({ where: { id: packages['edge-1/web'] } });
  const nasty = { path: `${NASTY_TARGET}/web`, target: NASTY_TARGET, upstreamId: upstreamId ?? '' };
  await addFleetPackage(database, { repository, ...nasty });

  const { body: last } = await root.expect(200, 'GET', `/packages/${packages['edge-4/web']}`);
  const { body: draft } = await ada.expect(201, 'POST', '/package-revisions', {
    ...{ repositoryId: fleet.id, target: 'edge-4', package: 'web', workspace: 'fix' },
    source: { type: 'copy', revisionId: last.latestRevision.id },
  });
  const draftId = draft.id as string;
  const { body: held } = await ada.expect(200, 'GET', `/package-revisions/${draftId}/resources`);
  const web = (held.files['web.yaml'] as { content: string }).content;
  await ada.edit(draftId, {
    'web.yaml': web.replace('image: web:1', 'image: web:1-fixed').replace(/replicas: \d+/, 'replicas: 7'),
    'notes.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: notes\ndata:\n  note: ${JSON.stringify(NASTY)}\n`,
  });
  const checker = await world.person('flux', { role: 'checker' });
  const report = { tool: 'flux', revision: 'v1', state: 'failed', health: 'degraded', message: NASTY };
  const reported = { ...report, observedAt: '2026-11-20T10:00:00.000Z' };
  await checker.expect(200, 'PUT', `/packages/${packages['edge-4/web']}/delivery`, reported);

  const campaign = await CampaignSteps.create(ada, grace, {
    name: 'web-v2',
    description: NASTY,
    change: { type: 'upgrade', to: { revisionId: fleet.second } },
    selection: { packageIds: NAMES.slice(0, 3).map((name) => packages[name]) },
    waves: [
      { name: 'canary', count: 1 },
      { name: 'rest', approval: 'manual', maxParallel: 5 },
    ],
  });
  await campaign.plan();
  await campaign.approve();
  expect(Object.keys(packages)).toEqual(NAMES);
  return { token, fleet, campaign, blueprintId, packages, draftId };
}
