import { randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createEmptyDatabase } from '../support/database.js';
import { type Finding, runDoctor, silence, SoundInstallation, type Variables } from '../support/doctor.js';
import { ownPort } from '../support/own-port.js';
import { hasPgBouncer, TestPgBouncer } from '../support/pgbouncer.js';
import { SmallDisk } from '../support/small-disk.js';

let sound: SoundInstallation;
beforeAll(async () => {
  sound = await SoundInstallation.start();
});
afterAll(() => sound.stop());

/** What is found that is not ok, with the exit code. */
async function wrong(changes: Variables): Promise<{ code: number; findings: Finding[] }> {
  const { code, output, secrets } = await runDoctor({ ...sound.variables, ...changes }, '--json');
  expect(secrets).toEqual([]);
  const findings = output.trimEnd().split('\n');
  return {
    code,
    findings: findings.map((line) => JSON.parse(line) as Finding).filter(({ status }) => status !== 'ok'),
  };
}

describe('doctor', () => {
  it('finds nothing wrong with a sound installation, changes nothing, and says so in a line for each thing', async () => {
    const before = await readdir(sound.variables.DATA_DIR ?? '');
    const { code, output } = await runDoctor(sound.variables);
    const lines = output.trimEnd().split('\n');
    expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([]);
    expect(code).toBe(0);
    const checks = [...new Set(lines.map((line) => /^ok +([\w ]+): /.exec(line)?.[1]))];
    expect(checks).toEqual([
      ...['configuration', 'database', 'migrations', 'database writes', 'database URLs', 'database connections'],
      ...['replicas', 'audit log', 'queue', 'data folder', 'clock', 'git', 'git hosts', 'identity provider'],
      ...['sealing key', 'blob store'],
      ...['workers', 'operations', 'retention'],
    ]);
    expect(output).toContain(`${new URL(sound.git.url('one')).host} is reached directly (HTTP 200)`);
    expect(output).toContain('The clock of this machine and the identity provider’s differ by 0.0 s.');
    expect(await readdir(sound.variables.DATA_DIR ?? '')).toEqual(before);
  });

  it('has the same as JSON, and help', async () => {
    const { code, output } = await runDoctor(sound.variables, '--json');
    expect(code).toBe(0);
    const first = JSON.parse(output.split('\n')[0] ?? '') as Finding;
    expect(first).toEqual({ check: 'configuration', status: 'ok', found: 'All variables can be read.' });
    expect(await runDoctor({}, '--help')).toMatchObject({ code: 0, output: expect.stringContaining('Exit code') });
    expect(await runDoctor({}, '--frobnicate')).toMatchObject({ code: 2 });
  });

  /** What is wrong; the variables; the exit code; the check that names it, its status and words. */
  const BROKEN: [string, () => Promise<Variables> | Variables, Finding['status'], string, RegExp][] = [
    [
      'the database is away',
      async () => ({ DATABASE_URL: `postgresql://me:hunter2@127.0.0.1:${await ownPort()}/pkgserver` }),
      ...(['failed', 'database', /refuses connections; start it/] as const),
    ],
    [
      'the password is wrong',
      () => ({ DATABASE_URL: sound.url({ password: 'hunter2' }) }),
      ...(['failed', 'database', /refuses this user or password/] as const),
    ],
    [
      'DATABASE_DIRECT_URL is of another database',
      async () => ({ DATABASE_DIRECT_URL: await createEmptyDatabase() }),
      ...(['failed', 'database URLs', /DATABASE_DIRECT_URL .*another database than DATABASE_URL/] as const),
    ],
    [
      'the role of DATABASE_URL can change the audit log',
      () => ({ DATABASE_OWNER_URL: sound.url() }),
      ...(['failed', 'audit log', /could change the audit log/] as const),
    ],
    [
      'migrations are missing',
      async () => ({ DATABASE_URL: await createEmptyDatabase() }),
      ...(['failed', 'migrations', /lacks \d+ migrations, from /] as const),
    ],
    [
      'Redis is away',
      async () => ({ REDIS_URL: `redis://:hunter2@127.0.0.1:${await ownPort()}` }),
      ...([
        'failed',
        'queue',
        /^Redis at 127\.0\.0\.1:\d+ does not answer as it should: connect ECONNREFUSED/,
      ] as const),
    ],
    [
      'DATA_DIR is below a file',
      async () => {
        const file = join(sound.variables.DATA_DIR ?? '', 'file');
        await writeFile(file, '');
        return { DATA_DIR: join(file, 'data') };
      },
      ...(['failed', 'data folder', /cannot be written: ENOTDIR/] as const),
    ],
    [
      'the sealing key is another one',
      () => ({ CREDENTIALS_KEY: randomBytes(32).toString('base64') }),
      ...([
        'failed',
        'sealing key',
        /^1 secrets are sealed with a key that is not among those given: credential "[\w-]+"\./,
      ] as const),
    ],
    [
      'the sealing key is lost',
      () => ({ CREDENTIALS_KEY: '' }),
      ...(['failed', 'sealing key', /^There is no key, and the database holds 1 sealed secrets/] as const),
    ],
    [
      'nobody listens at the issuer',
      async () => ({ OIDC_ISSUER: `http://127.0.0.1:${await ownPort()}` }),
      ...(['failed', 'identity provider', /cannot be used: .*ECONNREFUSED/] as const),
    ],
    [
      'the issuer is not who it says',
      () => ({ OIDC_ISSUER: `${sound.variables.OIDC_ISSUER}/` }),
      ...(['failed', 'identity provider', /OIDC_ISSUER must be equal/] as const),
    ],
    [
      'a variable is misspelt',
      () => ({ DATABASE_POOLSIZE: '7' }),
      ...(['warning', 'configuration', /no variable DATABASE_POOLSIZE.*DATABASE_POOL_SIZE may be meant/] as const),
    ],
    [
      'the pool is larger than the server',
      () => ({ DATABASE_POOL_SIZE: '1000' }),
      ...(['warning', 'database connections', /DATABASE_POOL_SIZE is 1000/] as const),
    ],
    [
      'the policy refuses a Git host',
      () => ({ GIT_ALLOWED_HOSTS: '' }),
      ...(['failed', 'git hosts', /is refused: 127\.0\.0\.1 is not on the public internet/] as const),
    ],
    [
      'git is missing under native',
      () => ({ GIT_TRANSPORT: 'native', PATH: '/nowhere' }),
      ...(['failed', 'git', /no git on the PATH, and GIT_TRANSPORT is native/] as const),
    ],
    [
      'git is missing under auto',
      () => ({ PATH: '/nowhere' }),
      ...(['warning', 'git', /no git on the PATH: ssh/] as const),
    ],
  ];

  it.each(BROKEN)('says that %s, and what to do', async (_, changes, status, check, words) => {
    const { code, findings } = await wrong(await changes());
    expect(code).toBe(status === 'failed' ? 2 : 1);
    // Without the database, or its tables, much else cannot be looked at, and that is one line.
    const named = findings.filter((finding) => finding.check !== 'not looked at');
    expect(named).toContainEqual(expect.objectContaining({ check, status, found: expect.stringMatching(words) }));
    if (check !== 'migrations') expect(named).toHaveLength(1);
  });

  it('names every mistake of a configuration that cannot be used', async () => {
    const { code, findings } = await wrong({ PORT: '99999', AUTH: 'hunter2', CREDENTIALS_KEY: 'geheim' });
    expect(code).toBe(2);
    const found = findings.map((finding) => finding.found).join('\n');
    for (const name of ['PORT', 'AUTH', 'CREDENTIALS_KEY']) expect(found).toContain(`${name} must be`);
  });

  it('waits for nobody longer than its limit, and still looks at the rest', async () => {
    const { port, server } = await silence();
    const started = Date.now();
    const { code, findings } = await wrong({
      REDIS_URL: `redis://127.0.0.1:${port}`,
      OIDC_ISSUER: `http://127.0.0.1:${port}`,
    });
    const { findings: others } = await wrong({ DATABASE_URL: `postgresql://me:hunter2@127.0.0.1:${port}/pkgserver` });
    server.close();
    expect(code).toBe(2);
    expect(findings.map(({ check }) => check)).toEqual(['queue', 'identity provider']);
    expect(others[0]).toMatchObject({ check: 'database', status: 'failed', found: expect.stringMatching(/answer/) });
    expect(Date.now() - started).toBeLessThan(60_000);
  });

  it('says that a database is read-only', async () => {
    const name = new URL(sound.url()).pathname.slice(1);
    await sound.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    const { code, findings } = await wrong({});
    await sound.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    expect(code).toBe(2);
    expect(findings).toMatchObject([
      { check: 'database writes', status: 'failed', found: 'The database is read-only.' },
    ]);
  });

  it('says that there is little room', async ({ skip }) => {
    const disk = await SmallDisk.mount(64);
    if (disk === undefined) return skip('no disk may be mounted here');
    const { code, findings } = await wrong({ DATA_DIR: disk.folder });
    await disk.unmount();
    expect(code).toBe(1);
    const found = expect.stringMatching(/^0\.1 GiB \(\d+ %\) are free, and \d+ % of the inodes\.$/) as string;
    expect(findings).toMatchObject([{ check: 'data folder', status: 'warning', found }]);
  });

  it('says that a Git host is away', async () => {
    await sound.git.down();
    const { code, findings } = await wrong({});
    await sound.git.up();
    expect(code).toBe(2);
    const found = expect.stringMatching(/^127\.0\.0\.1:\d+ refuses the connection\.$/) as string;
    expect(findings).toContainEqual(expect.objectContaining({ check: 'git hosts', status: 'failed', found }));
  });

  it.runIf(hasPgBouncer)('says that a pooler keeps no session, and takes one with a direct way beside it', async () => {
    const pooler = await TestPgBouncer.start(inject('databaseServer'));
    const pooled = { DATABASE_URL: pooler.through(sound.url()) };
    const { code, findings } = await wrong(pooled);
    const beside = await wrong({ ...pooled, DATABASE_DIRECT_URL: sound.url() });
    await pooler.stop();
    expect(code).toBe(2);
    const found = expect.stringMatching(/pools transactions and keeps no session: set DATABASE_DIRECT_URL/) as string;
    expect(findings).toMatchObject([{ check: 'database URLs', status: 'failed', found }]);
    expect(beside).toEqual({ code: 0, findings: [] });
  });

  it('says that no worker runs, that work waits for it, and that nobody removes what is old', async () => {
    await sound.stopService();
    await sound.query(`INSERT INTO operation (id, kind, state, target, requested_by, created_at, finished_at) VALUES
      ('00000000-0000-7000-8000-000000000001', 'sync', 'queued', '{}', 'mara', now() - interval '6 minutes', NULL),
      ('00000000-0000-7000-8000-000000000002', 'sync', 'succeeded', '{}', 'mara', now(), now() - interval '61 days')`);
    const { code, findings } = await wrong({});
    expect(code).toBe(1);
    expect(findings).toMatchObject([
      { check: 'workers', found: expect.stringMatching(/^No worker is to be seen: 0 connections/) },
      { check: 'operations', found: expect.stringMatching(/\(sync\) waits for 6 minutes/) },
      { check: 'retention', found: '1 operations are older than twice the 30 days that they are kept.' },
    ]);
  });
});
