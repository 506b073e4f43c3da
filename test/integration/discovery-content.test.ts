import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeTree } from '../../src/git/objects/git-hash.js';
import { ContentReader } from '../../src/content/content.reader.js';
import type { GitTreeEntry } from '../../src/git/port.js';
import { CONFIG_MAP, DiscoveryWorld, KPTFILE } from '../support/discovery.js';
import { git } from '../support/git-command.js';

const world = DiscoveryWorld.create({ settings: { MAX_PACKAGE_BYTES: String(6 * 1024 * 1024) } });

/** An object as only a hostile or broken tool writes it. */
async function write(type: 'tree' | 'commit', bytes: Buffer | string): Promise<string> {
  const args = ['hash-object', '-t', type, '-w', '--literally', '--stdin'];
  return (await git(args, { gitDir: world.remote.path, input: bytes })).toString().trim();
}

const writeTree = (entries: readonly GitTreeEntry[]) => write('tree', encodeTree(entries));

async function commitTree(tree: string): Promise<string> {
  const who = 'Mallory <m@example.com> 1704067200 +0000';
  return write('commit', `tree ${tree}\nauthor ${who}\ncommitter ${who}\n\nOdd\n`);
}

/** Sets a ref without looking at what it is set to. */
const setRef = (name: string, oid: string) => writeFile(join(world.remote.path, name), `${oid}\n`);

const file = (name: string, oid: string, mode = '100644'): GitTreeEntry => ({ mode, name, oid });
const folder = (name: string, oid: string): GitTreeEntry => file(name, oid, '040000');

/** A good package, to tag the bad ones beside. */
async function begin(): Promise<{ kptfile: string; good: string }> {
  await world.remote.commit({ files: { 'good/Kptfile': KPTFILE } });
  await world.remote.tag('good/v1');
  return { kptfile: await world.remote.revParse('main:good/Kptfile'), good: await world.remote.revParse('main:good') };
}

/** Files that a reader of the package sees, and what is reported beside them. */
async function content(repositoryId: string, path: string) {
  const [row] = (await world.revisions(repositoryId)).filter((one) => one.path === path);
  const tree = row?.tree ?? '';
  const files = await world.engine.get(ContentReader).filesWithContent(tree);
  const { unsupported } = await world.database.packageTree.findUniqueOrThrow({ where: { oid: tree } });
  return { files, paths: files.map((one) => one.path), unsupported, tree };
}

