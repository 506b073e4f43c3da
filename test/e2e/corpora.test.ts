import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasCorpora, serveBundle } from '../support/corpora.js';
import { GitServer } from '../support/git-server.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { Steps } from '../support/steps.js';

const CATALOGS = {
  'nephio-catalog': { revisions: 127, packages: 60, ignoredTags: 4, heads: 79 },
  'nephio-example-packages': { revisions: 67, packages: 26, ignoredTags: 4, heads: 26 },
  'kpt-samples': { revisions: 11, packages: 8, ignoredTags: 0, heads: 8 },
  'pkgserver-demo-catalog': { revisions: 3, packages: 1, ignoredTags: 0, heads: 1 },
};

describe.skipIf(!hasCorpora)('real catalogs, registered at once', () => {
  let git: GitServer;
  let pkgserver: Pkgserver;
  beforeAll(async () => {
    git = await GitServer.start();
    pkgserver = await startPkgserver({ GIT_TIMEOUT_SECONDS: '30' });
  });
  afterAll(async () => {
    await pkgserver?.stop();
    await git?.stop();
  });

  it('give their counts over the API, every one Ready, no operation failed', async () => {
    const steps = new Steps(pkgserver.url);
    const names = Object.keys(CATALOGS);
    const urls = await Promise.all(names.map((name) => serveBundle(git, name)));
    const ids = await Promise.all(names.map((name, index) => steps.register({ name, url: urls[index] ?? '' })));
    const found = await Promise.all(ids.map((id) => countsOf(steps, id)));
    expect(Object.fromEntries(names.map((name, index) => [name, found[index]]))).toEqual(CATALOGS);
    const { body: failed } = await steps.expect(200, 'GET', '/operations?state=failed,cancelled');
    expect(failed.items).toEqual([]);
  }, 180_000);
});

async function countsOf(steps: Steps, id: string) {
  const { body: repository } = await steps.expect(200, 'GET', `/repositories/${id}`);
  expect(repository.status.conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
  const revisions = await all(steps, `/package-revisions?repositoryId=${id}&lifecycle=published&pageSize=50`);
  const packages = await all(steps, `/packages?repositoryId=${id}&pageSize=50`);
  return {
    revisions: revisions.length,
    packages: packages.filter((found) => Number(found.revisionCount) > 0).length,
    ignoredTags: repository.status.ignoredTags as number,
    heads: packages.filter(({ head }) => (head as { tree: string | null }).tree !== null).length,
  };
}

/** All pages of a list. */
async function all(steps: Steps, path: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const { body } = await steps.expect(200, 'GET', `${path}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    items.push(...(body.items as Record<string, unknown>[]));
    cursor = body.nextCursor as string | null;
  }
  return items;
}
