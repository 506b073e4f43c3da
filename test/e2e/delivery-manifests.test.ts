import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Repository } from '../../src/database/generated/client.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { hasCorpora, serveBundle } from '../support/corpora.js';
import { hasDeliveryCrds, type Manifest, manifestFaults, readManifests } from '../support/delivery-crds.js';
import { git } from '../support/git-command.js';
import { GitServer } from '../support/git-server.js';
import { type Answer, HttpClient } from '../support/http-client.js';
import { addRepository, markPublished } from '../support/index-rows.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { signIn } from '../support/sign-in.js';
import { Steps } from '../support/steps.js';

const TOOLS = ['argocd', 'flux', 'config-sync'] as const;
const textOf = ({ text }: Answer): string => text;

describe('delivery manifests', () => {
  let api: TestApi;
  let admin: HttpClient;
  let fleet: Repository;
  let hidden: Repository;
  const packages: Record<string, string> = {};

  beforeAll(async () => {
    api = await startTestApi({ AUTH: 'required' });
    admin = await as('root', { role: 'admin' });
    const credential = { name: 'deploy-key', type: 'token', token: 's3cret-token' };
    const { body } = await admin.expect(201, 'POST', '/credentials', credential);
    fleet = await addRepository(api.database, {
      ...{ name: 'fleet', deployment: true, directory: 'clusters', ref: 'main', credentialId: body.id as string },
    });
    hidden = await addRepository(api.database, { name: 'hidden', deployment: true });
    packages.web = await published(fleet, { target: 'edge-1', package: 'web' });
    packages.shop = await published(fleet, { target: 'edge-2', realm: 'a', package: 'shop' });
    packages.draft = await drafted(fleet, { target: 'edge-2', package: 'later' });
    packages.secret = await published(hidden, { target: 'edge-1', package: 'secret' });
  });
  afterAll(() => api?.close());

  async function as(...[user, role]: [string, Parameters<typeof signIn>[2]]): Promise<HttpClient> {
    return new HttpClient(api.url, { Authorization: `Bearer ${await signIn(api.database, user, role)}` });
  }

  /** The package's id. */
  async function drafted({ id: repositoryId }: Repository, place: object, publish = false): Promise<string> {
    const creation = { repositoryId, ...place, workspace: 'one', source: { type: 'init' } };
    const { body } = await admin.expect(201, 'POST', '/package-revisions', creation);
    if (publish) await markPublished(api.database, body.id as string, 'v1');
    return body.packageId as string;
  }
  const published = (repository: Repository, place: object) => drafted(repository, place, true);

  const of = (id: string | undefined, query: string, client = admin) =>
    client.call('GET', `/packages/${id}/delivery-manifests?${query}`);
  const all = (query: string, client = admin, { id } = fleet) =>
    client.call('GET', `/repositories/${id}/delivery-manifests?${query}`);
  const read = async (answer: Promise<Answer>): Promise<Manifest[]> => {
    const given = await answer;
    expect([given.status, given.headers.get('content-type')]).toEqual([200, 'application/yaml']);
    return readManifests(textOf(given));
  };

  it('of Argo CD pin the tag, and name the cluster by the target', async () => {
    const [application, ...others] = await read(of(packages.web, 'tool=argocd'));
    expect(others).toEqual([]);
    expect(application).toMatchObject({
      kind: 'Application',
      metadata: { namespace: 'argocd', annotations: { 'pkgserver/package': packages.web } },
      spec: {
        source: { repoURL: fleet.url, targetRevision: 'edge-1/web/v1', path: 'clusters/edge-1/web' },
        destination: { name: 'edge-1' },
      },
    });
  });

  it('of Flux are a source and what applies it, whose events name the package', async () => {
    const [source, kustomization] = await read(of(packages.web, 'tool=flux&secretName=git-token'));
    expect(source).toMatchObject({
      kind: 'GitRepository',
      metadata: { namespace: 'flux-system' },
      spec: { url: fleet.url, ref: { tag: 'edge-1/web/v1' }, secretRef: { name: 'git-token' } },
    });
    expect(kustomization).toMatchObject({
      kind: 'Kustomization',
      metadata: { annotations: { 'event.toolkit.fluxcd.io/package': packages.web } },
      spec: { path: './clusters/edge-1/web', sourceRef: { kind: 'GitRepository', name: source?.metadata.name } },
    });
  });

  it('of Config Sync are a RootSync, and in a namespace of others a RepoSync', async () => {
    const [root] = await read(of(packages.web, 'tool=config-sync'));
    expect(root).toMatchObject({
      kind: 'RootSync',
      spec: { git: { repo: fleet.url, revision: 'edge-1/web/v1', dir: 'clusters/edge-1/web', auth: 'token' } },
    });
    expect(await read(of(packages.web, 'tool=config-sync&namespace=shop'))).toMatchObject([
      { kind: 'RepoSync', metadata: { namespace: 'shop' } },
    ]);
  });

  it('name the Secret of the credential, and hold nothing of it', async () => {
    for (const tool of TOOLS) {
      const text = textOf(await of(packages.web, `tool=${tool}`));
      expect(text).not.toContain('s3cret');
      expect(text).not.toContain('deploy-key');
    }
    expect(textOf(await of(packages.web, 'tool=flux'))).toMatch(
      /^# The Secret flux-system\/git-fleet-\w{8} is to hold/,
    );
    expect(textOf(await of(packages.secret, 'tool=flux'))).not.toContain('secretRef');
  });

  it('follow the ref where that is asked for', async () => {
    await api.database.client.package.update({ where: { id: packages.web ?? '' }, data: { headTree: 'a'.repeat(40) } });
    expect(await read(of(packages.web, 'tool=flux&track=ref'))).toMatchObject([
      { spec: { ref: { branch: 'main' } } },
      {},
    ]);
    expect(await read(of(packages.web, 'tool=config-sync&track=ref'))).toMatchObject([
      { spec: { git: { branch: 'main', revision: 'HEAD' } } },
    ]);
    expect(await read(of(packages.web, 'tool=argocd&track=ref'))).toMatchObject([
      { spec: { source: { targetRevision: 'main' } } },
    ]);
  });

  it('are refused where there is nothing to follow, and what to do is said', async () => {
    for (const query of ['tool=flux', 'tool=flux&track=ref']) {
      const { status, body } = await of(packages.draft, query);
      expect([status, body.code]).toEqual([409, 'stateConflict']);
    }
  });

  it('of a repository are those of all packages that can be followed, or of one target', async () => {
    const [set, ...others] = await read(all('tool=argocd'));
    expect(others).toEqual([]);
    const elements = [
      { path: 'clusters/edge-1/web', cluster: 'edge-1', package: packages.web },
      { path: 'clusters/edge-2/a/shop', cluster: 'edge-2', package: packages.shop },
    ];
    expect(set).toMatchObject({ kind: 'ApplicationSet', spec: { generators: [{ list: { elements } }] } });
    expect(await read(all('tool=flux'))).toHaveLength(4);
    expect(await read(all('tool=config-sync&target=edge-2'))).toMatchObject([
      { spec: { git: { dir: 'clusters/edge-2/a/shop' } } },
    ]);
    for (const query of ['tool=argocd&target=nowhere', 'tool=flux&target=']) {
      const { status, body } = await all(query);
      expect([status, body.code]).toEqual([409, 'stateConflict']);
    }
  });

  it('of Argo CD for one target replace no others, and delete nothing that was delivered', async () => {
    const sets = await Promise.all(
      ['', '&target=edge-1', '&target=edge-2'].map((query) => read(all(`tool=argocd${query}`))),
    );
    expect(new Set(sets.map(([set]) => set?.metadata.name)).size).toBe(3);
    for (const [set] of sets) expect(set?.spec.syncPolicy).toEqual({ preserveResourcesOnDeletion: true });
  });

  it('say where objects without a namespace go, and a Secret that only clusters need', async () => {
    const query = 'destinationNamespace=shop&secretName=mirror';
    expect(await read(of(packages.secret, `tool=argocd&${query}`))).toMatchObject([
      { spec: { destination: { name: 'edge-1', namespace: 'shop' } } },
    ]);
    expect(await read(of(packages.secret, `tool=flux&${query}`))).toMatchObject([
      { spec: { secretRef: { name: 'mirror' } } },
      { spec: { targetNamespace: 'shop' } },
    ]);
  });

  it('show whoever may see a part of it that part alone', async () => {
    const viewer = await as('alice', { role: 'viewer', repositoryId: fleet.id, path: 'edge-2/**' });
    const manifests = await read(all('tool=config-sync', viewer));
    expect(manifests.map(({ spec }) => (spec.git as { dir: string }).dir)).toEqual(['clusters/edge-2/a/shop']);
    expect((await of(packages.web, 'tool=flux', viewer)).status).toBe(404);
    expect((await all('tool=flux', viewer, hidden)).status).toBe(404);
  });

  it.each([
    '',
    'tool=helm',
    'tool=flux&track=head',
    'tool=flux&namespace=Ä',
    'tool=flux&secretName=a/b',
    'tool=flux&x=1',
  ])('are refused for "%s"', async (query) => {
    expect((await of(packages.web, query)).status).toBe(400);
    expect((await all(query)).status).toBe(400);
  });

  it.skipIf(!hasDeliveryCrds)('are valid by the schemas of the tools', async () => {
    for (const tool of TOOLS) {
      for (const query of [
        `tool=${tool}`,
        `tool=${tool}&namespace=shop`,
        `tool=${tool}&track=ref`,
        `tool=${tool}&destinationNamespace=x`,
      ]) {
        const manifests = [...(await read(of(packages.web, query))), ...(await read(all(query)))];
        expect(manifests.flatMap(manifestFaults), query).toEqual([]);
      }
    }
  });
});

