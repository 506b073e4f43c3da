import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditLog } from '../../src/audit/audit-log.js';
import { AuditSealer } from '../../src/audit/audit-sealer.js';
import { ChainStore } from '../../src/audit/chain.store.js';
import { readConfig } from '../../src/config/config.js';
import { startService } from '../../src/service.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

async function verify(
  variables: Record<string, string>,
  ...parameters: string[]
): Promise<{ code: number; line: string }> {
  const { PATH = '' } = process.env;
  const run = promisify(execFile)(process.execPath, ['dist/commands/audit-verify.js', ...parameters], {
    env: { PATH, ...variables },
  });
  return run.then(
    ({ stdout }) => ({ code: 0, line: stdout.trimEnd() }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      line: (stdout + stderr).trimEnd(),
    }),
  );
}

describe('audit:verify', () => {
  beforeAll(() => Logger.overrideLogger(false));
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
    await new AuditLog(test.database).record([{ action: 'one' }, { action: 'two' }, { action: 'three' }]);
    await new AuditSealer(test.database, new ChainStore(test.database)).seal();
  });
  afterAll(() => test.drop());

  it('says in one line that the chain holds, and where it stands', async () => {
    const variables = { DATABASE_URL: test.url };
    const head = await verify(variables, '--head');
    expect(head).toMatchObject({ code: 0, line: expect.stringMatching(/^3:[0-9a-f]{64}$/) });
    const line = `3 entries, 3 links: the chain holds, up to ${head.line}.`;
    expect(await verify(variables)).toEqual({ code: 0, line });
    expect(await verify(variables, '--expect', head.line)).toEqual({ code: 0, line });
    expect(await verify(variables, '--expect', `4${head.line.slice(1)}`)).toEqual({
      code: 1,
      line: '3 entries, 3 links: BROKEN at link 4: the chain ends before 4, which it had reached.',
    });
    expect(await verify(variables, '--expect', '4')).toMatchObject({
      code: 2,
      line: expect.stringContaining('--head'),
    });
    expect(await verify({ DATABASE_URL: 'postgresql://127.0.0.1:1/x' })).toMatchObject({ code: 2 });
  });

  it('says in one line what is wrong', async () => {
    await test.database.client.$executeRawUnsafe('ALTER TABLE audit_entry DISABLE TRIGGER ALL');
    await test.database.client.$executeRawUnsafe(`UPDATE audit_entry SET actor = 'eve' WHERE action = 'two'`);
    expect(await verify({ DATABASE_URL: test.url })).toEqual({
      code: 1,
      line: expect.stringMatching(/^3 entries, 3 links: BROKEN at link 2: the entry \S+, or its link, was changed\.$/),
    });
  });

  it('finds the embedded PostgreSQL, whether pkgserver runs or not', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-verify-'));
    await chmod(dataDir, 0o755);
    expect(await verify({ DATA_DIR: dataDir })).toMatchObject({
      code: 2,
      line: expect.stringContaining('holds no embedded PostgreSQL'),
    });
    const service = await startService(readConfig({ DATA_DIR: dataDir, PORT: '0', AUTH: 'none' }));
    const answer = await fetch(`${service.url}/api/v1/credentials`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'c', type: 'token', token: 't' }),
    });
    expect(answer.status).toBe(201);
    expect((await verify({ DATA_DIR: dataDir })).line).toMatch(/^1 entries, [01] links: the chain holds/);
    await service.stop();
    expect(await verify({ DATA_DIR: dataDir })).toMatchObject({
      code: 0,
      line: expect.stringMatching(/^1 entries, 1 links: the chain holds, up to 1:/),
    });
    await rm(dataDir, { recursive: true, force: true });
  });
});