describe('files', () => {
  it('keep their bytes, line ends and executable bits; symlinks and submodules are reported', async () => {
    const binary = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256));
    await world.remote.commit({
      files: {
        'a/Kptfile': KPTFILE,
        'a/crlf.yaml': CONFIG_MAP.replaceAll('\n', '\r\n'),
        'a/run.sh': '#!/bin/sh\n',
        'a/bin/data.bin': binary,
        'a/empty': '',
      },
      executable: ['a/run.sh'],
      symlinks: { 'a/link.yaml': '../../etc/passwd', 'a/bin/loop': '.' },
      submodules: { 'a/module': 'a'.repeat(40) },
    });
    await world.remote.tag('a/v1');
    const { id } = await world.discover();
    const { files, unsupported, tree } = await content(id, 'a');
    expect(files.map(({ path, mode, sizeBytes }) => `${mode} ${path} ${sizeBytes}`)).toEqual([
      `100644 Kptfile ${KPTFILE.length}`,
      '100644 bin/data.bin 512',
      `100644 crlf.yaml ${CONFIG_MAP.length + 4}`,
      '100644 empty 0',
      '100755 run.sh 10',
    ]);
    for (const one of files) {
      expect(Buffer.from(one.content).equals(await world.remote.show(`main:a/${one.path}`))).toBe(true);
    }
    expect(unsupported).toEqual([
      { path: 'bin/loop', mode: '120000', reason: 'Symlink' },
      { path: 'link.yaml', mode: '120000', reason: 'Symlink' },
      { path: 'module', mode: '160000', reason: 'Submodule' },
    ]);
    const entries = await world.database.packageFile.findMany({
      where: { treeOid: tree },
      select: { path: true, blobOid: true },
    });
    expect(entries).toContainEqual({ path: 'module', blobOid: 'a'.repeat(40) });
  });

  it('that are bad YAML harm only themselves', async () => {
    const bad: Record<string, string | Buffer> = {
      'a/brackets.yaml': '['.repeat(40_000),
      'a/keys.yaml': '? '.repeat(20_000),
      'a/broken.yaml': 'a: [1\nb: }\n',
      'a/latin1.yaml': Buffer.from([0x61, 0x3a, 0x20, 0xe9, 0xff]),
      'a/nul.yaml': 'a: "\0"\n',
      'a/huge.yaml': `# ${'x'.repeat(5 * 1024 * 1024)}\n${CONFIG_MAP}`,
      'a/bomb.yaml': `a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${Array.from(
        { length: 12 },
        (_, index) => `a${index + 1}: &a${index + 1} [${`*a${index},`.repeat(10)}]\n`,
      ).join('')}`,
    };
    await world.remote.commit({ files: { ...bad, 'a/Kptfile': KPTFILE, 'a/good.yaml': CONFIG_MAP } });
    await world.remote.tag('a/v1');
    const { id } = await world.discover();
    const { files } = await content(id, 'a');
    const errors = files.filter((one) => one.parseError !== null).map((one) => `a/${one.path}`);
    expect(errors).toEqual(Object.keys(bad).sort());
    expect(files).toHaveLength(Object.keys(bad).length + 2);
    for (const one of files) expect(one.parseError ?? '').not.toContain('xxx');
  });

  it('may have odd names, and be called alike in another case', async () => {
    const names = [
      'with space.yaml',
      'ünï/çødé.yaml',
      '#hash',
      '%41.yaml',
      'UPPER',
      'upper',
      'tab\there',
      "quo'te",
      '-dash',
    ];
    const files = Object.fromEntries(names.map((name) => [`a/${name}`, `name: ${name.length}\n`]));
    await world.remote.commit({ files: { ...files, 'a/Kptfile': KPTFILE } });
    await world.remote.tag('a/v1');
    const { id } = await world.discover();
    const { paths, unsupported } = await content(id, 'a');
    expect([...paths].sort()).toEqual(['Kptfile', ...names].sort());
    expect(unsupported).toEqual([]);
  });

  it('larger than a package may be are reported, and the rest is read', async () => {
    await world.remote.commit({ files: { 'a/Kptfile': KPTFILE, 'a/large.bin': Buffer.alloc(7 * 1024 * 1024, 1) } });
    await world.remote.tag('a/v1');
    const { id } = await world.discover();
    const { paths, unsupported } = await content(id, 'a');
    expect(paths).toEqual(['Kptfile']);
    expect(unsupported).toEqual([{ path: 'large.bin', mode: '100644', reason: 'TooLarge' }]);
  });
});

