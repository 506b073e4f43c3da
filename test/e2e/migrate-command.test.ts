import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { createEmptyDatabase } from '../support/database.js';
import { createRole, query } from '../support/database-role.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (let close = closing.pop(); close; close = closing.pop()) await close();
});

/** As in the image: with node, and nothing that is installed for development. */
async function migrate(variables: Record<string, string>): Promise<string> {
  const { PATH = '' } = process.env;
  const run = promisify(execFile)(process.execPath, ['dist/commands/migrate.js'], { env: { PATH, ...variables } });
  const { stdout, stderr } = await run.catch((failed: { stdout: string; stderr: string }) => failed);
  return (stdout + stderr).trimEnd();
}

it('one program migrates as the owner; the service starts without that password, and says what is missing before', async () => {
  const superuser = await createEmptyDatabase();
  const [owner, service] = [await createRole(superuser), await createRole(superuser)];
  closing.push(owner.drop, service.drop);
  await query(superuser, `ALTER DATABASE ${new URL(superuser).pathname.slice(1)} OWNER TO ${owner.role}`);
  const folder = await mkdtemp(join(tmpdir(), 'pkgserver-migrate-'));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  const start = async (): Promise<PkgserverProcess> => {
    const started = await startProcess({ DATABASE_URL: service.url, DATA_DIR: folder });
    closing.push(() => started.kill());
    return started;
  };
  const missing = (what: string) =>
    new RegExp(
      `status 1:\\nThe database lacks ${what}, and the role of DATABASE_URL does not own its tables: run "npm run migrate" [^\\n]+\\.\\n$`,
    );
  await expect(start()).rejects.toThrow(missing('\\d+ migrations'));

  const variables = { DATABASE_URL: service.url, DATABASE_OWNER_URL: owner.url };
  expect(await migrate(variables)).toMatch(/^Migrations applied: \d+/);
  expect(await migrate(variables)).toBe('The database has all migrations.');
  expect(await migrate({})).toMatch(/^The database is not migrated: DATABASE_URL must be set: /);

  const { url, stop } = await start();
  expect(await (await fetch(`${url}/health/ready`)).json()).toMatchObject({ status: 'ok' });
  await expect(query(service.url, 'DELETE FROM audit_entry')).rejects.toThrow(/permission denied/);
  await stop();

  const [last] = await query(owner.url, 'SELECT max(migration_name) AS name FROM _prisma_migrations');
  await query(owner.url, `DELETE FROM _prisma_migrations WHERE migration_name = '${String(last?.name)}'`);
  await expect(start()).rejects.toThrow(missing(`the migration ${String(last?.name)}`));
});
