import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hashObject } from '../../src/git/objects/git-hash.js';
import { MAX_OBJECT_BYTES, PackFile } from '../../src/git/packs/pack-file.js';
import { encodePackIndex, PackIndex } from '../../src/git/packs/pack-index.js';
import { indexPack } from '../../src/git/packs/pack-indexer.js';
import { git } from '../support/git-command.js';
import { GitFixture } from '../support/git-fixture.js';

let folder: string;
let fixture: GitFixture;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pack-indexer-'));
  await git(['init', '--quiet', '--bare', '--initial-branch=main', folder]);
  fixture = GitFixture.create(folder);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** The one pack of the repository, and the index that native git made of it. */
async function packed(...options: string[]): Promise<{ path: string; index: Buffer }> {
  await git([...options, 'repack', '-a', '-d', '-q', '-f', '--depth=50', '--window=20'], { gitDir: folder });
  const packs = join(folder, 'objects', 'pack');
  const name = (await readdir(packs)).find((file) => file.endsWith('.pack')) ?? '';
  return { path: join(packs, name), index: await readFile(join(packs, name.replace('.pack', '.idx'))) };
}

const countOf = async (path: string): Promise<number> => (await readFile(path)).readUInt32BE(8);

it('makes the index that native git makes, byte for byte, and reads every object', async () => {
  const lines = Array.from({ length: 2_000 }, (_, index) => `line ${index} ${'x'.repeat(index % 40)}`);
  for (let round = 0; round < 30; round += 1) {
    lines[round * 50] = `changed in ${round}`;
    await fixture.commit({ files: { 'a/text.yaml': lines.join('\n'), [`a/${round}.txt`]: `${round}\n` } });
    await fixture.tag(`a/v${round}`);
  }
  const noise = randomBytes(3 * 1024 * 1024);
  await fixture.commit({ files: { 'large.bin': noise, 'zeros.bin': Buffer.alloc(5 * 1024 * 1024), empty: '' } });
  await fixture.commit({ files: { 'large.bin': Buffer.concat([noise, Buffer.from('more')]) } });
  const { path, index } = await packed();
  const entries = await indexPack(path, await countOf(path));
  const known = new PackIndex(index);
  expect(encodePackIndex(entries, known.packChecksum).equals(index)).toBe(true);
  const file = new PackFile(path);
  for (const { oid, offset } of entries) {
    expect(known.offsetOf(oid)).toBe(offset);
    const { type, content } = await file.read(offset, (base) => known.offsetOf(base));
    expect(hashObject(type, content)).toBe(oid);
  }
  expect(known.offsetOf('0'.repeat(40))).toBeNull();
});

it('indexes an object of any size, and refuses to hold one that is too large', async () => {
  const oid = (
    await git(['hash-object', '-w', '--stdin'], { gitDir: folder, input: Buffer.alloc(MAX_OBJECT_BYTES + 1) })
  )
    .toString()
    .trim();
  await git(['update-ref', 'refs/tags/huge', oid], { gitDir: folder });
  const { path, index } = await packed();
  const before = process.memoryUsage().rss;
  const entries = await indexPack(path, 1);
  expect(process.memoryUsage().rss - before).toBeLessThan(MAX_OBJECT_BYTES / 2);
  expect(encodePackIndex(entries, new PackIndex(index).packChecksum).equals(index)).toBe(true);
  await expect(new PackFile(path).read(entries[0]?.offset ?? 0, () => null)).rejects.toMatchObject({
    code: 'tooLarge',
  });
});

it('refuses a pack with any byte changed, or reads it as other objects, and never hangs or breaks', async () => {
  await fixture.commit({ files: { 'a.txt': 'a\n'.repeat(500) } });
  await fixture.commit({ files: { 'a.txt': `${'a\n'.repeat(500)}b\n` } });
  const { path } = await packed();
  const bytes = await readFile(path);
  const count = await countOf(path);
  const names = async () => (await indexPack(path, count)).map(({ oid }) => oid).sort();
  expect(await names()).toHaveLength(count);
  for (let at = 12; at < bytes.length - 20; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 0xff;
    await rm(path, { force: true });
    await writeFile(path, changed);
    const outcome = await names().catch((error: { code?: string }) => error.code);
    if (Array.isArray(outcome)) expect(outcome).toHaveLength(count);
    else expect(['protocol', 'tooLarge']).toContain(outcome);
  }
});
