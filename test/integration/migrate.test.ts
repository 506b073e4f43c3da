import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StartupError } from '../../src/config/config.js';
import { migrate } from '../../src/database/migrate.js';
import { createEmptyDatabase } from '../support/database.js';

const COMMITTED = 'prisma/migrations';
let committed: string[];
let scratch: string;
let url: string;

beforeAll(async () => {
  committed = (await readdir(COMMITTED)).filter((entry) => /^\d/.test(entry)).sort();
  scratch = await mkdtemp(join(tmpdir(), 'pkgserver-migrations-'));
});
afterAll(() => rm(scratch, { recursive: true }));
beforeEach(async () => {
  url = await createEmptyDatabase();
});

async function query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function folderWith(name: string, sql: string): Promise<string> {
  const folder = await mkdtemp(join(scratch, 'case-'));
  await cp(COMMITTED, folder, { recursive: true });
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, 'migration.sql'), sql);
  return folder;
}

describe('migrate', () => {
  it('applies all migrations once, and says which', async () => {
    expect(await migrate(url)).toEqual(committed);
    expect(await migrate(url)).toEqual([]);
    await expect(query('SELECT count(*) FROM package_revision')).resolves.toEqual([{ count: '0' }]);
  });

  it('records them as `prisma migrate deploy` does', async () => {
    await migrate(url);
    const rows = await query('SELECT * FROM _prisma_migrations ORDER BY migration_name');
    expect(rows.map((row) => row.migration_name)).toEqual(committed);
    for (const row of rows) {
      expect(row).toMatchObject({ applied_steps_count: 1, rolled_back_at: null, logs: null });
      expect(row.checksum).toMatch(/^[0-9a-f]{64}$/);
      expect(row.finished_at).toBeInstanceOf(Date);
    }
  });

  it('does without the index of trigrams where its user may not add the extension', async () => {
    const role = `role_${randomBytes(4).toString('hex')}`;
    await query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'; GRANT ALL ON SCHEMA public TO ${role}`);
    const limited = new URL(url);
    Object.assign(limited, { username: role, password: 'secret' });
    const trigrams = `SELECT indexname AS name FROM pg_indexes WHERE indexdef LIKE '%gin_trgm_ops%' ORDER BY 1`;
    expect(await migrate(limited.href)).toEqual(committed);
    expect(await query(trigrams)).toEqual([]);
    await query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);

    url = await createEmptyDatabase();
    await query('CREATE SCHEMA extensions; CREATE EXTENSION pg_trgm SCHEMA extensions');
    await migrate(url);
    const names = (await query<{ name: string }>(trigrams)).map((row) => row.name);
    expect(names).toEqual(['package_path_trgm', 'package_revision_name_trgm', 'repository_name_trgm']);
  });

  it('may be run by several processes at once', async () => {
    const applied = await Promise.all([migrate(url), migrate(url), migrate(url), migrate(url)]);
    expect(applied.flat()).toEqual(committed);
  });

  it('applies only what is new', async () => {
    await migrate(url);
    const folder = await folderWith('29990101000000_more', 'CREATE TABLE more (id INT);');
    expect(await migrate(url, folder)).toEqual(['29990101000000_more']);
  });

  it('leaves nothing of a migration that fails, and can be run again', async () => {
    const broken = await folderWith('29990101000000_more', 'CREATE TABLE more (id INT); SELECT 1/0;');
    await expect(migrate(url, broken)).rejects.toThrow(/29990101000000_more .* division by zero/);
    const mended = await folderWith('29990101000000_more', 'CREATE TABLE more (id INT);');
    expect(await migrate(url, mended)).toEqual(['29990101000000_more']);
  });

  it('refuses a database whose migration was another one', async () => {
    await migrate(url);
    const folder = await folderWith(committed[0] as string, 'SELECT 1;');
    await expect(migrate(url, folder)).rejects.toThrow(/different migration/);
  });

  it('refuses a database with a migration that was not finished', async () => {
    await migrate(url);
    await query('UPDATE _prisma_migrations SET finished_at = NULL');
    await expect(migrate(url)).rejects.toThrow(/begun and not finished/);
  });

  it('sorts version keys by their bytes, whatever the collation of the database', async () => {
    await migrate(url);
    const rows = await query(
      `SELECT collation_name FROM information_schema.columns
       WHERE table_name = 'package_revision' AND column_name = 'version_key'`,
    );
    expect(rows).toEqual([{ collation_name: 'C' }]);
  });
});

describe('a database that cannot be used', () => {
  const change = (edit: (url: URL) => void): string => {
    const changed = new URL(url);
    edit(changed);
    return changed.href;
  };

  it.each([
    ['no server', () => change((url) => (url.port = '1')), /refuses connections/],
    ['no such host', () => change((url) => (url.hostname = 'database.invalid')), /no such host/],
    ['a wrong password', () => change((url) => (url.password = 'hunter2')), /user or password/],
    ['no such database', () => change((url) => (url.pathname = '/nothing')), /no such database/],
  ])('%s is told in one sentence without the password', async (_, wrongUrl, sentence) => {
    const failure = await migrate(wrongUrl()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartupError);
    const { message } = failure as StartupError;
    expect(message).toMatch(sentence);
    expect(message).toMatch(/^PostgreSQL at .+ \(DATABASE_URL\) .+\.$/);
    expect(message).not.toContain('hunter2');
    expect(message).not.toContain(new URL(url).password);
  });
});