describe('hostile trees', () => {
  it('let no path out of the package; what else is in it is read', async () => {
    const { kptfile, good } = await begin();
    const inner = await writeTree([file('x.yaml', kptfile)]);
    const notUtf8 = Buffer.from('100644 \xff\xfe.yaml\0', 'latin1');
    const entries = [
      ...[file('Kptfile', kptfile), folder('..', inner), folder('.git', inner), folder('.', inner)],
      ...[folder('.GIT', inner), folder('git~1', inner), file('a/../../x', kptfile), folder('fine', inner)],
      file('n'.repeat(1100), kptfile),
    ];
    const bad = await write('tree', Buffer.concat([encodeTree(entries), notUtf8, Buffer.from(kptfile, 'hex')]));
    const commit = await commitTree(await writeTree([folder('bad', bad), folder('good', good)]));
    await world.remote.branch('main', commit);
    await world.remote.tag('bad/v1', { annotated: false });
    const { id } = await world.discover();
    expect(await world.ready(id)).toMatchObject({ status: 'True' });
    expect(await world.published(id)).toEqual(['bad@v1', 'good@v1']);
    const { paths, unsupported } = await content(id, 'bad');
    expect(paths).toEqual(['Kptfile', 'fine/x.yaml']);
    expect((unsupported as { path: string; reason: string }[]).map(({ reason }) => reason)).toEqual(
      Array.from({ length: 8 }, () => 'InvalidPath'),
    );
    const stored = await world.database.packageFile.findMany({ where: { path: { contains: '..' } } });
    expect(stored).toEqual([]);
  });

  it('that are malformed, or say one thing and hold another, harm only their tags', async () => {
    const { kptfile, good } = await begin();
    const cut = await write('tree', Buffer.from('100644 Kptfile\0abc'));
    const lying = await writeTree([file('Kptfile', kptfile), folder('sub', kptfile)]);
    const inCut = await commitTree(await writeTree([folder('cut', cut), folder('good', good)]));
    const inLying = await commitTree(await writeTree([folder('lying', lying), folder('good', good)]));
    const missing = await commitTree('1'.repeat(40));
    await world.remote.tag('cut/v2', { at: inCut, annotated: false });
    await world.remote.tag('lying/v2', { at: inLying, annotated: false });
    await setRef('refs/tags/good/v3', missing);
    await world.remote.tag('good/v2', { annotated: false });
    await world.remote.branch('drafts/cut/one', inCut);
    await world.remote.branch('drafts/good/one', 'main');
    const { id } = await world.discover();
    expect(await world.ready(id)).toMatchObject({ status: 'True' });
    expect(await world.published(id)).toEqual(['good@v1', 'good@v2']);
    expect(await world.drafts(id)).toEqual(['good/one (draft)']);
    expect(await world.heads(id)).toEqual(['good']);
    expect((await world.repository(id)).ignoredTags).toBe(3);
    await world.remote.tag('good/v4', { annotated: false });
    await world.sync(id);
    expect(await world.published(id)).toEqual(['good@v1', 'good@v2', 'good@v4']);
  });

  it('that unfold without end are not followed', async () => {
    const { good, kptfile } = await begin();
    let bomb = await writeTree([file('leaf.yaml', kptfile)]);
    for (let level = 0; level < 12; level += 1) {
      bomb = await writeTree(Array.from({ length: 10 }, (_, index) => folder(`d${index}`, bomb)));
    }
    let deep = await writeTree([file('Kptfile', kptfile)]);
    for (let level = 0; level < 600; level += 1) deep = await writeTree([folder('d', deep)]);
    const packed = await writeTree([file('Kptfile', kptfile), folder('sub', bomb)]);
    const root = await writeTree([
      ...[folder('bomb', bomb), folder('deep', deep), folder('good', good), folder('packed', packed)],
    ]);
    await world.remote.branch('main', await commitTree(root));
    await world.remote.tag('packed/v1', { annotated: false });
    const { id } = await world.discover();
    expect(await world.ready(id)).toMatchObject({ status: 'True' });
    expect(await world.published(id)).toEqual(['good@v1']);
    expect(await world.heads(id)).toEqual(['good']);
    expect((await world.repository(id)).ignoredTags).toBe(1);
  }, 120_000);
});

describe('hostile names', () => {
  it('of people, times and refs fit into the index', async () => {
    await begin();
    const tree = await world.remote.revParse('main^{tree}');
    const author = `author ${'A'.repeat(5_000)}\0\ud800 <a@example.com> 99999999999999 +9999`;
    const commit = await write('commit', `tree ${tree}\n${author}\n${author.replace('author', 'committer')}\n\nx\0y\n`);
    await world.remote.branch('drafts/good/odd', commit);
    const segment = 's'.repeat(200);
    const long = Array.from({ length: 12 }, () => segment).join('/');
    await git(['pack-refs', '--all'], { gitDir: world.remote.path });
    await world.remote.branch(`drafts/${long}/w`, 'main');
    await world.remote.tag(`good/v${'9'.repeat(9)}-${'1.'.repeat(50)}1`);
    const { id } = await world.discover();
    expect(await world.ready(id)).toMatchObject({ status: 'True' });
    expect(await world.drafts(id)).toEqual(['good/odd (draft)']);
    expect(await world.published(id)).toHaveLength(2);
  });
});
