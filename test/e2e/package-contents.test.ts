import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ContentService } from '../../src/content/content.service.js';
import type { Body } from '../support/http-client.js';
import { RevisionApi } from '../support/revision-api.js';

const world = RevisionApi.create();
const { call, row } = world;

const ANY = { 'If-Match': '*' };

describe('contents', () => {
  const put = (files: object) => call('PUT', world.resources, { files }, ANY);

  const refused: [string, () => object | string, number, string][] = [
    ['../x as a path', () => ({ files: { '../x': 'a' } }), 422, 'invalidPath'],
    ['an absolute path', () => ({ files: { '/etc/passwd': 'a' } }), 422, 'invalidPath'],
    ['an unknown field', () => ({ files: {}, color: 1 }), 422, 'invalidBody'],
    ['an unknown field of a file', () => ({ files: { a: { content: 'a', color: 1 } } }), 422, 'invalidBody'],
    ['files of a wrong type', () => ({ files: ['a'] }), 422, 'invalidBody'],
    ['a file of a wrong type', () => ({ files: { a: 7 } }), 422, 'invalidBody'],
    ['an unknown encoding', () => ({ files: { a: { content: 'a', encoding: 'latin1' } } }), 422, 'invalidBody'],
    ['no base64', () => ({ files: { a: { content: 'ä', encoding: 'base64' } } }), 422, 'invalidBody'],
    ['bad JSON', () => '{"files":', 400, 'malformedBody'],
    ['40,000 brackets', () => '['.repeat(40_000), 400, 'malformedBody'],
    ['a large Kptfile', () => ({ files: { Kptfile: `# ${'x'.repeat(256 << 10)}` } }), 422, 'kptfileTooLarge'],
    ['a 65 MiB package', () => ({ files: { a: 'x'.repeat(65 << 20) } }), 413, 'packageTooLarge'],
  ];
  it.each(refused)('refuses %s and changes nothing', async (_, body, status, code) => {
    const before = await row();
    for (const method of ['PUT', 'PATCH']) {
      const answer = await call(method, world.resources, body(), ANY);
      expect([answer.status, answer.body.code]).toEqual([status, code]);
    }
    expect(await row()).toEqual(before);
  });

  it('takes a package of 5 MiB, brackets, an alias bomb and invalid UTF-8', async () => {
    const bomb = `a: &a [${Array(9).fill('x').join(',')}]\n${'bcdefghi'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`)
      .join('\n')}`;
    const answer = await put({
      'large.bin': 'x'.repeat(5 << 20),
      'brackets.yaml': '['.repeat(40_000),
      'bomb.yaml': bomb,
      'binary.yaml': { content: '//4=', encoding: 'base64' },
      'good.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n',
      'odd.yaml': 'on: 1\n',
    });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body.parseErrors)).toEqual(['binary.yaml', 'bomb.yaml', 'brackets.yaml']);
    expect(Object.keys(answer.body.parseWarnings)).toEqual(['odd.yaml']);
    const { files } = (await call('GET', world.resources)).body;
    expect(files['large.bin']?.content).toHaveLength(5 << 20);
    expect(files['binary.yaml']).toMatchObject({ content: '//4=', encoding: 'base64' });
    expect((await call('GET', `${world.revision}/objects?kind=ConfigMap`)).body.items).toMatchObject([
      { name: 'good' },
    ]);
    expect((await put(files)).body.etag).toBe(answer.body.etag);
  });

  it('clones no Kptfile that Git holds and that is too large to be changed', async () => {
    const content = Buffer.from(`# ${'x'.repeat(256 << 10)}`);
    const contents = world.api.app.get(ContentService, { strict: false });
    const { oid: headTree } = await contents.savePackage([{ path: 'Kptfile', mode: '100644', content }]);
    const { client } = world.api.database;
    const { id: repositoryId } = world.repository;
    const packageId = (await row())?.packageId ?? '';
    await client.package.update({ where: { id: packageId }, data: { headTree } });
    await client.repository.update({ where: { id: repositoryId }, data: { commit: 'c'.repeat(40) } });
    const source = { type: 'clone', upstream: { packageId } };
    const answer = await call('POST', '/package-revisions', world.creation({ source }));
    expect([answer.status, answer.body.code]).toEqual([422, 'kptfileTooLarge']);
  });

  it('takes a merge patch under its own media type', async () => {
    const merge = { ...ANY, 'Content-Type': 'application/merge-patch+json' };
    expect((await call('PATCH', world.resources, { files: { 'a.txt': 'a', Kptfile: null } }, merge)).status).toBe(200);
    expect(Object.keys((await call('GET', world.resources)).body.files)).toEqual(['a.txt']);
    expect((await call('PATCH', world.revision, { labels: { a: 'b' } }, merge)).body.labels).toEqual({ a: 'b' });
  });

  it('gives files as attachments, in their own bytes', async () => {
    await put({ 'dir/ü "x".html': '<script>', 'b.bin': { content: '/wA=', encoding: 'base64' } });
    const html = await call('GET', `${world.revision}/files/content?path=${encodeURIComponent('dir/ü "x".html')}`);
    expect(html.text).toBe('<script>');
    expect(html.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(html.headers.get('x-content-type-options')).toBe('nosniff');
    expect(html.headers.get('content-disposition')).toBe(
      `attachment; filename="___x_.html"; filename*=UTF-8''%C3%BC%20%22x%22.html`,
    );
    const known = { 'If-None-Match': html.headers.get('etag') ?? '' };
    expect((await call('GET', `${world.revision}/files/content?path=b.bin`, undefined, known)).status).toBe(200);
    const binary = await fetch(`${world.api.url}/api/v1${world.revision}/files/content?path=b.bin`);
    expect(binary.headers.get('content-type')).toBe('application/octet-stream');
    expect(Buffer.from(await binary.arrayBuffer())).toEqual(Buffer.from([0xff, 0x00]));
    expect((await call('GET', `${world.revision}/files/content?path=none`)).status).toBe(404);
    expect((await call('GET', `${world.revision}/files/content`)).status).toBe(400);
    const list = await call('GET', `${world.revision}/files`);
    expect(list.body.items.map((file: Body) => file.path)).toEqual(['b.bin', 'dir/ü "x".html']);
    expect(list.headers.get('etag')).toBe(`"${list.body.etag}"`);
  });

  it('gives an archive that is the same every time', async () => {
    await put({ a: 'one', run: { content: '#!/bin/sh\n', executable: true } });
    const download = async () => fetch(`${world.api.url}/api/v1${world.revision}/files/archive`);
    const [first, second] = [await download(), await download()];
    expect(first.headers.get('content-type')).toBe('application/gzip');
    const bytes = Buffer.from(await first.arrayBuffer());
    expect(Buffer.from(await second.arrayBuffer())).toEqual(bytes);
    expect(gunzipSync(bytes).toString('latin1')).toContain(`${String(world.draft.package)}/run`);
    const known = { 'If-None-Match': first.headers.get('etag') ?? '' };
    expect((await call('GET', `${world.revision}/files/archive`, undefined, known)).status).toBe(304);
  });
});

