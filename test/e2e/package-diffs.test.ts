import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Repository } from '../../src/database/generated/client.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { git } from '../support/git-command.js';
import { type Answer, type Body, HttpClient } from '../support/http-client.js';
import { addRepository, markPublished } from '../support/index-rows.js';
import { signIn } from '../support/sign-in.js';

type Files = Record<string, string | { content: string; encoding?: string; executable?: boolean }>;

let api: TestApi;
let repository: Repository;
let admin: HttpClient;
beforeAll(async () => {
  api = await startTestApi({ AUTH: 'required' });
  admin = await as({ role: 'admin' });
  repository = await addRepository(api.database, { name: 'blueprints' });
});
afterAll(() => api.close());

/** A client of somebody new who has these roles. */
async function as(...roles: Parameters<typeof signIn>[2][]): Promise<HttpClient> {
  const token = await signIn(api.database, `u-${uuidv7()}`, ...roles);
  return new HttpClient(api.url, { Authorization: `Bearer ${token}` });
}

let sequence = 0;
const unique = (): string => `p${(sequence += 1)}`;

async function draft(name: string, files: Files, source: object = { type: 'init' }): Promise<Body> {
  const creation = { repositoryId: repository.id, package: name, workspace: unique(), source };
  const { body } = await admin.expect(201, 'POST', '/package-revisions', creation);
  await admin.expect(200, 'PUT', `/package-revisions/${body.id}/resources`, { files }, { 'If-Match': '*' });
  return body;
}

async function published(name: string, revision: string, files: Files, source?: object): Promise<Body> {
  const { id } = await draft(name, files, source);
  await markPublished(api.database, id, revision);
  return (await admin.expect(200, 'GET', `/package-revisions/${id}`)).body;
}

const copyOf = ({ id }: Body) => ({ type: 'copy', revisionId: id });
const web = (replicas: number, image = 'web:1'): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: ${replicas}, template: {spec: {containers: [{name: main, image: "${image}", resources: {limits: {cpu: ${replicas}000m}}}]}}}\n`;
const config = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {a: "${value}"}\n`;

const diff = (id: string, query = '', client = admin, headers: Record<string, string> = {}): Promise<Answer> =>
  client.call('GET', `/package-revisions/${id}/diff${query}`, undefined, headers);
const between = (from: string, to: string, client = admin, headers: Record<string, string> = {}): Promise<Answer> =>
  client.call('GET', `/package-revisions/diff?from=${from}&to=${to}`, undefined, headers);

