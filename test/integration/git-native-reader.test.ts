import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CatFilePool } from '../../src/git/native/cat-file-pool.js';
import { CatFileReader } from '../../src/git/native/cat-file-reader.js';
import { gitEnvironment } from '../../src/git/native/git-environment.js';
import { git } from '../support/git-command.js';
import { GitFixture } from '../support/git-fixture.js';
import { RecordedGit } from '../support/recorded-git.js';

describe('CatFileReader', () => {
  let root: string;
  let recorded: RecordedGit;
  const pools: CatFilePool[] = [];

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'cat-file-'));
  });
  afterEach(async () => {
    for (const pool of pools.splice(0)) pool.close();
    await recorded?.remove();
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  async function begin(maxChildren?: number, idleMs?: number): Promise<CatFilePool> {
    recorded = await RecordedGit.create(root, ['nothing-of-the-kind']);
    const pool = new CatFilePool(gitEnvironment({ searchPath: recorded.searchPath, home: root }), maxChildren, idleMs);
    pools.push(pool);
    return pool;
  }

  async function repository(
    files: Record<string, string>,
  ): Promise<{ path: string; fixture: GitFixture; commit: string }> {
    const path = join(root, `${randomUUID()}.git`);
    await git(['init', '--quiet', '--bare', '--initial-branch=main', path]);
    const fixture = GitFixture.create(path);
    return { path, fixture, commit: await fixture.commit({ files }) };
  }

  const alive = (count: number) => vi.waitFor(async () => expect(await started()).toBe(count), 60_000);
  /** A process that a shell stands in for counts as two. */
  const started = async () => (await recorded.alive()) / 2;

  it('answers thousands of questions of one turn by one child, in any mixture', async () => {
    const { path, commit } = await repository({ a: 'a', 'd/b': 'b'.repeat(200_000) });
    const reader = new CatFileReader(path, await begin());
    const tree = await reader.treeAt(commit, 'd');
    const answers = await Promise.all(
      Array.from({ length: 6000 }, async (_, index) => {
        if (index % 3 === 0) return (await reader.read(commit)).type;
        if (index % 3 === 1) return reader.has(index % 2 === 0 ? commit : 'f'.repeat(40));
        return reader.treeAt(commit, index % 2 === 0 ? 'd' : 'x y');
      }),
    );
    answers.forEach((answer, index) => {
      const expected = [
        ['commit', 'commit'],
        [true, false],
        [tree, null],
      ][index % 3]?.[index % 2];
      expect(answer).toBe(expected);
    });
    expect(await started()).toBe(1);
  });

  it('sees packs that come after it began, and objects that were packed meanwhile', async () => {
    const { path, fixture, commit } = await repository({ a: 'a' });
    const reader = new CatFileReader(path, await begin());
    expect((await reader.read(commit)).type).toBe('commit');
    const next = await fixture.commit({ files: { b: 'b' } });
    await fixture.repack();
    expect((await reader.read(next)).content.toString()).toContain(`parent ${commit}`);
    expect([await reader.holds(next), await reader.holds('1'.repeat(40))]).toEqual([true, false]);
    expect((await reader.read(commit)).type).toBe('commit');
  });

  it('goes on with another child when one dies, and loses no question', async () => {
    const { path, commit } = await repository({ a: 'a' });
    const pool = await begin();
    const reader = new CatFileReader(path, pool);
    const first = reader.read(commit);
    pool.get(path).close();
    expect((await first).type).toBe('commit');
    expect((await reader.read(commit)).type).toBe('commit');
    await alive(1);
  });

  it('knows nothing any more of a mirror that is removed', async () => {
    const { path, commit } = await repository({ a: 'a' });
    const pool = await begin();
    const reader = new CatFileReader(path, pool);
    expect(await reader.has(commit)).toBe(true);
    pool.remove(path);
    await rm(path, { recursive: true });
    await expect(reader.has(commit)).rejects.toMatchObject({ code: 'missingObject' });
  });

  it('keeps few children, those used last, and each for a while only', async () => {
    const pool = await begin(2, 700);
    const repositories = await Promise.all([repository({ a: '1' }), repository({ a: '2' }), repository({ a: '3' })]);
    for (const { path, commit } of repositories) expect(await new CatFileReader(path, pool).has(commit)).toBe(true);
    await alive(2);
    await alive(0);
    const [first] = repositories;
    expect(await new CatFileReader(first.path, pool).has(first.commit)).toBe(true);
    pool.close();
    await alive(0);
  });

  it('leaves paths that git would take for something else to be walked', async () => {
    const { path, commit } = await repository({ 'a/b': 'b', 'n\nl/x': 'x', 'ü/x': 'x' });
    const reader = new CatFileReader(path, await begin());
    expect(await reader.treeAt(commit, '')).toMatch(/^[0-9a-f]{40}$/);
    expect(await reader.treeAt(commit, 'ü')).toMatch(/^[0-9a-f]{40}$/);
    for (const odd of ['./a', '../a', 'a/../a', 'a//b', '/a', 'n\nl', 'a\r', '\udc80']) {
      expect(await reader.treeAt(commit, odd)).toBeNull();
    }
    expect(await started()).toBe(1);
    expect(await readdir(path)).toContain('objects');
  });
});
