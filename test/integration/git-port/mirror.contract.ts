import { randomUUID } from 'node:crypto';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SIGNATURE, type World } from './world.js';

/** What a mirror keeps, and what becomes of one that is damaged. */
export function describeMirrors(world: World): void {
  describe('mirrors', () => {
    it('are kept under their key until removed', async () => {
      const first = await world.remote.commit({ files: { a: 'a' } });
      const key = randomUUID();
      await (await world.open({ key })).fetch([first], []);
      expect(await (await world.open({ key })).has(first)).toBe(true);
      await world.port.remove(key);
      await world.port.remove(key);
      expect(await (await world.open({ key })).has(first)).toBe(false);
    });

    it('say missingObject for what they lack, and when they are damaged; removal heals them', async () => {
      const first = await world.remote.commit({ files: { a: 'a' } });
      await expect(world.git.readCommit(first)).rejects.toMatchObject({ code: 'missingObject' });
      const key = randomUUID();
      await (await world.open({ key })).fetch([first], []);
      await damage(join(world.dataDir, 'mirrors', key));
      await expect((await world.open({ key })).readCommit(first)).rejects.toMatchObject({ code: 'missingObject' });
      await world.port.remove(key);
      const healed = await world.open({ key });
      await healed.fetch([first], []);
      expect((await healed.readCommit(first)).oid).toBe(first);
    });

    it('give objects back as they were written', async () => {
      const blob = await world.git.writeBlob(Buffer.from([0, 255, 13, 10]));
      expect([...(await world.git.readBlob(blob))]).toEqual([0, 255, 13, 10]);
      const entries = [
        { mode: '040000', name: '.git', oid: blob },
        { mode: '100755', name: 'odd', oid: blob },
        { mode: '160000', name: 'module', oid: 'd'.repeat(40) },
      ];
      const tree = await world.git.writeTree(entries);
      expect(await world.git.readTree(tree)).toEqual([entries[0], entries[2], entries[1]]);
      const commit = { tree, parents: [], author: SIGNATURE, committer: SIGNATURE, message: '\n  as it is \r\n\n' };
      expect(await world.git.readCommit(await world.git.writeCommit(commit))).toMatchObject(commit);
      expect(await world.git.writeBlob(Buffer.from([0, 255, 13, 10]))).toBe(blob);
    });

    it('set and take out directories of a tree', async () => {
      const blob = await world.git.writeBlob(Buffer.from('x'));
      const child = await world.git.writeTree([{ mode: '100644', name: 'f', oid: blob }]);
      const file = { mode: '100644', name: 'a.b', oid: blob };
      const tree = await world.git.setDirectory(await world.git.writeTree([file]), 'a', child);
      const directory = { mode: '040000', name: 'a', oid: child };
      expect(await world.git.readTree(tree)).toEqual([file, directory]);
      expect(await world.git.findEntry(tree, 'a')).toEqual(directory);
      expect(await world.git.findEntry(tree, 'b')).toBeNull();
      expect(await world.git.setDirectory(tree, 'a', null)).toBe(await world.git.writeTree([file]));
      expect(await world.git.setDirectory(null, 'a', child)).toBe(await world.git.writeTree([directory]));
      expect(await world.git.setDirectory(null, 'a', null)).toBe(await world.git.writeTree([]));
    });

    it('take more than fits in memory before a push', async () => {
      const large = Buffer.alloc(40 * 1024 * 1024);
      const first = await world.git.writeBlob(large);
      large[0] = 1;
      const second = await world.git.writeBlob(large);
      expect((await world.git.readBlob(first))[0]).toBe(0);
      expect((await world.git.readBlob(second))[0]).toBe(1);
    });

    it('never escape their folder', async () => {
      await expect(world.open({ key: '../evil' })).rejects.toThrow(TypeError);
    });
  });
}

/** Flips a byte in the middle of each pack. */
async function damage(mirror: string): Promise<void> {
  for (const file of await readdir(mirror, { recursive: true })) {
    if (!file.endsWith('.pack')) continue;
    const path = join(mirror, file);
    const bytes = await readFile(path);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] ?? 0) ^ 0xff;
    await chmod(path, 0o644);
    await writeFile(path, bytes);
  }
}
