import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import type { BlameResponse } from '../../src/features/package-blame/package-blame.schema.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type Body, HttpClient } from '../support/http-client.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { type GivenRole, signIn } from '../support/sign-in.js';
import { Steps } from '../support/steps.js';

type Field = BlameResponse['objects'][number]['fields'][number];
type Setter = Pick<Field, 'revisionId' | 'revision' | 'origin'>;

let git: GitServer;
let pkgserver: Pkgserver;
let steps: Steps;
let remote: GitFixture;
let repositoryId: string;
/** Published revisions, as `package/revision`. */
const revisions: Record<string, Body> = {};
let byHand: string;

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const as = async (...roles: GivenRole[]): Promise<HttpClient> =>
  new HttpClient(pkgserver.url, bearer(await signIn(pkgserver.database, `u-${uuidv7()}`, ...roles)));

const service = (spec: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: ${spec}\n`;
const SECRET = 'apiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData: {key: hunter2}\n';
const ROLE = 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: reader}\nrules: []\n';

async function begin(name: string, source: object): Promise<string> {
  const creation = { repositoryId, package: name, workspace: `w-${uuidv7()}`, source };
  return (await steps.expect(201, 'POST', '/package-revisions', creation)).body.id as string;
}

async function publish(name: string, source: object, files: Record<string, string> = {}): Promise<Body> {
  const id = await begin(name, source);
  if (Object.keys(files).length > 0) await steps.edit(id, files);
  await steps.publish(id);
  const revision = await steps.revision(id);
  revisions[`${name}/${revision.revision}`] = revision;
  return revision;
}

const clone = ({ id }: Body) => ({ type: 'clone', upstream: { revisionId: id } });
const copy = ({ id }: Body) => ({ type: 'copy', revisionId: id });
const at = (name: string): Body => revisions[name] ?? expect.fail(`There is no ${name}`);

beforeAll(async () => {
  git = await GitServer.start();
  pkgserver = await startPkgserver({ AUTH: 'required' });
  steps = new Steps(pkgserver.url, bearer(await signIn(pkgserver.database, 'root', { role: 'admin' })));
  const { url, path } = await git.createRepository('blueprints');
  remote = GitFixture.create(path);
  repositoryId = await steps.register({ name: 'blueprints', url });
  const opened = '{ports: [{name: http, port: 80}]}';
  const base = await publish('base', { type: 'init' }, { 'service.yaml': service(opened), 'secret.yaml': SECRET });
  const mid = await publish('mid', clone(base));
  const targeted = '{ports: [{name: http, port: 80, targetPort: 8080}]}';
  const files = { 'base/service.yaml': service(targeted) };
  byHand = await remote.commit({ files, author: { name: 'Henk', email: 'henk@example.com' } });
  await steps.expect(200, 'POST', `/repositories/${repositoryId}/sync`, undefined, { Prefer: 'wait=30' });
  const sticky = '{ports: [{name: http, port: 80, targetPort: 8080}], sessionAffinity: ClientIP}';
  const head = { type: 'copy', packageId: base.packageId };
  const second = await publish('base', head, { 'service.yaml': service(sticky) });
  // As kpt upgrades: the content, and the Kptfile, of the newer one.
  const copied = await begin('mid', copy(mid));
  const { body } = await steps.expect(200, 'GET', `/package-revisions/${copied}/resources`);
  const kptfile = (body.files.Kptfile.content as string)
    .replaceAll(String(base.commit), String(second.commit))
    .replaceAll('base/v1', 'base/v2');
  await steps.edit(copied, { 'service.yaml': service(sticky), Kptfile: kptfile });
  await steps.publish(copied);
  revisions['mid/v2'] = await steps.revision(copied);
  const top = await publish('top', clone(at('mid/v2')));
  const nodePort = sticky.replace('}]', '}], type: NodePort');
  const edge = await publish('edge', clone(top), { 'service.yaml': service(nodePort), 'role.yaml': ROLE });
  await publish('edge', copy(edge), { 'service.yaml': service(nodePort.replace('80,', '81,')) });
}, 180_000);
afterAll(async () => {
  await pkgserver?.stop();
  await git?.stop();
});

const blame = (revision: { id: string }, query = '', client: HttpClient = steps) =>
  client.call('GET', `/package-revisions/${revision.id}/blame${query}`);

/** Who set each field of the Service: the revision, its origin, and the same of each upstream. */
async function told(revision: Body, client: HttpClient = steps): Promise<Record<string, string[]>> {
  const { status, body } = await blame(revision, '?object=Service/shop/web', client);
  expect([status, body.objects?.length]).toEqual([200, 1]);
  const name = (path: string, { revisionId, revision: version, origin }: Setter): string =>
    `${at(`${path}/${version}`).id === revisionId ? path : '?'}/${version} ${origin}`;
  return Object.fromEntries(
    (body.objects[0].fields as Field[]).map((field) => [
      field.path.replace('spec.', '').replace('ports[port=80,protocol=TCP].', ''),
      [name(String(revision.path), field), ...field.upstream.map((step) => name(step.path, step))],
    ]),
  );
}

/** What the visit records of commits may come a moment after its answer. */
async function untilRecorded(): Promise<void> {
  const count = () => pkgserver.database.client.packageCommit.count({ where: { path: 'edge' } });
  for (let waited = 0; (await count()) < 2 && waited < 10_000; waited += 50)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

describe('who set a field', () => {
  it('is told through three clones, an upgrade, a direct commit and edits', async () => {
    await untilRecorded();
    expect(await told(at('base/v2'))).toMatchObject({ port: ['base/v1 local'], sessionAffinity: ['base/v2 local'] });
    const early = ['top/v1 upstream', 'mid/v1 upstream', 'base/v1 local'];
    const late = ['top/v1 upstream', 'mid/v2 upstream', 'base/v2 local'];
    const first = await told(at('edge/v1'));
    expect(first).toMatchObject({
      ...{ port: ['edge/v1 upstream', ...early], 'metadata.name': ['edge/v1 upstream', ...early] },
      ...{ targetPort: ['edge/v1 upstream', ...late], sessionAffinity: ['edge/v1 upstream', ...late] },
      type: ['edge/v1 local'],
    });
    const second = await told(at('edge/v2'));
    expect(second).toMatchObject({ type: ['edge/v1 local'], sessionAffinity: first.sessionAffinity });
    expect(second['ports[port=81,protocol=TCP].port']).toEqual(['edge/v2 local']);
  });

  it('with the commit, its author and its time', async () => {
    const { body } = await blame(at('top/v1'), '?path=service.yaml');
    const [object] = body.objects;
    expect(object).toMatchObject({
      ...{ apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'web', path: 'service.yaml' },
    });
    const targetPort = object.fields.find((field: Field) => field.path.endsWith('targetPort'));
    const { id: revisionId, commit, publishedAt: time } = at('top/v1');
    expect(targetPort).toMatchObject({ value: 8080, origin: 'upstream', revisionId, revision: 'v1', commit, time });
    expect(targetPort.upstream.at(-1)).toEqual({
      ...{ repository: 'blueprints', path: 'base', revisionId: at('base/v2').id, revision: 'v2', origin: 'local' },
      ...{ commit: byHand, author: 'Henk <henk@example.com>', time: '2024-01-01T00:01:00.000Z' },
    });
    const own = (await blame(at('base/v2'), '?object=Service/shop/web')).body.objects[0].fields.at(-1);
    expect(own).toMatchObject({ path: 'spec.sessionAffinity', value: 'ClientIP', commit: at('base/v2').commit });
    expect(own.author).toBe('root');
  });

  it('is told of a draft, whose own changes are those of its last editor', async () => {
    const id = await begin('edge', copy(at('edge/v2')));
    await steps.edit(id, { 'role.yaml': ROLE.replace('[]', '[{verbs: [get]}]') });
    const { body } = await blame({ id }, '?object=ClusterRole/reader');
    const fields = Object.fromEntries(body.objects[0].fields.map((field: Field) => [field.path, field]));
    expect(fields.rules).toMatchObject({ revisionId: id, revision: null, author: 'root', origin: 'local' });
    expect(fields['metadata.name']).toMatchObject({ revisionId: at('edge/v1').id, revision: 'v1' });
    await steps.expect(204, 'DELETE', `/package-revisions/${id}`, undefined, { 'If-Match': '*' });
  });

  it('names no upstream that the caller may not see, and says that it does not know what came from there', async () => {
    const role = (path: string): GivenRole => ({ role: 'viewer', repositoryId, path });
    const some = await told(at('edge/v2'), await as(role('edge'), role('top')));
    expect(some).toMatchObject({ sessionAffinity: ['edge/v1 upstream', 'top/v1 unknown'], type: ['edge/v1 local'] });
    const none = await told(at('edge/v2'), await as(role('edge')));
    expect(none).toMatchObject({ sessionAffinity: ['edge/v1 unknown'], type: ['edge/v1 unknown'] });
    expect(none['ports[port=81,protocol=TCP].port']).toEqual(['edge/v2 local']);
    const hidden = JSON.stringify((await blame(at('edge/v2'), '', await as(role('edge')))).body);
    for (const name of ['top/v1', 'mid/v1', 'mid/v2', 'base/v1', 'base/v2']) expect(hidden).not.toContain(at(name).id);
  });

  it('shows what a Secret holds to those alone who may edit it', async () => {
    const value = async (client: HttpClient) =>
      (await blame(at('edge/v2'), '?object=Secret/key', client)).body.objects[0].fields.at(-1).value as unknown;
    expect(await value(steps)).toBe('hunter2');
    expect(await value(await as({ role: 'viewer', repositoryId }))).toMatch(/^hmac-sha256:/);
  });
});

describe('what is told', () => {
  const names = async (query: string): Promise<string[]> => {
    const { status, body } = await blame(at('edge/v2'), query);
    expect(status).toBe(200);
    return body.objects.map(({ name }: Body) => name);
  };

  it('is narrowed by object, file or folder', async () => {
    expect(await names('')).toEqual(['edge', 'reader', 'key', 'web']);
    expect(await names('?object=ClusterRole//reader')).toEqual(['reader']);
    expect(await names('?object=ClusterRole/reader')).toEqual(['reader']);
    expect(await names('?object=Service/web')).toEqual([]);
    expect(await names('?object=Service/other/web')).toEqual([]);
    expect(await names('?path=secret.yaml')).toEqual(['key']);
    expect(await names('?path=secret')).toEqual([]);
  });

  it('comes in pages, which belong to a filter and a tree', async () => {
    const { body: first } = await blame(at('edge/v2'), '?pageSize=3');
    expect(first).toMatchObject({ objects: { length: 3 }, truncated: false });
    const cursor = `cursor=${first.nextCursor}`;
    const { body: second } = await blame(at('edge/v2'), `?pageSize=3&${cursor}`);
    expect([second.objects.map(({ name }: Body) => name), second.nextCursor]).toEqual([['web'], null]);
    expect((await blame(at('edge/v2'), `?${cursor}&path=a`)).body.code).toBe('invalidCursor');
    expect((await blame(at('edge/v1'), `?${cursor}`)).body.code).toBe('invalidCursor');
  });

  it.each(['?object=web', '?object=a/b/c/d', '?object=', '?path=', '?field=a', '?object=//web'])(
    'is not asked for by %s',
    async (query) => {
      const { status, body } = await blame(at('edge/v2'), query);
      expect([status, body.code]).toEqual([400, 'invalidQuery']);
    },
  );

  it('is nothing of a revision that is not there, or not to be seen', async () => {
    const viewer = await as({ role: 'viewer', repositoryId, path: 'edge' });
    for (const [client, id] of [
      [steps, uuidv7()],
      [viewer, at('top/v1').id],
    ] as const) {
      const { status, body } = await blame({ id }, '', client);
      expect([status, body.detail]).toEqual([404, `There is no package revision with the id ${id}.`]);
    }
  });
});
