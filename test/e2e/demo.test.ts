import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** `npm run demo` and `npm run demo:fleet`, but for the build of the service, which is there when the tests begin. */
describe('the demos', () => {
  let folder: string;
  let stop = () => {};

  beforeAll(async () => {
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    await run(process.execPath, [compiler, '--project', join(ROOT, 'tsconfig.examples.json')]);
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'demo-test-'));
    // As root, the embedded PostgreSQL runs as another user.
    await chmod(folder, 0o755);
  });
  afterEach(async () => {
    stop();
    await rm(folder, { recursive: true, force: true });
  });

  function start(program: 'demo' | 'demo-fleet', ...options: string[]) {
    const child = spawn(process.execPath, [join(ROOT, `dist/examples/demo/${program}.js`), ...options], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, as a terminal gives it.
      detached: true,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const group = -(child.pid as number);
    stop = () => void (isAlive(group) && process.kill(group, 'SIGKILL'));
    return {
      group,
      output: () => output,
      status: once(child, 'close').then(([status]: (number | null)[]) => status),
    };
  }

  async function expectNothingLeft(group: number): Promise<void> {
    expect(await readdir(folder)).toEqual([]);
    expect(isAlive(group)).toBe(false);
    // PostgreSQL leads a group of its own; its command names its data folder.
    const { stdout } = await run('ps', ['-A', '-o', 'args']);
    expect(stdout.split('\n').filter((command) => command.includes(folder))).toEqual([]);
  }

  it('walk from a blueprint to a deleted deployment and leave with status 0 and nothing behind', async () => {
    const demo = start('demo', '--exit');
    expect(await demo.status, demo.output()).toBe(0);
    const output = demo.output();
    expect(output).toContain('Ready: 3 packages, 4 revisions');
    expect(output).toContain('201 draft edge01.fleet..web.first, upstream apps/web/v2');
    expect(output).toContain('deployment.yaml: replicas: 2 → replicas: 5');
    expect(output).toMatch(/git\.state: .*synced, branch drafts\/edge01\/web\/first/);
    expect(output).toContain('412 Precondition failed (preconditionFailed)');
    expect(output).toMatch(/published as v1 by bob: commit [0-9a-f]{7}, tag edge01\/web\/v1/);
    expect(output).toMatch(/\* {3}[0-9a-f]{7} \(HEAD -> main, tag: edge01\/web\/v2\) Publish edge01\/web\/v2/);
    expect(output).toMatch(/\$ git tag\n\s+edge01\/web\/v2\n\s+\$/);
    // No colours where nobody looks.
    expect(output).not.toContain('\x1b');
    await expectNothingLeft(demo.group);
  }, 120_000);

  it('bring a new version to fifty targets: what conflicts is settled, what fails stops it, and all of it ends well', async () => {
    const demo = start('demo-fleet', '--exit');
    expect(await demo.status, demo.output()).toBe(0);
    const output = demo.output();
    expect(output).toContain('200 50 of 50 are published');
    expect(output).toContain('200 planned: 49 planned, 1 conflicted');
    expect(output).toMatch(
      /production-07\/web: Deployment\/web \S+\.image\n\s+was {3}nginx:1\.27\n\s+here {2}nginx:1\.28/,
    );
    expect(output).toContain('403 Own work (selfApproval)');
    expect(output).toMatch(/paused · because of unhealthy · development done \(5 done\) · staging gated \(10 done\)\n/);
    expect(output).toMatch(/waiting · development done \(5 done\) · staging done \(10 done\)\n/);
    expect(output).toContain('200 finished: 50 done');
    expect(output).toMatch(/production +35 +0 +0 +0\n/);
    expect(output).toContain('200 35 upToDate');
    expect(output).toMatch(/Campaign: web-v2 \S+\n\s+Campaign-approved-by: bob/);
    await expectNothingLeft(demo.group);
  }, 240_000);

  it('stay up with the address of the Swagger UI until Ctrl-C, and leave nothing behind', async () => {
    const demo = start('demo');
    const address = () => /http:\S+\/docs$/m.exec(demo.output())?.[0] ?? '';
    await expect.poll(address, { timeout: 100_000, interval: 100 }).not.toBe('');
    expect((await fetch(address())).status).toBe(200);
    process.kill(demo.group, 'SIGINT');
    expect(await demo.status, demo.output()).toBe(0);
    await expectNothingLeft(demo.group);
  }, 120_000);
});

function isAlive(group: number): boolean {
  try {
    return process.kill(group, 0);
  } catch {
    return false;
  }
}
