import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { Page } from '../support/page.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';

const CATALOG = 'examples/demo/catalog';
const page = await Page.read('docs/guide.md');

describe('the guide', () => {
  let git: GitServer;
  let test: TestDatabase;
  let pkgserver: PkgserverProcess;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pkgserver-guide-'));
    git = await GitServer.start();
    const blueprints = await git.createRepository('blueprints');
    await fill(GitFixture.create(blueprints.path));
    const fleet = await git.createRepository('fleet');
    test = await createTestDatabase();
    pkgserver = await startProcess({ DATABASE_URL: test.url, DATA_DIR: join(folder, 'data'), AUTH: 'required' });
    await page.run(folder, {
      'http://localhost:8080': pkgserver.url,
      'https://git.example.com/blueprints.git': blueprints.url,
      'https://git.example.com/fleet.git': fleet.url,
    });
  }, 180_000);
  afterAll(async () => {
    await pkgserver?.stop();
    await test?.drop();
    await git?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  page.declareTests();
});

/** The sample packages of the demo, in two commits and with their tags. */
async function fill(catalog: GitFixture): Promise<void> {
  await catalog.commit({ files: await readFolder('v1') });
  for (const name of ['apps/web', 'platform/namespace', 'network/default-deny']) await catalog.tag(`${name}/v1`);
  await catalog.commit({ files: await readFolder('v2') });
  await catalog.tag('apps/web/v2');
}

async function readFolder(version: string): Promise<Record<string, string>> {
  const root = join(CATALOG, version);
  const entries = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [relative(root, path), await readFile(path, 'utf8')])),
  );
}
