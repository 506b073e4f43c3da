import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { Steps } from '../support/steps.js';

/**
 * kill -9 in the middle of a publication, driven from outside: the Git server ends the process at its n-th request,
 * before Git has done it or after (when the client has not heard of it yet). A publication makes three requests of a remote
 * that is known: one for the list of refs, one that fetches, and the push.
 */
const POINTS = [0, 1, 2].flatMap((request) => [
  { request, phase: 'before' as const },
  { request, phase: 'after' as const },
]);

describe('kill -9 in the middle of a publication', () => {
  let git: GitServer;
  let test: TestDatabase;
  let dataDir: string;
  let fixture: GitFixture;
  let process: PkgserverProcess;
  let repositoryId: string;
  const settings = () => ({
    DATABASE_URL: test.url,
    DATA_DIR: dataDir,
    LEASE_SECONDS: '1',
    SWEEP_INTERVAL_MS: '100',
    SYNC_INTERVAL_SECONDS: '3600',
  });
  const steps = () => new Steps(process.url);

  beforeAll(async () => {
    git = await GitServer.start();
    test = await createTestDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-kill-'));
    const { url, path } = await git.createRepository('fleet');
    fixture = GitFixture.create(path);
    process = await startProcess(settings());
    repositoryId = await steps().register({ name: 'fleet', url });
  }, 120_000);
  afterAll(async () => {
    git?.onRequest(null);
    await process?.stop();
    await test?.drop();
    await git?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }, 60_000);

  it.each(POINTS)(
    '$phase request $request of the engine: one tag, one merge commit, nothing twice',
    async ({ request, phase }) => {
      const name = `p${request}${phase}`;
      const id = await steps().draft(repositoryId, name);
      await steps().propose(id);
      await steps().pushed(id);
      const { tree } = await steps().revision(id);
      // Another change of the ref, so that the publication has something to fetch as well.
      await fixture.commit({ files: { [`elsewhere/${name}`]: name } });

      let count = -1;
      const killed = new Promise<void>((resolve) => {
        git.onRequest(async (event) => {
          if (event.phase === 'before') count += 1;
          if (count !== request || event.phase !== phase) return undefined;
          count = Infinity;
          await process.kill();
          resolve();
          return 'drop';
        });
      });
      const operationId = await steps().approve(id);
      await killed;
      git.onRequest(null);

      process = await startProcess(settings());
      expect(await steps().finished(operationId)).toMatchObject({ state: 'succeeded' });
      expect(await steps().revision(id)).toMatchObject({ lifecycle: 'published', revision: 'v1', tag: `${name}/v1` });
      expect((await fixture.tags()).filter((tag) => tag.startsWith(`${name}/`))).toEqual([`${name}/v1`]);
      const merges = (await fixture.log()).filter((commit) => commit.message.includes(`Operation: ${operationId}`));
      expect(merges).toHaveLength(1);
      expect(merges[0]?.parents).toHaveLength(2);
      expect(await fixture.revParse(`${name}/v1^{commit}:${name}`)).toBe(tree);
      expect(await fixture.revParse(`main:${name}`)).toBe(tree);
      expect([...(await fixture.refs()).keys()].filter((ref) => ref.includes(`/${name}/`))).toEqual([
        `refs/tags/${name}/v1`,
      ]);
      await fixture.check();
    },
    120_000,
  );
});
