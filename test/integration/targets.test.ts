import { describe, expect, it } from 'vitest';
import { ANY_VERSION } from '../../src/domain/precondition.js';
import { TargetStore } from '../../src/features/targets/target.store.js';
import { Targets } from '../../src/revisions/targets.js';
import { TargetService } from '../../src/features/targets/target.service.js';
import { DiscoveryWorld, KPTFILE } from '../support/discovery.js';
import { eventsOn } from '../support/events.js';
import { packagesOn } from '../support/upstreams.js';

const world = DiscoveryWorld.create();

const targets = async () =>
  (await world.database.target.findMany({ orderBy: { name: 'asc' } })).map(({ name }) => name);
const told = async () =>
  (await world.database.eventPending.findMany({ where: { type: { startsWith: 'target.' } } })).length +
  (await world.database.event.count({ where: { type: { startsWith: 'target.' } } }));

describe('the rows of targets', () => {
  it('come with the packages that a sync finds, one each, and stay when these go', async () => {
    const files = ['a/web', 'a/db', 'b/web', 'single'].map((path) => [`${path}/Kptfile`, KPTFILE]);
    await world.remote.commit({ files: Object.fromEntries(files) });
    const { id } = await world.discover({ deployment: true });
    expect(await targets()).toEqual(['a', 'b']);
    // What a repository held when it was first read has no events of its own.
    expect(await told()).toBe(0);
    await world.remote.commit({ files: { 'c/web/Kptfile': KPTFILE, 'b/db/Kptfile': KPTFILE } });
    await world.sync(id);
    expect(await targets()).toEqual(['a', 'b', 'c']);
    expect(await told()).toBe(1);
    await world.database.repository.delete({ where: { id } });
    expect(await targets()).toEqual(['a', 'b', 'c']);
    await world.database.target.deleteMany();
  });

  it('of a catalog are none', async () => {
    await world.remote.commit({ files: { 'nf/core/Kptfile': KPTFILE } });
    await world.discover();
    expect(await targets()).toEqual([]);
  });

  it('are made once and without a deadlock by any number of transactions that name them in any order', async () => {
    const { database } = world.engine;
    const names = Array.from({ length: 50 }, (_, number) => `edge-${number}`);
    const writer = new Targets(database, eventsOn(database).log);
    await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        database.transaction(async () => {
          const own = at % 2 === 0 ? names : names.toReversed();
          for (const name of own) await writer.named([name]);
        }),
      ),
    );
    expect(await targets()).toEqual([...names].sort());
    await world.database.target.deleteMany();
  });

  it('are before all else that a transaction stores at its end', async () => {
    const { database } = world.engine;
    const order: string[] = [];
    const writes = (name: string) => async () => void order.push(name);
    const [first, second] = [writes('first'), writes('second')];
    await database.transaction(async () => {
      await database.gather([1], second);
      await database.gather([1], first, { first: true });
      await database.gather([2], second);
    });
    expect(order).toEqual(['first', 'second']);
  });

  it('are never missing for a package that came while one was deleted', async () => {
    const { database } = world.engine;
    const repository = await world.engine.register({
      name: world.name,
      url: world.server.url(world.name),
      deployment: true,
    });
    const packages = packagesOn(database);
    const service = new TargetService(
      new TargetStore(database),
      new Targets(database, eventsOn(database).log),
      eventsOn(database).log,
    );
    for (let round = 0; round < 10; round += 1) {
      const name = `race-${round}`;
      await new Targets(database, eventsOn(database).log).named([name]);
      const { id } = await world.database.target.findUniqueOrThrow({ where: { name } });
      await Promise.all([
        database.transaction(() => packages.ensure(repository, [`${name}/web`])),
        database.transaction(() => service.delete(id, ANY_VERSION)).catch(() => undefined),
      ]);
      expect(await targets()).toContain(name);
    }
  });
});
