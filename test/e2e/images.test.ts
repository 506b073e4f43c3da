import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.js';
import { HttpClient } from '../support/http-client.js';
import { addRepository } from '../support/index-rows.js';
import { addSearchable } from '../support/search-index.js';
import { signIn } from '../support/sign-in.js';

let api: TestApi;
let root: HttpClient;
let reader: HttpClient;

const workload = (name: string, ...images: string[]) => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name } },
  spec: { template: { spec: { containers: images.map((image) => ({ name: 'c', image })) } } },
});
const DIGEST = `sha256:${'4e'.repeat(32)}`;

beforeAll(async () => {
  api = await startTestApi({ AUTH: 'required' });
  const repository = await addRepository(api.database, { name: 'fleet', deployment: true });
  const at = { repository, version: 1 };
  const [a, b, c, d] = [
    workload('a', 'nginx:1.25', 'nginx'),
    workload('b', 'nginx:1.27.1'),
    workload('c', `quay.io/x/y@${DIGEST}`),
    workload('d', 'nginx:1.9.0'),
  ];
  await addSearchable(api, {
    ...at,
    target: 'edge-1',
    name: 'one',
    files: { 'a.yaml': [a, b], 'shared.yaml': [d], 'twice.yaml': [d] },
  });
  await addSearchable(api, {
    ...at,
    target: 'edge-2',
    name: 'two',
    files: { 'a.yaml': [a, c], 'b.yaml': [d], 'c.yaml': [workload('f', 'nginx:1.27-rc.1', 'nginx:1.27-alpine')] },
  });
  await addSearchable(api, {
    ...at,
    target: 'edge-2',
    name: 'two',
    version: 2,
    isDraft: true,
    files: { 'a.yaml': [workload('e', 'redis:7')] },
  });
  const as = async (...[user, role]: [string, Parameters<typeof signIn>[2]]) =>
    new HttpClient(api.url, { Authorization: `Bearer ${await signIn(api.database, user, role)}` });
  root = await as('root', { role: 'admin' });
  reader = await as('eve', { role: 'viewer', repositoryId: repository.id, path: 'edge-1/**' });
}, 60_000);
afterAll(() => api?.close());

const imagesOf = async (client: HttpClient, query: string): Promise<string[]> =>
  (await client.expect(200, 'GET', `/images?${query}`)).body.items.map(({ image }: { image: string }) => image);

const hub = (tag: string) => `docker.io/library/nginx:${tag}`;

describe('images', () => {
  it('are listed by name and version, with how much names them', async () => {
    const { body } = await root.expect(200, 'GET', '/images');
    expect(body.items.map(({ image }: { image: string }) => image)).toEqual([
      hub('1.9.0'),
      hub('1.25'),
      hub('1.27-rc.1'),
      hub('1.27-alpine'),
      hub('1.27.1'),
      hub('latest'),
      `quay.io/x/y@${DIGEST}`,
    ]);
    expect(body.items[1]).toEqual({
      ...{ image: hub('1.25'), registry: 'docker.io', repository: 'library/nginx', tag: '1.25', digest: null },
      ...{ objects: 2, packages: 2, targets: 2 },
    });
    expect(body.items[6]).toMatchObject({ tag: null, digest: DIGEST, objects: 1, packages: 1, targets: 1 });
  });

  it('are counted as their uses are found, and as the facet counts', async () => {
    const { body } = await root.expect(200, 'GET', '/images?pageSize=500');
    const counted = body.items.map(({ image, objects }: { image: string; objects: number }) => [image, objects]);
    expect(counted[0]).toEqual([hub('1.9.0'), 3]);
    const found = await Promise.all(
      counted.map(async ([image]: [string]) => {
        const uses = await root.expect(200, 'GET', `/images/uses?image=${encodeURIComponent(image)}`);
        return [image, uses.body.items.length];
      }),
    );
    expect(counted).toEqual(found);
    const { facets } = (await root.expect(200, 'POST', '/search', { facets: ['image'] })).body;
    expect(Object.fromEntries(counted)).toEqual(
      Object.fromEntries(facets.map(({ value, count }: { value: string; count: number }) => [value, count])),
    );
  });

  it.each([
    ['registry=quay.io', [`quay.io/x/y@${DIGEST}`]],
    [`digest=${DIGEST}`, [`quay.io/x/y@${DIGEST}`]],
    ['repository=library/nginx&tag=1.25', [hub('1.25')]],
    ['below=1.27', [hub('1.9.0'), hub('1.25'), hub('1.27-rc.1')]],
    ['below=1.27-perl', [hub('1.9.0'), hub('1.25'), hub('1.27-rc.1')]],
    ['below=1.27.0-rc.1', [hub('1.9.0'), hub('1.25')]],
    ['below=v1.9', []],
    ['q=NGINX:1.2', [hub('1.25'), hub('1.27-rc.1'), hub('1.27-alpine'), hub('1.27.1')]],
    ['q=redis', []],
    ['registry=docker.io&sort=-image', ['latest', '1.27.1', '1.27-alpine', '1.27-rc.1', '1.25', '1.9.0'].map(hub)],
  ])('are narrowed by %s', async (query, expected) => {
    expect(await imagesOf(root, query)).toEqual(expected);
  });

  it('go on page by page', async () => {
    const found: string[] = [];
    for (let more = ''; more !== 'null';) {
      const { body } = await root.expect(200, 'GET', `/images?pageSize=2${more && `&cursor=${more}`}`);
      found.push(...body.items.map(({ image }: { image: string }) => image));
      more = String(body.nextCursor);
    }
    expect(found).toEqual(await imagesOf(root, ''));
  });

  it('of other paths are not there, nor counted', async () => {
    const { body } = await reader.expect(200, 'GET', '/images');
    expect(body.items.map(({ image, packages }: { image: string; packages: number }) => [image, packages])).toEqual(
      ['1.9.0', '1.25', '1.27.1', 'latest'].map((tag) => [hub(tag), 1]),
    );
  });

  it('say where they are used, however they are written', async () => {
    const paths = async (client: HttpClient, image: string) =>
      (await client.expect(200, 'GET', `/images/uses?image=${encodeURIComponent(image)}`)).body.items
        .map(
          ({ object, where }: { object: { name: string }; where: { path: string } }) => `${where.path} ${object.name}`,
        )
        .sort();
    expect(await paths(root, 'nginx:1.25')).toEqual(['edge-1/one a', 'edge-2/two a']);
    expect(await paths(root, hub('latest'))).toEqual(['edge-1/one a', 'edge-2/two a']);
    expect(await paths(reader, `quay.io/x/y@${DIGEST}`)).toEqual([]);
    expect(await paths(root, '"')).toEqual([]);
  });

  it.each(['below=new', 'colour=red', 'sort=tag'])('refuse %s', async (query) => {
    expect((await root.call('GET', `/images?${query}`)).status).toBe(400);
  });
});
