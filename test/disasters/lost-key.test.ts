import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmptyDatabase } from '../support/database.js';
import type { Body } from '../support/http-client.js';
import { startProcess } from '../support/process.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';
import { type Holdings, holdingsOf } from './holdings.js';
import { Installation, newKey } from './installation.js';
import { allKept, documented, outcomesOf } from './outcomes.js';
import { People, PLACES, type Works } from './people.js';

const ANY = { 'If-Match': '*' };

describe('the sealing key is lost', () => {
  let receiver: WebhookReceiver;
  let installation: Installation;
  let people: People;
  let works: Works;
  let held: Holdings;
  let draft: string;
  let refusal: string;

  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
    installation = await Installation.start({ url: await createEmptyDatabase() });
    people = await People.settle(installation);
    works = await people.work('ever');
    draft = await people.draft('draft');
    await installation.admin.pushed(draft);
    held = await holdingsOf(installation, works);
    await installation.down();

    const { databaseUrl } = installation.place;
    const without = { ROLE: 'api', DATA_DIR: `${installation.folder}/keyless`, DATABASE_URL: databaseUrl };
    refusal = await startProcess(without).then(String, String);
    installation.place.keys = newKey();
    await installation.up();
    people.comeBack();
    people.letGo();
    for (const place of PLACES) await people.sync(place);
  });
  afterAll(async () => {
    await installation?.remove();
    await receiver?.stop();
  });

  const first = async (path: string): Promise<Body> =>
    (await installation.admin.expect(200, 'GET', path)).body.items[0] as Body;

  it('no process starts without one, and it says what to do', () => {
    expect(refusal).toContain('Where the key is lost, set CREDENTIALS_KEY to a new one');
  });

  it('takes the secrets with it, and nothing else', async () => {
    expect(outcomesOf(held, await holdingsOf(installation, works))).toEqual(await documented('lost key'));
  });

  it('does not stand in the way of drafts and proposals that were pushed under the old one', async () => {
    await people.edit(draft, 'again');
    await installation.admin.pushed(draft);
    const { id } = await first('/package-revisions?path=ever-proposal');
    const carol = await installation.person('carol', { role: 'approver' });
    expect(await carol.finished(await carol.approve(id))).toMatchObject({ state: 'succeeded' });
    const { body } = await installation.admin.expect(200, 'GET', '/drift?state=open');
    expect(body.items).toEqual([]);
  });

  it('is over once each secret was set anew', async () => {
    const { admin } = installation;
    const ready = async () => (await installation.ready('worker')).body;
    expect(await ready()).toMatchObject({ status: 'degraded', checks: { sealingKeys: { status: 'down' } } });
    const [credential, webhook, receives] = [
      await first('/credentials'),
      await first('/webhooks'),
      await first('/receivers'),
    ];
    await admin.expect(200, 'PATCH', `/credentials/${credential.id}`, { type: 'basic', password: 'ever' }, ANY);
    const rotated = await admin.expect(200, 'POST', `/webhooks/${webhook.id}/rotate-secret`, {}, ANY);
    await admin.expect(200, 'POST', `/receivers/${receives.id}/rotate-secret`, {}, ANY);
    await admin.expect(200, 'PATCH', `/webhooks/${webhook.id}`, { url: receiver.url }, ANY);
    const tested = await admin.call('POST', `/webhooks/${webhook.id}/test`);
    const call = () => receiver.calls.find(({ id }) => id === tested.body.eventId);
    await expect.poll(call).toBeDefined();
    expect(call()?.isSigned(rotated.body.secret as string)).toBe(true);
    expect(outcomesOf(held, await holdingsOf(installation, works))).toEqual({
      ...allKept(held),
      // It was published by the test above.
      'proposals that were pushed': 'lost',
      'approvals of what is not published yet': 'lost',
    });
    // The repository of the credential was asked for a sync; without that, its next poll tells.
    await expect.poll(ready).toMatchObject({ status: 'ok' });
  });
});
