import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CampaignSteps, type Fleet, makeFleet } from '../support/campaigns.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { GitServer } from '../support/git-server.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { Random } from '../support/random.js';
import { Steps } from '../support/steps.js';

// The whole size: CAMPAIGN_ITEMS=1000 CAMPAIGN_WAVES=10 CAMPAIGN_WORKERS=4.
const ITEMS = Number(process.env.CAMPAIGN_ITEMS ?? 36);
const WAVES = Number(process.env.CAMPAIGN_WAVES ?? 3);
const WORKERS = Number(process.env.CAMPAIGN_WORKERS ?? 2);
const PARALLEL = Number(process.env.CAMPAIGN_PARALLEL ?? 5);
const SEED = Number(process.env.CAMPAIGN_SEED ?? 7);
const names = Array.from({ length: ITEMS }, (_, index) => `edge-${String(index).padStart(4, '0')}/web`);

interface Told {
  type: string;
  data: { campaign: { wave?: number; item?: { path: string; state: string } } };
}

/** kill -9 of workers at any time: no slot is given twice, no package published twice, and all ends. */
describe('kill -9 in the middle of a campaign', () => {
  let git: GitServer;
  let test: TestDatabase;
  let dataDir: string;
  let api: PkgserverProcess;
  let steps: Steps;
  let fleet: Fleet;
  const workers: PkgserverProcess[] = [];
  const start = (role: 'api' | 'worker', place: string) =>
    startProcess({
      ...{ ROLE: role, DATABASE_URL: test.url, DATA_DIR: join(dataDir, place) },
      CREDENTIALS_KEY: Buffer.alloc(32, 7).toString('base64'),
      ...{ LEASE_SECONDS: '2', SWEEP_INTERVAL_MS: '100', SYNC_INTERVAL_SECONDS: '3600' },
    });

  beforeAll(async () => {
    git = await GitServer.start();
    test = await createTestDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-campaign-kill-'));
    api = await start('api', 'api');
    for (let at = 0; at < WORKERS; at += 1) workers.push(await start('worker', `worker-${at}`));
    steps = new Steps(api.url);
    fleet = await makeFleet({ git, root: steps }, names);
  }, 300_000);
  afterAll(async () => {
    await Promise.all([api?.stop(), ...workers.map((worker) => worker.stop())]);
    await test?.drop();
    await git?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }, 60_000);

  it('keeps to its slots, publishes each package once, and gives each item one end', async () => {
    const share = Math.floor(ITEMS / WAVES);
    const waves = Array.from({ length: WAVES }, (_, at) => ({
      ...{ name: `wave ${at}`, maxParallel: PARALLEL },
      ...(at < WAVES - 1 && { count: share }),
    }));
    const campaign = await CampaignSteps.create(steps, steps, {
      name: 'killed',
      change: { type: 'upgrade', to: { revisionId: fleet.second } },
      ...{ selection: { filter: { repositoryId: fleet.id } }, waves },
    });
    const operation = await campaign.begin();
    const random = new Random(SEED);
    const began = Date.now();
    let kills = 0;
    const isOver = async () => ['finished', 'aborted'].includes((await campaign.get()).state as string);
    while (!(await isOver())) {
      await new Promise((resolve) => setTimeout(resolve, 200 + random.between(0, 1_500)));
      // Without end it would only be restarted, never done.
      if (kills >= 4 * WAVES) continue;
      const at = random.between(0, WORKERS - 1);
      await workers[at]?.kill();
      kills += 1;
      workers[at] = await start('worker', `worker-${at}`);
    }
    expect(await steps.finished(operation)).toMatchObject({ state: 'succeeded' });
    console.log(`${ITEMS} items in ${WAVES} waves, ${kills} kills, ${Date.now() - began} ms`);
    expect(kills).toBeGreaterThan(0);
    expect(await campaign.get()).toMatchObject({ state: 'finished', progress: { counts: { done: ITEMS } } });

    const told = await events(steps);
    const [atWork, ends] = [new Set<string>(), new Map<string, number>()];
    let [wave, most] = [-1, 0];
    for (const { type, data } of told) {
      const { item } = data.campaign;
      if (type.endsWith('waveStarted')) {
        // A wave begins when all of the one before have ended.
        expect(data.campaign.wave).toBe(wave + 1);
        expect(ends.size).toBe(Math.max(0, wave + 1) * share);
        wave += 1;
      }
      if (!item) continue;
      if (type.endsWith('itemStarted')) {
        expect(data.campaign.wave).toBe(wave);
        atWork.add(item.path);
      }
      if (type.endsWith('itemPublished')) atWork.delete(item.path);
      if (type.endsWith('itemEnded')) ends.set(item.path, (ends.get(item.path) ?? 0) + 1);
      most = Math.max(most, atWork.size);
      expect(atWork.size).toBeLessThanOrEqual(PARALLEL);
    }
    expect(most).toBe(PARALLEL);
    expect([...ends.keys()].toSorted()).toEqual(names);
    expect(new Set(ends.values())).toEqual(new Set([1]));
    // Once each, in Git and in the log of what was done.
    expect((await fleet.fixture.tags()).toSorted()).toEqual(names.flatMap((name) => [`${name}/v1`, `${name}/v2`]));
    const published = (await fleet.fixture.log()).filter(({ message }) =>
      message.includes(`Campaign: killed ${campaign.id}`),
    );
    expect(published).toHaveLength(ITEMS);
    expect(await test.database.client.operation.count({ where: { kind: 'publish', repositoryId: fleet.id } })).toBe(
      ITEMS,
    );
    for (const action of ['createPackageRevision', 'proposePackageRevision', 'approvePackageRevision']) {
      expect(await test.database.client.auditEntry.count({ where: { action, repositoryId: fleet.id } })).toBe(ITEMS);
    }
    await fleet.fixture.check();
  }, 1_800_000);
});

/** All of campaigns, in their order. */
async function events(steps: Steps): Promise<Told[]> {
  const types = ['waveStarted', 'itemStarted', 'itemPublished', 'itemEnded']
    .map((name) => `campaign.${name}`)
    .join(',');
  const told: Told[] = [];
  for (let cursor: string | null = '', path = ''; cursor !== null;) {
    path = `/events?pageSize=500&sort=sequence&type=${types}${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const { body } = await steps.expect(200, 'GET', path);
    told.push(...(body.items as Told[]));
    cursor = body.nextCursor as string | null;
  }
  return told;
}
