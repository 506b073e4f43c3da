import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildTrees, encodeTree, hashBlob, hashObject } from '../../src/git/objects/git-hash.js';
import { git } from '../support/git-command.js';

const modes = fc.constantFrom('100644', '100755', '120000');
const segment = fc.constantFrom('a', 'a.b', 'a0', 'a-', 'B', 'é', '日本', 'z z', '.hidden', 'a\tb');

describe('git-hash, beside native git', () => {
  let gitDir: string;

  beforeAll(async () => {
    gitDir = await mkdtemp(join(tmpdir(), 'git-hash-'));
    await git(['init', '--quiet', '--bare', gitDir]);
  });

  afterAll(() => rm(gitDir, { recursive: true, force: true }));

  async function line(args: string[], input: string | Buffer, env = {}): Promise<string> {
    return (await git(args, { gitDir, input, env })).toString().trim();
  }

  it('names blobs as hash-object does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
        expect(hashBlob(bytes)).toBe(await line(['hash-object', '-w', '--stdin'], Buffer.from(bytes)));
      }),
      { numRuns: 15 },
    );
  });

  it('orders one tree as mktree does', async () => {
    const blob = await line(['hash-object', '-w', '--stdin'], 'content');
    const tree = await line(['mktree'], '');
    const entry = fc.record({ mode: fc.constantFrom('100644', '100755', '120000', '040000'), name: segment });
    const entries = fc.uniqueArray(entry, { selector: ({ name }) => name });
    await fc.assert(
      fc.asyncProperty(entries, async (list) => {
        const full = list.map(({ mode, name }) => ({ mode, name, oid: mode === '040000' ? tree : blob }));
        const input = full.map(
          ({ mode, name, oid }) => `${mode} ${mode === '040000' ? 'tree' : 'blob'} ${oid}\t${name}\0`,
        );
        expect(hashObject('tree', encodeTree(full))).toBe(await line(['mktree', '-z'], input.join('')));
      }),
      { numRuns: 25 },
    );
  });

  it('builds trees as write-tree does', async () => {
    const blob = await line(['hash-object', '-w', '--stdin'], 'content');
    // A leaf with a tilde can never be a directory as well.
    const path = fc
      .tuple(fc.array(segment, { maxLength: 3 }), segment)
      .map(([up, leaf]) => [...up, `${leaf}~`].join('/'));
    const files = fc.uniqueArray(fc.record({ path, mode: modes }), { selector: (file) => file.path, maxLength: 20 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(files, async (list) => {
        const env = { GIT_INDEX_FILE: join(gitDir, `index-${(run += 1)}`) };
        const input = list.map((file) => `${file.mode} ${blob}\t${file.path}\0`).join('');
        await line(['update-index', '-z', '--index-info'], input, env);
        const { root } = buildTrees(list.map((file) => ({ ...file, oid: blob })));
        expect(root).toBe(await line(['write-tree'], '', env));
      }),
      { numRuns: 25 },
    );
  });
});
