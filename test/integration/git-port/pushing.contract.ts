import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RefChange } from '../../../src/git/port.js';
import { BOB, GitFixture } from '../../support/git-fixture.js';
import { randomText } from '../../support/random-text.js';
import { MAIN, SIGNATURE, type World } from './world.js';

/** Pushing sets of ref changes, wanted and refused. */
export function describePushing(world: World): void {
  describe('push', () => {
    let base: string;

    beforeEach(async () => {
      base = await world.remote.commit({
        files: { 'a.txt': 'a', 'run.sh': 'x' },
        executable: ['run.sh'],
        symlinks: { l: 'a.txt' },
      });
      await world.git.fetch([base], []);
    });

    it('creates the first branch of an empty repository', async () => {
      const other = `group/${randomUUID()}`;
      const { path, url } = await world.server.createRepository(other, { empty: true });
      world.git = await world.open({ url });
      const { commit, objects } = await world.draft(null, { 'a.txt': 'first' });
      await world.git.push([{ ref: MAIN, expected: null, next: commit }], objects);
      const created = GitFixture.create(path);
      expect(await created.revParse(MAIN)).toBe(commit);
      await created.check();
    });

    it('updates, creates and deletes refs as one, with an annotated tag', async () => {
      await world.remote.branch('drafts/a/w', base);
      const { commit, objects } = await world.draft(base, { 'b.txt': 'b' }, 'Publish\n');
      const tag = await world.git.writeTag({
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
      await world.git.push(changes, [...objects, tag]);
      expect(Object.fromEntries(await world.remote.refs())).toEqual({ [MAIN]: commit, 'refs/tags/a/v1': tag });
      expect((await world.remote.lsTree()).map(({ mode, path }) => `${mode} ${path}`)).toEqual([
        '100644 a.txt',
        '100644 b.txt',
        '120000 l',
        '100755 run.sh',
      ]);
      expect((await world.remote.log())[0]).toMatchObject({ oid: commit, author: 'Bob Example <bob@example.com>' });
      expect((await world.remote.show('a/v1^{tag}')).toString()).toContain('Notes');
      await world.remote.check();
    });

    it('creates a branch that needs no objects, and deletes it again', async () => {
      const ref = 'refs/heads/proposed/a/w';
      await world.git.push([{ ref, expected: null, next: base }], []);
      expect((await world.remote.refs()).get(ref)).toBe(base);
      await world.git.push([{ ref, expected: base, next: null }], []);
      expect((await world.remote.refs()).has(ref)).toBe(false);
    });

    it('does nothing when there is nothing to do', async () => {
      const requests = world.server.requests;
      await world.git.push([], []);
      expect(world.server.requests).toBe(requests);
    });

    it.each([
      ['an update from another value', MAIN, '1'.repeat(40)],
      ['a creation of what is there', MAIN, null],
      ['an update of what is not there', 'refs/heads/other', '1'.repeat(40)],
    ])('says staleRef for %s, and changes nothing', async (_, ref, expected) => {
      const before = await world.remote.refs();
      const { commit, objects } = await world.draft(base, { 'b.txt': 'b' });
      const changes = [
        { ref: 'refs/heads/innocent', expected: null, next: commit },
        { ref, expected, next: commit },
      ];
      await expect(world.git.push(changes, objects)).rejects.toMatchObject({
        code: 'staleRef',
        data: { refs: [{ ref, reason: expect.any(String) }] },
      });
      expect(await world.remote.refs()).toEqual(before);
    });

    it('says staleRef when someone is quicker between the look and the push', async () => {
      const { commit, objects } = await world.draft(base, { 'b.txt': 'b' });
      let theirs = '';
      world.server.onRequest(async ({ method, phase }) => {
        if (method === 'POST' && phase === 'before')
          theirs = await world.remote.commit({ files: { c: 'c' }, author: BOB });
      });
      const changes = [
        { ref: 'refs/heads/innocent', expected: null, next: commit },
        { ref: MAIN, expected: base, next: commit },
      ];
      await expect(world.git.push(changes, objects)).rejects.toMatchObject({ code: 'staleRef' });
      expect(Object.fromEntries(await world.remote.refs())).toEqual({ [MAIN]: theirs });
    });

    it('says rejected with the words of a pre-receive hook', async () => {
      await world.hook('pre-receive', "printf 'no deploys \\033[31mon\\033[0m friday\\n' >&2; exit 1");
      const { commit, objects } = await world.draft(base, { 'b.txt': 'b' });
      const error = await world.git
        .push([{ ref: MAIN, expected: base, next: commit }], objects)
        .catch((e: unknown) => e);
      expect(error).toMatchObject({
        code: 'rejected',
        message: expect.stringMatching(/remote: no deploys \[31mon\[0m friday/),
        data: { refs: [{ ref: MAIN, reason: 'pre-receive hook declined' }] },
      });
      expect(await world.remote.revParse(MAIN)).toBe(base);
    });

    it('names the one ref that an update hook refuses, and changes none', async () => {
      await world.hook('update', 'case "$1" in refs/tags/*) echo "tags are frozen" >&2; exit 1;; esac');
      const { commit, objects } = await world.draft(base, { 'b.txt': 'b' });
      const changes = [
        { ref: MAIN, expected: base, next: commit },
        { ref: 'refs/tags/a/v1', expected: null, next: commit },
        { ref: 'refs/heads/x', expected: null, next: commit },
      ];
      await expect(world.git.push(changes, objects)).rejects.toMatchObject({
        code: 'rejected',
        message: expect.stringContaining('remote: tags are frozen'),
        data: { refs: [{ ref: 'refs/tags/a/v1', reason: 'hook declined' }] },
      });
      expect(Object.fromEntries(await world.remote.refs())).toEqual({ [MAIN]: base });
    });

    it('says rejected, not staleRef, when names cannot be beside each other', async () => {
      await world.remote.branch('drafts/a', base);
      const changes = [
        { ref: 'refs/heads/drafts/a/w', expected: null, next: base },
        { ref: 'refs/heads/fine', expected: null, next: base },
      ];
      await expect(world.git.push(changes, [])).rejects.toMatchObject({ code: 'rejected' });
      await expect(world.git.push(changes.slice(0, 1), [])).rejects.toMatchObject({ code: 'rejected' });
      expect((await world.remote.refs()).has('refs/heads/fine')).toBe(false);
    });

    it('goes one by one, in order, where the remote cannot do it as one', async () => {
      await world.remote.config('receive.advertiseAtomic', 'false');
      await world.hook('update', 'case "$1" in refs/tags/*) exit 1;; esac');
      await world.remote.branch('drafts/a/w', base);
      const { commit, objects } = await world.draft(base, { 'b.txt': 'b' });
      const other = await world.draft(base, { 'c.txt': 'c' });
      const changes = [
        { ref: MAIN, expected: base, next: commit },
        { ref: 'refs/tags/a/v1', expected: null, next: other.commit },
        { ref: 'refs/heads/drafts/a/w', expected: base, next: null },
      ];
      await expect(world.git.push(changes, [...objects, ...other.objects])).rejects.toMatchObject({
        code: 'rejected',
        data: { refs: [{ ref: 'refs/tags/a/v1' }] },
      });
      expect(Object.fromEntries(await world.remote.refs())).toEqual({ [MAIN]: commit, 'refs/heads/drafts/a/w': base });
      await world.hook('update', 'exit 0');
      await world.git.push(changes.slice(1), [...objects, ...other.objects]);
      expect(Object.fromEntries(await world.remote.refs())).toEqual({ [MAIN]: commit, 'refs/tags/a/v1': other.commit });
      await world.remote.check();
    });

    it('takes back, one by one, what needs a ref that is refused; branches that stay do no harm to the rest', async () => {
      await world.remote.config('receive.advertiseAtomic', 'false');
      await world.hook('update', 'case "$1 $3" in "refs/heads/main "*|refs/heads/kept*" 0000"*) exit 1;; esac');
      for (const name of ['kept-1', 'kept-2', 'spare']) await world.remote.branch(name, base);
      const { commit, objects } = await world.draft(base, { 'b.txt': 'b' });
      const deleted = ['kept-1', 'spare', 'kept-2'].map((name) => ({
        ...{ ref: `refs/heads/${name}`, expected: base, next: null },
      }));
      const tag = { ref: 'refs/tags/a/v1', expected: null, next: commit };
      const main = { ref: MAIN, expected: base, next: commit };
      await expect(world.git.push([{ ...tag, needs: MAIN }, main, ...deleted], objects)).rejects.toMatchObject({
        code: 'rejected',
        data: { refs: [{ ref: MAIN }], made: [] },
      });
      expect([...(await world.remote.refs()).values()]).toEqual([base, base, base, base]);
      await expect(world.git.push([tag, ...deleted], objects)).rejects.toMatchObject({
        code: 'rejected',
        data: {
          refs: [{ ref: 'refs/heads/kept-1' }, { ref: 'refs/heads/kept-2' }],
          made: ['refs/tags/a/v1', 'refs/heads/spare'],
        },
      });
      expect([...(await world.remote.refs()).keys()]).toEqual([
        ...['refs/heads/kept-1', 'refs/heads/kept-2', MAIN, 'refs/tags/a/v1'],
      ]);
    });

    it('says unreachable when the connection is lost after the remote took the push', async () => {
      const { commit, objects } = await world.draft(base, { 'b.txt': 'b' });
      world.server.onRequest(({ method, phase }) => (method === 'POST' && phase === 'after' ? 'drop' : undefined));
      const push = world.git.push([{ ref: MAIN, expected: base, next: commit }], objects);
      await expect(push).rejects.toMatchObject({ code: 'unreachable' });
      world.server.onRequest(null);
      expect((await world.git.listRefs()).refs.get(MAIN)).toBe(commit);
    });

    it('sends versions of a large directory as their differences', async () => {
      const names = Array.from({ length: 2_000 }, (_, index) => `package-${index}`);
      const child = await world.git.writeTree([
        { mode: '100644', name: 'f', oid: await world.git.writeBlob(Buffer.from('f')) },
      ]);
      const objects = new Set([await world.git.writeBlob(Buffer.from('f')), child]);
      let tree = await world.git.writeTree(names.map((name) => ({ mode: '040000', name, oid: child })));
      let commit: string | null = null;
      for (let version = 0; version < 120; version += 1) {
        const blob = await world.git.writeBlob(Buffer.from(`version ${version}`));
        const changed = await world.git.writeTree([{ mode: '100644', name: 'f', oid: blob }]);
        const next = await world.git.setDirectory(tree, `package-${version}`, changed);
        const parents: string[] = commit === null ? [] : [commit];
        const author = SIGNATURE;
        commit = await world.git.writeCommit({
          tree: next,
          parents,
          author,
          committer: author,
          message: `${version}\n`,
        });
        for (const oid of [blob, changed, next, commit]) objects.add(oid);
        tree = next;
      }
      const before = await world.mirrorSize();
      await world.git.push([{ ref: 'refs/heads/many', expected: null, next: commit }], [...objects]);
      await world.remote.check();
      expect((await world.remote.lsTree('many')).length).toBe(2_000);
      // Each of the 120 directories takes 40 kB or more by itself.
      expect((await world.mirrorSize()) - before).toBeLessThan(500_000);
      const again = await world.open();
      await again.fetch([commit ?? ''], []);
      expect(await again.treeAt(commit ?? '', 'package-119')).toBe(await world.git.treeAt(tree, 'package-119'));
    });

    it('carries a megabyte of binary and a thousand files whole', async () => {
      const files = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`f${index}`, `content ${index}`]));
      const { commit, objects } = await world.draft(base, { ...files, big: randomText(1_000_000) });
      await world.git.push([{ ref: MAIN, expected: base, next: commit }], objects);
      expect((await world.remote.lsTree()).length).toBe(1004);
      await world.remote.check();
      const requests = world.server.requests;
      await world.git.fetch([commit], []);
      expect(world.server.requests).toBe(requests);
      expect((await world.git.readTree((await world.git.readCommit(commit)).tree)).length).toBe(1004);
    });
  });
}
