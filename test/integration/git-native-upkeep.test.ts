import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { searchPath } from '../../src/config/config.js';
import { createNativeGit } from '../../src/git/native/native-git.js';
import type { GitPort } from '../../src/git/port.js';
import { git } from '../support/git-command.js';
import { GitServer } from '../support/git-server.js';

const MAIN = 'refs/heads/main';
const AUTHOR = { name: 'a', email: 'a@example.com', timestamp: 1, timezoneOffset: 0 };

describe('a mirror that many pushes went through', () => {
  let server: GitServer;
  let dataDir: string;
  let port: GitPort;

  beforeAll(async () => {
    server = await GitServer.start();
    dataDir = await mkdtemp(join(tmpdir(), 'git-upkeep-'));
    port = await createNativeGit({ dataDir, searchPath: searchPath(), allowedHosts: ['*'] });
  });

  afterAll(async () => {
    await port.close();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('gets its packs merged, loses nothing, and is read meanwhile', async () => {
    const { url } = await server.createRepository('a');
    const mirror = join(dataDir, 'mirrors', 'key');
    const repository = await port.open({ key: 'key', url });
    const packs = async () => (await readdir(join(mirror, 'objects', 'pack'))).filter((name) => name.endsWith('.pack'));
    let tip = (await repository.listRefs()).refs.get(MAIN) ?? '';
    await repository.fetch([tip], []);
    const { tree } = await repository.readCommit(tip);
    const commits = [tip];
    // Nothing refers to it, as to any object of a mirror.
    for (let count = 0; count < 55; count += 1) {
      const blob = await repository.writeBlob(Buffer.from(`content ${count}`));
      const next = await repository.writeTree([{ mode: '100644', name: 'f', oid: blob }]);
      const commit = { tree: count % 2 === 0 ? next : tree, parents: [tip], author: AUTHOR, committer: AUTHOR };
      const oid = await repository.writeCommit({ ...commit, message: `${count}\n` });
      await repository.push([{ ref: MAIN, expected: tip, next: oid }], [blob, next, oid]);
      commits.push((tip = oid));
    }
    const reading = new AbortController();
    const reader = (async () => {
      for (let index = 0; !reading.signal.aborted; index += 1) {
        await repository.readCommit(commits[index % commits.length] ?? '');
      }
    })();
    await vi.waitFor(async () => expect((await packs()).length).toBeLessThan(20), 60_000);
    reading.abort();
    await reader;
    const again = await port.open({ key: 'key', url });
    for (const commit of commits) expect((await again.readTree((await again.readCommit(commit)).tree)).length).toBe(1);
    await git(['fsck', '--full', '--no-dangling'], { gitDir: mirror });
    const all = await git(['cat-file', '--batch-all-objects', '--batch-check=%(objectname)'], { gitDir: mirror });
    expect(all.toString().split('\n').filter(Boolean)).toHaveLength(3 + 55 * 3);
  });
});
