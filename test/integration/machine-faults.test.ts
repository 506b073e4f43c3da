import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MachineFaultStore } from '../../src/health/machine-fault.store.js';
import { BlobStore } from '../../src/content/blob-store/blob-store.js';
import { HealthService } from '../../src/health/health.service.js';
import { SealingKeys } from '../../src/vault/credential-vault.js';
import { StoredKeys } from '../../src/vault/stored-keys.js';
import { startEngine } from '../support/engine.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { PublishingWorld } from '../support/publishing.js';
import { SmallDisk } from '../support/small-disk.js';

let world: PublishingWorld;
let disk: SmallDisk | undefined;
afterEach(async () => {
  vi.restoreAllMocks();
  await (world as PublishingWorld | undefined)?.stop();
  await disk?.unmount();
  disk = undefined;
});

interface Ready {
  type: string;
  status: string;
  reason: string;
  message: string;
}

async function readyNow(): Promise<Ready | undefined> {
  const where = { id: world.repository.id };
  const { conditions } = await world.database.client.repository.findUniqueOrThrow({ where });
  return (conditions as unknown as Ready[]).find(({ type }) => type === 'Ready');
}

const health = () => {
  const { database, engine } = world;
  const keys = new SealingKeys([randomBytes(32)]);
  return new HealthService(
    database,
    engine.doorbell,
    new MachineFaultStore(database),
    new StoredKeys(database),
    keys,
    BlobStore.none(database),
  ).ready();
};

async function expectFault(reason: string): Promise<void> {
  await world.visitNow();
  expect(await readyNow()).toMatchObject({ status: 'False', reason, message: expect.stringContaining('tried again') });
  const since = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:[\d.]+Z$/);
  const workers = { status: 'down', message: expect.stringMatching(`^${reason}: `), since };
  expect(await health()).toMatchObject({ status: 'degraded', checks: { workers } });
  // Left alone for a while, which ends sooner than where a remote is away.
  const where = { repositoryId: world.repository.id };
  const { failures } = await world.database.client.repositoryPolling.findUniqueOrThrow({ where });
  expect(failures).toBeGreaterThan(0);
}

async function expectRecovery(): Promise<void> {
  await world.visitNow();
  expect(await readyNow()).toMatchObject({ status: 'True', reason: 'Synced' });
  expect(await health()).toEqual({ status: 'ok', checks: { database: { status: 'up' }, queue: { status: 'up' } } });
}

describe.each(['auto', 'javascript'])('GIT_TRANSPORT=%s', (transport) => {
  it('a disk that is full is told of, and goes by itself', async ({ skip }) => {
    disk = await SmallDisk.mount(2);
    if (disk === undefined) return skip('no disk may be mounted here');
    world = await PublishingWorld.start({ settings: { DATA_DIR: disk.folder, GIT_TRANSPORT: transport } });
    await world.remote.commit({ files: { 'noise.txt': randomBytes(3 * 1024 * 1024).toString('base64') } });
    await expectFault('DiskFull');
    disk.resize(64);
    await expectRecovery();
  });

  it.each([
    ['ENOSPC', 'DiskFull'],
    ['EDQUOT', 'DiskFull'],
    ['EACCES', 'DiskNotWritable'],
    ['EROFS', 'DiskNotWritable'],
    ['EIO', 'DiskFailing'],
    ['EMFILE', 'LimitReached'],
  ])('a disk that says %s is told of as %s', async (code, reason) => {
    world = await PublishingWorld.start({ settings: { GIT_TRANSPORT: transport } });
    const error = Object.assign(new Error(`${code}: /some/path`), { code, syscall: 'rename' });
    await world.remote.commit({ files: { 'core/Kptfile': 'kind: Kptfile\n' } });
    const spy = vi.spyOn(fs, 'rename').mockRejectedValue(error);
    await expectFault(reason);
    expect((await readyNow())?.message).not.toContain('/some/path');
    spy.mockRestore();
    await expectRecovery();
  });
});

it('git that is gone, or ended, is told of', async () => {
  const folder = await fs.mkdtemp(join(tmpdir(), 'pkgserver-test-git-'));
  const program = join(folder, 'git');
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const write = (script: string) => fs.writeFile(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const { PATH } = process.env;
  try {
    await write(`exec ${real} "$@"`);
    process.env.PATH = `${folder}:/nowhere`;
    const engine = await startEngine({ GIT_TRANSPORT: 'native' });
    process.env.PATH = PATH;
    const server = await GitServer.start();
    const { path } = await server.createRepository('blueprints');
    const remote = GitFixture.create(path);
    world = await PublishingWorld.beside(server, engine, { name: 'blueprints' });
    await world.visit();
    await remote.commit({ files: { 'core/x.txt': 'x' } });
    await fs.rename(program, `${program}.gone`);
    await expectFault('GitMissing');
    await write('kill -9 $$');
    await expectFault('GitEnded');
    await write(`exec ${real} "$@"`);
    await expectRecovery();
  } finally {
    process.env.PATH = PATH;
    await fs.rm(folder, { recursive: true });
  }
});
