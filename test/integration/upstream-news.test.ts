import { beforeEach, expect, it } from 'vitest';
import { InstanceRunner } from '../../src/jobs/instance/instance-runner.js';
import { UpstreamNews } from '../../src/revisions/upstreams/upstream-news.js';
import { UpstreamWorld } from '../support/upstream-world.js';

const start = UpstreamWorld.inOneDatabase();
let world: UpstreamWorld;
const seen = new Set<string>();
beforeEach(async () => {
  world = await start();
  await work();
  await told();
});

const work = () => world.get(InstanceRunner).run();
const events = async () => {
  const where = { type: 'package.upstreamBehind' };
  // One that gets its number meanwhile is in both.
  const pending = await world.database.client.eventPending.findMany({ where });
  const numbered = await world.database.client.event.findMany({ where });
  return [...new Map([...pending, ...numbered].map((event) => [event.id, event])).values()];
};
/** The packages that were told since it was asked last, in the order of their names. */
const told = async () => {
  const rows = (await events()).filter(({ id }) => !seen.has(id));
  for (const { id } of rows) seen.add(id);
  return rows.map(({ path }) => path).sort();
};

it('tells each package once of each newest version, approved here or found by a sync', async () => {
  const v1 = await world.version('core', 'a: 1\n');
  for (const name of ['b', 'a']) await world.cloned(v1, name);
  await world.clone(v1, 'draft');
  await work();
  expect(await told()).toEqual([]);
  const v2 = await world.version('core', 'a: 2\n');
  // Not in the transaction of the publication.
  expect(await told()).toEqual([]);
  await work();
  expect(await told()).toEqual(['edge/a', 'edge/b']);
  await work();
  expect(await told()).toEqual([]);
  await world.cloned(v2, 'c');
  await world.cloned(v1, 'late');
  await world.catalog.remote.commit({ files: { 'core/a.yaml': 'a: 3\n' } });
  await world.catalog.remote.tag('core/v3');
  await world.catalog.visitNow();
  await work();
  expect(await told()).toEqual(['edge/a', 'edge/b', 'edge/c', 'edge/late']);
  // What is no newest version is told nobody.
  await world.catalog.remote.tag('core/v2.5');
  await world.catalog.remote.tag('core/v4-rc.1');
  await world.catalog.visitNow();
  await work();
  expect(await told()).toEqual([]);
});

it('tells nobody of what a first reading finds, nor what is behind when it is made', async () => {
  const v1 = await world.version('core', 'a: 1\n');
  await world.cloned(v1, 'a');
  await world.version('core', 'a: 2\n');
  await work();
  expect(await told()).toEqual(['edge/a']);
  await world.rebuild();
  await work();
  expect(await told()).toEqual([]);
  await world.cloned(await world.catalog.revision('core', 'v1'), 'b');
  await work();
  expect(await told()).toEqual([]);
  expect(await world.statuses()).toMatchObject({ a: 'behind 1 v1 v2', b: 'behind 1 v1 v2' });
  await world.version('core', 'a: 3\n');
  await work();
  expect(await told()).toEqual(['edge/a', 'edge/b']);
});

it('tells nobody of an older version once the newest is deleted', async () => {
  const v1 = await world.version('core', 'a: 1\n');
  await world.version('core', 'a: 2\n');
  await world.cloned(v1, 'a');
  const v3 = await world.version('core', 'a: 3\n');
  await work();
  expect(await told()).toEqual(['edge/a']);
  await world.catalog.requestDeletion(v3.id);
  await world.catalog.visit();
  await work();
  expect(await told()).toEqual([]);
});

it('goes on with those who are left, and begins anew with a newer version', async () => {
  const v1 = await world.version('core', 'a: 1\n');
  for (const name of ['a', 'b', 'c']) await world.cloned(v1, name);
  await world.version('core', 'a: 2\n');
  const news = world.get(UpstreamNews);
  const some = () => world.database.transaction(() => news.tellSome(2));
  expect(await some()).toBe(2);
  const first = await told();
  expect(await some()).toBe(1);
  expect([...first, ...(await told())].sort()).toEqual(['edge/a', 'edge/b', 'edge/c']);
  expect(await some()).toBeNull();
  await world.version('core', 'a: 3\n');
  expect(await some()).toBe(2);
  await told();
  await world.version('core', 'a: 4\n');
  await work();
  expect(await told()).toEqual(['edge/a', 'edge/b', 'edge/c']);
});

it('names the upstream as the package itself does, and neither the version nor who published it', async () => {
  const v1 = await world.version('core', 'a: 1\n');
  await world.cloned(v1, 'a');
  const v2 = await world.version('core', 'a: 2\n');
  await work();
  const event = (await events()).find(({ repositoryId }) => repositoryId === world.fleet.repository.id);
  expect(event).toMatchObject({
    ...{ actor: null, repositoryId: world.fleet.repository.id, path: 'edge/a' },
    data: { package: { path: 'edge/a', upstream: { url: world.catalog.url, directory: 'core', ref: 'core/v1' } } },
  });
  const text = JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value));
  for (const hidden of [v2.id, v2.packageId, world.catalog.repository.id, v2.commit ?? '', 'core/v2', 'grace'])
    expect(text).not.toContain(hidden);
});

it('tells a package once whose folders were made from an older version, and not for one that it was before', async () => {
  const v1 = await world.version('core', 'a: 1\n');
  const { url } = world.catalog.repository;
  const git = `    repo: ${url}\n    directory: /core\n    ref: core/v1\n`;
  const upstream = `upstream:\n  type: git\n  git:\n${git}upstreamLock:\n  type: git\n  git:\n${git}    commit: ${v1.commit}\n`;
  const kptfile = (name: string) => `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\n`;
  const made = (name: string) => kptfile(name) + upstream;
  const { remote } = world.fleet;
  const part = (path: string) => ({ [`edge/${path}/Kptfile`]: made('part') });
  // A folder, two folders, the package itself with a folder, a folder of an older publication alone, and none.
  const first = {
    ...{ 'edge/one/Kptfile': kptfile('one'), ...part('one/db') },
    ...{ 'edge/two/Kptfile': kptfile('two'), ...part('two/a'), ...part('two/b') },
    ...{ 'edge/both/Kptfile': made('both'), ...part('both/db') },
    ...{ 'edge/past/Kptfile': kptfile('past'), ...part('past/db') },
    ...{ 'edge/none/Kptfile': kptfile('none') },
  };
  await remote.commit({ files: first });
  for (const name of ['one', 'two', 'both', 'past', 'none']) await remote.tag(`edge/${name}/v1`);
  await remote.commit({ files: { 'edge/past/db/Kptfile': null } });
  await remote.tag('edge/past/v2');
  await world.fleet.visitNow();
  await work();
  expect(await told()).toEqual([]);
  await world.version('core', 'a: 2\n');
  await work();
  expect(await told()).toEqual(['edge/both', 'edge/one', 'edge/two']);
  await work();
  expect(await told()).toEqual([]);
});
