import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AuditLog } from '../../src/audit/audit-log.js';
import { AuditSealer } from '../../src/audit/audit-sealer.js';
import { ChainStore } from '../../src/audit/chain.store.js';
import { verifyChain } from '../../src/audit/chain-verifier.js';
import { readConfig, StartupError } from '../../src/config/config.js';
import { Database } from '../../src/database/database.js';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { checkUrls } from '../../src/database/prepare.js';
import { migrate } from '../../src/database/migrate.js';
import { grantToService } from '../../src/database/service-role.js';
import { openQueueBackend } from '../../src/queue/queue-backend.js';
import { startService } from '../../src/service.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { createEmptyDatabase } from '../support/database.js';
import { createRole, query } from '../support/database-role.js';
import { eventsOn } from '../support/events.js';

beforeAll(() => Logger.overrideLogger(false));

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (let close = closing.pop(); close; close = closing.pop()) await close();
});

/** The URL of a new role. */
async function roleUrl(url: string): Promise<string> {
  const role = await createRole(url);
  closing.push(role.drop);
  return role.url;
}

const FORBIDDEN = [
  "UPDATE audit_entry SET actor = 'eve'",
  'DELETE FROM audit_entry',
  'TRUNCATE audit_entry',
  'ALTER TABLE audit_entry DISABLE TRIGGER ALL',
  'DROP TRIGGER audit_entry_append_only ON audit_entry',
  'DROP TABLE audit_entry',
  'CREATE TRIGGER mine BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_refuse_change()',
  "UPDATE audit_link SET hash = ''",
  'DELETE FROM audit_link',
  'TRUNCATE audit_link',
  'ALTER TABLE audit_link DISABLE TRIGGER ALL',
  'DROP TABLE audit_link',
  'DROP FUNCTION audit_refuse_change() CASCADE',
  'CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$',
  'SET session_replication_role = replica',
  'GRANT UPDATE ON audit_entry TO CURRENT_USER',
  "UPDATE _prisma_migrations SET checksum = ''",
];

async function expectRestricted(url: string): Promise<void> {
  for (const statement of FORBIDDEN) {
    // A grant of what one does not have is a warning only.
    const attempt = statement.startsWith('GRANT')
      ? query(url, statement).then(() => query(url, 'UPDATE audit_entry SET actor = NULL'))
      : query(url, statement);
    await expect(attempt, statement).rejects.toThrow(/permission denied|must be owner/);
  }
}

/** What the service does all day. */
async function expectWorking(url: string): Promise<void> {
  const database = new Database({ url, poolSize: 3 });
  const store = new ChainStore(database);
  await new AuditLog(database).record([{ action: 'one' }, { action: 'two' }]);
  await new AuditSealer(database, store).seal();
  expect((await verifyChain(store)).fault).toBeNull();
  expect(await store.hasPending()).toBe(false);
  await database.client.idempotencyKey.deleteMany();
  const { log, numbering } = eventsOn(database);
  const before = await database.client.event.count();
  await log.record([
    { type: 'repository.registered', path: null, repositoryId: null, facts: { id: uuidv7(), name: 'a' } },
  ]);
  await numbering.numberAll();
  expect(await database.client.event.count()).toBe(before + 1);
  await database.onModuleDestroy();
}

async function expectQueueWorking(databaseUrl: string, ownerUrl?: string): Promise<void> {
  const backend = await openQueueBackend({ databaseUrl, ownerUrl });
  const name = randomBytes(4).toString('hex');
  const done = new Promise<string>((resolve) => {
    const worker = backend.worker<string>(name, async ({ data }) => resolve(data), {});
    worker.on('error', () => undefined);
    closing.push(() => worker.close());
  });
  const queue = backend.queue(name, {});
  closing.push(() => queue.close());
  await queue.add('job', 'told');
  expect(await done).toBe('told');
}

