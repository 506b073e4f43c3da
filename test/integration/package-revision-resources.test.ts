import { describe, expect, it } from 'vitest';
import { ANY_VERSION } from '../../src/domain/precondition.js';
import type { FileInput } from '../../src/features/package-contents/file-edit.js';
import { RevisionServices } from '../support/revision-services.js';

const services = RevisionServices.create({ MAX_PACKAGE_BYTES: '100000', MAX_FILE_BYTES: '50000' });
const { aPackageRevision, patch, present, read, replace } = services;

const draft = (files?: Record<string, FileInput>) => aPackageRevision({ ...(files && { files }) });

describe('replacing', () => {
  it('writes text, bytes and executable files, and deletes what is not named', async () => {
    const row = await draft({ old: 'old' });
    const result = await replace(row.id, {
      'a.yaml': 'apiVersion: v1\r\nkind: ConfigMap\r\nmetadata: {name: a}\r\n',
      'bin/run': { content: '#!/bin/sh\n', executable: true },
      'logo.png': { content: 'iVBORw0KGgoA/w==', encoding: 'base64' },
      empty: '',
    });
    expect(result).toMatchObject({ fileCount: 4, sizeBytes: 74, parseErrors: {} });
    const files = await read(row.id);
    expect(Object.keys(files)).toEqual(['a.yaml', 'bin/run', 'empty', 'logo.png']);
    expect(files['a.yaml']).toMatchObject({ encoding: 'utf8', executable: false, sizeBytes: 54 });
    expect(files['a.yaml']?.content).toContain('\r\n');
    expect(files['bin/run']).toMatchObject({ content: '#!/bin/sh\n', executable: true });
    expect(files['logo.png']).toMatchObject({ content: 'iVBORw0KGgoA/w==', encoding: 'base64' });
    expect(files.empty).toMatchObject({ content: '', sizeBytes: 0, oid: 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391' });
    const now = await present(row.id);
    expect(now).toMatchObject({ tree: result.etag, version: row.version + 1, gitState: 'pending', fileCount: 4 });
  });

  it('takes back what it gave', async () => {
    const row = await draft({
      'a.yaml': 'kind: [',
      'b.bin': { content: 'AP8=', encoding: 'base64' },
      run: { content: 'x', executable: true },
    });
    const given = await services.resources.read(row.id, 'draft');
    const result = await replace(row.id, given.files);
    expect(result.etag).toBe(given.etag);
    expect(await present(row.id)).toEqual(row);
  });

  it('writes nothing where nothing changes', async () => {
    const row = await services.markPushed(await draft({ a: 'a' }));
    expect((await replace(row.id, { a: 'a' })).etag).toBe(row.tree);
    expect((await patch(row.id, { gone: null })).etag).toBe(row.tree);
    expect(await present(row.id)).toEqual(row);
    expect(await services.database.client.operation.count({ where: { revisionId: row.id } })).toBe(0);
  });

  it('accepts hostile and broken YAML as files with their parse error', async () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghij'.split('').map((name, index) => {
        const last = 'abcdefghij'[index] as string;
        return `${name}: &${name} [${Array<string>(9).fill(`*${last}`).join(',')}]`;
      }),
    ].join('\n');
    const row = await draft();
    const result = await replace(row.id, {
      'good.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n',
      'brackets.yaml': '['.repeat(40_000),
      'bomb.yaml': bomb,
      'binary.yaml': { content: Buffer.from([0x61, 0xff, 0xfe]).toString('base64'), encoding: 'base64' },
      'brackets.txt': '[[[[',
    });
    expect(Object.keys(result.parseErrors)).toEqual(['binary.yaml', 'bomb.yaml', 'brackets.yaml']);
    const files = await read(row.id);
    expect(files['brackets.yaml']?.content).toHaveLength(40_000);
    expect(files['brackets.yaml']?.parseError).toBeTruthy();
    expect(files['good.yaml']).not.toHaveProperty('parseError');
    expect((await services.files.objects(row.id, {})).items).toMatchObject([
      { path: 'good.yaml', kind: 'ConfigMap', name: 'good' },
    ]);
  });

  it('indexes what kubectl takes with a warning, the items of lists, and JSON', async () => {
    const row = await draft();
    const result = await replace(row.id, {
      'twice.yaml': 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: twice\n  labels: {app: a, mode: 0644, app: b}\n',
      'list.json':
        '{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "item"}}]}',
      'roles.yaml':
        'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleList\nitems:\n- metadata: {name: a}\n- metadata: {name: b}\n',
    });
    const warning = 'The key "app" is given twice; the last counts (line 5).';
    expect(result).toMatchObject({ parseErrors: {}, parseWarnings: { 'twice.yaml': [warning] } });
    const { items } = await services.files.objects(row.id, {});
    expect(items.map(({ path, position, kind, name }) => [path, position, kind, name])).toEqual([
      ['list.json', 0, 'Pod', 'item'],
      ['roles.yaml', 0, 'Role', 'a'],
      ['roles.yaml', 1, 'Role', 'b'],
      ['twice.yaml', 0, 'Pod', 'twice'],
    ]);
    expect(items[3]?.labels).toEqual({ app: 'b', mode: '420' });
    const listed = (await services.files.list(row.id)).items;
    expect(listed.map(({ path, parseWarnings }) => [path, parseWarnings])).toEqual([
      ['list.json', []],
      ['roles.yaml', []],
      ['twice.yaml', [warning]],
    ]);
    const given = await services.resources.read(row.id, 'draft');
    expect(given.files['twice.yaml']?.parseWarnings).toEqual([warning]);
    expect((await replace(row.id, given.files)).etag).toBe(result.etag);
  });

  it('stores YAML above the limit of one file unread, and refuses a package above its own', async () => {
    const row = await draft({ 'a.yaml': 'a: b' });
    const result = await patch(row.id, { 'large.yaml': `# ${'x'.repeat(60_000)}` });
    expect(result.parseErrors).toHaveProperty(['large.yaml']);
    const before = await present(row.id);
    await expect(patch(row.id, { 'more.txt': 'x'.repeat(50_000) })).rejects.toMatchObject({ code: 'packageTooLarge' });
    await expect(replace(row.id, { 'one.txt': 'x'.repeat(100_001) })).rejects.toMatchObject({
      code: 'packageTooLarge',
    });
    expect(await present(row.id)).toEqual(before);
    expect((await replace(row.id, { 'one.txt': 'x'.repeat(100_000) })).sizeBytes).toBe(100_000);
  });
});

