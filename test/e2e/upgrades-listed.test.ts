import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Prisma } from '../../src/database/generated/client.js';
import type { HttpClient } from '../support/http-client.js';
import { configMap } from '../support/steps.js';
import { UpgradeWorld } from '../support/upgrade-world.js';

const ANY = { 'If-Match': '*' };

interface Item {
  id: string;
  [field: string]: unknown;
}

/** Previews of two packages, made of two blueprints: three of "core", and between them those of "edge". */
describe('the list of previews', () => {
  let world: UpgradeWorld;
  let core: string;
  let edge: string;
  /** Oldest first. */
  let all: Item[];
  const idsAt = (...places: number[]) => places.map((place) => all[place]?.id);

  const list = async (query = '', by: HttpClient = world.root): Promise<Item[]> =>
    (await by.expect(200, 'GET', `/upgrade-previews${query}`)).body.items;
  const ids = async (query = '', by: HttpClient = world.root) => (await list(query, by)).map(({ id }) => id);

  beforeAll(async () => {
    world = await UpgradeWorld.start();
    const deploy = async (name: string, blueprint: string) => {
      const v1 = await world.blueprint(blueprint, { 'a.yaml': configMap('a', 'one') });
      const ours = await world.deployment(v1, name, { 'a.yaml': configMap('a', 'ours') });
      return { ours, next: await world.blueprint(blueprint, { 'a.yaml': configMap('a', 'two') }, v1) };
    };
    const [first, second] = [await deploy('core', 'open'), await deploy('edge', 'closed')];
    [core, edge] = [first.ours, second.ours];
    const other = { to: { revisionId: second.next }, allowOtherPackage: true };
    all = [
      await world.preview(core),
      await world.preview(edge),
      await world.preview(core, other),
      await world.preview(edge),
      await world.preview(core),
    ];
    const applied = { defaultResolution: { all: 'theirs' } };
    await world.root.expect(200, 'PATCH', `/upgrade-previews/${all[4]?.id}`, applied, ANY);
    await world.root.expect(201, 'POST', `/upgrade-previews/${all[4]?.id}/apply`, { workspace: 'upgrade' }, ANY);
  }, 180_000);
  afterAll(() => world?.stop());

  it('says what each is about, newest first, and nothing of what it gives', async () => {
    const items = await list();
    expect(items.map(({ id }) => id)).toEqual(idsAt(4, 3, 2, 1, 0));
    for (const { id, ...item } of items) {
      const { body } = await world.root.expect(200, 'GET', `/upgrade-previews/${id}`);
      const { repository, repositoryId, path, ...same } = item;
      expect(body).toMatchObject(same);
      expect(['core', 'edge'].map((name) => `edge-1/${name}`)).toContain(path);
      expect([repository, repositoryId]).toEqual(['fleet', world.fleet]);
      expect(item).not.toHaveProperty('conflicts');
      expect(item).not.toHaveProperty('changes');
    }
    expect(items.map(({ summary }) => summary)).toContainEqual({ taken: 0, kept: 1, conflicts: 1, open: 0 });
  });

  it('has what is asked for', async () => {
    expect(await ids('?sort=createdAt')).toEqual(idsAt(0, 1, 2, 3, 4));
    expect(await ids('?applied=true')).toEqual(idsAt(4));
    expect(await ids('?applied=false')).toEqual(idsAt(3, 2, 1, 0));
    expect(await ids('?path=edge-1/edge')).toEqual(idsAt(3, 1));
    expect(await ids(`?packageRevisionId=${core}`)).toEqual(idsAt(4, 2, 0));
    expect(await ids(`?packageRevisionId=${edge}&applied=true`)).toEqual([]);
    expect(await ids('?repository=fleet')).toHaveLength(5);
    expect(await ids(`?repositoryId=${world.catalog}`)).toEqual([]);
    expect((await world.root.call('GET', '/upgrade-previews?state=open')).status).toBe(400);
  });

  it('has those whose upstreams the caller may read on both sides, and pages are full of these', async () => {
    const read = (...paths: string[]) =>
      world.as(
        'reader',
        { role: 'viewer', repositoryId: world.fleet },
        ...paths.map((path) => ({ role: 'viewer', repositoryId: world.catalog, path }) as const),
      );
    expect(await ids('', await read())).toEqual([]);
    expect(await ids('', await read('open'))).toEqual(idsAt(4, 0));
    expect(await ids('', await read('closed'))).toEqual(idsAt(3, 1));
    expect(await ids('', await read('open', 'closed'))).toEqual(idsAt(4, 3, 2, 1, 0));
    const catalogOnly = await world.as('reader', { role: 'viewer', repositoryId: world.catalog });
    expect(await ids('', catalogOnly)).toEqual([]);

    const reader = await read('open');
    const first = await reader.expect(200, 'GET', '/upgrade-previews?pageSize=1');
    const next = `/upgrade-previews?pageSize=1&cursor=${first.body.nextCursor}`;
    const last = await reader.expect(200, 'GET', next);
    const found = [first, last].flatMap(({ body }) => body.items.map(({ id }: Item) => id));
    expect(found).toEqual(idsAt(4, 0));
    expect(last.body.nextCursor).toBeNull();
  });

  it('has none that has expired, and counts nothing that was not stored', async () => {
    const [oldest, older] = idsAt(0, 1);
    const { upgradePreview } = world.pkgserver.database.client;
    const createdAt = new Date(Date.now() - 24 * 60 * 60 * 1000);
    await upgradePreview.update({ where: { id: oldest ?? '' }, data: { createdAt } });
    await upgradePreview.update({ where: { id: older ?? '' }, data: { summary: Prisma.DbNull } });
    const items = await list();
    expect(items.map(({ id }) => id)).toEqual(idsAt(4, 3, 2, 1));
    expect(items.at(-1)).toMatchObject({ summary: null });
  });
});
