import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configMap } from '../support/steps.js';
import { UpgradeWorld } from '../support/upgrade-world.js';

const ANY = { 'If-Match': '*' };

/** A preview shows what is in two packages upstream: whoever may not read both does not see it. */
describe('a preview of an upgrade', () => {
  let world: UpgradeWorld;
  let preview: { id: string; appliedTo: string | null };

  beforeAll(async () => {
    world = await UpgradeWorld.start();
    const old = await world.blueprint('old', { 'a.yaml': configMap('a', 'one') });
    const other = await world.blueprint('other', { 'a.yaml': configMap('a', 'two') });
    const ours = await world.deployment(old, 'core', { 'b.yaml': configMap('b', 'ours') });
    preview = await world.preview(ours, { to: { revisionId: other }, allowOtherPackage: true });
  }, 120_000);
  afterAll(() => world?.stop());

  const askAll = async (paths: string[]) => {
    const reads = paths.map((path) => ({ role: 'viewer', repositoryId: world.catalog, path }) as const);
    const somebody = await world.as('somebody', { role: 'author', repositoryId: world.fleet }, ...reads);
    const at = `/upgrade-previews/${preview.id}`;
    return {
      read: await somebody.call('GET', at),
      settled: await somebody.call('PATCH', at, { defaultResolution: { all: 'ours' } }, ANY),
      applied: await somebody.call('POST', `${at}/apply`, { workspace: 'upgrade' }, ANY),
    };
  };

  it.each([
    { name: 'neither what it was made from nor what it is brought to', paths: [] },
    { name: 'only what it was made from', paths: ['old'] },
    { name: 'only what it is brought to', paths: ['other'] },
  ])('is not there for who may read $name', async ({ paths }) => {
    const answers = await askAll(paths);
    for (const { status, body } of Object.values(answers)) {
      expect([status, body.code]).toEqual([404, 'notFound']);
      expect(body.detail).toContain(preview.id);
    }
    const { body } = await world.root.expect(200, 'GET', `/upgrade-previews/${preview.id}`);
    expect(body).toEqual(preview);
  });

  it('is there for who may read both', async () => {
    const { read, settled, applied } = await askAll(['old', 'other']);
    expect([read.status, settled.status, applied.status]).toEqual([200, 200, 201]);
  });
});
