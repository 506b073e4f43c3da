import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ALICE, BOB } from '../../support/git-fixture.js';
import { randomText } from '../../support/random-text.js';
import { MAIN, type World } from './world.js';

/** Listing refs and fetching objects. */
export function describeReading(world: World): void {
  describe('listRefs', () => {
    it('gives nothing for an empty repository', async () => {
      expect([...(await world.git.listRefs()).refs]).toEqual([]);
    });

    it('gives branches and tags, tag objects unpeeled, and no other refs', async () => {
      const first = await world.remote.commit({ files: { a: 'a' } });
      await world.remote.branch('drafts/a/w', first);
      await world.remote.tag('light', { annotated: false });
      const tag = await world.remote.tag('a/v1');
      await world.remote.branch('hidden', first);
      const { refs } = await world.git.listRefs();
      expect(Object.fromEntries(refs)).toEqual(Object.fromEntries(await world.remote.refs()));
      expect(refs.get('refs/tags/a/v1')).toBe(tag);
      expect(refs.get('refs/tags/light')).toBe(first);
    });

    it('is spoken by servers that only know protocol 0', async () => {
      const first = await world.remote.commit({ files: { a: 'a' } });
      await world.remote.tag('a/v1');
      world.server.speakOldProtocol(world.repository);
      const { refs } = await world.git.listRefs();
      expect(refs.get(MAIN)).toBe(first);
      expect(refs.size).toBe(2);
    });
  });

  describe('fetch', () => {
    it('brings everything the wants reach', async () => {
      const binary = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 31) % 256));
      const oid = await world.remote.commit({
        author: BOB,
        message: 'Ünicode subject\n\nBody\n',
        files: { 'dir/run.sh': '#!/bin/sh\n', 'dir/bin': binary, 'crlf.txt': 'a\r\nb\r\n' },
        executable: ['dir/run.sh'],
        symlinks: { link: 'dir/bin' },
        submodules: { module: 'd'.repeat(40) },
      });
      await world.git.fetch([oid], []);
      const commit = await world.git.readCommit(oid);
      expect(commit).toMatchObject({ oid, parents: [], message: 'Ünicode subject\n\nBody\n', author: BOB });
      const entries = await world.git.readTree(commit.tree);
      expect(entries.map(({ mode, name: file }) => `${mode} ${file}`)).toEqual([
        '100644 crlf.txt',
        '040000 dir',
        '120000 link',
        '160000 module',
      ]);
      const inner = await world.git.readTree(entries[1]?.oid ?? '');
      expect(inner.map(({ mode, name: file }) => `${mode} ${file}`)).toEqual(['100644 bin', '100755 run.sh']);
      expect(Buffer.from(await world.git.readBlob(inner[0]?.oid ?? '')).equals(binary)).toBe(true);
      expect(Buffer.from(await world.git.readBlob(entries[0]?.oid ?? '')).toString()).toBe('a\r\nb\r\n');
      expect(await world.git.has('d'.repeat(40))).toBe(false);
    });

    it('reads objects that the remote sends as deltas', async () => {
      const lines = Array.from({ length: 3000 }, (_, index) => `line ${index} ${index * index}`);
      const oids = [];
      for (let version = 0; version < 8; version += 1) {
        lines[version * 100] = `changed in ${version}`;
        oids.push(await world.remote.commit({ files: { 'big.txt': lines.join('\n') } }));
      }
      await world.remote.repack();
      await world.git.fetch([oids[7] ?? ''], []);
      for (const oid of oids) {
        const [entry] = await world.git.readTree((await world.git.readCommit(oid)).tree);
        const content = Buffer.from(await world.git.readBlob(entry?.oid ?? ''));
        expect(content.equals(await world.remote.show(`${oid}:big.txt`))).toBe(true);
      }
    });

    it('reads and looks for thousands of objects at once', async () => {
      const files = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`f${index}`, `content ${index}`]));
      const commit = await world.remote.commit({ files });
      const key = randomUUID();
      await (await world.open({ key })).fetch([commit], []);
      const git = await world.open({ key });
      const entries = await git.readTree((await git.readCommit(commit)).tree);
      const blobs = await Promise.all(entries.map(({ oid }) => git.readBlob(oid)));
      expect(blobs.map((blob) => Buffer.from(blob).toString())).toEqual(entries.map(({ name }) => files[name]));
      const unknown = entries.map((_, index) => index.toString(16).padStart(40, '0'));
      const other = await world.open({ key });
      const found = await Promise.all([...entries.map(({ oid }) => oid), ...unknown].map((oid) => other.has(oid)));
      expect(found.indexOf(false)).toBe(5000);
      expect(found.lastIndexOf(true)).toBe(4999);
    });

    it('finds directories by path, in commits, tags and trees, and nothing else', async () => {
      const commit = await world.remote.commit({ files: { 'a/b/c': 'c', 'a-b/x': 'x', a0: '0', 'ü x/f': 'f' } });
      const tag = await world.remote.tag('v1');
      await world.git.fetch([commit, tag], []);
      const { tree } = await world.git.readCommit(commit);
      const [a] = (await world.git.readTree(tree)).filter(({ name }) => name === 'a');
      const b = (await world.git.readTree(a?.oid ?? ''))[0]?.oid;
      for (const revision of [commit, tag, tree]) {
        expect(await world.git.treeAt(revision, '')).toBe(tree);
        expect(await world.git.treeAt(revision, 'a')).toBe(a?.oid);
        expect(await world.git.treeAt(revision, 'a/b')).toBe(b);
        expect(await world.git.treeAt(revision, 'ü x')).toMatch(/^[0-9a-f]{40}$/);
        for (const path of ['a/b/c', 'a0', 'a0/b', 'a/x', 'b'])
          expect(await world.git.treeAt(revision, path)).toBeNull();
      }
      const written = await world.git.writeTree([{ mode: '040000', name: 'new', oid: tree }]);
      expect(await world.git.treeAt(written, 'new/a')).toBe(a?.oid);
      await expect(world.git.treeAt('1'.repeat(40), 'a')).rejects.toMatchObject({ code: 'missingObject' });
    });

    it('peels tags, also tags of tags, and knows what leads to no commit', async () => {
      const commit = await world.remote.commit({ files: { a: 'a' } });
      const inner = await world.remote.tag('inner', { message: 'one\n', tagger: BOB });
      const outer = await world.remote.tag('outer', { at: 'inner', message: 'two\n' });
      const blob = await world.remote.tag('blob', { at: 'main:a' });
      await world.git.fetch([outer, blob], []);
      const peeled = await world.git.peel(outer);
      expect(peeled).toMatchObject({
        commit,
        tags: [
          { oid: outer, object: inner, type: 'tag', tag: 'outer', tagger: ALICE, message: 'two\n' },
          { oid: inner, object: commit, type: 'commit', tag: 'inner', tagger: BOB, message: 'one\n' },
        ],
      });
      expect(await world.git.peel(commit)).toEqual({ commit, tags: [] });
      expect(await world.git.peel(blob)).toBeNull();
    });

    it('asks only for what is new, and for nothing when there is nothing new', async () => {
      const first = await world.remote.commit({ files: { 'old.bin': randomText(200_000) } });
      await world.git.fetch([first], []);
      const second = await world.remote.commit({ files: { 'new.txt': 'small' } });
      const before = await world.mirrorSize();
      await world.git.fetch([second], [first]);
      expect((await world.mirrorSize()) - before).toBeLessThan(10_000);
      expect((await world.git.readTree((await world.git.readCommit(second)).tree)).length).toBe(2);
      const requests = world.server.requests;
      await world.git.fetch([first, second], [first]);
      expect(world.server.requests).toBe(requests);
    });

    it('does not offer what the mirror has lost', async () => {
      const first = await world.remote.commit({ files: { a: 'a' } });
      const second = await world.remote.commit({ files: { b: 'b' } });
      await world.git.fetch([second], [first]);
      expect((await world.git.readCommit(first)).parents).toEqual([]);
    });

    it('does not take what it wrote for fetched, unless it was pushed and the caller vouches for it', async () => {
      const base = await world.remote.commit({ files: { a: 'a' } });
      await world.git.fetch([base], []);
      const { commit, objects } = await world.draft(base, { b: 'b' });
      const refused = world.git.push([{ ref: MAIN, expected: '1'.repeat(40), next: commit }], objects);
      await expect(refused).rejects.toMatchObject({ code: 'staleRef' });
      await expect(world.git.fetch([commit], [base])).rejects.toMatchObject({ code: 'staleRef' });
      await world.git.push([{ ref: MAIN, expected: base, next: commit }], objects);
      const requests = world.server.requests;
      await world.git.fetch([commit], [commit]);
      expect(world.server.requests).toBe(requests);
    });

    it('takes more haves than it can send, and many wants', async () => {
      const old = Array.from({ length: 400 }, (_, index) => index.toString(16).padStart(40, '0'));
      const oids: string[] = [];
      for (let index = 0; index < 20; index += 1) oids.push(await world.remote.commit({ files: { n: String(index) } }));
      await world.git.fetch(oids.slice(0, 10), []);
      await world.git.fetch(oids, [...old, ...oids.slice(0, 10)]);
      for (const oid of oids) expect((await world.git.readCommit(oid)).oid).toBe(oid);
    });

    it('says staleRef when a want is gone', async () => {
      await world.remote.commit({ files: { a: 'a' } });
      await expect(world.git.fetch(['1'.repeat(40)], [])).rejects.toMatchObject({ code: 'staleRef' });
    });

    it('leaves no trace of a transfer that broke, and works after', async () => {
      const first = await world.remote.commit({ files: { a: randomText(300_000) } });
      world.server.onRequest(({ service, method, phase }) =>
        service === 'git-upload-pack' && method === 'POST' && phase === 'after' ? 'drop' : undefined,
      );
      await expect(world.git.fetch([first], [])).rejects.toMatchObject({ code: 'unreachable' });
      expect(await world.git.has(first)).toBe(false);
      world.server.onRequest(null);
      await world.git.fetch([first], []);
      expect(await world.git.has(first)).toBe(true);
    });
  });
}
