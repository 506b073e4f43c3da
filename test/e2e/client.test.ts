import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, createApiClient, expectData } from '../support/api-client.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { configMap } from '../support/steps.js';

/** The main job through the client that is generated from openapi.yaml; the compiler holds every line to the contract. */
describe('the generated client', () => {
  let git: GitServer;
  let pkgserver: Pkgserver;
  let alice: ApiClient;
  let bob: ApiClient;

  beforeAll(async () => {
    git = await GitServer.start();
    pkgserver = await startPkgserver();
    alice = createApiClient(pkgserver.url, 'alice');
    bob = createApiClient(pkgserver.url, 'bob');
  });
  afterAll(async () => {
    await pkgserver?.stop();
    await git?.stop();
  });

  it('registers, creates, edits, proposes, approves and reads what was published', async () => {
    const { url, path } = await git.createRepository('fleet');
    const repository = expectData(
      await alice.POST('/api/v1/repositories', { body: { name: 'fleet', deployment: true, git: { url } } }),
    );
    expectData(
      await alice.POST('/api/v1/repositories/{id}/sync', {
        params: { path: { id: repository.id }, header: { Prefer: 'wait=30' } },
      }),
    );
    const draft = expectData(
      await alice.POST('/api/v1/package-revisions', {
        body: {
          ...{ repositoryId: repository.id, target: 'edge', package: 'web', workspace: 'first' },
          source: { type: 'init', description: 'A web server.' },
        },
      }),
    );
    const params = { path: { id: draft.id } };
    const resources = expectData(await alice.GET('/api/v1/package-revisions/{id}/resources', { params }));
    expectData(
      await alice.PATCH('/api/v1/package-revisions/{id}/resources', {
        params: { ...params, header: { 'If-Match': resources.etag } },
        body: { files: { 'config.yaml': { content: configMap('web', 'one') } } },
      }),
    );
    const proposed = expectData(await alice.POST('/api/v1/package-revisions/{id}/propose', { params }));
    expect(proposed).toMatchObject({ lifecycle: 'proposed', createdBy: 'alice' });
    expectData(
      await bob.POST('/api/v1/package-revisions/{id}/approve', {
        params: { ...params, header: { 'If-Match': proposed.etag, Prefer: 'wait=30' } },
      }),
    );
    const published = expectData(await bob.GET('/api/v1/package-revisions/{id}', { params }));
    expect(published).toMatchObject({ lifecycle: 'published', revision: 'v1', publishedBy: 'bob' });
    expect(await GitFixture.create(path).revParse('edge/web/v1^{commit}:edge/web')).toBe(published.tree);

    const stale = await alice.DELETE('/api/v1/package-revisions/{id}', {
      params: { ...params, header: { 'If-Match': proposed.etag } },
    });
    expect(stale.error).toMatchObject({ code: 'preconditionFailed', status: 412 });
    const list = expectData(
      await alice.GET('/api/v1/package-revisions', { params: { query: { target: 'edge', latest: true } } }),
    );
    expect(list.items.map(({ name }) => name)).toEqual(['edge.fleet..web.first']);
  });
});
