import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readConfig } from '../../src/config/config.js';
import { FAULTS } from '../../src/database/unavailable.js';
import { type Service, startService } from '../../src/service.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { GitServer } from '../support/git-server.js';
import { Steps } from '../support/steps.js';

let git: GitServer;
let test: TestDatabase;
let operator: pg.Client;
/** In no transaction, for which PostgreSQL would show it the same activity all the time. */
let observer: pg.Client;
let folder: string;
let role: string;
let service: Service;
let steps: Steps;
const logged: { level: string; text: string }[] = [];

beforeAll(async () => {
  git = await GitServer.start();
  test = await createTestDatabase();
  operator = new pg.Client(test.url);
  await operator.connect();
  observer = new pg.Client(test.url);
  await observer.connect();
  // PostgreSQL holds a superuser to no limit.
  role = `role_${randomBytes(4).toString('hex')}`;
  await operator.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
  folder = await mkdtemp(join(tmpdir(), 'pkgserver-faults-'));
  const note = (level: string) => (message: unknown) => void logged.push({ level, text: String(message) });
  const silent = () => undefined;
  Logger.overrideLogger({ log: silent, debug: silent, warn: note('warn'), error: note('error') });
  service = await startService(
    readConfig({
      DATABASE_URL: Object.assign(new URL(test.url), { username: role, password: 'secret' }).href,
      DATABASE_OWNER_URL: test.url,
      DATA_DIR: folder,
      PORT: '0',
      AUTH: 'none',
      GIT_ALLOWED_HOSTS: '127.0.0.1',
      SWEEP_INTERVAL_MS: '200',
      RETRY_MAX_SECONDS: '1',
    }),
  );
  steps = new Steps(service.url);
}, 120_000);
afterAll(async () => {
  Logger.overrideLogger(false);
  await service?.stop();
  await operator?.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
  await operator?.end();
  await observer?.end();
  await test?.drop();
  await git?.stop();
  await rm(folder, { recursive: true, force: true });
});

const write = () =>
  steps.call('POST', '/credentials', { name: `c-${randomBytes(6).toString('hex')}`, type: 'token', token: 't' });
/** Those of the service end, so that the next begin with what was set. */
const endAll = () =>
  operator.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [role]);

async function set(statement: string): Promise<void> {
  await operator.query(statement);
  await endAll();
}

/**
 * The session of {@link write}, once it has written its row and waits for whoever holds the audit log. Others of the service may
 * wait there before it: those that read the log.
 */
async function waitingWriter(): Promise<number> {
  let pid: number | undefined;
  await vi.waitFor(
    async () => {
      const { rows } = await observer.query<{ pid: number }>(`
        SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
          JOIN pg_locks w ON w.pid = l.pid AND w.database = l.database AND w.granted
            AND w.relation = 'credential'::regclass AND w.mode = 'RowExclusiveLock'
        WHERE l.relation = 'audit_entry'::regclass AND NOT l.granted`);
      pid = rows[0]?.pid;
      expect(pid).toBeDefined();
    },
    { timeout: 60_000, interval: 20 },
  );
  return pid ?? 0;
}

/** A write that has to wait for whoever holds the table. */
async function heldUp(act: () => Promise<unknown>): Promise<Awaited<ReturnType<typeof write>>> {
  await operator.query('BEGIN; LOCK TABLE audit_entry IN ACCESS EXCLUSIVE MODE');
  try {
    const answer = write();
    await act();
    return await answer;
  } finally {
    await operator.query('ROLLBACK');
  }
}

const onWaiting = (call: string) => async () => observer.query(`SELECT ${call}($1::int)`, [await waitingWriter()]);

/** Has every change of the table fail with this SQLSTATE: for what cannot be brought about here. */
async function failing(table: string, state: string): Promise<void> {
  await operator.query(`
    CREATE OR REPLACE FUNCTION fail_now() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'as the test says' USING ERRCODE = '${state}'; END $$;
    CREATE TRIGGER fail_now BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION fail_now()`);
}
const mend = (table: string) => operator.query(`DROP TRIGGER IF EXISTS fail_now ON ${table}`);

async function expectTriedAgain(answer: Awaited<ReturnType<typeof write>>): Promise<void> {
  expect([answer.status, answer.body.code]).toEqual([503, 'unavailable']);
  expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
  expect(FAULTS.map(({ reason }) => `${reason} Try again.`)).toContain(answer.body.detail);
}

async function expectWell(): Promise<void> {
  await vi.waitFor(async () => expect((await write()).status).toBe(201), { timeout: 20_000, interval: 100 });
}

interface Case {
  name: string;
  state: string;
  begin: () => Promise<Awaited<ReturnType<typeof write>>>;
  end?: () => Promise<unknown>;
}

