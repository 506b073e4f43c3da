import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { postgresPrograms, WITHOUT_PROGRAMS } from '../support/own-server.js';
import { runDoctor } from '../support/doctor.js';
import { ReplicaWorld } from '../support/replica-world.js';

/** While replay is paused the replica stays good enough for whoever has seen nothing newer. */
const PATIENT = { DATABASE_READ_LAG_SECONDS: '3600' };

describe.skipIf(postgresPrograms === null)(`a streaming replica that is not well (${WITHOUT_PROGRAMS})`, () => {
  let world: ReplicaWorld;
  let [alice, bob, carol] = ['', '', ''];
  beforeAll(async () => {
    world = await ReplicaWorld.start([PATIENT, PATIENT, { DATABASE_READ_LAG_SECONDS: '2' }]);
    [alice, bob, carol] = [await world.person('alice'), await world.person('bob'), await world.person('carol')];
    await world.served();
  });
  afterEach(async () => {
    await world.resume();
    await world.served();
  });
  afterAll(async () => world?.remove());

  it('is left out while it is too far behind, and is taken back', async () => {
    await world.pause();
    await world.makeTarget(world.at(0, alice), 'edge-6');
    await expect.poll(() => world.serves(2)).toBe(false);
    expect(await world.serves(0)).toBe(true);
    expect(await world.targets(world.at(2, bob))).toContain('edge-6');
    expect(world.apis[2]?.output()).toMatch(/replica at \S+ is more than 2 s behind/);
    await world.resume();
    await world.served(2);
    const before = await world.reads('replica', 2);
    expect(await world.targets(world.at(2, bob))).toContain('edge-6');
    expect(await world.reads('replica', 2)).toBe(before + 1);
  });

  it('is left out while it has the tables of another version', async () => {
    await world.pause();
    const row = `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
      VALUES ('later', 'x', '99999999999999_later', now(), 1)`;
    await world.primary.askService(row);
    await expect.poll(() => world.serves(0)).toBe(false);
    expect(world.apis[0]?.output()).toMatch(/has the tables of another version/);
    await world.resume();
    await world.served(0);
    await world.primary.askService(`DELETE FROM _prisma_migrations WHERE id = 'later'`);
  });

  it('is read in place of by the primary where a migration that it replays has locked a table', async () => {
    const locked = await world.holdLock('target');
    await world.primary.replayed(world.standby);
    await world.standby.until(
      `SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
       WHERE mode = 'AccessExclusiveLock' AND d.datname = 'pkgserver' AND l.locktype = 'relation'`,
    );
    await world.standby.ask('SELECT pg_wal_replay_pause()');
    await locked.release();
    const before = await world.reads('primary', 1);
    await world.targets(world.at(1, bob));
    expect(await world.reads('primary', 1)).toBe(before + 1);
  });

  it('is looked at by doctor', async () => {
    const variables = { DATABASE_URL: world.primary.url, DATABASE_READ_URL: world.standby.url };
    const looked = async (more: Record<string, string> = {}) =>
      (await runDoctor({ ...variables, DATA_DIR: world.folder, ...more })).output
        .split('\n')
        .filter((line) => / replicas: /.test(line));
    expect(await looked()).toEqual([expect.stringMatching(/^warning .* without hot_standby_feedback\. Set /)]);
    const setFeedback = async (value: string) => {
      await world.standby.ask(`ALTER SYSTEM SET hot_standby_feedback = ${value}`, 'SELECT pg_reload_conf()');
      await world.standby.until(`SELECT 1 WHERE current_setting('hot_standby_feedback') = '${value}'`);
    };
    await setFeedback('on');
    expect(await looked()).toEqual([expect.stringMatching(/^ok .* is a standby, and as far as the primary\.$/)]);
    const wrong = { DATABASE_READ_URL: `${world.primary.url}, postgresql://me:hunter2@127.0.0.1:9/pkgserver` };
    expect(await looked(wrong)).toEqual([
      expect.stringMatching(/^failed .* is no standby\./),
      expect.stringMatching(/^warning .*127\.0\.0\.1:9\/pkgserver \(DATABASE_READ_URL\) refuses connections/),
    ]);
    await world.pause();
    await world.makeTarget(world.at(0, alice), 'edge-8');
    expect(await looked()).toEqual([
      expect.stringMatching(/^warning .* is more than 3 s behind; beyond 10 s it is not/),
    ]);
  });

  it('whoever wrote before the primary crashed reads it afterwards', async () => {
    await world.pause();
    await world.makeTarget(world.at(0, alice), 'edge-7');
    await world.primary.down('SIGQUIT');
    await world.primary.up();
    const answered = async () => (await world.at(1, alice).call('GET', '/targets')).status;
    await expect.poll(answered).toBe(200);
    expect(await world.targets(world.at(1, alice))).toContain('edge-7');
    // Nobody knows any more who was told what.
    expect(await world.targets(world.at(1, bob))).toContain('edge-7');
  });

  it('may be killed while it is read: no request fails, and it is taken back', async () => {
    let [answered, going] = [0, true];
    const read = async (api: number, token: string) => {
      while (going) {
        const answer = await world.at(api, token).call('GET', '/package-revisions');
        expect(answer.status, answer.text).toBe(200);
        answered += 1;
      }
    };
    const readers = Promise.all([read(0, bob), read(0, carol), read(1, bob), read(1, alice)]);
    const more = async (count: number) => {
      const goal = answered + count;
      while (answered < goal) await Promise.race([sleep(20), readers]);
    };
    await more(100);
    for (const signal of ['SIGKILL', 'SIGQUIT'] as const) {
      const before = await world.reads('replica', 0);
      await more(20);
      expect(await world.reads('replica', 0)).toBeGreaterThan(before);
      await world.standby.down(signal);
      await more(50);
      expect(await world.serves(0)).toBe(false);
      const ready = await fetch(`${world.apis[0]?.url}/health/ready`);
      expect(await ready.json()).toMatchObject({ status: 'ok' });
      await world.upAgain();
      await world.served();
    }
    going = false;
    await readers;
    expect(world.apis[0]?.output()).toMatch(/replica at \S+ does not answer \(.*what it would answer is read/);
    expect(world.apis[0]?.output()).toMatch(/replica at \S+ serves reads/);
  });
});