describe('manifests', () => {
  it('are what a cluster gets, and nothing of a package that cannot be read whole', async () => {
    const object = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;
    const files = {
      Kptfile: 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: web\n',
      'b.yaml': `${object('two')}---\n${object('three')}`,
      'a/one.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"}}',
      'local.yaml': `${object('local')}  annotations:\n    config.kubernetes.io/local-config: "true"\n`,
      'values.yaml': 'replicas: 3\n',
      'README.md': object('words'),
    };
    await call('PUT', world.resources, { files }, ANY);
    const answer = await fetch(`${world.api.url}/api/v1${world.revision}/manifests`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/yaml']);
    const text = await answer.text();
    expect(text).toBe(
      `---\n# a/one.json\n${files['a/one.json']}\n---\n# b.yaml\n${object('two')}---\n# b.yaml\n${object('three')}`,
    );
    const known = { 'If-None-Match': answer.headers.get('etag') ?? '' };
    expect((await call('GET', `${world.revision}/manifests`, undefined, known)).status).toBe(304);
    await call('PATCH', world.resources, { files: { 'bad.yaml': 'a: [\n' } }, ANY);
    const refused = await call('GET', `${world.revision}/manifests`);
    expect([refused.status, refused.body.code]).toEqual([422, 'invalidPackage']);
    expect(refused.body.detail).toContain('bad.yaml');
  });
});
