import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FallibleService } from '../support/fallible-service.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { ownPort } from '../support/own-port.js';
import { hasRedis, TestRedis } from '../support/redis.js';
import { Steps } from '../support/steps.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const ROUNDS = 3;
const SETTINGS = { LEASE_SECONDS: '1', WEBHOOK_TIMEOUT_SECONDS: '2' };
const DISABLED = 'dev.pkgserver.webhook.disabled';

/** Changes the labels of a repository again and again, whatever fails; knows which changes were acknowledged. */
class Writer {
  readonly acknowledged: number[] = [];
  private readonly ended: Promise<void>;
  private isOver = false;

  constructor(
    private readonly steps: Steps,
    readonly repositoryId: string,
  ) {
    this.ended = this.write();
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.ended;
  }

  private async write(): Promise<void> {
    for (let number = 1; !this.isOver; number += 1) {
      const labels = { number: String(number) };
      const path = `/repositories/${this.repositoryId}`;
      const answer = await this.steps.call('PATCH', path, { labels }, { 'If-Match': '*' }).catch(() => null);
      if (answer?.status === 200) this.acknowledged.push(number);
      await sleep(100);
    }
  }
}

/** One that is as it should be, and what else there is; `trap` is where a redirect leads. */
async function openReceivers() {
  const trap = await WebhookReceiver.start();
  const answering = {
    good: undefined,
    slow: (response) => setTimeout(() => response.writeHead(204).end(), 1_000),
    failing: (response) => response.writeHead(500).end('no'),
    gone: (response) => response.writeHead(410).end(),
    moved: (response) => response.writeHead(307, { Location: trap.url }).end(),
    silent: () => undefined,
    half: (response) => response.writeHead(200, { 'Content-Length': '10' }).write('half'),
  } satisfies Record<string, WebhookReceiver['answering'] | undefined>;
  const started = Object.entries(answering).map(
    async ([name, how]: [string, WebhookReceiver['answering'] | undefined]) =>
      [name, await WebhookReceiver.start(how)] as const,
  );
  return {
    ...(Object.fromEntries(await Promise.all(started)) as Record<keyof typeof answering, WebhookReceiver>),
    trap,
  };
}

type Receivers = Awaited<ReturnType<typeof openReceivers>>;

async function expectAllTold(queue: 'postgres' | 'redis'): Promise<void> {
  const closings: (() => Promise<unknown>)[] = [];
  try {
    const git = await GitServer.start();
    closings.push(() => git.stop());
    const receivers = await openReceivers();
    closings.push(() => Promise.all(Object.values(receivers).map((receiver) => receiver.stop())));
    const redis = queue === 'redis' ? await TestRedis.start() : null;
    closings.push(async () => redis?.stop());
    const service = await FallibleService.start(redis, { settings: SETTINGS });
    closings.push(() => service.stop());
    await seeEverything(git, service, receivers);
  } finally {
    for (const close of closings.reverse()) await close();
  }
}

