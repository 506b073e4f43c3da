import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, vi } from 'vitest';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { Page } from '../support/page.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { signIn } from '../support/sign-in.js';
import { Steps } from '../support/steps.js';

const page = await Page.read('docs/tracing.md');

const KPTFILE = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: web\n';
const deployment = (image: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: main, image: "${image}"}]
`;
const service = (...spec: string[]): string => `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
${spec.map((line) => `  ${line}\n`).join('')}`;
const HTTP = '- {name: http, port: 80}';
const METRICS = '- {name: metrics, port: 9090}';

const person = (name: string) => ({ name, email: `${name}@example.com` });
const at = (time: string): number => Date.parse(time) / 1000;

/** What the page tells of: `web` in a catalog, by people who use Git alone, and a fleet that is deployed from it. */
describe('the page on tracing', () => {
  let git: GitServer;
  let pkgserver: Pkgserver;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pkgserver-tracing-'));
    git = await GitServer.start();
    const blueprints = await git.createRepository('blueprints');
    await fill(GitFixture.create(blueprints.path));
    const fleet = await git.createRepository('fleet');
    pkgserver = await startPkgserver({ AUTH: 'required' });
    await deploy(blueprints.url, fleet.url);
    const reader = await signIn(pkgserver.database, 'eve', { role: 'viewer' });
    await page.run(folder, { 'http://localhost:8080': pkgserver.url, 'put-your-token-here': reader });
  }, 180_000);
  afterAll(async () => {
    await pkgserver?.stop();
    await git?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  page.declareTests();

  async function deploy(blueprintsUrl: string, fleetUrl: string): Promise<void> {
    const as = async (user: string) =>
      new Steps(pkgserver.url, {
        Authorization: `Bearer ${await signIn(pkgserver.database, user, { role: 'admin' })}`,
      });
    const [ada, grace, henk] = [await as('ada'), await as('grace'), await as('henk')];
    await ada.register({ name: 'blueprints', url: blueprintsUrl });
    const repositoryId = await ada.register({ name: 'fleet', url: fleetUrl, deployment: true });
    const { body } = await ada.expect(200, 'GET', '/package-revisions?path=web&sort=name');
    const [v1, v2, v3] = (body.items as { id: string }[]).map(({ id }) => id);
    const run = async (target: string, revisionId: string | undefined, files: Record<string, string>) => {
      const source = { type: 'clone', upstream: { revisionId } };
      const creation = { repositoryId, target, package: 'shop', workspace: 'first', source };
      const id = (await ada.expect(201, 'POST', '/package-revisions', creation)).body.id as string;
      if (Object.keys(files).length > 0) await ada.edit(id, files);
      await ada.propose(id);
      await grace.finished(await grace.approve(id));
    };
    await run('edge-1', v1, {});
    await run('edge-2', v2, { 'service.yaml': service('type: NodePort', 'ports:', HTTP, METRICS) });
    await henk.expect(200, 'POST', `/package-revisions/${v3}/propose-deletion`, {
      comment: 'It does not start.',
      head: 'restore',
    });
    const deletion = await grace.expect(202, 'DELETE', `/package-revisions/${v3}`, undefined, { 'If-Match': '*' });
    await grace.finished(deletion.body.id as string);
    // What a visit records of commits may come a moment after its answers.
    const commits = () => pkgserver.database.client.packageCommit.count({ where: { path: 'web' } });
    await vi.waitFor(async () => expect(await commits()).toBe(5), { timeout: 30_000, interval: 50 });
  }
});

async function fill(catalog: GitFixture): Promise<void> {
  const commit = async (name: string, time: string, message: string, files: Record<string, string>) => {
    const within = Object.fromEntries(Object.entries(files).map(([path, text]) => [`web/${path}`, text]));
    await catalog.commit({ author: person(name), date: at(time), message: `${message}\n`, files: within });
  };
  const tag = (version: string, time: string) =>
    catalog.tag(`web/${version}`, { tagger: person('grace'), date: at(time) });
  await commit('ada', '2026-05-12T07:30:00Z', 'A web server', {
    Kptfile: KPTFILE,
    'deployment.yaml': deployment('nginx:1.25'),
    'service.yaml': service('ports:', HTTP),
  });
  await tag('v1', '2026-05-12T08:00:00Z');
  await commit('henk', '2026-05-12T11:42:10Z', 'Open a port for metrics', {
    'service.yaml': service('ports:', HTTP, METRICS),
  });
  await commit('ada', '2026-05-13T15:05:00Z', 'nginx 1.27', { 'deployment.yaml': deployment('nginx:1.27') });
  await tag('v2', '2026-05-13T16:20:00Z');
  await commit('ada', '2026-05-14T08:40:00Z', 'The slim image', { 'deployment.yaml': deployment('nginx:1.28-slim') });
  await tag('v3', '2026-05-14T09:00:00Z');
}
