import { setTimeout as sleep } from 'node:timers/promises';
import { WebhookReceiver } from '../../test/support/webhook-receiver.js';
import { postAll } from '../native/deliveries.js';
import type { Result } from '../report/result.js';
import { alternate, timed } from '../report/statistics.js';
import type { Api } from '../stage/api.js';
import { withClient } from '../stage/postgres.js';
import type { Stage } from '../stage/stage.js';

const EVENTS = 1_000;
/** So many revisions the events are about: of each, one is sent after the other. */
const SUBJECTS = 50;
/** How long the receiver thinks, in milliseconds. */
const ANSWER_MS = 10;
const WARM_UPS = 6;
const PER_ROUND = 20;
/** Longer than events wait for what follows. */
const QUIET_MS = 300;

/** How fast events are delivered, and what an approval costs that somebody is told of. */
export async function webhooks(stage: Stage): Promise<Result[]> {
  const receiver = await WebhookReceiver.start((response) => {
    setTimeout(() => response.writeHead(204).end(), ANSWER_MS);
  });
  const stop = () => receiver.stop();
  await stage.onClose(stop);
  return [await deliveries(stage, receiver), await approvals(stage, receiver)];
}

async function deliveries(stage: Stage, receiver: WebhookReceiver): Promise<Result> {
  return stage.withPkgserver({ row: 'webhooks' }, async ({ api, databaseUrl }) => {
    await webhookTo(api, receiver);
    await happen(databaseUrl);
    await got(receiver, EVENTS);
    const perSecond = (time: number) => (EVENTS * 1_000) / time;
    const times = await alternate(
      stage.options.rounds,
      async () => {
        receiver.calls.length = 0;
        return timed(async () => {
          await happen(databaseUrl);
          await got(receiver, EVENTS);
        });
      },
      async () => {
        const bodies = receiver.calls.slice(0, EVENTS).map(({ event }) => JSON.stringify(event));
        return timed(() => postAll(new URL(receiver.url), bodies));
      },
    );
    return {
      row: 'webhooks',
      work: `${EVENTS} events to a webhook that answers in ${ANSWER_MS} ms`,
      unit: 'req/s',
      ours: times.ours.map(perSecond),
      native: times.native.map(perSecond),
      limit: { of: 'ours', comparison: '>=', value: 200 },
      notes: [
        `about ${SUBJECTS} revisions; of one alone, one after the other: less than ${1_000 / ANSWER_MS} a second`,
      ],
    };
  });
}

/** An approval until its tag is on the remote: with a webhook that is told of it, beside one without. */
async function approvals(stage: Stage, receiver: WebhookReceiver): Promise<Result> {
  const count = stage.options.rounds * PER_ROUND;
  const catalog = await stage.catalog('webhooks', { packages: 10, tags: 2, proposals: 2 * (WARM_UPS + count) });
  return stage.withPkgserver({ row: 'webhooks' }, async ({ api }) => {
    await api.register('webhooks', catalog.url);
    const ids = (await api.revisions('repository=webhooks&lifecycle=proposed')).map(({ id }) => id);
    const webhookId = await webhookTo(api, receiver);
    let sent = 0;
    const approve = async (enabled: boolean): Promise<number> => {
      const id = ids.pop();
      if (id === undefined) throw new Error('There are no more proposals.');
      await api.send('PATCH', `/webhooks/${webhookId}`, { enabled }, { 'if-match': '*' });
      receiver.calls.length = 0;
      const time = await timed(() => api.approve(id));
      const isOver = () =>
        !enabled || receiver.calls.some(({ event }) => event.data.operation?.packageRevisionId === id);
      while (!isOver()) await sleep(5);
      // What is done of this one later is no part of the next one.
      await sleep(enabled ? 50 : QUIET_MS);
      sent += receiver.calls.length;
      return time;
    };
    for (let turn = 0; turn < 2 * WARM_UPS; turn += 1) await approve(turn % 2 === 0);
    sent = 0;
    const times = await alternate(
      count,
      () => approve(true),
      () => approve(false),
    );
    return {
      row: 'webhooks',
      work: 'approve → tag on the remote with a webhook, beside without',
      unit: 'ms',
      ...times,
      limit: { of: 'ratio', comparison: '<=', value: 1.05 },
      notes: [
        `${(sent / count).toFixed(1)} events of each are sent meanwhile; native: the same with the webhook disabled`,
      ],
    };
  });
}

async function webhookTo(api: Api, { url }: WebhookReceiver): Promise<string> {
  return (await api.send<{ id: string }>('POST', '/webhooks', { name: 'bench', url })).body.id;
}

async function got(receiver: WebhookReceiver, count: number): Promise<void> {
  while (receiver.calls.length < count) await sleep(1);
}

/** Writes events as publications do, and numbers them: from then on they are told. */
async function happen(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query('BEGIN');
    await client.query(WRITE, [EVENTS, SUBJECTS]);
    await client.query('SELECT number_events($1::int)', [EVENTS]);
    await client.query('COMMIT');
  });
}

const WRITE = `
  WITH subject AS (SELECT n, gen_random_uuid() AS id FROM generate_series(0, $2::int - 1) AS n)
  INSERT INTO event_pending (id, type, time, repository_id, path, package_revision_id, subject, data)
  SELECT gen_random_uuid(), 'packageRevision.published', now(), repository, 'area/package-' || s.n, s.id, s.id,
    jsonb_build_object('packageRevision', jsonb_build_object('id', s.id, 'name', 'bench.package-' || s.n || '.v' || e,
      'repositoryId', repository, 'packageId', s.id, 'path', 'area/package-' || s.n, 'workspace', 'first',
      'lifecycle', 'published', 'revision', 'v' || e, 'tree', encode(sha256(e::text::bytea), 'hex'), 'commit', NULL,
      'previously', jsonb_build_object('lifecycle', 'proposed')))
  FROM gen_random_uuid() AS repository, generate_series(1, $1::int) AS e JOIN subject s ON s.n = e % $2::int`;