async function seeEverything(git: GitServer, service: FallibleService, receivers: Receivers): Promise<void> {
  const steps = new Steps(service.url);
  const repositories: string[] = [];
  for (const name of ['a', 'b', 'c', 'd']) {
    const { url, path } = await git.createRepository(name);
    GitFixture.create(path);
    repositories.push(await steps.register({ name, url }));
  }
  const { good, gone, trap, ...others } = receivers;
  const ids: Record<string, string> = {};
  const urls = { good: good.url, gone: gone.url, dead: `http://127.0.0.1:${await ownPort()}/` };
  const hostile = Object.entries(others).map(([name, { url }]) => [name, url] as const);
  for (const [name, url] of [...Object.entries(urls), ...hostile]) {
    ids[name] = (await steps.expect(201, 'POST', '/webhooks', { name, url })).body.id;
  }

  const writers = repositories.map((id) => new Writer(steps, id));
  const told = () => new Set(good.calls.map(({ id }) => id));
  await expect.poll(() => told().size).toBeGreaterThan(20);
  const shown = async (name: string) => (await steps.expect(200, 'GET', `/webhooks/${ids[name]}`)).body;
  await expect.poll(() => shown('gone')).toMatchObject({ enabled: false, disabledReason: 'gone' });
  let callsOfGone = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    await service.kill('worker-0');
    await sleep(500);
    // What was on its way when it was disabled has come by now.
    if (round === 0) callsOfGone = gone.calls.length;
    await service.launch('worker-0');
    await service.restartRedis();
    // In the middle of what Postgres does, the worker ends as well.
    await service.restartPostgres(() => (round % 2 === 0 ? service.kill('worker-0') : sleep(300)));
    if (round % 2 === 0) await service.launch('worker-0');
    await service.kill('api');
    await service.launch('api');
    await sleep(1_000);
  }
  await Promise.all(writers.map((writer) => writer.stop()));

  await expect.poll(() => service.rows('SELECT FROM event_pending')).toEqual([]);
  const log = await service.rows<{ id: string; sequence: string }>(
    `SELECT e.id, e.sequence FROM event e JOIN webhook w ON w.id = '${ids.good}' WHERE e.sequence > w.since`,
  );
  const known = new Set(log.map(({ id }) => id));
  await expect.poll(() => log.filter(({ id }) => !told().has(id))).toEqual([]);

  // Beside a backlog of all the others, what happens now is told soon.
  const begun = performance.now();
  const final = { labels: { number: 'last' } };
  await steps.expect(200, 'PATCH', `/repositories/${repositories[0]}`, final, { 'If-Match': '*' });
  await expect.poll(() => [...told()].filter((id) => !known.has(id)).length, { interval: 20 }).toBeGreaterThan(0);
  expect(performance.now() - begun).toBeLessThan(10_000);

  // In order, of each resource: whatever came again later.
  for (const { repositoryId, acknowledged } of writers) {
    const firsts = new Map<string, number>();
    for (const { id, event } of good.calls) {
      if (event.data.repository?.id === repositoryId && !firsts.has(id)) firsts.set(id, Number(event.sequence));
    }
    const sequences = [...firsts.values()];
    expect(sequences).toEqual(sequences.toSorted((left, right) => left - right));
    expect(sequences.length).toBeGreaterThanOrEqual(acknowledged.length);
    expect(acknowledged.length).toBeGreaterThan(0);
  }

  // Of the others nothing is lost either: it waits for them.
  const counts = await service.rows<{ name: string; events: number; deliveries: number }>(`
    SELECT w.name, (SELECT count(*)::int FROM event e WHERE e.sequence > w.since) AS events,
      (SELECT count(DISTINCT d.event_id)::int FROM webhook_delivery d WHERE d.webhook_id = w.id) AS deliveries
    FROM webhook w WHERE w.enabled ORDER BY w.name`);
  expect(counts.map(({ name }) => name)).toEqual(['dead', 'failing', 'good', 'half', 'moved', 'silent', 'slow']);
  for (const { events, deliveries } of counts) expect(deliveries).toBe(events);
  for (const name of ['dead', 'failing', 'half', 'moved', 'silent']) {
    const path = `/webhooks/${ids[name]}/deliveries?state=succeeded`;
    expect((await steps.expect(200, 'GET', path)).body.items, name).toEqual([]);
    expect((await shown(name)).failingSince, name).not.toBeNull();
  }
  expect(gone.calls).toHaveLength(callsOfGone);
  expect(
    good.calls.filter(({ event }) => event.type === DISABLED).map(({ event }) => event.data.webhook?.id),
  ).toContain(ids.gone);
  expect(trap.calls).toEqual([]);
}

describe('beside receivers that are slow, dead, gone or hang, whatever is killed with -9 or restarted', () => {
  it('a good one is told of every event, in order, and soon', () => expectAllTold('postgres'), 240_000);

  it.skipIf(!hasRedis)(
    'a good one is told of every event, in order, and soon, with the queue on Redis',
    () => expectAllTold('redis'),
    240_000,
  );
});
