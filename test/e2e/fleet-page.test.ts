import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import { startTestApi } from '../support/api.js';
import { Browser, hasChromium } from '../support/browser.js';
import { BulkWorld } from '../support/bulk.js';
import { type FleetPageWorld, makeFleetPageWorld, NASTY } from '../support/fleet-page-world.js';
import { signIn } from '../support/sign-in.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 400, height: 800 };

const world = BulkWorld.create();
let made: FleetPageWorld;
let proxy: TcpProxy;
let page: Browser;

const text = (selector: string) =>
  page.evaluate<string>(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ''`);
const status = () => text('#status');
const title = () => text('h1');
const rows = (caption: string) =>
  page.evaluate<string[][]>(`
    [...document.querySelectorAll('table')].filter(({ caption }) => caption.textContent.startsWith(${JSON.stringify(caption)}))
      .flatMap((table) => [...table.rows].map((row) => [...row.cells].map((cell) => cell.innerText)))`);
const go = (hash: string) => page.evaluate(`void (location.hash = ${JSON.stringify(hash)})`);
const follow = (link: string) =>
  page.evaluate(`[...document.querySelectorAll('a')].find((a) => a.innerText === ${JSON.stringify(link)}).click()`);
const enter = (token: string) =>
  page.evaluate(`{
    const form = document.querySelector('#sign-in');
    form.elements.token.value = ${JSON.stringify(token)};
    form.requestSubmit();
  }`);

async function open(hash = '', token: string | null = made.token): Promise<void> {
  page = await Browser.open(`${proxy.through(world.pkgserver.url)}fleet${hash}`, WIDE);
  await expect.poll(() => page.evaluate(`document.readyState`)).toBe('complete');
  await expect.poll(status).toContain('Sign in');
  if (token !== null) await enter(token);
}

/** Whether anything that was shown has become a part of the page. */
async function expectNothingRan(): Promise<void> {
  expect(await page.evaluate(`document.querySelectorAll('img, #view script').length`)).toBe(0);
  expect(await page.evaluate(`document.title`)).toMatch(/^pkgserver: /);
}

interface Found {
  id: string;
  nodes: {
    html: string;
    failureSummary: string;
    any: { data: { contrastRatio?: number; expectedContrastRatio?: string } | null }[];
  }[];
}

/** What axe finds wrong; and texts of one letter, of whose contrast it is not sure, where that is too little. Runs in the page. */
const FAULTS = ({ violations, incomplete }: Record<'violations' | 'incomplete', Found[]>) => [
  ...violations.flatMap(({ id, nodes }) => nodes.map((node) => [id, node.html.slice(0, 200), node.failureSummary])),
  ...incomplete.flatMap(({ id, nodes }) =>
    nodes.flatMap(({ html, any: [check] }) => {
      // 0: it cannot tell, as of what is scrolled away.
      const { contrastRatio = 0, expectedContrastRatio = '0' } = check?.data ?? {};
      return contrastRatio > 0 && contrastRatio < parseFloat(expectedContrastRatio) ? [[id, html, contrastRatio]] : [];
    }),
  ),
];

/** Asks axe, of what is shown now, on wide and narrow screens, light and dark. `SCREENSHOTS` names a folder for pictures. */
async function look(name: string): Promise<void> {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(`${axe}; undefined`);
  for (const scheme of ['light', 'dark'] as const) {
    for (const [size, screen] of Object.entries({ wide: WIDE, narrow: NARROW })) {
      await page.appear({ ...screen, scheme });
      const faults = await page.evaluate(`axe.run(document).then(${FAULTS.toString()})`);
      expect([name, scheme, size, faults]).toEqual([name, scheme, size, []]);
      // What is too wide scrolls in itself.
      expect(await page.evaluate(`document.documentElement.scrollWidth`)).toBeLessThanOrEqual(screen.width);
      const png = await page.screenshot(true);
      expect(png.readUInt32BE(16)).toBeLessThanOrEqual(screen.width);
      expect(png.length).toBeGreaterThan(10_000);
      const { SCREENSHOTS } = process.env;
      if (SCREENSHOTS) writeFileSync(join(SCREENSHOTS, `${name}-${size}-${scheme}.png`), png);
    }
  }
  await page.appear({ ...WIDE, scheme: 'light' });
}

/** What the page has complained of, but for what a browser says by itself of answers with these statuses, and of no answer. */
const complaints = (expected = /^$/) => page.complaints.filter((complaint) => !expected.test(complaint));

beforeAll(async () => {
  made = await makeFleetPageWorld(world);
  proxy = await TcpProxy.start(world.pkgserver.url);
});
afterEach(() => page?.close());
afterAll(() => proxy?.stop());

describe('the page of the fleet, as it is served', () => {
  const ask = (path: string, init?: RequestInit) => fetch(`${world.pkgserver.url}${path}`, init);
  const POLICY =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

  it('and all that it loads bear a policy that lets nothing else run', async () => {
    const asked = new Set(['/fleet']);
    for (const path of asked) {
      const response = await ask(path);
      const { headers } = response;
      expect([path, response.status]).toEqual([path, 200]);
      expect(headers.get('content-security-policy')).toBe(POLICY);
      expect([headers.get('x-content-type-options'), headers.get('cache-control')]).toEqual(['nosniff', 'no-cache']);
      const body = await response.text();
      expect(body).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|localStorage|eval\(|\.style\b/);
      const isHtml = path === '/fleet';
      if (isHtml) expect(body).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]* src="fleet\/[\w./]+")/);
      const links = isHtml ? /(?:src|href)="(fleet\/[\w./-]+)"/g : /^(?:import|export) .*? from '(\.[\w./-]+)'/gm;
      for (const [, link = ''] of body.matchAll(links))
        asked.add(new URL(link, new URL(path, world.pkgserver.url)).pathname);
    }
    expect(asked.size).toBeGreaterThan(15);
    expect(await (await ask('/openapi.json')).text()).toContain('(/fleet)');
  });

  it('has no other parts', async () => {
    for (const path of [
      'fleet/',
      'fleet/fleet/pages.ts',
      'fleet/fleet/route.test.ts',
      'fleet/shared/sign-in.html',
      'fleet/events/page.js',
      'fleet/shared/..%2fpages.js',
    ])
      for (const method of ['GET', 'HEAD']) {
        const { status, headers } = await ask(`/${path}`, { method });
        expect([path, status, headers.get('content-type')]).toEqual([
          path,
          404,
          'application/problem+json; charset=utf-8',
        ]);
      }
    expect((await ask('/fleet', { method: 'HEAD' })).headers.get('content-security-policy')).toBe(POLICY);
    expect((await ask('/fleet', { method: 'POST' })).status).toBe(
      (await ask('/docs/events', { method: 'POST' })).status,
    );
  });
});

describe.skipIf(!hasChromium)('the page of the fleet', () => {
  it('shows nothing without a token, and says what the service says of a wrong one', async () => {
    await open('', null);
    await enter('pks_wrong');
    await expect.poll(status).toMatch(/^You are not signed in: .*\(401\)$/);
    expect(await text('#view')).toBe('');
    expect(await page.evaluate(`document.activeElement.name`)).toBe('token');
    await look('sign-in');
    await enter(await signIn(world.database, 'nobody'));
    await expect.poll(status).toMatch(/^You may not see this: .*\(403\)$/);
    await page.evaluate(`document.querySelector('#sign-out').click()`);
    await expect.poll(status).toContain('Sign in');
    expect(await page.evaluate(`sessionStorage.length`)).toBe(0);
    await enter(made.token);
    await expect.poll(status).toMatch(/packages, /);
    await go(`#/packages/${uuidv7()}`);
    await expect.poll(status).toMatch(/^There is no such thing, or you may not see it: .*\(404\)$/);
    await go('#/nonsense');
    await expect.poll(status).toContain('There is no such view.');
    expect(complaints(/40[134]/)).toEqual([]);
  });

  it('shows totals, groups and the matrix of a blueprint, whatever things are called', async () => {
    await open();
    await expect.poll(status).toBe('5 packages, 5 behind, 0 drifted, 1 unhealthy.');
    const catalog = await page.evaluate<string>(`document.querySelector('tbody a').innerText`);
    expect((await rows('What is published'))[1]?.slice(0, 4)).toEqual([catalog, '5', '5', '5']);
    await follow(catalog);
    await expect.poll(() => rows('Which revision')).toHaveLength(6);
    const [heads = [], nasty = [], first = []] = await rows('Which revision');
    expect(heads.map((head) => head.replace(/\s.*/s, ''))).toEqual(['Target', 'v2', 'v1']);
    expect([heads[1], heads[2]].join()).toMatch(/newest.*1 behind/s);
    expect(nasty).toEqual([expect.stringContaining('<img src=x onerror='), '', 'web']);
    expect(first).toEqual(['edge-1', '', 'web']);
    const words = await page.evaluate(
      `[...document.querySelectorAll('figure svg desc')].map((words) => words.textContent)`,
    );
    expect(words).toEqual(['5 packages: v1 5 (100 %).']);
    expect(await page.evaluate(`document.activeElement.innerText`)).toBe(`Blueprint ${catalog}`);
    await look('fleet');
    await follow('By target');
    await expect.poll(() => rows('What is published')).toHaveLength(6);
    await page.evaluate(`history.back()`);
    await expect.poll(() => rows('What is published')).toHaveLength(2);
    await expectNothingRan();
    expect(complaints()).toEqual([]);
  });

  it('shows a package, and how its draft differs from what is published', async () => {
    await open(`#/packages/${made.packages['edge-4/web']}`);
    await expect.poll(title).toBe('Package edge-4/web');
    await expect.poll(status).toBe('v1 is published; at v1, 1 behind, v2 is the newest.');
    expect(await text('.facts')).toContain(NASTY);
    const changes = await rows('Changes of objects: draft fix');
    expect(changes.map((cells) => cells.slice(-4))).toEqual(
      expect.arrayContaining([
        ['spec.replicas', expect.stringMatching(/^\d$/), '7', 'changed, replicas'],
        [expect.stringMatching(/image$/), 'web:1', 'web:1-fixed', 'changed, image'],
        [
          'the whole object',
          'nothing',
          expect.stringContaining(JSON.stringify(NASTY)),
          expect.stringContaining('added'),
        ],
      ]),
    );
    await look('package');
    await follow('what the blueprint has changed, v1 to v2');
    await expect.poll(() => rows('Changes of objects: what the blueprint')).toHaveLength(2);
    await expectNothingRan();
    expect(complaints()).toEqual([]);
  });

  it('follows a campaign while it goes on, through a connection that breaks', async () => {
    const { campaign } = made;
    await open('#/campaigns');
    await expect.poll(() => rows('Campaigns')).toHaveLength(2);
    await look('campaigns');
    await follow('web-v2');
    await expect.poll(title).toBe('Campaign web-v2');
    await expect.poll(status).toBe('Live. Approved: 0 of 3 ended.');
    expect(await text('#view')).toContain(NASTY);
    await page.evaluate(`void (window.isTheSame = true)`);
    const progress = () => text('.legend');
    expect(await progress()).toMatch(/^.?\s*planned 3$/);
    const states = async () => (await rows('What is done')).slice(1).map(([path, , state]) => `${path} ${state}`);

    await campaign.act('start', 202);
    await expect.poll(status).toBe('Live. Waiting, wave 2 of 2 (rest): 1 of 3 ended.');
    await expect.poll(progress).toMatch(/done 1\s.*planned 2$/s);
    await expect.poll(states).toEqual(['edge-1/web ✓ done', 'edge-2/web ○ planned', 'edge-3/web ○ planned']);
    await look('campaign');
    await follow('✓\ndone 1').catch(() => go(`#/campaigns/${campaign.id}?state=done`));
    await expect.poll(states).toEqual(['edge-1/web ✓ done']);

    proxy.onConnection(() => ({ refuse: true }));
    proxy.cutNow();
    await expect.poll(status).toMatch(/^Disconnected: .*Trying again … Waiting/);
    await campaign.act('continue');
    await campaign.until('finished');
    proxy.onConnection(null);
    await expect.poll(status).toBe('Live. Finished, wave 2 of 2 (rest): 3 of 3 ended.');
    await expect.poll(states).toHaveLength(3);
    expect(await page.evaluate(`window.isTheSame`)).toBe(true);
    await follow('edge-3/web');
    await expect.poll(title).toBe('Package edge-3/web');
    await expect.poll(() => rows('Changes of objects: published v2')).not.toEqual([]);
    await expectNothingRan();
    expect(complaints(/ERR_/)).toEqual([]);
  });

  it('asks nobody to sign in where nobody has to', async () => {
    const open = await startTestApi({ AUTH: 'none' });
    page = await Browser.open(`${open.url}/fleet`, WIDE);
    await expect.poll(status).toBe('0 packages, 0 behind, 0 drifted, 0 unhealthy.');
    expect(await page.evaluate(`document.querySelector('#sign-in').innerText.trim()`)).toMatch(/^User\s+Sign in$/);
    expect(await text('#view')).toContain('There are no packages that have a target.');
    expect(complaints()).toEqual([]);
    await open.close();
  });

  it('asks again where the service is away', async () => {
    await open('#/campaigns');
    await expect.poll(() => rows('Campaigns')).toHaveLength(2);
    proxy.onConnection(() => ({ refuse: true }));
    proxy.cutNow();
    await go('#/fleet');
    await expect.poll(status).toMatch(/^The service does not answer: .*Trying again/);
    proxy.onConnection(null);
    await expect.poll(status).toMatch(/^5 packages/);
    expect(complaints(/ERR_/)).toEqual([]);
  });
});
