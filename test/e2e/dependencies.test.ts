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
let admin: Steps;
const repositories: Record<string, string> = {};
/** By path. */
const ids: Record<string, string> = {};
let target: string;

const as = async (...roles: GivenRole[]): Promise<Steps> => {
  const token = await signIn(pkgserver.database, `u-${uuidv7()}`, ...roles);
  return new Steps(pkgserver.url, { Authorization: `Bearer ${token}` });
};

const named = (kind: string, name: string, rest = '', apiVersion = 'v1', namespace = 'shop'): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}${namespace && `, namespace: ${namespace}`}}\n${rest}`;
const config = (name: string) => named('ConfigMap', name);
const widget = named('Widget', 'one', '', 'example.com/v1');
const definition = named(
  'CustomResourceDefinition',
  'widgets.example.com',
  'spec: {group: example.com, names: {kind: Widget, plural: widgets}}\n',
  'apiextensions.k8s.io/v1',
  '',
);
const web = named(
  'Deployment',
  'web',
  'spec: {template: {spec: {volumes: [{configMap: {name: settings}}, {configMap: {name: gone}}, {secret: {secretName: keys}},\n  {configMap: {name: maybe, optional: true}}], containers: [{name: web, args: ["--db=db.shop.svc:5432"]}]}}}\n',
  'apps/v1',
);
const needsPackage = (name: string): string =>
  `apiVersion: pkgserver.dev/v1alpha1\nkind: PackageDependency\nmetadata: {name: needs, annotations: {config.kubernetes.io/local-config: "true"}}\nspec: {package: ${name}}\n`;

/** What each repository publishes; the Kptfile is written by hand where one is there. */
const CONTENT: Record<string, Record<string, string[]>> = {
  blueprints: { web: [web], lone: [widget], crds: [definition] },
  fleet: {
    'edge-1/base': [named('Namespace', 'shop', '', 'v1', ''), config('settings')],
    'edge-1/db': [named('Service', 'db'), needsPackage('web')],
    'edge-1/hidden': [named('Secret', 'keys', 'stringData: {password: hunter2-edge-2.shop.svc}\n')],
    'edge-1/web': [web, widget],
    'edge-2/look': [config('gone'), named('Namespace', 'shop', '', 'v1', '')],
  },
  north: { 'edge-1/crds': [definition] },
};

async function publish(name: string): Promise<void> {
  const { url, path } = await git.createRepository(name);
  const fixture = GitFixture.create(path);
  const packages = CONTENT[name] ?? {};
  const files = Object.entries(packages).flatMap(([folder, objects]): [string, string][] => [
    [`${folder}/Kptfile`, kptfile(folder)],
    [`${folder}/all.yaml`, objects.join('---\n')],
  ]);
  const commit = await fixture.commit({ files: Object.fromEntries(files) });
  await fixture.tagMany(
    Object.keys(packages).map((folder) => `${folder}/v1`),
    commit,
  );
  repositories[name] = await admin.register({ name, url, deployment: name !== 'blueprints' });
}

/** `edge-1/web` was made from a blueprint. */
function kptfile(folder: string): string {
  const own = `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: ${folder.split('/').at(-1)}}\n`;
  if (folder !== 'edge-1/web') return own;
  return `${own}upstream:\n  type: git\n  git: {repo: ${git.url('blueprints')}, directory: web, ref: web/v1}\n`;
}

beforeAll(async () => {
  git = await GitServer.start();
  pkgserver = await startPkgserver({ AUTH: 'required' });
  admin = await as({ role: 'admin' });
  for (const name of Object.keys(CONTENT)) await publish(name);
  const { items } = (await admin.expect(200, 'GET', '/packages?pageSize=500')).body;
  for (const { path, repository, id } of items as Body[]) ids[`${String(repository)}/${String(path)}`] = id;
  target = (await admin.expect(200, 'GET', '/targets?name=edge-1')).body.items[0].id as string;
}, 180_000);
afterAll(async () => {
  await pkgserver?.stop();
  await git?.stop();
});

const page = async (who: Steps, of: string, what: string, query = ''): Promise<Body> =>
  (await who.expect(200, 'GET', `/packages/${ids[of]}/${what}?${query}`)).body;
async function expectPaged(of: string, what: string, pageSize: number): Promise<void> {
  const paged: Body[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const next: Body = await page(admin, of, what, `pageSize=${pageSize}${cursor && `&cursor=${cursor}`}`);
    paged.push(...next.items);
    cursor = next.nextCursor;
  }
  expect(paged).toEqual((await page(admin, of, what)).items);
}
const told = (items: Body[]) =>
  items.map(({ kind, object, satisfiedBy, missing }) => {
    const { kind: type, name } = object as { kind: string; name: string | null };
    return `${kind} ${type}/${name ?? '-'} ${(satisfiedBy as { path: string } | null)?.path ?? '-'}${missing ? ' missing' : ''}`;
  });
const dependencies = async (who: Steps, of: string) => told((await page(who, of, 'dependencies')).items);
const dependents = async (who: Steps, of: string) =>
  (await page(who, of, 'dependents')).items.map((item: Body) => {
    return `${(item.package as { path: string }).path} ${told([item])[0]}`;
  });

const WEB = [
  'upstream Package/web web',
  'namespace Namespace/shop edge-1/base',
  'reference ConfigMap/settings edge-1/base',
  'reference ConfigMap/gone - missing',
  'reference ConfigMap/maybe -',
  'reference Secret/keys edge-1/hidden',
  'serviceHost Service/db edge-1/db',
  'definition Widget/- edge-1/crds',
];

describe('the dependencies of a package', () => {
  it('are what it needs of others, with who has it, in its target alone', async () => {
    const items = (await page(admin, 'fleet/edge-1/web', 'dependencies')).items;
    expect(told(items).toSorted()).toEqual(WEB.toSorted());
    const at = { repositoryId: repositories.fleet, revision: 'v1' };
    expect(items.find(({ object }) => (object as Body).name === 'settings')).toEqual({
      ...{ kind: 'reference', reason: 'Deployment web names the ConfigMap settings.', uses: 1, optional: false },
      object: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'settings' },
      by: { file: 'all.yaml', apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' },
      path: 'spec.template.spec.volumes[0].configMap.name',
      package: { packageId: ids['fleet/edge-1/web'], path: 'edge-1/web', ...at },
      satisfiedBy: { packageId: ids['fleet/edge-1/base'], path: 'edge-1/base', ...at },
      missing: false,
    });
    expect(await dependencies(admin, 'fleet/edge-1/db')).toEqual([
      'namespace Namespace/shop edge-1/base',
      'package Package/web edge-1/web',
    ]);
  });

  it('of a package without a target are in its repository', async () => {
    expect(await dependencies(admin, 'blueprints/lone')).toEqual([
      'definition Widget/- crds',
      'namespace Namespace/shop - missing',
    ]);
    expect(await dependents(admin, 'blueprints/crds')).toEqual(['lone definition Widget/- crds']);
  });

  it('are paged', async () => {
    await expectPaged('fleet/edge-1/web', 'dependencies', 3);
    const refused = await admin.call('GET', `/packages/${ids['fleet/edge-1/web']}/dependencies?cursor=x`);
    expect(refused.body.code).toBe('invalidCursor');
  });
});

describe('who needs a package', () => {
  it('is known from the other side', async () => {
    expect(await dependents(admin, 'fleet/edge-1/base')).toEqual([
      'edge-1/db namespace Namespace/shop edge-1/base',
      'edge-1/hidden namespace Namespace/shop edge-1/base',
      'edge-1/web namespace Namespace/shop edge-1/base',
      'edge-1/web reference ConfigMap/settings edge-1/base',
    ]);
    expect(await dependents(admin, 'north/edge-1/crds')).toEqual(['edge-1/web definition Widget/- edge-1/crds']);
    expect(await dependents(admin, 'fleet/edge-1/web')).toEqual(['edge-1/db package Package/web edge-1/web']);
    expect(await dependents(admin, 'blueprints/web')).toEqual(['edge-1/web upstream Package/web web']);
    expect(await dependents(admin, 'fleet/edge-2/look')).toEqual([]);
  });

  it('is paged, also within a package', async () => {
    await expectPaged('fleet/edge-1/base', 'dependents', 1);
  });
});

describe('the graph of a target', () => {
  it('has the packages in an order, and names cycles', async () => {
    const { body } = await admin.expect(200, 'GET', `/targets/${target}/dependencies`);
    const pathOf = Object.fromEntries((body.packages as Body[]).map(({ packageId, path }) => [packageId, path]));
    expect(
      (body.edges as Body[])
        .map(({ from, to, kinds }) => [pathOf[from as string], pathOf[to as string], kinds])
        .toSorted(),
    ).toEqual([
      ['edge-1/db', 'edge-1/base', ['namespace']],
      ['edge-1/db', 'edge-1/web', ['package']],
      ['edge-1/hidden', 'edge-1/base', ['namespace']],
      ['edge-1/web', 'edge-1/base', expect.arrayContaining(['namespace', 'reference'])],
      ['edge-1/web', 'edge-1/crds', ['definition']],
      ['edge-1/web', 'edge-1/db', ['serviceHost']],
      ['edge-1/web', 'edge-1/hidden', ['reference']],
    ]);
    const order = (body.order as string[]).map((id) => pathOf[id]);
    expect(order.toSorted()).toEqual(Object.values(pathOf).toSorted());
    expect(order.slice(-2).toSorted()).toEqual(['edge-1/db', 'edge-1/web']);
    expect(body.cycles.map((cycle: string[]) => cycle.map((id) => pathOf[id]))).toEqual([['edge-1/db', 'edge-1/web']]);
    expect(body.packages).toContainEqual(expect.objectContaining({ path: 'edge-1/web', package: 'web', missing: 1 }));
    expect(body.truncated).toBe(false);
    expect((await admin.call('GET', `/targets/${uuidv7()}/dependencies`)).status).toBe(404);
  });
});

describe('whoever does not see everything', () => {
  it('is told that what a hidden package has is missing, as if it were not there', async () => {
    const narrow = await as(
      ...['edge-1/web', 'edge-1/base'].map((path) => ({
        role: 'viewer' as const,
        repositoryId: repositories.fleet ?? '',
        path,
      })),
    );
    expect((await dependencies(narrow, 'fleet/edge-1/web')).toSorted()).toEqual(
      [
        'upstream Package/web - missing',
        'namespace Namespace/shop edge-1/base',
        'reference ConfigMap/settings edge-1/base',
        'reference ConfigMap/gone - missing',
        'reference ConfigMap/maybe -',
        'reference Secret/keys - missing',
        'serviceHost Service/db - missing',
        'definition Widget/- - missing',
      ].toSorted(),
    );
    expect(await dependents(narrow, 'fleet/edge-1/base')).toEqual([
      'edge-1/web namespace Namespace/shop edge-1/base',
      'edge-1/web reference ConfigMap/settings edge-1/base',
    ]);
    const { text } = await narrow.expect(200, 'GET', `/targets/${target}/dependencies`);
    for (const hidden of ['edge-1/hidden', 'edge-1/db', 'edge-1/crds', ids['fleet/edge-1/hidden'] ?? ''])
      expect(text).not.toContain(hidden);
    expect((await narrow.call('GET', `/packages/${ids['fleet/edge-1/hidden']}/dependents`)).status).toBe(404);
  });

  it('is never told what a Secret holds', async () => {
    for (const path of ['fleet/edge-1/hidden', 'fleet/edge-1/web'])
      expect(JSON.stringify(await page(admin, path, 'dependencies'))).not.toContain('hunter2');
  });
});
