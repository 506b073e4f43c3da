import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Repository } from '../../src/database/generated/client.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { type Answer, type Body, HttpClient } from '../support/http-client.js';
import { addRepository, markPublished } from '../support/index-rows.js';
import { type CycloneDxSbom, cycloneDxFaults, spdxFaults, type SpdxSbom } from '../support/sboms.js';
import { signIn } from '../support/sign-in.js';

const DIGEST = `sha256:${'4e'.repeat(32)}`;
const CYCLONEDX = 'application/vnd.cyclonedx+json';
const SPDX = 'application/spdx+json';
const WEB = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: a, image: "nginx:1.25"}, {name: b, image: "quay.io/team/app@${DIGEST}"}, {name: c, image: "{{ .image }}"}]}}}
`;
const FILES: Record<string, string> = { 'README.md': 'ä\n', 'dir/web.yaml': WEB };

let api: TestApi;
let repository: Repository;
let admin: HttpClient;
let upstream: Body;
let web: Body;

beforeAll(async () => {
  api = await startTestApi({ AUTH: 'required' });
  admin = await as('root', { role: 'admin' });
  repository = await addRepository(api.database, { name: 'blueprints' });
  upstream = await published('base', { type: 'init' });
  web = await published('web', { type: 'clone', upstream: { revisionId: upstream.id } });
});
afterAll(() => api?.close());

async function as(...[user, role]: [string, Parameters<typeof signIn>[2]]): Promise<HttpClient> {
  return new HttpClient(api.url, { Authorization: `Bearer ${await signIn(api.database, user, role)}` });
}

async function draft(name: string, source: object): Promise<Body> {
  const creation = { repositoryId: repository.id, package: name, workspace: 'one', source };
  const { body } = await admin.expect(201, 'POST', '/package-revisions', creation);
  await edit(body, FILES);
  return body;
}

const edit = ({ id }: Body, files: object) =>
  admin.expect(200, 'PATCH', `/package-revisions/${id}/resources`, { files }, { 'If-Match': '*' });

async function published(name: string, source: object): Promise<Body> {
  const { id } = await draft(name, source);
  await markPublished(api.database, id, 'v1');
  return (await admin.expect(200, 'GET', `/package-revisions/${id}`)).body;
}

const sbom = (
  { id }: Pick<Body, 'id'>,
  query = '',
  headers: Record<string, string> = {},
  client = admin,
): Promise<Answer> => client.call('GET', `/package-revisions/${id}/sbom${query}`, undefined, headers);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const textOf = ({ body }: Answer): string => JSON.stringify(body);

describe('the SBOM of a revision', () => {
  it('as CycloneDX tells the package, its files, images and upstream', async () => {
    const answer = await sbom(web);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, CYCLONEDX]);
    expect(await cycloneDxFaults(textOf(answer))).toEqual([]);
    const { metadata, components = [] } = answer.body as CycloneDxSbom;
    expect(metadata).toMatchObject({
      timestamp: web.publishedAt,
      component: { name: 'web', version: 'v1', pedigree: { ancestors: [{ name: 'base', version: 'base/v1' }] } },
    });
    const kptfile = await admin.call('GET', `/package-revisions/${web.id}/files/content?path=Kptfile`);
    const all: Record<string, string> = { Kptfile: kptfile.text, ...FILES };
    const files = components.filter(({ type }) => type === 'file');
    const { body: listed } = await admin.expect(200, 'GET', `/package-revisions/${web.id}/files`);
    expect(files.map(({ name }) => name)).toEqual(listed.items.map(({ path }: { path: string }) => path));
    for (const [path, text] of Object.entries(all)) {
      const hashes = files.find(({ name }) => name === path)?.hashes;
      expect(hashes).toContainEqual({ alg: 'SHA-256', content: sha256(text) });
    }
    expect(components.filter(({ type }) => type === 'container').map(({ purl }) => purl)).toEqual([
      'pkg:oci/nginx?repository_url=docker.io%2Flibrary%2Fnginx&tag=1.25',
      `pkg:oci/app@${DIGEST}?repository_url=quay.io%2Fteam%2Fapp`,
    ]);
  });

  it('as SPDX tells the same', async () => {
    const answer = await sbom(web, '?format=spdx');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, SPDX]);
    expect(spdxFaults(textOf(answer))).toEqual([]);
    const { packages, files } = answer.body as SpdxSbom;
    expect(packages.map(({ name }) => name)).toEqual(['web', 'base', 'docker.io/library/nginx', 'quay.io/team/app']);
    expect(files.find(({ fileName }) => fileName === './dir/web.yaml')?.checksums).toContainEqual({
      algorithm: 'SHA256',
      checksumValue: sha256(WEB),
    });
  });

  it('comes in the form that is asked for, and else in the one that is liked best', async () => {
    const typeOf = async (query: string, accept: string) =>
      (await sbom(web, query, { Accept: accept })).headers.get('content-type');
    expect(await typeOf('', SPDX)).toBe(SPDX);
    expect(await typeOf('', `${SPDX};q=0.5, ${CYCLONEDX}`)).toBe(CYCLONEDX);
    expect(await typeOf('?format=cyclonedx', `${SPDX}, */*;q=0.1`)).toBe(CYCLONEDX);
    expect(await typeOf('', 'application/json')).toBe(CYCLONEDX);
    expect((await sbom(web, '', { Accept: 'text/html' })).status).toBe(406);
    expect((await sbom(web, '?format=swid')).status).toBe(400);
  });

  it('has the same bytes and entity tag until something changes', async () => {
    const drafted = await draft('drafted', { type: 'init' });
    const first = await sbom(drafted);
    const again = await sbom(drafted);
    expect([again.text, again.headers.get('etag')]).toEqual([first.text, first.headers.get('etag')]);
    const etag = String(first.headers.get('etag'));
    expect((await sbom(drafted, '', { 'If-None-Match': etag })).status).toBe(304);
    expect((await sbom(drafted, '?format=spdx', { 'If-None-Match': etag })).status).toBe(200);
    await edit(drafted, { 'README.md': { content: 'another\n' } });
    const changed = await sbom(drafted, '', { 'If-None-Match': etag });
    expect(changed.status).toBe(200);
    expect(textOf(changed)).toContain(sha256('another\n'));
  });

  it('is not there for whoever may not see the revision', async () => {
    const eve = await as('eve', { role: 'viewer', repositoryId: repository.id, path: 'base' });
    expect((await sbom(upstream, '', {}, eve)).status).toBe(200);
    const unknown = { id: '01890000-0000-7000-8000-000000000000' };
    for (const query of ['', '?format=spdx']) {
      const [hidden, none] = [await sbom(web, query, {}, eve), await sbom(unknown, query, {}, eve)];
      expect([hidden.status, hidden.body.code]).toEqual([404, 'notFound']);
      expect(hidden.body.detail.replace(web.id, '')).toBe(none.body.detail.replace(unknown.id, ''));
    }
  });

  it('is refused where there are too many files', async () => {
    const { id } = await draft('large', { type: 'init' });
    await api.database.client.$executeRaw`
      INSERT INTO package_file (tree_oid, path, mode, blob_oid, size_bytes)
      SELECT f.tree_oid, 'many/' || n, f.mode, f.blob_oid, f.size_bytes
      FROM package_file f JOIN package_revision r ON r.tree = f.tree_oid CROSS JOIN generate_series(1, 20000) n
      WHERE r.id = ${id}::uuid AND f.path = 'README.md'`;
    const answer = await sbom({ id });
    expect([answer.status, answer.body.code]).toEqual([413, 'packageTooLarge']);
  });
});
