import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StartupError } from '../../src/config/config.js';
import { migrate } from '../../src/database/migrate.js';
import { pinId } from '../../src/domain/upstream-pin.js';
import { kptfileIn } from '../../src/krm/kptfile.js';
import { upstreamOf } from '../../src/krm/kptfile-upstream.js';
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

const idOf = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;

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

  it('gives what was there before access an owner, and drafts their authors', async () => {
    const before = await mkdtemp(join(scratch, 'before-'));
    await cp(join(COMMITTED, committed[0] as string), join(before, committed[0] as string), { recursive: true });
    await migrate(url, before);
    const repository = (id: string, by: string) => `
      INSERT INTO repository (id, name, deployment, url, url_key, ref, directory, created_at, created_by, updated_at, updated_by)
      VALUES ('${id}', 'r-${by}', true, 'https://x/${by}', 'x/${by}', 'main', '', now(), '${by}', now(), '${by}')`;
    const [owned, nobodys] = [idOf(1), idOf(2)];
    await query(repository(owned, 'alice'));
    await query(repository(nobodys, 'anonymous'));
    await query(`INSERT INTO package (id, repository_id, path, realm, name, created_at, updated_at)
      VALUES ('${idOf(3)}', '${owned}', 'core', '', 'core', now(), now())`);
    const revision = (number: number, lifecycle: string) => `
      INSERT INTO package_revision (id, repository_id, package_id, repository_name, path, realm, package_name, name, workspace,
        lifecycle, source, tree, git_state, created_at, created_by, updated_at, updated_by)
      VALUES ('${idOf(number)}', '${owned}', '${idOf(3)}', 'r-alice', 'core', '', 'core', 'n${number}', 'w${number}',
        '${lifecycle}', '{}', 't', 'synced', now(), 'alice', now(), 'bob')`;
    for (const [index, lifecycle] of ['draft', 'proposed', 'published', 'deletionProposed'].entries()) {
      await query(revision(10 + index, lifecycle));
    }
    await query(`INSERT INTO operation (id, kind, state, repository_id, revision_id, target, requested_by, created_at)
      VALUES ('${idOf(20)}', 'push', 'queued', '${owned}', '${idOf(10)}', '{}', 'alice', now())`);
    expect(await migrate(url)).toEqual(committed.slice(1));
    expect(await query('SELECT role, subject_type, subject, repository_id, path FROM role_binding')).toEqual([
      { role: 'repositoryAdmin', subject_type: 'user', subject: 'alice', repository_id: owned, path: null },
    ]);
    expect(await query('SELECT lifecycle, editors, proposed_by FROM package_revision ORDER BY id')).toEqual([
      { lifecycle: 'draft', editors: ['alice', 'bob'], proposed_by: null },
      { lifecycle: 'proposed', editors: ['alice', 'bob'], proposed_by: 'bob' },
      { lifecycle: 'published', editors: [], proposed_by: null },
      { lifecycle: 'deletionProposed', editors: [], proposed_by: 'bob' },
    ]);
    expect(await query('SELECT path FROM operation')).toEqual([{ path: 'core' }]);
  });

  it('has functions of Kptfiles read again, which were taken for images of Docker', async () => {
    const before = await mkdtemp(join(scratch, 'before-'));
    for (const name of committed.filter((each) => each < '20261129072800')) {
      await cp(join(COMMITTED, name), join(before, name), { recursive: true });
    }
    await migrate(url, before);
    await query(`INSERT INTO blob (oid, content) VALUES ('b', '')`);
    const object = (position: number, kind: string, image: string) =>
      query(`INSERT INTO krm_object (blob_oid, position, api_version, kind, body, images)
        VALUES ('b', ${position}, 'x/v1', '${kind}', '{}', '{${image}}')`);
    await object(0, 'Kptfile', 'docker.io/library/set-labels:v1');
    await object(1, 'Kptfile', 'gcr.io/kpt-fn/set-labels:v1');
    await object(2, 'Pod', 'docker.io/library/set-labels:v1');
    await migrate(url);
    expect(await query('SELECT position FROM krm_object WHERE body IS NULL')).toEqual([{ position: 0 }]);
    expect(await query('SELECT kind, state FROM operation')).toEqual([{ kind: 'retention', state: 'queued' }]);
  });

  it('writes down which heads differed before drift was', async () => {
    const before = await mkdtemp(join(scratch, 'before-'));
    for (const name of committed.filter((each) => each < '20261129132442')) {
      await cp(join(COMMITTED, name), join(before, name), { recursive: true });
    }
    await migrate(url, before);
    const [repository, differs, same] = [1, 2, 3].map((number) => `0199a0de-0000-7000-8000-00000000000${number}`);
    await query(`INSERT INTO repository (id, name, deployment, url, url_key, ref, directory, commit, created_at, created_by, updated_at, updated_by)
      VALUES ('${repository}', 'a', false, 'u', 'u', 'main', '', 'c', now(), 'x', now(), 'x')`);
    for (const [id, state] of [
      [differs, 'differs'],
      [same, 'published'],
    ]) {
      await query(`INSERT INTO package (id, repository_id, path, realm, name, head_tree, head_state, created_at, updated_at)
        VALUES ('${id}', '${repository}', '${state}', '', 'core', 't', '${state}', now(), now())`);
    }
    await migrate(url);
    expect(await query('SELECT path, kind, state, git_tree, ref FROM drift')).toEqual([
      { path: 'differs', kind: 'headDiffers', state: 'open', git_tree: 't', ref: 'refs/heads/main' },
    ]);
    expect(await query('SELECT path, drift_state FROM package ORDER BY path')).toEqual([
      { path: 'differs', drift_state: 'open' },
      { path: 'published', drift_state: 'none' },
    ]);
  });

  it('knows which folders were made from others before there were subpackages, as a sync reads them', async () => {
    const before = await mkdtemp(join(scratch, 'before-'));
    for (const name of committed.filter((each) => each < '20261129213258')) {
      await cp(join(COMMITTED, name), join(before, name), { recursive: true });
    }
    await migrate(url, before);
    const git = (more: object = {}) => ({
      repo: 'https://x/é.git',
      directory: '/nf/core/',
      ref: 'nf/core/v1',
      ...more,
    });
    const upstream = { type: 'git', git: git() };
    const lock = (more: object) => ({ type: 'git', git: git(more) });
    const bodies: Record<string, object> = {
      locked: { upstream, upstreamLock: lock({ ref: 'v1', commit: 'c'.repeat(40) }) },
      unlocked: { upstream },
      halfLocked: { upstream, upstreamLock: lock({ repo: 'https://x/other', ref: 'v9' }) },
      long: { upstream: { type: 'git', git: git({ directory: 'd'.repeat(3_000) }) } },
      own: {},
      numbered: { upstream: { type: 'git', git: git({ ref: 7 }) } },
      elsewhere: { upstream: { type: 'oci' } },
      // The package's own, and a link: neither is a folder that was made from another.
      root: { upstream },
      link: { upstream },
    };
    const pathOf = (name: string) => (name === 'root' ? 'Kptfile' : `parts/${name}/Kptfile`);
    await query(`INSERT INTO package_tree (oid, file_count, size_bytes, created_at) VALUES ('tree', 9, 9, now())`);
    for (const [name, body] of Object.entries(bodies)) {
      const kptfile = JSON.stringify({ apiVersion: 'kpt.dev/v1', kind: 'Kptfile', metadata: { name }, ...body });
      await query(`INSERT INTO blob (oid, content, parsed) VALUES ('${name}', '', true)`);
      await query(`INSERT INTO krm_object (blob_oid, position, api_version, kind, body)
        VALUES ('${name}', 0, 'kpt.dev/v1', 'Kptfile', '${kptfile}')`);
      await query(`INSERT INTO package_file (tree_oid, path, mode, blob_oid, size_bytes)
        VALUES ('tree', '${pathOf(name)}', '${name === 'link' ? '120000' : '100644'}', '${name}', 1)`);
    }
    await query(`INSERT INTO repository (id, name, deployment, url, url_key, ref, directory, created_at, created_by, updated_at, updated_by)
      VALUES ('${idOf(1)}', 'r', false, 'u', 'u', 'main', '', now(), 'x', now(), 'x')`);
    await query(`INSERT INTO package (id, repository_id, path, realm, name, created_at, updated_at)
      VALUES ('${idOf(2)}', '${idOf(1)}', 'core', '', 'core', now(), now())`);
    await query(`INSERT INTO package_revision (id, repository_id, package_id, repository_name, path, realm, package_name, name, workspace,
        lifecycle, source, tree, git_state, created_at, created_by, updated_at, updated_by)
      VALUES ('${idOf(3)}', '${idOf(1)}', '${idOf(2)}', 'r', 'core', '', 'core', 'n', 'w', 'draft', '{}', 'tree', 'synced', now(), 'x', now(), 'x')`);
    await migrate(url);

    const expected = Object.entries(bodies)
      .filter(([name]) => name !== 'root' && name !== 'link')
      .flatMap(([name, body]) => {
        const read = upstreamOf(kptfileIn({ apiVersion: 'kpt.dev/v1', kind: 'Kptfile', metadata: { name }, ...body }));
        if (read === null) return [];
        const { tree: _unknown, ...named } = read;
        return [{ path: `parts/${name}`, ...named, upstream_id: pinId(read) }];
      })
      .toSorted((one, other) => (one.path < other.path ? -1 : 1));
    expect(expected.map(({ path }) => path)).toEqual(
      ['halfLocked', 'locked', 'long', 'unlocked'].map((name) => `parts/${name}`),
    );
    expect(
      await query('SELECT path, url, directory, ref, commit, upstream_id FROM subpackage ORDER BY path COLLATE "C"'),
    ).toEqual(expected);
    const pins = await query<{ id: string }>('SELECT id, url, directory, ref, commit FROM upstream');
    expect(new Set(pins.map(({ id }) => id))).toEqual(new Set(expected.map(({ upstream_id: id }) => id)));
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

  describe('refuses a database, in one sentence that says what to do,', () => {
    const LATER = '29990101000000_more';
    const forget = (name: string) => query(`DELETE FROM _prisma_migrations WHERE migration_name = '${name}'`);
    const remember = (name: string) =>
      query(`INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
        VALUES ('${idOf(1)}', '${'0'.repeat(64)}', '${name}', now(), 1)`);
    const refusal = async (folder?: string): Promise<string> => {
      const failure = await migrate(url, folder).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(StartupError);
      return (failure as StartupError).message;
    };
    beforeEach(() => migrate(url));

    it('that a newer pkgserver has upgraded', async () => {
      await migrate(url, await folderWith(LATER, 'CREATE TABLE more (id INT);'));
      expect(await refusal()).toBe(
        `The database is newer than this pkgserver (it has the migration ${LATER}): ` +
          'start the version that made it, or restore the backup from before that upgrade.',
      );
    });

    it('whose migration was another one than that of the same name', async () => {
      const [first = ''] = committed;
      expect(await refusal(await folderWith(first, 'SELECT 1;'))).toBe(
        `The database was set up by a different migration ${first} than this pkgserver has: ` +
          'use the version that made it, or another database.',
      );
    });

    it('that has a migration among ours which is none of ours', async () => {
      const stray = `${committed[0]}_stray`;
      await remember(stray);
      expect(await refusal()).toBe(
        `The database has a migration ${stray} that this pkgserver never had: ` +
          'use the version that made it, or another database.',
      );
    });

    it('that lacks a migration before one that it has', async () => {
      const [, second = ''] = committed;
      await forget(second);
      expect(await refusal()).toBe(
        `The database lacks the migration ${second}, though it has later ones: ` +
          'restore a backup whose history is whole, or use another database.',
      );
    });

    it('with a migration that was begun and not finished', async () => {
      const last = committed.at(-1);
      await query(`UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = '${last}'`);
      expect(await refusal()).toBe(
        `The database's migration ${last} was begun and not finished: restore the backup from before it, ` +
          'or repair the database and mark it with `prisma migrate resolve`.',
      );
    });

    it('and changes nothing in it', async () => {
      const [, second = ''] = committed;
      await forget(second);
      const before = await query('SELECT migration_name FROM _prisma_migrations ORDER BY 1');
      await refusal(await folderWith(LATER, 'CREATE TABLE more (id INT);'));
      expect(await query('SELECT migration_name FROM _prisma_migrations ORDER BY 1')).toEqual(before);
      expect(await query(`SELECT to_regclass('more') AS found`)).toEqual([{ found: null }]);
    });
  });

  it('applies again what was rolled back and is marked so', async () => {
    await migrate(url);
    await query(`INSERT INTO _prisma_migrations (id, checksum, migration_name, rolled_back_at, applied_steps_count)
      VALUES ('${idOf(1)}', '${'0'.repeat(64)}', '29990101000000_more', now(), 0)`);
    const folder = await folderWith('29990101000000_more', 'CREATE TABLE more (id INT);');
    expect(await migrate(url, folder)).toEqual(['29990101000000_more']);
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
