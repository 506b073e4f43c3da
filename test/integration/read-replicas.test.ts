import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../src/database/database.js';
import { Prisma } from '../../src/database/generated/client.js';
import { migrate } from '../../src/database/migrate.js';
import { DomainError } from '../../src/domain/errors.js';
import { OwnServer, postgresPrograms, WITHOUT_PROGRAMS } from '../support/own-server.js';
import { TcpProxy } from '../support/tcp-proxy.js';

describe.skipIf(postgresPrograms === null)(`replicas of the database (${WITHOUT_PROGRAMS})`, () => {
  const servers: OwnServer[] = [];
  const room = () => mkdtemp(join(tmpdir(), 'pkgserver-replica-'));
  let primary: OwnServer;
  let [one, other]: (OwnServer | undefined)[] = [];
  let front: TcpProxy;
  let database: Database;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    primary = await OwnServer.start(await room());
    servers.push(primary);
    await migrate(primary.ownerUrl);
    // What replay has waited for is cancelled at once.
    const settings = { max_standby_streaming_delay: '0' };
    one = await primary.standby(await room(), primary.port, settings);
    other = await primary.standby(await room(), primary.port, settings);
    servers.push(one, other);
    front = await TcpProxy.start(one.superUrl);
    database = open(front.through(one.superUrl));
    await served(database);
  });
  afterEach(async () => served(database));
  afterAll(async () => {
    await database?.onModuleDestroy();
    await front?.stop();
    await Promise.all(servers.map((server) => server.remove()));
  });

  const open = (...urls: string[]) =>
    new Database({ url: primary.superUrl, poolSize: 4, replicas: { urls, mostBehindSeconds: 60 } });
  const serving = ({ replicas }: Database) => replicas.states.map(({ serves }) => serves);
  const served = async (from: Database) => {
    while (serving(from).includes(false)) await sleep(50);
  };
  const STANDBY = Prisma.sql`SELECT pg_is_in_recovery() AS standby`;
  const isStandby = async (from: Database, statement = STANDBY) =>
    (await from.read<{ standby: boolean }>(statement))[0]?.standby;
  /** What has answered: a standby, or the primary. */
  const answers = async (from: Database, user = 'alice', statement = STANDBY) =>
    (await from.replicas.read({ user }, () => isStandby(from, statement))).result;

  it('answer what goes to pg and what goes to Prisma, and what is read together', async () => {
    expect(await answers(database)).toBe(true);
    const prisma = () => database.client.$queryRaw<{ standby: boolean }[]>`SELECT pg_is_in_recovery() AS standby`;
    expect((await database.replicas.read({ user: 'alice' }, prisma)).result).toEqual([{ standby: true }]);
    const together = () =>
      database.readTogether({ statement_timeout: '5s' }, () => isStandby(database), 'SELECT 1 AS one');
    const read = await database.replicas.read({ user: 'alice' }, together);
    expect(read.result).toEqual({ result: true, first: [{ one: 1 }] });
    expect(await isStandby(database)).toBe(false);
  });

  it('answer nobody who has seen more than they have, nor anybody of whom it is not known', async () => {
    await one?.ask('SELECT pg_wal_replay_pause()');
    await one?.until(`SELECT 1 WHERE pg_get_wal_replay_pause_state() = 'paused'`);
    await primary.askService('CREATE TABLE marker AS SELECT 1 AS id', 'DROP TABLE marker');
    await Promise.all([database.replicas.noteSeen('alice'), database.replicas.noteSeen('dave')]);
    const seen = async () => Promise.all(['alice', 'bob', 'dave'].map((user) => answers(database, user)));
    expect(await seen()).toEqual([false, true, false]);
    await primary.askService('DELETE FROM seen_position', 'DELETE FROM seen_epoch');
    expect(await seen()).toEqual([false, false, false]);
    await one?.ask('SELECT pg_wal_replay_resume()');
    await primary.replayed(one as OwnServer);
    await expect.poll(seen).toEqual([true, true, true]);
  });

  it('have the primary asked for what their replay has cancelled', async () => {
    const slow = Prisma.sql`SELECT pg_is_in_recovery() AS standby FROM (
      SELECT pg_sleep(CASE WHEN pg_is_in_recovery() THEN 60 ELSE 0 END) FROM repository_marker) slept`;
    await primary.askService('CREATE TABLE repository_marker AS SELECT 1 AS id');
    await primary.replayed(one as OwnServer);
    const answer = answers(database, 'alice', slow);
    await one?.until(`SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'`);
    // Replay has to wait for the reader's lock, and does not.
    await primary.askService('BEGIN; LOCK TABLE repository_marker IN ACCESS EXCLUSIVE MODE; COMMIT');
    expect(await answer).toBe(false);
    await primary.askService('DROP TABLE repository_marker');
  });

  it('take no changes: what writes is done once, by the primary', async () => {
    let tries = 0;
    const writes = () =>
      database.transaction(async () => {
        tries += 1;
        return isStandby(database);
      });
    expect((await database.replicas.read({ user: 'alice' }, writes)).result).toBe(false);
    expect(tries).toBe(1);
    const gathered: string[] = [];
    const gather = () => database.afterCommit(() => void gathered.push('done'));
    await database.replicas.read({ user: 'alice' }, gather);
    expect(gathered).toEqual(['done']);
  });

  it('give a refusal as it is, and ask the primary for what they do not find', async () => {
    const asked: (boolean | undefined)[] = [];
    const failing = (code: 'invalidQuery' | 'notFound') => async () => {
      asked.push(await isStandby(database));
      throw new DomainError(code, 'No.');
    };
    await expect(database.replicas.read({ user: 'alice' }, failing('invalidQuery'))).rejects.toThrow('No.');
    expect(asked.splice(0)).toEqual([true]);
    await expect(database.replicas.read({ user: 'alice' }, failing('notFound'))).rejects.toThrow('No.');
    expect(asked).toEqual([true, false]);
  });

  it('are left out while they hang, and whoever waits for them is answered by the primary', async () => {
    front.onConnection(() => ({ delay: 3_600_000 }));
    front.cutNow();
    const waiting = [answers(database), answers(database), answers(database)];
    expect(await Promise.all(waiting)).toEqual([false, false, false]);
    await expect.poll(() => serving(database)).toEqual([false]);
    front.onConnection(null);
    front.cutNow();
    await served(database);
    expect(await answers(database)).toBe(true);
  });

  it('have callers of their own, the same in every process', async () => {
    const urls = [one?.superUrl ?? '', other?.superUrl ?? ''];
    const both = [open(...urls), open(...urls.toReversed())];
    await Promise.all(both.map(served));
    const port = Prisma.sql`SELECT inet_server_port() AS standby`;
    const users = Array.from({ length: 40 }, (_, index) => `user-${index}`);
    const ports = await Promise.all(both.map((each) => Promise.all(users.map((user) => answers(each, user, port)))));
    expect(ports[0]).toEqual(ports[1]);
    expect(new Set(ports[0])).toEqual(new Set([one?.port, other?.port]));
    await Promise.all(both.map((each) => each.onModuleDestroy()));
  });

  it('are left out where they belong to somebody else, or are promoted', async () => {
    const stranger = await OwnServer.start(await room());
    servers.push(stranger);
    await migrate(stranger.ownerUrl);
    const promoted = await primary.standby(await room(), primary.port);
    servers.push(promoted);
    const strange = open(stranger.superUrl, promoted.superUrl);
    await expect.poll(() => serving(strange)).toEqual([false, true]);
    await promoted.promote();
    await expect.poll(() => serving(strange)).toEqual([false, false]);
    for (const user of ['alice', 'bob', 'carol', 'dave']) expect(await answers(strange, user)).toBe(false);
    await strange.onModuleDestroy();
  });
});