describe('refused content', () => {
  const cases: [string, Record<string, FileInput>, string, string | undefined][] = [
    ['a path that climbs', { '../x': 'a' }, 'invalidPath', '/files/..~1x'],
    ['an absolute path', { '/x': 'a' }, 'invalidPath', '/files/~1x'],
    ['an empty path', { '': 'a' }, 'invalidPath', '/files/'],
    ['a Git folder', { '.git/config': 'a' }, 'invalidPath', '/files/.git~1config'],
    ['a file that is a folder', { a: 'a', 'a/b': 'b' }, 'invalidPath', '/files/a~1b'],
    ['no base64', { a: { content: 'a b', encoding: 'base64' } }, 'invalidBody', '/files/a'],
    ['base64 without padding', { a: { content: 'AP8', encoding: 'base64' } }, 'invalidBody', '/files/a'],
    ['half a surrogate pair', { a: 'x\ud800y' }, 'invalidBody', '/files/a'],
    ['no content', { a: {} }, 'invalidBody', '/files/a'],
    ['no file at all', {}, 'invalidPackage', undefined],
  ];
  it.each(cases)('%s', async (_, files, code, pointer) => {
    const row = await draft({ kept: 'kept' });
    const error = (await replace(row.id, files).catch((reason: unknown) => reason)) as {
      code: string;
      data: { errors?: { pointer: string }[] };
    };
    expect(error.code).toBe(code);
    expect(error.data.errors?.[0]?.pointer).toBe(pointer);
    expect(await present(row.id)).toEqual(row);
  });

  it('a stale tree', async () => {
    const row = await draft({ a: 'a' });
    await patch(row.id, { b: 'b' });
    await expect(
      services.resources.patch(row.id, { c: 'c' }, 'eve', { ifMatch: `"${row.tree}"` }),
    ).rejects.toMatchObject({
      code: 'preconditionFailed',
    });
    expect(Object.keys(await read(row.id))).toEqual(['a', 'b']);
  });

  it('a stale tree, with who changed what since and whether it is in the way', async () => {
    const row = await draft({ a: 'a', b: 'b', c: 'c' });
    await services.resources.patch(row.id, { b: 'B', new: 'n', c: null }, 'bob', ANY_VERSION);
    const { tree, updatedAt } = await present(row.id);
    const seen = { ifMatch: `"${row.tree}"` };
    const data = { currentEtag: tree, updatedBy: 'bob', updatedAt: updatedAt.toISOString(), files: ['b', 'new'] };
    const refusal = (files: Record<string, FileInput | null>) => services.resources.patch(row.id, files, 'eve', seen);
    await expect(refusal({ a: 'A' })).rejects.toMatchObject({
      data,
      message: expect.stringMatching(/None of the files/),
    });
    for (const path of ['b', 'c', 'new']) {
      await expect(refusal({ [path]: 'x' })).rejects.toMatchObject({
        data,
        message: expect.stringMatching(/Read it again/),
      });
    }
    await expect(services.resources.replace(row.id, { a: 'A' }, 'eve', seen)).rejects.toMatchObject({
      data,
      message: expect.stringMatching(/Read it again/),
    });
    const unknown = services.resources.patch(row.id, { a: 'A' }, 'eve', { ifMatch: `"${'f'.repeat(40)}"` });
    await expect(unknown).rejects.toMatchObject({ data: { currentEtag: tree, updatedBy: 'bob' } });
    await expect(unknown).rejects.not.toHaveProperty('data.files');
  });
});

