import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { Steps } from '../support/steps.js';

const ANY = { 'If-Match': '*' };

const settings = (a: string, b: string): string =>
  `# About\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  a: ${a} # why\n  b: ${b}\n  z: same\n`;

/** What is told of an upgrade that was done. */
const UPGRADE = ['type', 'revision', 'from', 'to', 'strategy', 'resolutions'] as const;

/** Previews over two API processes, and what was applied after kill -9 and after the index was made again from Git. */
describe('an applied upgrade', () => {
  let git: GitServer;
  let test: TestDatabase;
  let fresh: TestDatabase;
  let dataDir: string;
  let fleetGit: GitFixture;
  let urls: { blueprints: string; fleet: string };
  let ids: { blueprints: string; fleet: string };
  const running = new Map<string, PkgserverProcess>();

  const start = async (name: string, role: string, database = test): Promise<Steps> => {
    const started = await startProcess({
      ...{ ROLE: role, DATABASE_URL: database.url, DATA_DIR: join(dataDir, name) },
      ...{ CREDENTIALS_KEY: Buffer.alloc(32, 7).toString('base64'), LEASE_SECONDS: '1' },
      ...{ SWEEP_INTERVAL_MS: '100', SYNC_INTERVAL_SECONDS: '3600' },
    });
    running.set(name, started);
    return new Steps(started.url);
  };
  const kill = async (name: string): Promise<void> => running.get(name)?.kill();
  const register = async (steps: Steps) => ({
    blueprints: await steps.register({ name: 'blueprints', url: urls.blueprints }),
    fleet: await steps.register({ name: 'fleet', url: urls.fleet, deployment: true }),
  });

  let left: Steps;
  let right: Steps;
  beforeAll(async () => {
    git = await GitServer.start();
    [test, fresh] = [await createTestDatabase(), await createTestDatabase()];
    dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-upgrades-'));
    const [blueprints, fleet] = [await git.createRepository('blueprints'), await git.createRepository('fleet')];
    fleetGit = GitFixture.create(fleet.path);
    urls = { blueprints: blueprints.url, fleet: fleet.url };
    left = await start('left', 'api');
    right = await start('right', 'api');
    await start('worker', 'worker');
    ids = await register(left);
  }, 120_000);
  afterAll(async () => {
    git?.onRequest(null);
    await Promise.all([...running.values()].map((each) => each.stop()));
    await Promise.all([test?.drop(), fresh?.drop(), git?.stop()]);
    await rm(dataDir, { recursive: true, force: true });
  }, 60_000);

  /** A deployment that both sides have changed in one place, since it was made from a blueprint. */
  async function conflicted(name: string): Promise<string> {
    const publish = async (repositoryId: string, source: object, content: string, target?: string): Promise<string> => {
      const body = { repositoryId, target, package: name, workspace: `w${Math.random().toString(36).slice(2, 8)}` };
      const { body: draft } = await left.expect(201, 'POST', '/package-revisions', { ...body, source });
      await left.edit(draft.id, { 'settings.yaml': content });
      await left.publish(draft.id);
      return draft.id as string;
    };
    const v1 = await publish(ids.blueprints, { type: 'init' }, settings('one', 'two'));
    const clone = { type: 'clone', upstream: { revisionId: v1 } };
    const ours = await publish(ids.fleet, clone, settings('ours', 'mine'), 'edge-1');
    await publish(ids.blueprints, { type: 'copy', revisionId: v1 }, settings('theirs', 'two'));
    return ours;
  }

  const preview = async (steps: Steps, ours: string, more: object = {}) =>
    (await steps.expect(201, 'POST', `/package-revisions/${ours}/upgrade-previews`, { to: 'newest', ...more })).body;

  it('is one draft of two who come at once to two servers, and conflicts have the same ids on both', async () => {
    const ours = await conflicted('raced');
    const told = await preview(left, ours);
    const other = await preview(right, ours);
    expect(told.conflicts).toHaveLength(1);
    expect(other.conflicts).toEqual(told.conflicts);
    expect((await right.expect(200, 'GET', `/upgrade-previews/${told.id}`)).body).toEqual(told);
    const ways = [told, other].map(({ id }) => id as string);
    const resolutions = { [told.conflicts[0].id]: { take: 'theirs' } };
    for (const id of ways) await right.expect(200, 'PATCH', `/upgrade-previews/${id}`, { resolutions }, ANY);
    for (const [round, id] of ways.entries()) {
      const answers = await Promise.all(
        [left, right].map((steps, side) =>
          steps.call('POST', `/upgrade-previews/${id}/apply`, { workspace: `w${round}${side}` }, ANY),
        ),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
      const { body } = answers.find(({ status }) => status === 409) ?? expect.fail('No answer is 409');
      expect(body).toMatchObject({ code: 'stateConflict' });
    }
    const { body } = await left.expect(200, 'GET', '/package-revisions?path=edge-1/raced&lifecycle=draft');
    expect(body.items).toHaveLength(ways.length);
  }, 120_000);

  it.each(['before', 'after'] as const)(
    'is the tree that was previewed, though all are killed %s Git takes its push, and where it is read from Git alone',
    async (point) => {
      const ours = await conflicted(point);
      const told = await preview(left, ours);
      const resolutions = { [told.conflicts[0].id]: { take: 'value', value: 'agreed' } };
      const { body: settled } = await left.expect(200, 'PATCH', `/upgrade-previews/${told.id}`, { resolutions }, ANY);
      const killed = new Promise<void>((resolve) => {
        git.onRequest(async ({ service, method, phase }) => {
          if (service !== 'git-receive-pack' || method !== 'POST' || phase !== point) return undefined;
          git.onRequest(null);
          await Promise.all(['left', 'worker'].map(kill));
          resolve();
          return 'drop';
        });
      });
      const request = { workspace: 'upgrade' };
      const { body: draft } = await left.expect(201, 'POST', `/upgrade-previews/${told.id}/apply`, request, ANY);
      await killed;
      left = await start('left', 'api');
      await start('worker', 'worker');
      await left.pushed(draft.id);

      const now = await left.revision(draft.id);
      const source = { strategy: 'resource-merge', resolutions: { [told.conflicts[0].id]: 'value' } };
      const refs = { from: `${point}/v1`, to: `${point}/v2` };
      expect(now).toMatchObject({ tree: settled.result, lifecycle: 'draft', source: { ...source, ...refs } });
      expect(now.source).toEqual(draft.source);
      const path = `edge-1/${point}`;
      expect(await fleetGit.revParse(`${now.branch}:${path}`)).toBe(settled.result);
      const { body } = await left.expect(200, 'GET', `/package-revisions/${draft.id}/resources`);
      expect(body.files['settings.yaml'].content).toBe(settings('agreed', 'mine'));
      expect((await left.expect(200, 'GET', `/upgrade-previews/${told.id}`)).body.appliedTo).toBe(draft.id);

      // As a draft, and once it is published, as the index finds it that knows nothing but Git.
      const again = await start('fresh', 'all', fresh);
      await register(again);
      const found = async (lifecycle: string) =>
        (
          await again.expect(
            200,
            'GET',
            `/package-revisions?path=${path}&lifecycle=${lifecycle}&latest=${String(lifecycle === 'published')}`,
          )
        ).body.items[0];
      expect(pick(await found('draft'))).toEqual(pick(now));
      await left.publish(draft.id);
      const sync = await again.expect(202, 'POST', `/repositories/${(await found('draft')).repositoryId}/sync`);
      await again.finished(sync.body.id);
      expect(pick(await found('published'))).toEqual(pick(await left.revision(draft.id)));
      await running.get('fresh')?.stop();
      await fresh.drop();
      fresh = await createTestDatabase();
    },
    180_000,
  );
});

const pick = ({
  tree,
  source,
  upstream,
}: {
  tree: string;
  source: Record<string, unknown>;
  upstream: { ref: string };
}) => ({
  tree,
  ref: upstream.ref,
  source: Object.fromEntries(UPGRADE.map((field) => [field, source[field]])),
});
