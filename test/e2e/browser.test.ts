import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import { Browser, hasChromium } from '../support/browser.js';
import { eventsOn } from '../support/events.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { signIn } from '../support/sign-in.js';

const SIZE = { width: 1280, height: 800 };

let pkgserver: Pkgserver;
let token: string;
let browser: Browser | undefined;

beforeAll(async () => {
  pkgserver = await startPkgserver({ AUTH: 'required' });
  token = await signIn(pkgserver.database, 'root', { role: 'admin' });
});
afterEach(async () => {
  await browser?.close();
  browser = undefined;
});
afterAll(() => pkgserver?.stop());

async function tell(type: 'repository.registered' | 'repository.changed', name: string): Promise<void> {
  const { log, numbering } = eventsOn(pkgserver.database);
  const facts = { id: uuidv7(), name };
  await log.record([{ type, path: null, repositoryId: null, facts, actor: 'ada' }]);
  await numbering.numberAll();
}

/** A PNG of this size, in which more than one thing is shown. `SCREENSHOTS` names a folder for whoever wants to look at it. */
async function look(page: Browser, name: string): Promise<void> {
  const png = await page.screenshot();
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  expect(width).toBe(SIZE.width);
  expect(height).toBeGreaterThan(SIZE.height / 2);
  // One colour alone is some hundred bytes.
  expect(png.length).toBeGreaterThan(10_000);
  const { SCREENSHOTS } = process.env;
  if (SCREENSHOTS) writeFileSync(join(SCREENSHOTS, `${name}.png`), png);
}

describe.skipIf(!hasChromium)('in a browser', () => {
  it('the page of events shows them as they come, by what is asked for, and as text', async () => {
    browser = await Browser.open(`${pkgserver.url}/docs/events`, SIZE);
    const page = browser;
    const status = () => page.evaluate<string>(`document.getElementById('status')?.textContent ?? ''`);
    const rows = () =>
      page.evaluate<string[]>(`[...document.querySelectorAll('#events tr')].map((row) => row.innerText)`);
    const follow = (set: string) => page.evaluate(`{ ${set}; document.querySelector('#follow').requestSubmit(); }`);

    await expect.poll(() => page.evaluate(`document.readyState`)).toBe('complete');
    expect(await status()).toContain('Not connected');
    await follow(`document.querySelector('[name=token]').value = 'pks_wrong'`);
    await expect.poll(status).toMatch(/token|sign|401/i);
    await follow(`document.querySelector('[name=token]').value = ${JSON.stringify(token)}`);
    await expect.poll(status).toMatch(/^Connected/);

    const nasty = `<img src=x onerror="document.title='pwned'">`;
    await tell('repository.registered', nasty);
    await expect.poll(async () => (await rows())[0]).toContain(nasty);
    expect(await page.evaluate(`document.querySelectorAll('#events img').length`)).toBe(0);
    expect(await page.evaluate(`document.title`)).toBe('pkgserver: events');

    await follow(`document.querySelector('[value="dev.pkgserver.repository.changed"]').checked = true`);
    await expect.poll(status).toMatch(/^Connected/);
    await tell('repository.registered', 'not-asked-for');
    await tell('repository.changed', 'asked-for');
    await expect.poll(async () => (await rows())[0]).toContain('asked-for');
    expect((await rows()).join()).not.toContain('not-asked-for');
    await look(page, 'events');
    // What a token that is none was answered, the browser tells by itself.
    expect(page.complaints.filter((text) => !text.includes('401'))).toEqual([]);
  });

  it('the page of the API shows every operation', async () => {
    browser = await Browser.open(`${pkgserver.url}/docs`, SIZE);
    const page = browser;
    const { paths } = (await (await fetch(`${pkgserver.url}/openapi.json`)).json()) as {
      paths: Record<string, object>;
    };
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    // Of so many it draws those in view alone: who scrolls meets them all.
    const seen = new Set<string>();
    const tags = new Set<string>();
    const meetMore = async (): Promise<number> => {
      const shown = await page.evaluate<{ tags: string[]; operations: string[] }>(`{
        window.scrollBy(0, 400);
        if (window.scrollY + window.innerHeight >= document.body.scrollHeight - 10) window.scrollTo(0, 0);
        const text = (block) => block.querySelector('.opblock-summary-method').textContent.toLowerCase() + ' ' +
          block.querySelector('.opblock-summary-path').dataset.path;
        ({ tags: [...document.querySelectorAll('.opblock-tag')].map((tag) => tag.dataset.tag),
           operations: [...document.querySelectorAll('.opblock')].map(text) });
      }`);
      for (const operation of shown.operations) seen.add(operation);
      for (const tag of shown.tags) tags.add(tag);
      return operations.filter((operation) => !seen.has(operation)).length;
    };
    await expect.poll(meetMore, { interval: 20 }).toBe(0);
    expect([...tags]).toEqual(
      expect.arrayContaining(['repositories', 'package-revisions', 'drift', 'events', 'webhooks']),
    );
    await look(page, 'api');
    expect(page.complaints).toEqual([]);
  });
});
