import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpClient } from '../support/http-client.js';
import type { Steps } from '../support/steps.js';
import { UpgradeWorld } from '../support/upgrade-world.js';

const MARKDOWN = { Accept: 'text/markdown' };

const settings = (a: string, b: string, c: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: core}\ndata: {a: ${a}, b: ${b}, c: ${c}}\n`;
const secret = (name: string, value: string): string =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}}\nstringData: {key: ${value}, other: same}\n`;
/** It cannot be read as objects, and so its lines are merged. */
const strange = (value: string): string => `apiVersion: v1\nkind: Secret\nstringData: {key: ${value}\n`;

/** A preview as Markdown, of packages that three people have worked on. */
describe('a review of an upgrade', () => {
  let world: UpgradeWorld;
  let ada: Steps;
  let ours: string;
  let preview: { id: string; conflicts: { id: string; path: string }[] };

  const review = (by: HttpClient) => by.call('GET', `/upgrade-previews/${preview.id}`, undefined, MARKDOWN);

  beforeAll(async () => {
    world = await UpgradeWorld.start();
    ada = await world.as('ada', { role: 'author' });
    const v1 = await world.blueprint('core', {
      ...{ 'settings.yaml': settings('one', 'two', 'three'), 'secret.yaml': secret('key', 'swordfish') },
      'strange.yaml': strange('swordfish'),
    });
    const first = await world.deployment(v1, 'core', { 'settings.yaml': settings('mine', 'two', 'three') }, ada);
    ours = await world.next(first, {
      ...{ 'settings.yaml': settings('mine', 'two', 'kept'), 'secret.yaml': secret('key', 'hunter2') },
      'strange.yaml': strange('hunter2'),
    });
    await world.blueprint(
      'core',
      {
        ...{ 'settings.yaml': settings('theirs', 'taken', 'three'), 'secret.yaml': secret('key', 'correct-horse') },
        ...{ 'strange.yaml': strange('correct-horse'), 'new.yaml': secret('new', 'battery-staple') },
      },
      v1,
    );
    preview = await world.preview(ours);
  }, 120_000);
  afterAll(() => world?.stop());

  it('tells each conflict with who set ours, what is taken, and what is kept', async () => {
    const answer = await review(world.root);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/markdown; charset=utf-8']);
    const { text } = answer;
    expect(text).toMatch(/^## `edge-1\/core`: `core\/v1` → `core\/v2`\n/);
    expect(text).toMatch(
      new RegExp(
        [
          '#### ConfigMap `core/settings` `data.a` \\(configuration, open\\)\n\n`settings.yaml` · `[0-9a-f]{16}`\n',
          '- base: `one`',
          '- ours, set by `ada-\\w+` in `v1` at [-0-9T:.]+Z: `mine`',
          '- theirs: `theirs`\n',
        ].join('\n'),
      ),
    );
    expect(text).toMatch(/Secret `key` `stringData.key`[^#]*- ours, set by `root` in `v2` at/);
    const [, taken = '', kept = ''] = /### Taken from the upstream\n([^]*)### Kept\n([^]*)/.exec(text) ?? [];
    expect(taken).toContain('- `data.b`: `two` → `taken`');
    expect(kept).toContain('- `data.c`: `three` → `kept`');
    expect(text).not.toContain('There is more');
  });

  it('says how a conflict is resolved', async () => {
    const conflict = preview.conflicts.find(({ path }) => path === 'data.a');
    const resolutions = { [conflict?.id ?? '']: { take: 'value', value: 'agreed' } };
    const anyVersion = { 'If-Match': '*' };
    await world.root.expect(200, 'PATCH', `/upgrade-previews/${preview.id}`, { resolutions }, anyVersion);
    expect((await review(world.root)).text).toMatch(/`data.a` \(configuration, resolved\)[^#]*takes `agreed`\./);
  });

  it('holds nothing of Secrets, for nobody', async () => {
    for (const by of [world.root, ada]) {
      const { status, text } = await review(by);
      expect(status).toBe(200);
      expect(text).toContain('hmac-sha256:');
      expect(text).toContain('Secret `new`');
      expect(text).not.toMatch(/swordfish|hunter2|correct-horse|battery-staple/);
    }
  });

  it('gives a result that is there, also where the retention has removed that of an earlier one', async () => {
    const defaultResolution = { all: 'theirs' };
    const first = await world.preview(ours, { defaultResolution });
    const { client } = world.pkgserver.database;
    await client.upgradePreview.delete({ where: { id: first.id } });
    await client.packageTree.delete({ where: { oid: first.result } });
    const second = await world.preview(ours, { defaultResolution });
    expect(second.result).toBe(first.result);
    const path = `/upgrade-previews/${second.id}/apply`;
    const applied = await world.root.expect(201, 'POST', path, { workspace: 'upgrade' }, { 'If-Match': '*' });
    await world.root.expect(200, 'GET', `/package-revisions/${applied.body.id}/resources`);
    expect(await client.packageFile.count({ where: { treeOid: first.result } })).toBeGreaterThan(0);
  });

  it('is not there for who may not read what is upstream', async () => {
    const outsider = await world.as('outsider', { role: 'viewer', repositoryId: world.fleet });
    expect((await review(outsider)).status).toBe(404);
  });
});
