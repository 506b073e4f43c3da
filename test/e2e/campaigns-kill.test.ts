import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CampaignSteps, type Fleet, makeFleet } from '../support/campaigns.js';
import { followBudget, toldOf } from '../support/campaign-log.js';
import { FallibleService } from '../support/fallible-service.js';
import { GitServer } from '../support/git-server.js';
import { Random } from '../support/random.js';
import { hasRedis, TestRedis } from '../support/redis.js';
import { Steps } from '../support/steps.js';

// The whole size: CAMPAIGN_ITEMS=1000 CAMPAIGN_WAVES=10 CAMPAIGN_WORKERS=4.
const ITEMS = Number(process.env.CAMPAIGN_ITEMS ?? 36);
const WAVES = Number(process.env.CAMPAIGN_WAVES ?? 3);
const WORKERS = Number(process.env.CAMPAIGN_WORKERS ?? 2);
const PARALLEL = Number(process.env.CAMPAIGN_PARALLEL ?? 5);
const QUEUE = process.env.CAMPAIGN_QUEUE ?? (hasRedis ? 'redis' : 'postgres');
const SEED = Number(process.env.CAMPAIGN_SEED ?? 7);
const names = Array.from({ length: ITEMS }, (_, index) => `edge-${String(index).padStart(4, '0')}/web`);

/** The remote refuses these: some that fail together, and some by themselves. */
const FAILING = names.filter((_, at) => at % 12 === 3 || at % 12 === 4 || at % 12 === 9);
const MAX_FAILURES = 1;
const good = names.filter((name) => !FAILING.includes(name));

/** Workers are killed with -9 at any time, the database and the queue restarted: no slot is given twice, no package published twice, and all ends. */
describe('whatever ends in the middle of a campaign', () => {
  let git: GitServer;
  let redis: TestRedis | null;
  let service: FallibleService;
  let steps: Steps;
  let fleet: Fleet;

  beforeAll(async () => {
    git = await GitServer.start();
    redis = QUEUE === 'redis' ? await TestRedis.start() : null;
    service = await FallibleService.start(redis, { workers: WORKERS, settings: { LEASE_SECONDS: '2' } });
    steps = new Steps(service.url);
    fleet = await makeFleet({ git, root: steps }, names);
    const refuse = FAILING.map((name) => `refs/tags/${name}/v2`).join('|');
    const script = `#!/bin/sh\ncase "$1" in ${refuse}) exit 1;; esac\n`;
    await writeFile(join(fleet.fixture.path, 'hooks/update'), script, { mode: 0o755 });
  }, 300_000);
  afterAll(async () => {
    await service?.stop();
    await redis?.stop();
    await git?.stop();
  }, 60_000);

  it('keeps to its slots and its budget, publishes each package once, and gives each item one end', async () => {
    const share = Math.floor(ITEMS / WAVES);
    const waves = Array.from({ length: WAVES }, (_, at) => ({
      ...{ name: `wave ${at}`, maxParallel: PARALLEL },
      ...(at < WAVES - 1 && { count: share }),
    }));
    const campaign = await CampaignSteps.create(steps, steps, {
      name: 'killed',
      change: { type: 'upgrade', to: { revisionId: fleet.second } },
      ...{ selection: { filter: { repositoryId: fleet.id } }, waves, budget: { maxFailures: MAX_FAILURES } },
    });
    const operation = await campaign.begin();
    const random = new Random(SEED);
    const began = Date.now();
    let kills = 0;
    /** Gives up what has failed wherever the budget is spent. */
    const isOver = async () => {
      const { state } = await campaign.get();
      if (state === 'paused') {
        for (const { id } of await campaign.items('&state=failed')) await campaign.act(`items/${id}/skip`);
        await campaign.act('resume');
      }
      return ['finished', 'aborted'].includes(state as string);
    };
    // While the database is away nobody is answered; what was half done is found again.
    while (!(await isOver().catch(() => false))) {
      await sleep(200 + random.between(0, 1_500));
      // Without end it would only be restarted, never done.
      if (kills >= 4 * WAVES) continue;
      const worker = `worker-${random.between(0, WORKERS - 1)}` as const;
      kills += 1;
      await service.kill(worker);
      if (kills % 4 === 2) await service.restartPostgres(() => sleep(random.between(0, 500)));
      if (kills % 4 === 3) await service.restartRedis();
      await service.launch(worker);
    }
    expect(await steps.finished(operation)).toMatchObject({ state: 'succeeded' });
    console.log(`${ITEMS} items in ${WAVES} waves, ${kills} kills, ${Date.now() - began} ms`);
    expect(kills).toBeGreaterThan(0);
    expect(await campaign.get()).toMatchObject({ state: 'finished', progress: { counts: { done: good.length } } });

    const told = await toldOf(steps, campaign.id);
    const { spent, mostBeyond } = followBudget(told, MAX_FAILURES);
    console.log(`the budget was spent ${spent} times, at most ${mostBeyond} failed beyond it`);
    expect(spent).toBeGreaterThan(0);
    expect(mostBeyond).toBeLessThan(PARALLEL);
    const [atWork, ends] = [new Set<string>(), new Map<string, string[]>()];
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
      } else if (!type.endsWith('Started')) atWork.delete(item.path);
      // What has failed is given up afterwards.
      if (type.endsWith('itemEnded') && item.state !== 'skipped')
        ends.set(item.path, [...(ends.get(item.path) ?? []), item.state]);
      most = Math.max(most, atWork.size);
      expect(atWork.size).toBeLessThanOrEqual(PARALLEL);
    }
    expect(most).toBe(PARALLEL);
    expect([...ends.keys()].toSorted()).toEqual(names);
    for (const [name, states] of ends) expect(states).toEqual([FAILING.includes(name) ? 'failed' : 'done']);
    // Once each, in Git and in the log of what was done.
    expect((await fleet.fixture.tags()).toSorted()).toEqual(
      names.flatMap((name) => (FAILING.includes(name) ? [`${name}/v1`] : [`${name}/v1`, `${name}/v2`])),
    );
    const published = (await fleet.fixture.log()).filter(({ message }) =>
      message.includes(`Campaign: killed ${campaign.id}`),
    );
    expect(published).toHaveLength(good.length);
    const count = async (condition: string) => (await service.rows(`SELECT 1 FROM ${condition}`)).length;
    const here = `repository_id = '${fleet.id}'`;
    expect(await count(`operation WHERE kind = 'publish' AND state = 'succeeded' AND ${here}`)).toBe(good.length);
    for (const action of ['createPackageRevision', 'proposePackageRevision']) {
      expect(await count(`audit_entry WHERE action = '${action}' AND ${here}`)).toBe(ITEMS);
    }
    await fleet.fixture.check();
  }, 1_800_000);
});
