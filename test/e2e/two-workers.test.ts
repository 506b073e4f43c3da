import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { Steps } from '../support/steps.js';

const PACKAGES = 50;

/** An API process and two worker processes on one database, as in production; a third party pushes to the same ref. */
describe('two workers on one repository', () => {
  let git: GitServer;
  let test: TestDatabase;
  let dataDir: string;
  let api: PkgserverProcess;
  let workers: PkgserverProcess[] = [];

  beforeAll(async () => {
    git = await GitServer.start();
    test = await createTestDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-workers-'));
    const start = (role: string) =>
      startProcess({
        ROLE: role,
        DATABASE_URL: test.url,
        DATA_DIR: join(dataDir, role, String(Math.random())),
        CREDENTIALS_KEY: Buffer.alloc(32, 7).toString('base64'),
        SYNC_INTERVAL_SECONDS: '1',
        SWEEP_INTERVAL_MS: '100',
      });
    [api, ...workers] = [await start('api'), await start('worker'), await start('worker')];
  }, 120_000);
  afterAll(async () => {
    await Promise.all([api, ...workers].map((process) => process?.stop()));
    await test?.drop();
    await git?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }, 60_000);

  it(`publishes ${PACKAGES} packages approved in parallel: none lost, numbers right, nothing forced`, async () => {
    const { url, path } = await git.createRepository('fleet');
    const fixture = GitFixture.create(path);
    await fixture.config('receive.denyNonFastForwards', 'true');
    const steps = new Steps(api.url);
    const repositoryId = await steps.register({ name: 'fleet', url });
    const names = Array.from({ length: PACKAGES }, (_, index) => `p${String(index).padStart(2, '0')}`);
    const ids = await Promise.all(names.map((name) => steps.draft(repositoryId, name)));
    await Promise.all(ids.map((id) => steps.propose(id)));

    let pushing = true;
    const foreign: string[] = [];
    const thirdParty = (async () => {
      for (let number = 0; pushing && number < 400; number += 1) {
        // A rejected push of theirs (ours was first) is theirs to repeat.
        const begun = Date.now();
        const commit = await fixture.commit({ files: { [`theirs/${number}`]: `${number}` } }).catch(() => null);
        if (commit) foreign.push(commit);
        // Pauses from none to many times what a push takes here: some of ours are overtaken, none for ever.
        await sleep((number % 30) * (Date.now() - begun));
      }
    })();
    const approvals = await Promise.all(ids.map((id) => steps.approve(id)));
    const operations = await Promise.all(approvals.map((id) => steps.finished(id, 120)));
    pushing = false;
    await thirdParty;

    expect(operations.map((operation) => operation.state)).toEqual(names.map(() => 'succeeded'));
    expect((await fixture.tags()).sort()).toEqual(names.map((name) => `${name}/v1`));
    const history = await fixture.log();
    const present = new Set(history.map((commit) => commit.oid));
    expect(foreign.filter((commit) => !present.has(commit))).toEqual([]);
    expect(history.filter((commit) => commit.message.startsWith('Publish '))).toHaveLength(PACKAGES);
    for (const [index, name] of names.entries()) {
      const { tree } = await steps.revision(ids[index] ?? '');
      expect(await fixture.revParse(`${name}/v1^{commit}:${name}`)).toBe(tree);
      expect(await fixture.revParse(`main:${name}`)).toBe(tree);
    }
    expect(foreign.length).toBeGreaterThan(0);
    await fixture.check();
  }, 240_000);

  it('one request id leads from the request to the work it caused, in the logs of both processes', async () => {
    const { url } = await git.createRepository('traced');
    const steps = new Steps(api.url);
    const id = await steps.draft(await steps.register({ name: 'traced', url }), 'web');
    await steps.propose(id);
    const accepted = await steps.expect(202, 'POST', `/package-revisions/${id}/approve`, undefined, {
      'If-Match': '*',
      'X-Request-Id': 'trace-me',
      'X-Remote-User': 'bob',
    });
    expect(await steps.finished(accepted.body.id)).toMatchObject({ state: 'succeeded', requestedBy: 'bob' });
    const lines = (output: string) =>
      output
        .split('\n')
        .filter((line) => line.includes('"trace-me"'))
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines(api.output())).toContainEqual(
      expect.objectContaining({ requestId: 'trace-me', actor: 'bob', method: 'POST', status: 202 }),
    );
    const metrics = await Promise.all(workers.map(async ({ url: at }) => (await fetch(`${at}/metrics`)).text()));
    expect(metrics.join('\n')).toMatch(/pkgserver_operations_total\{kind="publish",state="succeeded"\} [1-9]/);
    const worked = () => lines(workers.map((worker) => worker.output()).join(''));
    await expect
      .poll(worked)
      .toContainEqual(expect.objectContaining({ requestId: 'trace-me', actor: 'bob', operationId: accepted.body.id }));
  });
});