describe('what a revision is compared with', () => {
  let up1: Body;
  let up2: Body;
  let one: Body;
  let two: Body;
  let three: Body;
  beforeAll(async () => {
    const [upstream, name] = [unique(), unique()];
    up1 = await published(upstream, 'v1', { 'web.yaml': web(1) });
    up2 = await published(upstream, 'v2', { 'web.yaml': web(1, 'web:2') }, copyOf(up1));
    one = await published(name, 'v1', { 'web.yaml': web(2) }, { type: 'clone', upstream: { revisionId: up1.id } });
    two = await published(name, 'v2', { 'web.yaml': web(3) }, copyOf(one));
    three = await draft(name, { 'web.yaml': web(4) }, copyOf(two));
  });

  it('by itself is the base of a draft, and of a publication the one before it, or nothing', async () => {
    const ofDraft = (await diff(three.id)).body;
    expect(ofDraft).toMatchObject({
      from: { label: 'v2', tree: two.tree },
      to: { label: three.workspace },
      equal: false,
    });
    expect(ofDraft.objects).toMatchObject([
      { change: 'changed', kind: 'Deployment', name: 'web', path: 'web.yaml', fromPath: null },
    ]);
    expect(ofDraft.objects[0].fields).toEqual([
      { path: 'spec.replicas', change: 'changed', from: 3, to: 4, class: 'replicas', equivalent: false },
      {
        path: 'spec.template.spec.containers[name=main].resources.limits.cpu',
        change: 'changed',
        from: '3000m',
        to: '4000m',
        class: 'resources',
        equivalent: false,
      },
    ]);
    expect(ofDraft.summary).toEqual({
      objects: { added: 0, removed: 0, changed: 1, moved: 0 },
      files: { added: 0, removed: 0, changed: 1, moved: 0 },
      classes: { replicas: 1, resources: 1 },
    });
    expect(ofDraft.files).toMatchObject([
      { path: 'web.yaml', change: 'changed', krm: true, binary: false, patch: null },
    ]);
    expect((await diff(two.id)).body).toMatchObject({
      from: { revisionId: one.id, label: 'v1' },
      to: { revisionId: two.id },
    });
    const ofFirst = (await diff(one.id)).body;
    expect(ofFirst).toMatchObject({
      from: { revisionId: null, label: 'nothing', tree: null },
      summary: { objects: { added: 1 } },
    });
  });

  const sides: [against: string, from: () => object][] = [
    ['base', () => ({ label: 'v2', tree: two.tree, revisionId: null })],
    ['previous', () => ({ label: 'v2', revisionId: two.id })],
    ['latest', () => ({ label: 'v2', revisionId: two.id })],
    ['head', () => ({ label: 'head', tree: two.tree, revisionId: null })],
    ['upstream', () => ({ label: 'v1', revisionId: up1.id, path: up1.path })],
    ['newestUpstream', () => ({ label: 'v2', revisionId: up2.id })],
  ];
  it.each(sides)('%s', async (against, from) => {
    const { status, body } = await diff(three.id, `?against=${against}`);
    expect([status, body.from]).toEqual([200, expect.objectContaining(from())]);
    expect(body.objects[0].fields.length).toBeGreaterThan(0);
  });

  it('another revision by its id, itself, and any two of different packages', async () => {
    expect((await diff(three.id, `?against=${one.id}`)).body.from).toMatchObject({ revisionId: one.id });
    expect((await diff(three.id, `?against=${three.id}`)).body).toMatchObject({
      equal: true,
      objects: [],
      files: [],
      truncated: false,
    });
    const { status, body } = await between(up2.id, two.id);
    expect([status, body.from.revisionId, body.to.revisionId]).toEqual([200, up2.id, two.id]);
    expect(body.objects[0].fields.map((field: Body) => field.class).sort()).toEqual(['image', 'replicas', 'resources']);
  });

  const refused: [string, () => Promise<Answer>, number, string][] = [
    ['a base of what is published', () => diff(one.id, '?against=base'), 404, 'notFound'],
    ['an upstream of what was not cloned', () => diff(up1.id, '?against=upstream'), 404, 'notFound'],
    ['the newest of no upstream', () => diff(up1.id, '?against=newestUpstream'), 404, 'notFound'],
    ['an unknown revision', () => diff(uuidv7()), 404, 'notFound'],
    ['an unknown one to compare with', () => diff(one.id, `?against=${uuidv7()}`), 404, 'notFound'],
    ['a word that is none', () => diff(one.id, '?against=yesterday'), 400, 'invalidQuery'],
    ['a class that is none', () => diff(one.id, '?class=bogus'), 400, 'invalidQuery'],
    ['a cursor of nowhere', () => diff(one.id, '?cursor=x'), 400, 'invalidCursor'],
    ['a format that is none', () => diff(one.id, '', admin, { Accept: 'image/png' }), 406, 'notAcceptable'],
    ['one side alone', () => admin.call('GET', `/package-revisions/diff?from=${one.id}`), 400, 'invalidQuery'],
    ['an unknown side', () => between(one.id, uuidv7()), 404, 'notFound'],
    [
      'a cursor of nowhere between two',
      () => admin.call('GET', `/package-revisions/diff?from=${one.id}&to=${two.id}&cursor=x`),
      400,
      'invalidCursor',
    ],
  ];
  it.each(refused)('is not %s', async (_, request, status, code) => {
    const answer = await request();
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('is never what the caller may not see', async () => {
    const viewer = await as({ role: 'viewer', repositoryId: repository.id, path: String(one.path) });
    expect((await diff(three.id, '', viewer)).status).toBe(200);
    const unseen = await diff(three.id, '?against=upstream', viewer);
    const none = await diff(up1.id, '?against=upstream');
    expect([unseen.status, unseen.body.detail.replace(three.name, '')]).toEqual([
      none.status,
      none.body.detail.replace(up1.name, ''),
    ]);
    expect((await diff(three.id, '?against=newestUpstream', viewer)).status).toBe(404);
    for (const id of [up1.id, uuidv7()]) {
      const detail = `There is no package revision with the id ${id}.`;
      expect((await diff(three.id, `?against=${id}`, viewer)).body).toMatchObject({ status: 404, detail });
      expect((await between(id, one.id, viewer)).body).toMatchObject({ status: 404, detail });
      expect((await between(one.id, id, viewer)).body).toMatchObject({ status: 404, detail });
    }
  });
});

describe('what is told', () => {
  it('is narrowed by class, kind, name and path, and paged', async () => {
    const name = unique();
    const one = await published(name, 'v1', {
      'web.yaml': web(1),
      'conf/a.yaml': config('a', '1'),
      'conf/b.yaml': config('b', '1'),
      'notes.txt': 'a\n',
      'broken.yaml': '{',
    });
    const two = await published(
      name,
      'v2',
      {
        'web.yaml': web(1, 'web:2'),
        'conf/a.yaml': config('a', '2'),
        'conf/b.yaml': config('b', '2'),
        'notes.txt': 'b\n',
        'broken.yaml': '[{',
      },
      copyOf(one),
    );
    const told = async (query: string) => {
      const { body } = await diff(two.id, query);
      return [body.objects.map((object: Body) => object.name), body.files.map((file: Body) => file.path)];
    };
    expect(await told('')).toEqual([
      ['a', 'b', 'web'],
      ['broken.yaml', 'conf/a.yaml', 'conf/b.yaml', 'notes.txt', 'web.yaml'],
    ]);
    expect(await told('?class=image')).toEqual([['web'], []]);
    expect(await told('?class=image,configuration')).toEqual([['a', 'b', 'web'], []]);
    expect(await told('?kind=ConfigMap')).toEqual([['a', 'b'], []]);
    expect(await told('?name=b')).toEqual([['b'], []]);
    expect(await told('?path=conf')).toEqual([
      ['a', 'b'],
      ['conf/a.yaml', 'conf/b.yaml'],
    ]);
    expect(await told('?path=notes.txt')).toEqual([[], ['notes.txt']]);
    expect((await diff(two.id, '?path=broken.yaml')).body.files[0].parseError).toMatch(/^The file cannot be read/);
    expect((await diff(two.id, '?path=notes.txt')).body.files[0].patch).toBe('@@ -1 +1 @@\n-a\n+b\n');

    const first = (await diff(two.id, '?pageSize=2')).body;
    expect(first.objects).toHaveLength(2);
    const second = (await diff(two.id, `?pageSize=2&cursor=${first.nextCursor}`)).body;
    expect([second.objects.map((object: Body) => object.name), second.nextCursor]).toEqual([['web'], null]);
    const other = await diff(two.id, `?kind=ConfigMap&cursor=${first.nextCursor}`);
    expect([other.status, other.body.code]).toEqual([400, 'invalidCursor']);
    expect((await diff(one.id, `?cursor=${first.nextCursor}`)).status).toBe(400);
  });

  it('has objects and files that were only moved, with where they were', async () => {
    const name = unique();
    const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: moved, namespace: shop}\n';
    const from = await published(name, 'v1', { 'a.yaml': text });
    const to = await published(name, 'v2', { 'b/a.yaml': text }, copyOf(from));
    const { body } = await between(from.id, to.id);
    const place = { path: 'b/a.yaml', fromPath: 'a.yaml', change: 'moved' };
    expect(body.objects).toMatchObject([{ ...place, namespace: 'shop', name: 'moved', fields: [] }]);
    expect(body.files).toMatchObject([place]);
  });

  it('leaves out what is only written in another way, unless all is asked for', async () => {
    const name = unique();
    const one = await published(name, 'v1', { 'web.yaml': web(1) });
    const two = await published(
      name,
      'v2',
      { 'web.yaml': `# the same\n${web(1).replace('1000m', '"1"')}` },
      copyOf(one),
    );
    expect((await diff(two.id)).body).toMatchObject({
      equal: true,
      objects: [],
      summary: { classes: {} },
      files: [{ path: 'web.yaml' }],
    });
    const exact = (await diff(two.id, '?exact=true')).body;
    expect(exact).toMatchObject({
      equal: false,
      objects: [{ fields: [{ from: '1000m', to: '1', equivalent: true }] }],
    });
  });

  it('has whole numbers as they are, however large', async () => {
    const name = unique();
    const large = (number: string) => ({
      'a.yaml': `apiVersion: x.io/v1\nkind: X\nmetadata: {name: x}\nspec: {n: ${number}}\n`,
    });
    const one = await published(name, 'v1', large('9007199254740993'));
    const two = await published(name, 'v2', large('18446744073709551615'), copyOf(one));
    const { text, headers } = await diff(two.id);
    expect(text).toContain('"from":9007199254740993,"to":18446744073709551615');
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it('matches lists by definitions that the caller may see', async () => {
    const [group, name] = [`${unique()}.example.com`, unique()];
    const definition = await published(unique(), 'v1', {
      'crd.yaml': `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.${group}}\nspec:\n  group: ${group}\n  names: {kind: Widget}\n  versions:\n  - name: v1\n    schema: {openAPIV3Schema: {properties: {spec: {properties: {tags: {type: array, x-kubernetes-list-type: set, items: {type: string}}}}}}}\n`,
    });
    const widget = (tags: string) => ({
      'w.yaml': `apiVersion: ${group}/v1\nkind: Widget\nmetadata: {name: w}\nspec: {tags: ${tags}}\n`,
    });
    const one = await published(name, 'v1', widget('[a, b]'));
    const two = await published(name, 'v2', widget('[b, a]'), copyOf(one));
    const seesOne = await as({ role: 'viewer', repositoryId: repository.id, path: name });
    const seesBoth = await as(
      { role: 'viewer', repositoryId: repository.id, path: name },
      { role: 'viewer', repositoryId: repository.id, path: String(definition.path) },
    );
    expect((await diff(two.id, '', seesOne)).body).toMatchObject({
      equal: false,
      objects: [{ fields: [{ path: 'spec.tags' }] }],
    });
    expect((await diff(two.id, '', seesBoth)).body).toMatchObject({ equal: true, objects: [] });
  });

  it('shows what Secrets hold to those who may edit both sides, and hashes to others', async () => {
    const name = unique();
    const secret = (word: string) => ({
      's.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: ${word}}\n`,
      'notes.txt': word.length > 7 ? 'b\n' : 'a\n',
    });
    const one = await published(name, 'v1', secret('hunter2'));
    const two = await published(name, 'v2', secret('hunter42'), copyOf(one));
    const viewer = await as({ role: 'viewer', repositoryId: repository.id });
    const author = await as({ role: 'author', repositoryId: repository.id });
    const [shown, hidden] = [(await diff(two.id, '', author)).body, (await diff(two.id, '', viewer)).body];
    expect(shown.objects[0].fields).toMatchObject([{ path: 'stringData.password', from: 'hunter2', to: 'hunter42' }]);
    expect(hidden.objects[0].fields).toMatchObject([
      { path: 'stringData.password', change: 'changed', class: 'configuration' },
    ]);
    for (const side of ['from', 'to']) expect(hidden.objects[0].fields[0][side]).toMatch(/^hmac-sha256:[0-9a-f]{32}$/);
    for (const accept of ['application/json', 'text/markdown', 'text/x-diff']) {
      for (const answer of [
        await diff(two.id, '', viewer, { Accept: accept }),
        await between(one.id, two.id, viewer, { Accept: accept }),
      ]) {
        expect([answer.status, answer.text.includes('hunter')]).toEqual([200, false]);
        expect(answer.text).toContain('notes.txt');
      }
      expect((await diff(two.id, '', author, { Accept: accept })).text).toContain('hunter42');
    }
    expect((await diff(two.id, '', viewer, { Accept: 'text/x-diff' })).text).toMatch(/^# "s\.yaml" is left out: /);
  });
});

describe('formats', () => {
  it('Markdown tells a reviewer first what to look at', async () => {
    const name = unique();
    const one = await published(name, 'v1', { 'web.yaml': web(1), 'notes.txt': 'a\n' });
    const two = await published(
      name,
      'v2',
      { 'web.yaml': web(2).replace('spec: {containers', 'spec: {hostNetwork: true, containers'), 'notes.txt': 'b\n' },
      copyOf(one),
    );
    for (const answer of [
      await diff(two.id, '', admin, { Accept: 'text/markdown' }),
      await between(one.id, two.id, admin, { Accept: 'text/markdown' }),
    ]) {
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/markdown; charset=utf-8']);
      expect(answer.text).toContain(`## \`blueprints/${name}\`: \`v1\` → \`v2\`\n`);
      expect(answer.text).toContain(
        '> - **Pods may do more on their node** (securityWidening): Deployment `web` `spec.template.spec.hostNetwork`\n',
      );
      expect(answer.text).toContain('- `spec.replicas`: `1` → `2` (replicas)\n');
      expect(answer.text).toContain('```diff\n@@ -1 +1 @@\n-a\n+b\n```\n');
    }
    const same = await diff(two.id, `?against=${two.id}`, admin, { Accept: 'text/markdown' });
    expect(same.text).toContain('Nothing differs');
  });

  it('a unified diff is what git apply takes', async () => {
    const name = unique();
    const one = await published(name, 'v1', {
      'web.yaml': web(1),
      'run.sh': '#!/bin/sh',
      'gone.txt': 'x\n',
      'b.bin': { content: '/wABAg==', encoding: 'base64' },
    });
    const two = await published(
      name,
      'v2',
      {
        'web.yaml': web(2),
        'run.sh': { content: '#!/bin/sh\n', executable: true },
        'b.bin': { content: '/wABAgM=', encoding: 'base64' },
        'new/ü x.txt': 'no newline',
      },
      copyOf(one),
    );
    const answer = await diff(two.id, '', admin, { Accept: 'text/x-diff' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/x-diff; charset=utf-8']);
    expect((await between(one.id, two.id, admin, { Accept: 'text/x-diff' })).text).toBe(answer.text);
    const folder = await mkdtemp(join(tmpdir(), 'patch-'));
    try {
      await writeFile(join(folder, 'web.yaml'), web(1));
      await writeFile(join(folder, 'run.sh'), '#!/bin/sh');
      await writeFile(join(folder, 'gone.txt'), 'x\n');
      await writeFile(join(folder, 'b.bin'), Buffer.from('/wABAg==', 'base64'));
      await git(['-C', folder, 'apply', '-'], { input: answer.text });
      expect(await readFile(join(folder, 'web.yaml'), 'utf8')).toBe(web(2));
      expect(await readFile(join(folder, 'b.bin'), 'base64')).toBe('/wABAgM=');
      expect(await readFile(join(folder, 'new/ü x.txt'), 'utf8')).toBe('no newline');
      await expect(readFile(join(folder, 'gone.txt'))).rejects.toThrow('ENOENT');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('a unified diff that would be too long is refused, and JSON still tells which files differ', async () => {
    const name = unique();
    const one = await published(name, 'v1', { a: 'a' });
    const two = await draft(name, { a: 'a', 'large.txt': 'x'.repeat(17 * 1024 * 1024) }, copyOf(one));
    const { body } = await diff(two.id);
    expect(body.files).toMatchObject([{ path: 'large.txt', change: 'added', patch: null }]);
    expect(body.truncated).toBe(true);
    for (const answer of [
      await diff(two.id, '', admin, { Accept: 'text/x-diff' }),
      await between(one.id, two.id, admin, { Accept: 'text/x-diff' }),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([413, 'packageTooLarge']);
    }
  });
});
