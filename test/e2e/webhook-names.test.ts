import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { HttpClient } from '../support/http-client.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

/** Of the public internet, and nobody is there (RFC 5737). */
const PUBLIC = '203.0.113.7';
const PRIVATE = '127.0.0.1';
const [MOVED, ALLOWED] = ['moved.rebinding.test', 'allowed.rebinding.test'];

let test: TestDatabase;
let folder: string;
let names: string;
let receiver: WebhookReceiver;
let service: PkgserverProcess;
beforeEach(async () => {
  test = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'pkgserver-webhook-names-'));
  names = join(folder, 'names.json');
  receiver = await WebhookReceiver.start();
  service = await startProcess({
    DATABASE_URL: test.url,
    DATA_DIR: folder,
    SWEEP_INTERVAL_MS: '50',
    WEBHOOK_TIMEOUT_SECONDS: '1',
    GIT_ALLOW_HTTP: 'true',
    GIT_ALLOWED_HOSTS: ALLOWED,
    NODE_OPTIONS: `--import=${new URL('../support/own-names.mjs', import.meta.url).href}`,
    NAMES: names,
  });
}, 60_000);
afterEach(async () => {
  await service?.kill();
  await receiver?.stop();
  await test?.drop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** Where the name leads from now on: answers that take turns. */
const lead = (...answers: string[][]) => writeFile(names, JSON.stringify({ [MOVED]: answers, [ALLOWED]: [[PRIVATE]] }));

it('a name that leads to the public internet when a webhook is made, and to a private address later, is not called', async () => {
  const client = new HttpClient(service.url);
  const made = async (host: string): Promise<string> => {
    const url = receiver.url.replace('127.0.0.1', host);
    return (await client.expect(201, 'POST', '/webhooks', { name: host, url })).body.id;
  };
  const attempt = async (id: string) => {
    const { eventId } = (await client.expect(200, 'POST', `/webhooks/${id}/test`)).body;
    const find = async () => {
      const { items } = (await client.expect(200, 'GET', `/webhooks/${id}/deliveries`)).body;
      return items.find((delivery: { eventId: string; attempts: number }) => delivery.eventId === eventId);
    };
    await expect.poll(async () => (await find())?.attempts).toBeGreaterThan(0);
    return find();
  };
  await lead([PUBLIC]);
  const [moved, allowed] = [await made(MOVED), await made(ALLOWED)];
  // While it leads there, it is tried there.
  const tried = { state: 'waiting', status: null, error: expect.not.stringContaining('not on the public internet') };
  expect(await attempt(moved)).toMatchObject(tried);

  const error = expect.stringContaining(`${MOVED} is not on the public internet`);
  for (const address of [PRIVATE, '169.254.169.254', '10.0.0.1']) {
    await lead([address]);
    expect(await attempt(moved)).toMatchObject({ state: 'waiting', status: null, error });
  }
  // Of several addresses the private ones are not tried either.
  await lead([PRIVATE, PUBLIC]);
  expect(await attempt(moved)).toMatchObject(tried);
  // What was looked at is what is called: one that changes with every question gains nothing by it.
  await lead([PUBLIC], [PRIVATE]);
  for (let turn = 0; turn < 4; turn += 1) expect((await attempt(moved)).status).toBeNull();
  expect(receiver.calls).toEqual([]);

  // It is the address that is refused: whoever runs the service can allow the name, which is then called there.
  expect(await attempt(allowed)).toMatchObject({ state: 'succeeded', status: 204 });
  expect(receiver.calls).toHaveLength(1);
});
