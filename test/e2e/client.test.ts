import createClient, { type Client } from 'openapi-fetch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { paths } from '../support/generated/api.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { configMap } from '../support/steps.js';

/** The body of a success; throws with the Problem where there is none. */
function expectData<Data>(answer: { data?: Data; error?: unknown; response: Response }): Data {
  if (answer.response.ok && answer.data !== undefined) return answer.data;
  throw new Error(`${answer.response.status} ${answer.response.url}: ${JSON.stringify(answer.error)}`);
}

/** The main job through the client that is generated from openapi.yaml; the compiler holds every line to the contract. */
describe('the generated client', () => {
  let git: GitServer;
  let pkgserver: Pkgserver;
  let ada: Client<paths>;
  let grace: Client<paths>;

  const clientOf = (user: string): Client<paths> =>
    createClient<paths>({ baseUrl: pkgserver.url, headers: { 'X-Remote-User': user } });

  beforeAll(async () => {
    git = await GitServer.start();
    pkgserver = await startPkgserver();
    ada = clientOf('ada');
    grace = clientOf('grace');
  });
  afterAll(async () => {
    await pkgserver?.stop();
    await git?.stop();
  });

  it('registers, creates, edits, proposes, approves and reads what was published', async () => {
    const { url, path } = await git.createRepository('fleet');
    const repository = expectData(
      await ada.POST('/api/v1/repositories', { body: { name: 'fleet', deployment: true, git: { url } } }),
    );
    expectData(
      await ada.POST('/api/v1/repositories/{id}/sync', {
        params: { path: { id: repository.id }, header: { Prefer: 'wait=30' } },
      }),
    );
    const draft = expectData(
      await ada.POST('/api/v1/package-revisions', {
        body: {
          ...{ repositoryId: repository.id, target: 'edge', package: 'web', workspace: 'first' },
          source: { type: 'init', description: 'A web server.' },
        },
      }),
    );
    const params = { path: { id: draft.id } };
    const resources = expectData(await ada.GET('/api/v1/package-revisions/{id}/resources', { params }));
    expectData(
      await ada.PATCH('/api/v1/package-revisions/{id}/resources', {
        params: { ...params, header: { 'If-Match': resources.etag } },
        body: { files: { 'config.yaml': { content: configMap('web', 'one') } } },
      }),
    );
    const proposed = expectData(await ada.POST('/api/v1/package-revisions/{id}/propose', { params }));
    expect(proposed).toMatchObject({ lifecycle: 'proposed', createdBy: 'ada' });
    expectData(
      await grace.POST('/api/v1/package-revisions/{id}/approve', {
        params: { ...params, header: { 'If-Match': proposed.etag, Prefer: 'wait=30' } },
      }),
    );
    const published = expectData(await grace.GET('/api/v1/package-revisions/{id}', { params }));
    expect(published).toMatchObject({ lifecycle: 'published', revision: 'v1', publishedBy: 'grace' });
    expect(await GitFixture.create(path).revParse('edge/web/v1^{commit}:edge/web')).toBe(published.tree);

    const stale = await ada.DELETE('/api/v1/package-revisions/{id}', {
      params: { ...params, header: { 'If-Match': proposed.etag } },
    });
    expect(stale.error).toMatchObject({ code: 'preconditionFailed', status: 412 });
    const list = expectData(
      await ada.GET('/api/v1/package-revisions', { params: { query: { target: 'edge', latest: true } } }),
    );
    expect(list.items.map(({ name }) => name)).toEqual(['edge.fleet..web.first']);
  });
});