describe('the role of the service', () => {
  it('works on all tables and only adds to the audit log', async () => {
    const superuser = await createEmptyDatabase();
    const owner = await roleUrl(superuser);
    const service = await roleUrl(superuser);
    await query(superuser, `ALTER DATABASE ${new URL(owner).pathname.slice(1)} OWNER TO ${new URL(owner).username}`);
    await query(superuser, 'CREATE VIEW of_somebody_else AS SELECT 1 AS one; CREATE TABLE theirs (id INT)');
    await migrate(owner);
    await Promise.all([1, 2, 3, 4].map(() => grantToService(owner, service)));
    await expectWorking(service);
    await expectRestricted(service);
    await expectQueueWorking(service, owner);
    await expectQueueWorking(service, owner);
    // Where an owner prepared everything, a start without its URL takes it as it is.
    expect(await migrate(service)).toEqual([]);
    await expectQueueWorking(service);
  });

  it('is one of those that docs/operating.md makes', async () => {
    const page = await readFile('docs/operating.md', 'utf8');
    const [, statements = ''] = /```sql\n(CREATE ROLE [^`]*)```/.exec(page) ?? [];
    const server = await createEmptyDatabase();
    const suffix = randomBytes(4).toString('hex');
    const named = statements.replace(/\bpkgserver(_owner)?\b/g, (name) => `${name}_${suffix}`);
    for (const statement of named.split(';\n').filter(Boolean)) await query(server, statement);
    const urlOf = (username: string, password: string) =>
      Object.assign(new URL(server), { username, password, pathname: `/pkgserver_${suffix}` }).href;
    const [owner, service] = [urlOf(`pkgserver_owner_${suffix}`, 'one'), urlOf(`pkgserver_${suffix}`, 'another')];
    closing.push(() =>
      query(server, `DROP ROLE pkgserver_${suffix}`).then(() => query(server, `DROP ROLE pkgserver_owner_${suffix}`)),
    );
    closing.push(() => query(server, `DROP DATABASE pkgserver_${suffix} WITH (FORCE)`));
    await migrate(owner);
    await grantToService(owner, service);
    await expectWorking(service);
    await expectRestricted(service);
    await expectQueueWorking(service, owner);
  });

  it('is refused where it could change the log all the same', async () => {
    const owner = await createEmptyDatabase();
    await migrate(owner);
    await expect(grantToService(owner, owner)).rejects.toThrow(StartupError);
    const service = await roleUrl(owner);
    await query(owner, `ALTER TABLE audit_link OWNER TO ${new URL(service).username}`);
    await expect(grantToService(owner, service)).rejects.toThrow(/could change the audit log.*REASSIGN OWNED/);
  });

  it('is another than the owner', async () => {
    const owner = await createEmptyDatabase();
    const urls = { databaseUrl: owner, ownerUrl: owner };
    await expect(checkUrls(urls)).rejects.toThrow(/DATABASE_OWNER_URL and DATABASE_URL have the same role "/);
    await expect(checkUrls({ ...urls, databaseUrl: await roleUrl(owner) })).resolves.toBeUndefined();
  });

  it('needs DATABASE_URL beside DATABASE_OWNER_URL', () => {
    expect(() => readConfig({ DATABASE_OWNER_URL: 'postgresql://o@h/d' })).toThrow(/needs DATABASE_URL/);
  });
});

describe('with the embedded PostgreSQL', () => {
  const folder = async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-role-'));
    await chmod(dataDir, 0o755);
    closing.push(() => rm(dataDir, { recursive: true, force: true }));
    return dataDir;
  };

  it('the service works as a role that only adds to the audit log', async () => {
    const server = await EmbeddedPostgres.start(await folder(), { fsync: 'off' });
    closing.push(() => server.stop());
    await migrate(server.url);
    await grantToService(server.url, server.serviceUrl);
    await expectWorking(server.serviceUrl);
    await expectRestricted(server.serviceUrl);
    expect(
      await query(server.serviceUrl, 'SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user'),
    ).toEqual([{ rolsuper: false, rolcreaterole: false }]);
  });

  it('a data folder from before there were two roles starts', async () => {
    const dataDir = await folder();
    const old = await EmbeddedPostgres.start(dataDir, { fsync: 'off' });
    await migrate(old.url);
    await openQueueBackend({ databaseUrl: old.url });
    await query(old.url, 'DROP ROLE pkgserver_service');
    await old.stop();
    await rm(join(dataDir, 'postgres', 'service-password'));

    const service = await startService(readConfig({ DATA_DIR: dataDir, PORT: '0', AUTH: 'none' }));
    closing.push(() => service.stop());
    const answer = await fetch(`${service.url}/api/v1/credentials`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'c', type: 'token', token: 't' }),
    });
    expect(answer.status).toBe(201);
    expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
  });
});
