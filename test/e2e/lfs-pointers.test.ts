import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type Body, HttpClient } from '../support/http-client.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';

const KPTFILE = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: web\n';
const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n';
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'4'.repeat(64)}\nsize 12345\n`;
const ANY = { 'If-Match': '*' };

describe('files of which Git LFS keeps the bytes', () => {
  let git: GitServer;
  let pkgserver: Pkgserver;
  let api: HttpClient;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    git = await GitServer.start();
    pkgserver = await startPkgserver();
    api = new HttpClient(pkgserver.url);
    const blueprints = GitFixture.create((await git.createRepository('blueprints')).path);
    await blueprints.commit({
      files: {
        'web/Kptfile': KPTFILE,
        'web/a.yaml': CONFIG_MAP,
        'web/logo.png': POINTER,
        'web/talk.md': `About LFS\n${POINTER}`,
        'web/long.txt': POINTER + '#'.repeat(1024),
      },
    });
    await blueprints.tag('web/v1');
    await git.createRepository('fleet');
    for (const name of ['blueprints', 'fleet']) {
      const { body } = await api.expect(201, 'POST', '/repositories', { name, git: { url: git.url(name) } });
      await api.expect(200, 'POST', `/repositories/${body.id}/sync`, undefined, { Prefer: 'wait=30' });
      ids[name] = body.id as string;
    }
    const { body } = await api.expect(200, 'GET', '/package-revisions?repository=blueprints');
    ids.upstream = body.items[0].id as string;
  });
  afterAll(async () => {
    await pkgserver?.stop();
    await git?.stop();
  });

  const clone = async (repository: string, name: string): Promise<Body> => {
    const source = { type: 'clone', upstream: { revisionId: ids.upstream } };
    const place = { repositoryId: ids[repository], package: name, workspace: 'one', source };
    return (await api.expect(201, 'POST', '/package-revisions', place)).body;
  };
  const told = ({ conditions }: Body) =>
    (conditions as { type: string; message: string; current: boolean }[]).filter(({ type }) => type === 'LfsPointers');
  const get = async (id: unknown) => (await api.expect(200, 'GET', `/package-revisions/${String(id)}`)).body;

  it('are shown as such, and no other', async () => {
    const { items } = (await api.expect(200, 'GET', `/package-revisions/${ids.upstream}/files`)).body;
    const files = items as { path: string; lfsPointer: boolean }[];
    expect(files.filter(({ lfsPointer }) => lfsPointer).map(({ path }) => path)).toEqual(['logo.png']);
    const resources = (await api.expect(200, 'GET', `/package-revisions/${ids.upstream}/resources`)).body;
    expect(resources.files['logo.png']).toMatchObject({ content: POINTER, lfsPointer: true });
    expect(resources.files['talk.md']).not.toHaveProperty('lfsPointer');
    expect(told(await get(ids.upstream))).toEqual([]);
  });

  it('are told of a clone into another repository, as long as it holds some', async () => {
    const draft = await clone('fleet', 'web');
    expect(told(draft)).toMatchObject([
      {
        status: 'True',
        reason: 'BytesElsewhere',
        message: expect.stringContaining('"logo.png" is a pointer'),
        current: true,
      },
    ]);
    const path = `/package-revisions/${draft.id}/resources`;
    const { files } = (await api.expect(200, 'GET', path)).body;
    // What was read can be sent back.
    await api.expect(200, 'PUT', path, { files: { ...files, 'more.bin': POINTER } }, ANY);
    expect(told(await get(draft.id))).toMatchObject([
      { message: expect.stringContaining('"logo.png", "more.bin" are'), current: true },
    ]);
    await api.expect(200, 'PATCH', path, { files: { 'logo.png': files['logo.png'] } }, ANY);
    await api.expect(200, 'PATCH', path, { files: { 'logo.png': null, 'more.bin': 'bytes' } }, ANY);
    expect(told(await get(draft.id))).toEqual([]);
  });

  it('are nothing to tell of a clone in the same repository', async () => {
    expect(told(await clone('blueprints', 'web-2'))).toEqual([]);
  });
});
