import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { Steps, configMap } from '../support/steps.js';

/** What must come back from Git alone. */
const FIELDS = [
  'name',
  'path',
  'target',
  'realm',
  'package',
  'workspace',
  'revision',
  'lifecycle',
  'latest',
  'source',
  'commit',
  'tree',
  'tag',
  'branch',
  'fileCount',
  'sizeBytes',
  'publishedAt',
  'publishedBy',
] as const;

describe('an index made again from Git alone', () => {
  let git: GitServer;
  let running: Pkgserver | undefined;
  let blueprints: string;
  let fleet: string;

  beforeAll(async () => {
    git = await GitServer.start();
    blueprints = (await git.createRepository('blueprints', { empty: true })).url;
    const { url, path } = await git.createRepository('fleet');
    fleet = url;
    await GitFixture.create(path).commit({ files: { 'edge/hand/made.yaml': configMap('hand', 'made') } });
    await GitFixture.create(path).tag('edge/hand/v7', { annotated: false });
  });
  afterAll(async () => {
    await running?.stop();
    await git?.stop();
  });

  it('is the same: packages, revisions, lifecycles, workspaces, upstreams, contents, drafts and proposals', async () => {
    running = await startPkgserver();
    const steps = new Steps(running.url);
    await author(steps);
    const before = await snapshot(steps);
    await running.stop();

    running = await startPkgserver();
    const again = new Steps(running.url);
    const ids = await registerBoth(again);
    const after = await snapshot(again);
    expect(after).toEqual(before);
    expect(after.revisions.map((revision) => `${revision.name} ${revision.lifecycle}`)).toHaveLength(8);

    // The number of a deleted revision is not given out again.
    const source = after.revisions.find((revision) => revision.name === 'catalog.blueprints..base.second');
    expect(source).toMatchObject({ revision: 'v2', latest: true });
    const { body: list } = await again.call('GET', '/package-revisions?package=base&repository=blueprints&latest=true');
    const copy = await again.copy(ids.blueprints, list.items[0].id, 'fourth');
    await again.edit(copy, { 'config.yaml': configMap('base', '4') });
    expect(await again.publish(copy)).toMatchObject({ revision: 'v4' });
  }, 180_000);

  async function registerBoth(steps: Steps) {
    // The clones' repository first: their upstreams are found once the catalog is indexed.
    const second = await steps.register({ name: 'fleet', url: fleet, deployment: true });
    return { fleet: second, blueprints: await steps.register({ name: 'blueprints', url: blueprints }) };
  }

  async function author(steps: Steps): Promise<void> {
    const ids = await registerBoth(steps);
    const base = await steps.draft(ids.blueprints, 'base', 'first');
    await steps.publish(base);
    const second = await steps.copy(ids.blueprints, base, 'second');
    await steps.edit(second, { 'more/deep.yaml': configMap('base', '2') });
    await steps.publish(second);
    const third = await steps.copy(ids.blueprints, second, 'third');
    await steps.edit(third, { 'config.yaml': configMap('base', '3') });
    await steps.publish(third);
    await steps.expect(200, 'POST', `/package-revisions/${third}/propose-deletion`, { head: 'restore' });
    await steps.expect(204, 'DELETE', `/package-revisions/${third}`, undefined, { 'If-Match': '*', Prefer: 'wait=30' });

    const clone = async (packageName: string, realm?: string) => {
      const body = {
        ...{ repositoryId: ids.fleet, target: 'edge', realm, package: packageName, workspace: 'w1' },
        source: { type: 'clone', upstream: { revisionId: second } },
      };
      return (await steps.expect(201, 'POST', '/package-revisions', body)).body.id as string;
    };
    const published = await clone('live', 'eu/west');
    await steps.publish(published);
    const deletion = await clone('old');
    await steps.publish(deletion);
    await steps.expect(200, 'POST', `/package-revisions/${deletion}/propose-deletion`);
    const draft = await clone('draft');
    await steps.edit(draft, { 'config.yaml': configMap('draft', 'edited') });
    const proposal = await clone('proposal');
    await steps.propose(proposal);
    const copy = await steps.copy(ids.blueprints, base, 'later');
    for (const id of [deletion, draft, proposal, copy]) await steps.pushed(id);
  }
});

async function snapshot(steps: Steps) {
  const { body: revisions } = await steps.expect(200, 'GET', '/package-revisions?pageSize=500');
  const { body: packages } = await steps.expect(200, 'GET', '/packages?pageSize=500');
  const names = new Map<string, string>(
    revisions.items.map((item: { id: string; name: string }) => [item.id, item.name]),
  );
  const pick = (item: Record<string, unknown>) => {
    const upstream = item.upstream as { revisionId: string | null } | null;
    return {
      ...Object.fromEntries(FIELDS.map((field) => [field, item[field]])),
      name: String(item.name),
      lifecycle: String(item.lifecycle),
      git: (item.git as { state: string }).state,
      upstream: upstream && { ...upstream, revisionId: names.get(upstream.revisionId ?? '') ?? null },
    };
  };
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  return {
    revisions: revisions.items.map(pick).sort(byName) as (Record<string, unknown> & {
      name: string;
      lifecycle: string;
    })[],
    packages: packages.items
      .map((item: { repository: string; path: string; head: { tree: string | null }; revisionCount: number }) => ({
        name: `${item.repository}/${item.path}`,
        head: item.head.tree,
        revisionCount: item.revisionCount,
      }))
      .sort(byName),
  };
}
