import { git } from '../../../test/support/git-command.js';
import type { ApiClient, Page } from '../api-client.js';
import type { SampleCatalog } from '../sample-catalog.js';
import { admit, giveToken, register } from '../set-up.js';
import type { Stage } from '../stage.js';
import { counted, terminal } from '../terminal.js';
import { until } from '../until.js';
import { CampaignSteps, makeCampaign } from './campaign.js';
import { DeliveryTool } from './delivery-tool.js';
import { type Environment, ENVIRONMENTS, TARGET_COUNT } from './environments.js';
import { editByHand, makeSets, makeTargets, publishProposals, release, type VariantSet } from './rollout.js';

/** Where somebody has changed by hand what the new version changes as well. */
const HAND_MADE = 'production-07';
/** Where the new version does not come up at first. */
const AILING = ['staging-03', 'staging-08'] as const;

export interface Fleet extends Stage {
  catalog: SampleCatalog;
  catalogUrl: string;
  /** Bare and empty repositories, one for each environment. */
  environments: Record<Environment, { url: string; path: string }>;
}

interface Group {
  key: string;
  packages: number;
  behind: number;
  unhealthy: number;
  openDrafts: number;
}

/** A new version of a blueprint, from a catalog to every target: seen beforehand, stopped where it fails, finished. */
export async function fleetWalk(fleet: Fleet): Promise<void> {
  const { api } = fleet;
  terminal.step('Register a catalog, and a deployment repository for each environment');
  await register(api, { name: 'blueprints', deployment: false, git: { url: fleet.catalogUrl } });
  const repositories = {} as Record<Environment, string>;
  for (const name of ENVIRONMENTS) {
    repositories[name] = await register(api, { name, deployment: true, git: { url: fleet.environments[name].url } });
  }

  terminal.step('Alice makes packages, Bob stands for them, and a delivery tool reports what came of them');
  await admit(api, 'alice', { role: 'author' });
  await admit(api, 'alice', { role: 'approver' });
  await admit(api, 'bob', { role: 'approver' });
  await admit(api, 'argocd', { role: 'checker' });
  for (const user of ['alice', 'bob', 'argocd']) await giveToken(api, user);
  const tool = new DeliveryTool(api, 'argocd');
  const played = new AbortController();
  const reports = tool.run(AbortSignal.any([played.signal, fleet.signal]));
  // Whoever awaits them is told; until then nobody is.
  reports.catch(() => {});
  try {
    terminal.step(`${TARGET_COUNT} targets, with labels that say what they are`);
    await makeTargets(api);

    terminal.step('One set of variants for each environment: the blueprint web, for all of its targets');
    const sets = await makeSets(fleet, repositories);
    await publishProposals(api);

    terminal.step(`Alice changes one by hand: another image on ${HAND_MADE}`);
    await editByHand(api, HAND_MADE);

    terminal.step('The catalog gets version 2 of web. Who is behind now?');
    const second = await release(fleet, sets);
    await showFleet(api);

    terminal.step('A campaign: development, then staging behind a gate, then production once a person lets it');
    const campaign = new CampaignSteps(api, fleet.signal, await makeCampaign(api, second));

    terminal.step('Its plan: what would be published everywhere, and what is in conflict');
    await campaign.plan();
    await campaign.settleConflict();

    terminal.step('A wrong try: Alice approves her own plan. Then Bob does, exactly what he has seen');
    await campaign.approve();

    terminal.step('It starts. In staging the new version does not come up everywhere');
    tool.ail(AILING);
    await campaign.act('start', 202);
    await campaign.until('paused');

    terminal.step('It has stopped by itself. Somebody mends the two sites, and it goes on');
    await tool.mend();
    await campaign.act('resume', 200);
    await campaign.until('waiting');

    terminal.step('Staging is healthy, the gate open. Alice lets production begin');
    await campaign.act('continue', 200);
    await campaign.until('finished');

    terminal.step('What runs where now');
    await showFleet(api);
    await campaign.showEnd();
    await showSets(fleet, sets);
    await showCommit(fleet.environments.production.path, HAND_MADE);
  } finally {
    played.abort();
  }
  await reports;
}

async function showFleet(api: ApiClient): Promise<void> {
  const { status, body } = await api.send<Page<Group>>('GET', '/fleet?groupBy=label.environment', { as: 'alice' });
  terminal.answer(status, '');
  terminal.table([
    ['environment', 'packages', 'behind', 'unhealthy', 'open drafts'],
    ...body.items.map(({ key, packages, behind, unhealthy, openDrafts }) => [
      key,
      ...[packages, behind, unhealthy, openDrafts].map(String),
    ]),
  ]);
}

/** The sets find by themselves that the campaign has made what they want. */
async function showSets({ api, signal }: Stage, sets: readonly VariantSet[]): Promise<void> {
  for (const { id } of sets) {
    await until(signal, async () => !(await api.peek<VariantSet>(`/variant-sets/${id}`)).counts.outdated);
    const { status, body } = await api.send<VariantSet>('GET', `/variant-sets/${id}`, { as: 'alice' });
    terminal.answer(status, counted(body.counts));
  }
}

async function showCommit(gitDir: string, target: string): Promise<void> {
  const output = await git(['log', '-1', '--format=%B', `${target}/web/v3`], { gitDir });
  terminal.command(`git log -1 --format=%B ${target}/web/v3`, output.toString());
}
