import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GitPort, GitRepository, GitSignature, GitTarget, RefChange } from '../../src/git/port.js';
import { ALICE, BOB, GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';

export interface TransportOptions {
  dataDir: string;
  /** Waits no longer than this for a silent remote. */
  idleTimeoutMs: number;
  /** Whether 127.0.0.1 may be talked to; the other tests need it. */
  allowLoopback: boolean;
}

/** A GitPort over HTTP, and how to be rid of it. */
export type TransportFactory = (options: TransportOptions) => GitPort & { close(): Promise<void> };

const MAIN = 'refs/heads/main';
const SIGNATURE: GitSignature = {
  name: 'Bob Example',
  email: 'bob@example.com',
  timestamp: 1_700_000_000,
  timezoneOffset: -90,
};

/** What every transport must do, against a real Git server. */
export function describeGitPort(name: string, createPort: TransportFactory): void {
  describe(`GitPort: ${name}`, () => {
    let server: GitServer;
    let dataDir: string;
    let port: ReturnType<TransportFactory>;
    let repository: string;
    let remote: GitFixture;
    let git: GitRepository;

    beforeAll(async () => {
      server = await GitServer.start();
      dataDir = await mkdtemp(join(tmpdir(), 'git-port-'));
      port = createPort({ dataDir, idleTimeoutMs: 700, allowLoopback: true });
    });

    afterAll(async () => {
      await port.close();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    });

    beforeEach(async () => {
      repository = `group/${randomUUID()}`;
      const { path } = await server.createRepository(repository, { empty: true });
      remote = GitFixture.create(path);
      git = await open();
    });

    afterEach(() => server.onRequest(null));

    function open(target: Partial<GitTarget> = {}): Promise<GitRepository> {
      return port.open({ key: randomUUID(), url: server.url(repository), ...target });
    }

    /** Writes a commit of these files on top of `parent`, and gives it with all new objects. */
    async function draft(parent: string | null, files: Record<string, string>, message = 'Draft\n') {
      const objects: string[] = [];
      const entries = parent === null ? [] : await git.readTree((await git.readCommit(parent)).tree);
      for (const [path, content] of Object.entries(files)) {
        const oid = await git.writeBlob(Buffer.from(content));
        objects.push(oid);
        entries.push({ mode: '100644', name: path, oid });
      }
      const tree = await git.writeTree(entries);
      const parents = parent === null ? [] : [parent];
      const commit = await git.writeCommit({ tree, parents, author: SIGNATURE, committer: SIGNATURE, message });
      return { commit, objects: [...objects, tree, commit] };
    }

    async function hook(kind: 'pre-receive' | 'update', script: string): Promise<void> {
      const path = join(remote.path, 'hooks', kind);
      await writeFile(path, `#!/bin/sh\n${script}\n`);
      await chmod(path, 0o755);
    }

    describe('listRefs', () => {
      it('gives nothing for an empty repository but where its HEAD will be, if it says so', async () => {
        const { refs, head } = await git.listRefs();
        expect([...refs]).toEqual([]);
        expect([null, MAIN]).toContain(head);
      });

      it('gives branches and tags, tag objects unpeeled, and no other refs', async () => {
        const first = await remote.commit({ files: { a: 'a' } });
        await remote.branch('drafts/a/w', first);
        await remote.tag('light', { annotated: false });
        const tag = await remote.tag('a/v1');
        await remote.branch('hidden', first);
        const { refs, head } = await git.listRefs();
        expect(head).toBe(MAIN);
        expect(Object.fromEntries(refs)).toEqual(Object.fromEntries(await remote.refs()));
        expect(refs.get('refs/tags/a/v1')).toBe(tag);
        expect(refs.get('refs/tags/light')).toBe(first);
      });

      it('is spoken by servers that only know protocol 0', async () => {
        const first = await remote.commit({ files: { a: 'a' } });
        await remote.tag('a/v1');
        await remote.config('protocol.version', '0');
        await remote.config('uploadpack.advertise', 'v0');
        server.onRequest(() => undefined);
        const { refs, head } = await git.listRefs();
        expect([refs.get(MAIN), head]).toEqual([first, MAIN]);
        expect(refs.size).toBe(2);
      });
    });

    describe('fetch', () => {
      it('brings everything the wants reach', async () => {
        const binary = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 31) % 256));
        const oid = await remote.commit({
          author: BOB,
          message: 'Ünicode subject\n\nBody\n',
          files: { 'dir/run.sh': '#!/bin/sh\n', 'dir/bin': binary, 'crlf.txt': 'a\r\nb\r\n' },
          executable: ['dir/run.sh'],
          symlinks: { link: 'dir/bin' },
          submodules: { module: 'd'.repeat(40) },
        });
        await git.fetch([oid], []);
        const commit = await git.readCommit(oid);
        expect(commit).toMatchObject({ oid, parents: [], message: 'Ünicode subject\n\nBody\n', author: BOB });
        const entries = await git.readTree(commit.tree);
        expect(entries.map(({ mode, name: file }) => `${mode} ${file}`)).toEqual([
          '100644 crlf.txt',
          '040000 dir',
          '120000 link',
          '160000 module',
        ]);
        const inner = await git.readTree(entries[1]?.oid ?? '');
        expect(inner.map(({ mode, name: file }) => `${mode} ${file}`)).toEqual(['100644 bin', '100755 run.sh']);
        expect(Buffer.from(await git.readBlob(inner[0]?.oid ?? '')).equals(binary)).toBe(true);
        expect(Buffer.from(await git.readBlob(entries[0]?.oid ?? '')).toString()).toBe('a\r\nb\r\n');
        expect(await git.has('d'.repeat(40))).toBe(false);
      });

      it('reads objects that the remote sends as deltas', async () => {
        const lines = Array.from({ length: 3000 }, (_, index) => `line ${index} ${index * index}`);
        const oids = [];
        for (let version = 0; version < 8; version += 1) {
          lines[version * 100] = `changed in ${version}`;
          oids.push(await remote.commit({ files: { 'big.txt': lines.join('\n') } }));
        }
        await remote.repack();
        await git.fetch([oids[7] ?? ''], []);
        for (const oid of oids) {
          const [entry] = await git.readTree((await git.readCommit(oid)).tree);
          const content = Buffer.from(await git.readBlob(entry?.oid ?? ''));
          expect(content.equals(await remote.show(`${oid}:big.txt`))).toBe(true);
        }
      });

      it('peels tags, also tags of tags, and knows what leads to no commit', async () => {
        const commit = await remote.commit({ files: { a: 'a' } });
        const inner = await remote.tag('inner', { message: 'one\n', tagger: BOB });
        const outer = await remote.tag('outer', { at: 'inner', message: 'two\n' });
        const blob = await remote.tag('blob', { at: 'main:a' });
        await git.fetch([outer, blob], []);
        const peeled = await git.peel(outer);
        expect(peeled).toMatchObject({
          commit,
          tags: [
            { oid: outer, object: inner, type: 'tag', tag: 'outer', tagger: ALICE, message: 'two\n' },
            { oid: inner, object: commit, type: 'commit', tag: 'inner', tagger: BOB, message: 'one\n' },
          ],
        });
        expect(await git.peel(commit)).toEqual({ commit, tags: [] });
        expect(await git.peel(blob)).toBeNull();
      });

      it('asks only for what is new, and for nothing when there is nothing new', async () => {
        const first = await remote.commit({ files: { 'old.bin': randomText(200_000) } });
        await git.fetch([first], []);
        const second = await remote.commit({ files: { 'new.txt': 'small' } });
        const before = await mirrorSize();
        await git.fetch([second], [first]);
        expect((await mirrorSize()) - before).toBeLessThan(10_000);
        expect((await git.readTree((await git.readCommit(second)).tree)).length).toBe(2);
        const requests = server.requests;
        await git.fetch([first, second], [first]);
        expect(server.requests).toBe(requests);
      });

      it('does not offer what the mirror has lost', async () => {
        const first = await remote.commit({ files: { a: 'a' } });
        const second = await remote.commit({ files: { b: 'b' } });
        await git.fetch([second], [first]);
        expect((await git.readCommit(first)).parents).toEqual([]);
      });

      it('fetches what it once wrote itself for a push that came to nothing', async () => {
        const base = await remote.commit({ files: { a: 'a' } });
        await git.fetch([base], []);
        const { commit, objects } = await draft(base, { b: 'b' });
        await git.push([{ ref: MAIN, expected: base, next: commit }], objects);
        const requests = server.requests;
        await git.fetch([commit], [commit]);
        expect(server.requests).toBe(requests);
        await git.fetch([commit], [base]);
        expect(server.requests).toBeGreaterThan(requests);
      });

      it('takes 300 haves and 300 wants', async () => {
        const oids: string[] = [];
        for (let index = 0; index < 30; index += 1) oids.push(await remote.commit({ files: { n: String(index) } }));
        await git.fetch(oids.slice(0, 15), []);
        await git.fetch(
          oids,
          oids.slice(0, 15).flatMap((oid) => Array.from({ length: 20 }, () => oid)),
        );
        for (const oid of oids) expect(await git.has(oid)).toBe(true);
      });

      it('says staleRef when a want is gone', async () => {
        await remote.commit({ files: { a: 'a' } });
        await expect(git.fetch(['1'.repeat(40)], [])).rejects.toMatchObject({ code: 'staleRef' });
      });

      it('leaves no trace of a transfer that broke, and works after', async () => {
        const first = await remote.commit({ files: { a: randomText(300_000) } });
        server.onRequest(({ service, method, phase }) =>
          service === 'git-upload-pack' && method === 'POST' && phase === 'after' ? 'drop' : undefined,
        );
        await expect(git.fetch([first], [])).rejects.toMatchObject({ code: 'unreachable' });
        expect(await git.has(first)).toBe(false);
        server.onRequest(null);
        await git.fetch([first], []);
        expect(await git.has(first)).toBe(true);
      });
    });

    describe('mirrors', () => {
      it('are kept under their key until removed', async () => {
        const first = await remote.commit({ files: { a: 'a' } });
        const key = randomUUID();
        await (await open({ key })).fetch([first], []);
        expect(await (await open({ key })).has(first)).toBe(true);
        await port.remove(key);
        await port.remove(key);
        expect(await (await open({ key })).has(first)).toBe(false);
      });

      it('say missingObject for what they lack, and when they are damaged; removal heals them', async () => {
        const first = await remote.commit({ files: { a: 'a' } });
        await expect(git.readCommit(first)).rejects.toMatchObject({ code: 'missingObject' });
        const key = randomUUID();
        await (await open({ key })).fetch([first], []);
        await damage(join(dataDir, 'mirrors', key));
        await expect((await open({ key })).readCommit(first)).rejects.toMatchObject({ code: 'missingObject' });
        await port.remove(key);
        const healed = await open({ key });
        await healed.fetch([first], []);
        expect((await healed.readCommit(first)).oid).toBe(first);
      });

      it('give objects back as they were written', async () => {
        const blob = await git.writeBlob(Buffer.from([0, 255, 13, 10]));
        expect([...(await git.readBlob(blob))]).toEqual([0, 255, 13, 10]);
        const entries = [
          { mode: '040000', name: '.git', oid: blob },
          { mode: '100664', name: 'odd', oid: blob },
          { mode: '160000', name: 'module', oid: 'd'.repeat(40) },
        ];
        const tree = await git.writeTree(entries);
        expect(await git.readTree(tree)).toEqual([entries[0], entries[2], entries[1]]);
        const commit = { tree, parents: [], author: SIGNATURE, committer: SIGNATURE, message: '\n  as it is \r\n\n' };
        expect(await git.readCommit(await git.writeCommit(commit))).toMatchObject(commit);
        expect(await git.writeBlob(Buffer.from([0, 255, 13, 10]))).toBe(blob);
      });

      it('never escape their folder', async () => {
        await expect(open({ key: '../evil' })).rejects.toThrow(TypeError);
      });
    });

    describe('push', () => {
      let base: string;

      beforeEach(async () => {
        base = await remote.commit({
          files: { 'a.txt': 'a', 'run.sh': 'x' },
          executable: ['run.sh'],
          symlinks: { l: 'a.txt' },
        });
        await git.fetch([base], []);
      });

      it('creates the first branch of an empty repository', async () => {
        const other = `group/${randomUUID()}`;
        const { path, url } = await server.createRepository(other, { empty: true });
        git = await open({ url });
        const { commit, objects } = await draft(null, { 'a.txt': 'first' });
        await git.push([{ ref: MAIN, expected: null, next: commit }], objects);
        const created = GitFixture.create(path);
        expect(await created.revParse(MAIN)).toBe(commit);
        await created.check();
      });

      it('updates, creates and deletes refs as one, with an annotated tag', async () => {
        await remote.branch('drafts/a/w', base);
        const { commit, objects } = await draft(base, { 'b.txt': 'b' }, 'Publish\n');
        const tag = await git.writeTag({
          object: commit,
          type: 'commit',
          tag: 'a/v1',
          tagger: SIGNATURE,
          message: 'a v1\n\nNotes\n',
        });
        const changes: RefChange[] = [
          { ref: MAIN, expected: base, next: commit },
          { ref: 'refs/tags/a/v1', expected: null, next: tag },
          { ref: 'refs/heads/drafts/a/w', expected: base, next: null },
        ];
        await git.push(changes, [...objects, tag]);
        expect(Object.fromEntries(await remote.refs())).toEqual({ [MAIN]: commit, 'refs/tags/a/v1': tag });
        expect((await remote.lsTree()).map(({ mode, path }) => `${mode} ${path}`)).toEqual([
          '100644 a.txt',
          '100644 b.txt',
          '120000 l',
          '100755 run.sh',
        ]);
        expect((await remote.log())[0]).toMatchObject({ oid: commit, author: 'Bob Example <bob@example.com>' });
        expect((await remote.show('a/v1^{tag}')).toString()).toContain('Notes');
        await remote.check();
      });

      it('creates a branch that needs no objects, and deletes it again', async () => {
        const ref = 'refs/heads/proposed/a/w';
        await git.push([{ ref, expected: null, next: base }], []);
        expect((await remote.refs()).get(ref)).toBe(base);
        await git.push([{ ref, expected: base, next: null }], []);
        expect((await remote.refs()).has(ref)).toBe(false);
      });

      it('does nothing when there is nothing to do', async () => {
        const requests = server.requests;
        await git.push([], []);
        expect(server.requests).toBe(requests);
      });

      it.each([
        ['an update from another value', MAIN, '1'.repeat(40)],
        ['a creation of what is there', MAIN, null],
        ['an update of what is not there', 'refs/heads/other', '1'.repeat(40)],
      ])('says staleRef for %s, and changes nothing', async (_, ref, expected) => {
        const before = await remote.refs();
        const { commit, objects } = await draft(base, { 'b.txt': 'b' });
        const changes = [
          { ref: 'refs/heads/innocent', expected: null, next: commit },
          { ref, expected, next: commit },
        ];
        await expect(git.push(changes, objects)).rejects.toMatchObject({
          code: 'staleRef',
          data: { refs: [{ ref, reason: expect.any(String) }] },
        });
        expect(await remote.refs()).toEqual(before);
      });

      it('says staleRef when someone is quicker between the look and the push', async () => {
        const { commit, objects } = await draft(base, { 'b.txt': 'b' });
        let theirs = '';
        server.onRequest(async ({ method, phase }) => {
          if (method === 'POST' && phase === 'before') theirs = await remote.commit({ files: { c: 'c' }, author: BOB });
        });
        const changes = [
          { ref: 'refs/heads/innocent', expected: null, next: commit },
          { ref: MAIN, expected: base, next: commit },
        ];
        await expect(git.push(changes, objects)).rejects.toMatchObject({ code: 'staleRef' });
        expect(Object.fromEntries(await remote.refs())).toEqual({ [MAIN]: theirs });
      });

      it('says rejected with the words of a pre-receive hook', async () => {
        await hook('pre-receive', "printf 'no deploys \\033[31mon\\033[0m friday\\n' >&2; exit 1");
        const { commit, objects } = await draft(base, { 'b.txt': 'b' });
        const error = await git.push([{ ref: MAIN, expected: base, next: commit }], objects).catch((e: unknown) => e);
        expect(error).toMatchObject({
          code: 'rejected',
          message: expect.stringMatching(/remote: no deploys \[31mon\[0m friday/),
          data: { refs: [{ ref: MAIN, reason: 'pre-receive hook declined' }] },
        });
        expect(await remote.revParse(MAIN)).toBe(base);
      });

      it('names the one ref that an update hook refuses, and changes none', async () => {
        await hook('update', 'case "$1" in refs/tags/*) echo "tags are frozen" >&2; exit 1;; esac');
        const { commit, objects } = await draft(base, { 'b.txt': 'b' });
        const changes = [
          { ref: MAIN, expected: base, next: commit },
          { ref: 'refs/tags/a/v1', expected: null, next: commit },
          { ref: 'refs/heads/x', expected: null, next: commit },
        ];
        await expect(git.push(changes, objects)).rejects.toMatchObject({
          code: 'rejected',
          message: expect.stringContaining('remote: tags are frozen'),
          data: { refs: [{ ref: 'refs/tags/a/v1', reason: 'hook declined' }] },
        });
        expect(Object.fromEntries(await remote.refs())).toEqual({ [MAIN]: base });
      });

      it('says rejected, not staleRef, when names cannot be beside each other', async () => {
        await remote.branch('drafts/a', base);
        const changes = [
          { ref: 'refs/heads/drafts/a/w', expected: null, next: base },
          { ref: 'refs/heads/fine', expected: null, next: base },
        ];
        await expect(git.push(changes, [])).rejects.toMatchObject({ code: 'rejected' });
        await expect(git.push(changes.slice(0, 1), [])).rejects.toMatchObject({ code: 'rejected' });
        expect((await remote.refs()).has('refs/heads/fine')).toBe(false);
      });

      it('goes one by one, in order, where the remote cannot do it as one', async () => {
        await remote.config('receive.advertiseAtomic', 'false');
        await hook('update', 'case "$1" in refs/tags/*) exit 1;; esac');
        await remote.branch('drafts/a/w', base);
        const { commit, objects } = await draft(base, { 'b.txt': 'b' });
        const other = await draft(base, { 'c.txt': 'c' });
        const changes = [
          { ref: MAIN, expected: base, next: commit },
          { ref: 'refs/tags/a/v1', expected: null, next: other.commit },
          { ref: 'refs/heads/drafts/a/w', expected: base, next: null },
        ];
        await expect(git.push(changes, [...objects, ...other.objects])).rejects.toMatchObject({
          code: 'rejected',
          data: { refs: [{ ref: 'refs/tags/a/v1' }] },
        });
        expect(Object.fromEntries(await remote.refs())).toEqual({ [MAIN]: commit, 'refs/heads/drafts/a/w': base });
        await hook('update', 'exit 0');
        await git.push(changes.slice(1), [...objects, ...other.objects]);
        expect(Object.fromEntries(await remote.refs())).toEqual({ [MAIN]: commit, 'refs/tags/a/v1': other.commit });
        await remote.check();
      });

      it('says unreachable when the connection is lost after the remote took the push', async () => {
        const { commit, objects } = await draft(base, { 'b.txt': 'b' });
        server.onRequest(({ method, phase }) => (method === 'POST' && phase === 'after' ? 'drop' : undefined));
        const push = git.push([{ ref: MAIN, expected: base, next: commit }], objects);
        await expect(push).rejects.toMatchObject({ code: 'unreachable' });
        server.onRequest(null);
        expect((await git.listRefs()).refs.get(MAIN)).toBe(commit);
      });

      it('carries a megabyte of binary and a thousand files whole', async () => {
        const files = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`f${index}`, `content ${index}`]));
        const { commit, objects } = await draft(base, { ...files, big: randomText(1_000_000) });
        await git.push([{ ref: MAIN, expected: base, next: commit }], objects);
        expect((await remote.lsTree()).length).toBe(1004);
        await remote.check();
      });
    });

    describe('what goes wrong', () => {
      it('takes a right credential and no wrong one', async () => {
        await remote.commit({ files: { a: 'a' } });
        server.requireBasic(repository, 'user', 'pässword');
        const basic = (password: string) => open({ credential: { username: 'user', password } });
        expect((await (await basic('pässword')).listRefs()).refs.size).toBe(1);
        for (const wrong of [await basic('wrong-secret'), await open(), await open({ credential: { token: 't' } })]) {
          const error = await wrong.listRefs().catch((e: unknown) => e);
          expect(error).toMatchObject({ code: 'authenticationFailed', data: { status: 401 } });
          expect(String(error)).not.toContain('secret');
        }
      });

      it('takes a bearer token, for pushes too', async () => {
        const base = await remote.commit({ files: { a: 'a' } });
        server.requireBearer(repository, 'token-1');
        git = await open({ credential: { token: 'token-1' } });
        await git.fetch([base], []);
        await git.push([{ ref: 'refs/heads/x', expected: null, next: base }], []);
        const other = await open({ credential: { token: 'token-2' } });
        await expect(other.push([{ ref: 'refs/heads/y', expected: null, next: base }], [])).rejects.toMatchObject({
          code: 'authenticationFailed',
        });
      });

      it('says timeout when the remote hangs, notFound, protocol for a web page, unreachable when it is down', async () => {
        server.hang(repository);
        await expect(git.listRefs()).rejects.toMatchObject({ code: 'timeout' });
        server.unhang(repository);
        await git.listRefs();
        const missing = await open({ url: server.url('group/nothing-here') });
        await expect(missing.listRefs()).rejects.toMatchObject({ code: 'notFound', data: { status: 404 } });
        server.servePage('group/page', '<!doctype html><title>Sign in</title>');
        const page = await open({ url: server.url('group/page') });
        await expect(page.listRefs()).rejects.toMatchObject({ code: 'protocol' });
        const change = { ref: MAIN, expected: null, next: null };
        await expect(page.push([change], [])).rejects.toMatchObject({ code: 'protocol' });
        await server.down();
        await expect(git.listRefs()).rejects.toMatchObject({ code: 'unreachable' });
        await server.up();
        await git.listRefs();
      });

      it('refuses hosts that it was not allowed to talk to, however they are written', async () => {
        const guarded = createPort({ dataDir, idleTimeoutMs: 700, allowLoopback: false });
        const before = server.requests;
        const http = server.url(repository);
        for (const url of [http, http.replace('http:', 'https:'), http.replace(/.*127.0.0.1/, 'https://localhost')]) {
          const opened = await guarded.open({ key: randomUUID(), url });
          await expect(opened.listRefs()).rejects.toMatchObject({ code: 'hostRefused' });
        }
        expect(server.requests).toBe(before);
        await guarded.close();
      });

      it('stops when told to', async () => {
        server.hang(repository);
        const stop = new AbortController();
        const listing = git.listRefs(stop.signal);
        setTimeout(() => stop.abort(new Error('shutting down')), 50);
        await expect(listing).rejects.toThrow('shutting down');
        await expect(git.listRefs(AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
        server.unhang(repository);
      });
    });

    /** Bytes in all packs of all mirrors. */
    async function mirrorSize(): Promise<number> {
      const files = await readdir(dataDir, { recursive: true });
      const sizes = await Promise.all(files.map(async (file) => (await stat(join(dataDir, file))).size));
      return sizes.reduce((sum, size) => sum + size, 0);
    }
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

/** Text that does not compress to nothing, the same in each run. */
function randomText(length: number): string {
  let state = 42;
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return String.fromCharCode(33 + (state % 90));
  }).join('');
}