describe.skipIf(!hasCorpora || !hasDeliveryCrds)('delivery manifests of real catalogs', () => {
  const CATALOGS = ['nephio-catalog', 'nephio-example-packages', 'kpt-samples', 'pkgserver-demo-catalog'];
  let server: GitServer;
  let pkgserver: Pkgserver;
  beforeAll(async () => {
    server = await GitServer.start();
    pkgserver = await startPkgserver({ GIT_TIMEOUT_SECONDS: '30' });
  });
  afterAll(async () => {
    await pkgserver?.stop();
    await server?.stop();
  });

  it('are valid, name what is there, and have names of their own', { timeout: 180_000 }, async () => {
    const steps = new Steps(pkgserver.url);
    const names = new Set<string>();
    let count = 0;
    for (const catalog of CATALOGS) {
      const url = await serveBundle(server, catalog);
      const id = await steps.register({ name: catalog, url });
      for (const tool of TOOLS) {
        const answer = await steps.call('GET', `/repositories/${id}/delivery-manifests?tool=${tool}`);
        const manifests = readManifests(textOf(answer));
        expect(manifests.flatMap(manifestFaults), `${catalog} ${tool}`).toEqual([]);
        for (const { kind, metadata } of manifests) {
          expect(metadata.name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
          expect(names.has(`${kind}/${metadata.name}`), metadata.name).toBe(false);
          names.add(`${kind}/${metadata.name}`);
        }
        if (tool !== 'config-sync') continue;
        for (const { spec } of manifests) {
          const { repo, revision, dir } = spec.git as Record<string, string>;
          expect(repo).toBe(url);
          const gitDir = join(server.root, `${catalog}.git`);
          await git(['cat-file', '-e', `refs/tags/${revision}:${dir === '.' ? '' : dir}`], { gitDir });
          count += 1;
        }
      }
    }
    // The packages of the catalogs with something published.
    expect(count).toBe(95);
  });
});
