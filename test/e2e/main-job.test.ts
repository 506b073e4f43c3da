import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { HttpClient } from '../support/http-client.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';

const KPTFILE = `apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: web # the blueprint
  annotations:
    config.kubernetes.io/local-config: "true"
info:
  description: A web server
`;
const DEPLOYMENT = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n';

/** The main job over HTTP: discover, clone, edit, propose, approve, and what native Git finds afterwards. */
describe('from a blueprint to a published deployment', () => {
  let git: GitServer;
  let pkgserver: Pkgserver;
  let catalog: GitFixture;
  let fleet: GitFixture;
  let catalogId: string;
  let fleetId: string;
  let api: HttpClient;

  beforeAll(async () => {
    git = await GitServer.start();
    pkgserver = await startPkgserver();
    api = new HttpClient(pkgserver.url);
    const blueprints = await git.createRepository('blueprints');
    catalog = GitFixture.create(blueprints.path);
    await catalog.commit({
      files: {
        'apps/web/Kptfile': KPTFILE,
        'apps/web/deployment.yaml': DEPLOYMENT,
        'apps/web/run.sh': '#!/bin/sh\r\n',
      },
      executable: ['apps/web/run.sh'],
    });
    await catalog.tag('apps/web/v1');
    fleet = GitFixture.create((await git.createRepository('fleet', { empty: true })).path);
  });
  afterAll(async () => {
    await pkgserver?.stop();
    await git?.stop();
  });

  async function register(name: string, deployment: boolean): Promise<string> {
    const created = await api.expect(201, 'POST', '/repositories', { name, deployment, git: { url: git.url(name) } });
    const synced = await api.expect(200, 'POST', `/repositories/${created.body.id}/sync`, undefined, {
      Prefer: 'wait=30',
    });
    expect(synced.body.status.conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
    // What the sync noted does not make the owner's edit stale; another edit does.
    const unedited = { 'If-Match': created.headers.get('etag') ?? '' };
    await api.expect(200, 'PATCH', `/repositories/${created.body.id}`, { description: name }, unedited);
    await api.expect(412, 'PATCH', `/repositories/${created.body.id}`, { description: name }, unedited);
    return created.body.id as string;
  }

  it('finds the blueprint', async () => {
    catalogId = await register('blueprints', false);
    fleetId = await register('fleet', true);
    const list = await api.expect(200, 'GET', '/package-revisions?repository=blueprints');
    expect(list.body.items).toMatchObject([
      { name: 'catalog.blueprints.apps.web.v1', revision: 'v1', lifecycle: 'published', latest: true, fileCount: 3 },
    ]);
    expect(catalogId).not.toBe(fleetId);
    const head = await api.expect(200, 'GET', `/packages/${list.body.items[0].packageId}/resources`);
    expect(head.headers.get('etag')).toBe(`"${list.body.items[0].tree}"`);
    expect(head.body.files.Kptfile.content).toBe(KPTFILE);
    const known = { 'If-None-Match': head.headers.get('etag') ?? '' };
    await api.expect(304, 'GET', `/packages/${list.body.items[0].packageId}/resources`, undefined, known);
  });

  let draftId = '';
  it('clones, edits and proposes it', async () => {
    const { body: list } = await api.expect(200, 'GET', '/package-revisions?repository=blueprints');
    const draft = await api.expect(201, 'POST', '/package-revisions', {
      repositoryId: fleetId,
      target: 'edge01',
      package: 'web',
      workspace: 'first',
      source: { type: 'clone', upstream: { revisionId: list.items[0].id } },
    });
    draftId = draft.body.id;
    expect(draft.body).toMatchObject({ lifecycle: 'draft', name: 'edge01.fleet..web.first', target: 'edge01' });
    const resources = await api.expect(200, 'GET', `/package-revisions/${draftId}/resources`);
    expect(Object.keys(resources.body.files).sort()).toEqual([
      'Kptfile',
      'deployment.yaml',
      'package-context.yaml',
      'run.sh',
    ]);
    expect(resources.body.files.Kptfile.content).toContain('name: web # the blueprint');
    expect(resources.body.files['run.sh']).toMatchObject({ content: '#!/bin/sh\r\n', executable: true });
    await api.expect(
      200,
      'PATCH',
      `/package-revisions/${draftId}/resources`,
      { files: { 'deployment.yaml': { content: DEPLOYMENT.replace('replicas: 1', 'replicas: 3') } } },
      { 'If-Match': resources.headers.get('etag') ?? '' },
    );
    await api.expect(200, 'POST', `/package-revisions/${draftId}/propose`);
  });

  it('approves it: one merge commit, one annotated tag, exactly the reviewed tree', async () => {
    const proposed = await api.expect(200, 'GET', `/package-revisions/${draftId}`);
    const approved = await api.expect(200, 'POST', `/package-revisions/${draftId}/approve`, undefined, {
      'If-Match': proposed.headers.get('etag') ?? '',
      'X-Remote-User': 'bob',
      Prefer: 'wait=30',
    });
    expect(approved.body).toMatchObject({
      lifecycle: 'published',
      revision: 'v1',
      tag: 'edge01/web/v1',
      latest: true,
      publishedBy: 'bob',
    });
    expect(await fleet.tags()).toEqual(['edge01/web/v1']);
    expect(await fleet.revParse('edge01/web/v1^{commit}:edge01/web')).toBe(proposed.body.tree);
    expect(await fleet.revParse('main')).toBe(await fleet.revParse('edge01/web/v1^{commit}'));
    expect([...(await fleet.refs()).keys()].sort()).toEqual(['refs/heads/main', 'refs/tags/edge01/web/v1']);
    await fleet.check();
  });

  it('makes a second revision by copy and deletes the first', async () => {
    const copy = await api.expect(201, 'POST', '/package-revisions', {
      repositoryId: fleetId,
      target: 'edge01',
      package: 'web',
      workspace: 'second',
      source: { type: 'copy', revisionId: draftId },
    });
    const resources = await api.expect(200, 'GET', `/package-revisions/${copy.body.id}/resources`);
    await api.expect(
      200,
      'PATCH',
      `/package-revisions/${copy.body.id}/resources`,
      { files: { 'run.sh': null } },
      { 'If-Match': resources.headers.get('etag') ?? '' },
    );
    await api.expect(200, 'POST', `/package-revisions/${copy.body.id}/propose`);
    const proposed = await api.expect(200, 'GET', `/package-revisions/${copy.body.id}`);
    await api.expect(200, 'POST', `/package-revisions/${copy.body.id}/approve`, undefined, {
      'If-Match': proposed.headers.get('etag') ?? '',
      Prefer: 'wait=30',
    });
    await api.expect(200, 'POST', `/package-revisions/${draftId}/propose-deletion`);
    const first = await api.expect(200, 'GET', `/package-revisions/${draftId}`);
    expect(first.body).toMatchObject({ lifecycle: 'deletionProposed', latest: false });
    await api.expect(204, 'DELETE', `/package-revisions/${draftId}`, undefined, {
      'If-Match': first.headers.get('etag') ?? '',
      Prefer: 'wait=30',
    });
    await api.expect(404, 'GET', `/package-revisions/${draftId}`);
    expect(await fleet.tags()).toEqual(['edge01/web/v2']);
    expect((await fleet.lsTree('main', 'edge01/web')).map((entry) => entry.path).sort()).toEqual([
      'Kptfile',
      'deployment.yaml',
      'package-context.yaml',
    ]);
  });

  it('reads nothing of a place that the fleet was moved to and that has another history', async () => {
    const path = `/repositories/${fleetId}`;
    const moveTo = (name: string) =>
      api.expect(200, 'PATCH', path, { git: { url: git.url(name) } }, { 'If-Match': '*' });
    const sync = (status: number) => api.expect(status, 'POST', `${path}/sync`, undefined, { Prefer: 'wait=30' });
    await git.createRepository('another');
    await moveTo('another');
    expect((await sync(502)).body).toMatchObject({ code: 'remoteHistoryDiffers' });
    await moveTo('fleet');
    await sync(200);
  });
});