describe('merge patches', () => {
  it('writes what is named, deletes null, leaves the rest', async () => {
    const row = await draft({ a: 'a', b: 'b', 'dir/c': 'c' });
    const before = await read(row.id);
    await patch(row.id, { b: null, 'dir/c': 'C', 'dir/d': { content: 'ZA==', encoding: 'base64' }, missing: null });
    const files = await read(row.id);
    expect(Object.fromEntries(Object.entries(files).map(([path, file]) => [path, file.content]))).toEqual({
      a: 'a',
      'dir/c': 'C',
      'dir/d': 'd',
    });
    expect(files.a).toEqual(before.a);
  });

  it('changes the mode alone, and keeps it when the content changes', async () => {
    const row = await draft({ run: 'one' });
    await patch(row.id, { run: { executable: true } });
    expect((await read(row.id)).run).toMatchObject({ content: 'one', executable: true });
    await patch(row.id, { run: 'two' });
    expect((await read(row.id)).run).toMatchObject({ content: 'two', executable: true });
    await patch(row.id, { run: { executable: null } });
    expect((await read(row.id)).run).toMatchObject({ content: 'two', executable: false });
    await expect(patch(row.id, { none: { executable: true } })).rejects.toMatchObject({ code: 'invalidBody' });
  });

  it('turns a file into a folder in one step', async () => {
    const row = await draft({ a: 'a' });
    await expect(patch(row.id, { 'a/b': 'b' })).rejects.toMatchObject({
      code: 'invalidPath',
      data: { errors: [{ pointer: '/files/a~1b' }] },
    });
    await patch(row.id, { a: null, 'a/b': 'b' });
    expect(Object.keys(await read(row.id))).toEqual(['a/b']);
    await expect(patch(row.id, { a: 'a' })).rejects.toMatchObject({ code: 'invalidPath' });
  });

  it('keeps symlinks and submodules, and lets nothing be written over them', async () => {
    const row = await draft();
    const link = { path: 'latest', mode: '120000', oid: '1'.repeat(40), sizeBytes: 4 };
    const module = { path: 'vendor', mode: '160000', oid: '2'.repeat(40), sizeBytes: 0 };
    const tree = await services.contents.savePackage(
      [{ path: 'a', mode: '100644', content: Buffer.from('a') }],
      [link, module],
    );
    await services.database.client.packageRevision.update({ where: { id: row.id }, data: { tree: tree.oid } });
    for (const path of ['latest', 'vendor', 'vendor/x']) {
      await expect(patch(row.id, { [path]: 'x' })).rejects.toMatchObject({ code: 'invalidPath' });
    }
    await patch(row.id, { latest: null });
    await replace(row.id, { b: 'b' });
    expect((await services.revisions.get(row.id)).unsupported.map(({ path }) => path)).toEqual(['latest', 'vendor']);
    expect(Object.keys(await read(row.id))).toEqual(['b']);
  });
});

describe('files one by one', () => {
  it('lists them, gives their bytes, and knows what is not there', async () => {
    const row = await draft({ 'b.yaml': 'kind: [', 'B.txt': 'x', run: { content: 'x', executable: true } });
    const { items } = await services.files.list(row.id);
    expect(items.map(({ path, mode }) => [path, mode])).toEqual([
      ['B.txt', '100644'],
      ['b.yaml', '100644'],
      ['run', '100755'],
    ]);
    expect(items[1]?.parseError).toBeTruthy();
    expect(Buffer.from((await services.files.file(row.id, 'B.txt')).content).toString()).toBe('x');
    await expect(services.files.file(row.id, 'b.txt')).rejects.toMatchObject({ code: 'notFound' });
  });

  it('filters objects by kind and name', async () => {
    const row = await draft({
      'a.yaml':
        'apiVersion: v1\nkind: A\nmetadata: {name: x, labels: {app: z}}\n---\napiVersion: v1\nkind: B\nmetadata: {name: y}\n',
    });
    const found = async (filter: { kind?: string; name?: string }) =>
      (await services.files.objects(row.id, filter)).items.map(({ kind, position }) => [kind, position]);
    expect(await found({})).toEqual([
      ['A', 0],
      ['B', 1],
    ]);
    expect(await found({ kind: 'B' })).toEqual([['B', 1]]);
    expect(await found({ kind: 'B', name: 'x' })).toEqual([]);
    expect((await services.files.objects(row.id, { kind: 'A' })).items[0]?.labels).toEqual({ app: 'z' });
  });
});
