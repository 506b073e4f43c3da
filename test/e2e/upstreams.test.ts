import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import type { Body } from '../support/http-client.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { type GivenRole, signIn } from '../support/sign-in.js';
import { Steps } from '../support/steps.js';

let git: GitServer;
let pkgserver: Pkgserver;
let steps: Steps;
let remote: GitFixture;
let catalogId: string;
let fleetId: string;

const as = async (...roles: GivenRole[]): Promise<Steps> => {
  const token = await signIn(pkgserver.database, `u-${uuidv7()}`, ...roles);
  return new Steps(pkgserver.url, { Authorization: `Bearer ${token}` });
};

beforeAll(async () => {
  git = await GitServer.start();
  pkgserver = await startPkgserver({ AUTH: 'required' });
  steps = await as({ role: 'admin' });
  const { url, path } = await git.createRepository('blueprints');
  remote = GitFixture.create(path);
  catalogId = await steps.register({ name: 'blueprints', url });
  fleetId = await steps.register({ name: 'fleet', url: (await git.createRepository('fleet')).url });
}, 120_000);
afterAll(async () => {
  await pkgserver?.stop();
  await git?.stop();
});

async function version(name: string, of?: string): Promise<string> {
  const id = of === undefined ? await steps.draft(catalogId, name) : await steps.copy(catalogId, of, uuidv7());
  if (of !== undefined) await steps.edit(id, { 'config.yaml': `a: ${id}\n` });
  await steps.publish(id);
  return id;
}

async function cloned(revisionId: string, name: string): Promise<Body> {
  const source = { type: 'clone', upstream: { revisionId } };
  const creation = { repositoryId: fleetId, package: name, workspace: 'one', source };
  const { body } = await steps.expect(201, 'POST', '/package-revisions', creation);
  await steps.publish(body.id as string);
  return steps.revision(body.id as string);
}

const sync = () => steps.expect(200, 'POST', `/repositories/${catalogId}/sync`, undefined, { Prefer: 'wait=30' });
const NOTHING = { behind: null, current: null, newest: null };

describe('what a package was made from', () => {
  let first: string;
  let second: string;
  let clone: Body;
  beforeAll(async () => {
    first = await version('core');
    clone = await cloned(first, 'behind');
    second = await version('core', first);
  }, 60_000);

  it('is compared with what is published there, on revisions and packages', async () => {
    const behind = {
      ...{ state: 'behind', behind: 1 },
      current: { revisionId: first, revision: 'v1' },
      newest: { revisionId: second, revision: 'v2' },
    };
    expect((await steps.revision(clone.id)).upstreamStatus).toEqual(behind);
    expect((await steps.expect(200, 'GET', `/packages/${clone.packageId}`)).body.upstreamStatus).toEqual(behind);
    expect((await steps.revision(first)).upstreamStatus).toEqual({ state: 'none', ...NOTHING });
    const upToDate = await cloned(second, 'current');
    expect(upToDate.upstreamStatus).toMatchObject({ state: 'upToDate', behind: 0, newest: { revision: 'v2' } });
  });

  it('is a filter of both lists', async () => {
    for (const list of ['/package-revisions', '/packages']) {
      const names = async (query: string) =>
        (await steps.expect(200, 'GET', `${list}?${query}`)).body.items.map(({ package: name }: Body) => name);
      expect(await names('upstreamState=behind')).toEqual(['behind']);
      expect(await names('upstreamState=behind&upstreamState=upToDate&repository=fleet')).toEqual([
        'behind',
        'current',
      ]);
      expect(await names('upstreamState=gone,diverged')).toEqual([]);
      expect(await names('upstreamState=none')).not.toContain('behind');
      expect((await steps.call('GET', `${list}?upstreamState=late`)).status).toBe(400);
    }
  });

  it('shows its versions and their number to whoever may see that package alone', async () => {
    const member = await as({ role: 'viewer', repositoryId: fleetId });
    expect((await member.revision(clone.id)).upstreamStatus).toEqual({ state: 'behind', ...NOTHING });
    const { body } = await member.expect(200, 'GET', `/packages?upstreamState=behind`);
    expect(body.items.map(({ upstreamStatus }: Body) => upstreamStatus)).toEqual([{ state: 'behind', ...NOTHING }]);
    const both = await as(
      { role: 'viewer', repositoryId: fleetId },
      { role: 'viewer', repositoryId: catalogId, path: 'core' },
    );
    expect((await both.revision(clone.id)).upstreamStatus).toMatchObject({ behind: 1, newest: { revision: 'v2' } });
  });

  it('makes another entity tag, and nobody’s edit stale', async () => {
    const before = await steps.revision(clone.id);
    await version('core', second);
    const { status, body } = await steps.call('GET', `/package-revisions/${clone.id}`, undefined, {
      'If-None-Match': `"${before.etag}"`,
    });
    expect([status, body.upstreamStatus.behind]).toEqual([200, 2]);
    const labels = { labels: { team: 'x' } };
    await steps.expect(200, 'PATCH', `/package-revisions/${clone.id}`, labels, { 'If-Match': `"${before.etag}"` });
  });

  it('is told as an event to whoever sees the package', async () => {
    const member = await as({ role: 'viewer', repositoryId: fleetId });
    const events = async () =>
      (await member.expect(200, 'GET', '/events?type=package.upstreamBehind')).body.items as Body[];
    await expect.poll(async () => (await events()).length).toBeGreaterThan(0);
    const [event] = await events();
    expect(event).toMatchObject({
      ...{ type: 'dev.pkgserver.package.upstreamBehind', actor: null, subject: `packages/${clone.packageId}` },
      data: {
        package: { path: 'behind', upstream: { url: git.url('blueprints'), directory: 'core', ref: 'core/v1' } },
      },
    });
  });

  it('is diverged or gone by what others do to its tag, and unknown of another place', async () => {
    const moved = await version('moved');
    const diverged = await cloned(moved, 'diverged');
    const gone = await cloned(await version('lost'), 'gone');
    await remote.moveTag('moved/v1', 'main');
    await remote.deleteRef('refs/tags/lost/v1');
    await sync();
    expect((await steps.revision(diverged.id)).upstreamStatus).toMatchObject({ state: 'diverged', current: null });
    expect((await steps.revision(gone.id)).upstreamStatus).toMatchObject({ state: 'gone', current: null });
  });
});