const setting = (name: string, state: string, statement: string, end: string, begin = write): Case => ({
  name,
  state,
  begin: async () => {
    await set(statement.replaceAll('ROLE', `ROLE ${role}`));
    return begin();
  },
  end: () => set(end.replaceAll('ROLE', `ROLE ${role}`)),
});
const raised = (state: string): Case => ({
  name: 'an error that only its code tells of',
  state,
  begin: async () => {
    await failing('credential', state);
    return write();
  },
  end: () => mend('credential'),
});

const CASES: readonly Case[] = [
  setting('read-only', '25006', 'ALTER ROLE SET default_transaction_read_only = on', 'ALTER ROLE RESET ALL'),
  setting('no slots left', '53300', 'ALTER ROLE CONNECTION LIMIT 0', 'ALTER ROLE CONNECTION LIMIT -1'),
  setting('a lock timeout', '55P03', "ALTER ROLE SET lock_timeout = '300ms'", 'ALTER ROLE RESET ALL', () =>
    heldUp(async () => undefined),
  ),
  setting('a statement timeout', '57014', "ALTER ROLE SET statement_timeout = '300ms'", 'ALTER ROLE RESET ALL', () =>
    heldUp(async () => undefined),
  ),
  { name: 'a statement cancelled', state: '57014', begin: () => heldUp(onWaiting('pg_cancel_backend')) },
  { name: 'a connection ended', state: '57P01', begin: () => heldUp(onWaiting('pg_terminate_backend')) },
  setting(
    'a deadlock',
    '40P01',
    // PostgreSQL looks for one once in a wait: by then the other side has to wait as well, on a machine however busy.
    "ALTER ROLE SET deadlock_timeout = '5s'",
    'ALTER ROLE RESET ALL',
    () =>
      heldUp(async () => {
        await waitingWriter();
        // The service looks first, and so it is the one to go; should it have looked too early, nobody waits for ever.
        await operator.query("SET LOCAL deadlock_timeout = '1h'; SET LOCAL lock_timeout = '30s'");
        await operator.query('LOCK TABLE credential IN ACCESS EXCLUSIVE MODE');
      }),
  ),
  ...['40001', '53100', '53200', '53400', '57P02', '57P03', '58030', '25P04', '08006'].map(raised),
];

it.each(CASES)('$name ($state): 503 with Retry-After, and all is well afterwards', async ({ state, begin, end }) => {
  expect(FAULTS.some(({ states }) => states.test(state))).toBe(true);
  try {
    await expectTriedAgain(await begin());
  } finally {
    await end?.();
  }
  await expectWell();
});

it('has a case for each row that PostgreSQL has a code for', () => {
  const rows = FAULTS.filter(({ states }) => !states.test(''));
  expect(rows.filter(({ states }) => !CASES.some(({ state }) => states.test(state)))).toEqual([]);
});

it('an error of ours is 500', async () => {
  await failing('credential', '22012');
  expect((await write()).status).toBe(500);
  await mend('credential');
  await expectWell();
});

it.each(['53100', '25006', '40P01', '57014', '57P03'])(
  'an operation under way meanwhile (%s) says what it waits for, and ends',
  async (state) => {
    const { url } = await git.createRepository(`fleet-${state}`);
    const repositoryId = await steps.register({ name: `fleet-${state.toLowerCase()}`, url });
    const id = await steps.draft(repositoryId, 'web');
    await steps.propose(id);
    logged.length = 0;
    // Written where it ends, and not where it is noted that it waits.
    await failing('package', state);
    const operationId = await steps.approve(id);
    const reason = FAULTS.find(({ states }) => states.test(state))?.reason;
    try {
      await vi.waitFor(
        async () => {
          const { body } = await steps.call('GET', `/operations/${operationId}`);
          expect([body.state, body.waitingFor]).toEqual(['running', reason]);
        },
        { timeout: 20_000, interval: 50 },
      );
    } finally {
      await mend('package');
    }
    expect((await steps.finished(operationId)).state).toBe('succeeded');
    expect(logged.filter(({ level }) => level === 'error')).toEqual([]);
    if (state === '40P01') expect(logged).toEqual([]);
  },
);

it('an operation under way when the database becomes read-only goes on when it takes changes again', async () => {
  const { url } = await git.createRepository('fleet');
  const repositoryId = await steps.register({ name: 'fleet', url });
  const drafts = await Promise.all(['a', 'b', 'c'].map((name) => steps.draft(repositoryId, name)));
  await Promise.all(drafts.map((id) => steps.propose(id)));
  const operations = await Promise.all(drafts.map((id) => steps.approve(id)));
  await set(`ALTER ROLE ${role} SET default_transaction_read_only = on`);
  await expectTriedAgain(await write());
  expect((await steps.call('GET', '/repositories')).status).toBe(200);
  await set(`ALTER ROLE ${role} RESET ALL`);
  for (const operation of operations) expect((await steps.finished(operation)).state).toBe('succeeded');
});
