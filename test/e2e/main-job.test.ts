import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
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
  const api = () => request(`${pkgserver.url}/api/v1`);

  beforeAll(async () => {
    git = await GitServer.start();
    pkgserver = await startPkgserver();
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
    const created = await api()
      .post('/repositories')
      .send({ name, deployment, git: { url: git.url(name) } })
      .expect(201);
    const synced = await api().post(`/repositories/${created.body.id}/sync`).set('Prefer', 'wait=30').expect(200);
    expect(synced.body.status.conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
    // What the sync noted does not make the owner's edit stale; another edit does.
    const edit = (etag: string) =>
      api().patch(`/repositories/${created.body.id}`).set('If-Match', etag).send({ description: name });
    await edit(created.headers.etag as string).expect(200);
    await edit(created.headers.etag as string).expect(412);
    return created.body.id as string;
  }

  it('finds the blueprint', async () => {
    catalogId = await register('blueprints', false);
    fleetId = await register('fleet', true);
    const list = await api().get('/package-revisions?repository=blueprints').expect(200);
    expect(list.body.items).toMatchObject([
      { name: 'catalog.blueprints.apps.web.v1', revision: 'v1', lifecycle: 'published', latest: true, fileCount: 3 },
    ]);
    expect(catalogId).not.toBe(fleetId);
  });

  let draftId = '';
  it('clones, edits and proposes it', async () => {
    const { body: list } = await api().get('/package-revisions?repository=blueprints').expect(200);
    const draft = await api()
      .post('/package-revisions')
      .send({
        repositoryId: fleetId,
        target: 'edge01',
        package: 'web',
        workspace: 'first',
        source: { type: 'clone', upstream: { revisionId: list.items[0].id } },
      })
      .expect(201);
    draftId = draft.body.id;
    expect(draft.body).toMatchObject({ lifecycle: 'draft', name: 'edge01.fleet..web.first', target: 'edge01' });
    const resources = await api().get(`/package-revisions/${draftId}/resources`).expect(200);
    expect(Object.keys(resources.body.files).sort()).toEqual([
      'Kptfile',
      'deployment.yaml',
      'package-context.yaml',
      'run.sh',
    ]);
    expect(resources.body.files.Kptfile.content).toContain('name: web # the blueprint');
    expect(resources.body.files['run.sh']).toMatchObject({ content: '#!/bin/sh\r\n', executable: true });
    await api()
      .patch(`/package-revisions/${draftId}/resources`)
      .set('If-Match', resources.headers.etag as string)
      .send({ files: { 'deployment.yaml': { content: DEPLOYMENT.replace('replicas: 1', 'replicas: 3') } } })
      .expect(200);
    await api().post(`/package-revisions/${draftId}/propose`).expect(200);
  });

  it('approves it: one merge commit, one annotated tag, exactly the reviewed tree', async () => {
    const proposed = await api().get(`/package-revisions/${draftId}`).expect(200);
    const approved = await api()
      .post(`/package-revisions/${draftId}/approve`)
      .set('If-Match', proposed.headers.etag as string)
      .set('X-Remote-User', 'bob')
      .set('Prefer', 'wait=30')
      .expect(200);
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
    const copy = await api()
      .post('/package-revisions')
      .send({
        repositoryId: fleetId,
        target: 'edge01',
        package: 'web',
        workspace: 'second',
        source: { type: 'copy', revisionId: draftId },
      })
      .expect(201);
    const resources = await api().get(`/package-revisions/${copy.body.id}/resources`).expect(200);
    await api()
      .patch(`/package-revisions/${copy.body.id}/resources`)
      .set('If-Match', resources.headers.etag as string)
      .send({ files: { 'run.sh': null } })
      .expect(200);
    await api().post(`/package-revisions/${copy.body.id}/propose`).expect(200);
    const proposed = await api().get(`/package-revisions/${copy.body.id}`).expect(200);
    await api()
      .post(`/package-revisions/${copy.body.id}/approve`)
      .set('If-Match', proposed.headers.etag as string)
      .set('Prefer', 'wait=30')
      .expect(200);
    await api().post(`/package-revisions/${draftId}/propose-deletion`).expect(200);
    const first = await api().get(`/package-revisions/${draftId}`).expect(200);
    expect(first.body).toMatchObject({ lifecycle: 'deletionProposed', latest: false });
    await api()
      .delete(`/package-revisions/${draftId}`)
      .set('If-Match', first.headers.etag as string)
      .set('Prefer', 'wait=30')
      .expect(204);
    await api().get(`/package-revisions/${draftId}`).expect(404);
    expect(await fleet.tags()).toEqual(['edge01/web/v2']);
    expect((await fleet.lsTree('main', 'edge01/web')).map((entry) => entry.path).sort()).toEqual([
      'Kptfile',
      'deployment.yaml',
      'package-context.yaml',
    ]);
  });
});
