import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PublishingWorld } from '../support/publishing.js';

let world: PublishingWorld;
beforeEach(async () => {
  world = await PublishingWorld.start();
});
afterEach(() => world?.stop());

/** Runs `action` once: when the engine, having listed the refs, begins its next push. */
function beforeNextPush(action: () => Promise<unknown>): void {
  world.server.onRequest(async ({ service, phase }) => {
    if (service !== 'git-receive-pack' || phase !== 'before') return;
    world.server.onRequest(null);
    await action();
  });
}

/** Lets the remote refuse every ref whose name matches. */
async function refuse(pattern: string): Promise<void> {
  const hook = join(world.remote.path, 'hooks', 'update');
  await writeFile(hook, `#!/bin/sh\ncase "$1" in ${pattern}) echo "policy: $1 is closed" >&2; exit 1;; esac\n`);
  await chmod(hook, 0o755);
}

describe('other writers of the remote', () => {
  it('who move the ref between list and push lose nothing, and neither do we', async () => {
    const draft = await world.init('core');
    await world.propose(draft.id);
    await world.visit();
    await world.approve(draft.id);
    let theirs = '';
    beforeNextPush(async () => (theirs = await world.remote.commit({ files: { 'theirs.txt': 'x\n' } })));
    await world.visit();
    expect(await world.row(draft.id)).toMatchObject({ lifecycle: 'published', revision: 'v1' });
    const tip = await world.git('rev-parse', 'main');
    expect(await world.git('rev-list', '--parents', '-1', 'main')).toMatch(new RegExp(`^${tip} ${theirs} `));
    expect(await world.tags()).toEqual(['core/v1']);
  });

  it('who take the number between list and push keep it; ours is the next one', async () => {
    const draft = await world.copy(await world.publish('core'), 'two');
    await world.edit(draft.id, { 'a.yaml': 'a: 1\n' });
    await world.proposeAndApprove(draft.id);
    const theirs = await world.remote.revParse('main');
    beforeNextPush(() => world.remote.tag('core/v2'));
    await world.visit();
    expect(await world.row(draft.id)).toMatchObject({ lifecycle: 'published', revision: 'v3' });
    expect(await world.git('rev-parse', 'core/v2^{}')).toBe(theirs);
    expect(await world.git('rev-list', '--first-parent', '--count', 'main')).toBe('3');
  });

  it('who publish other content between list and push are not undone', async () => {
    const draft = await world.init('core');
    const operation = await world.proposeAndApprove(draft.id);
    await world.remote.commit({ branch: 'side', files: { 'core/Kptfile': 'apiVersion: a/v1\nkind: B\n' } });
    beforeNextPush(() => world.remote.tag('core/v1', { at: 'side' }));
    await world.visit();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'failed', error: { code: 'baseOutdated' } });
    expect(await world.refs()).toContain('heads/proposed/core/one');
  });

  it('who change the package between list and push are not overwritten', async () => {
    const draft = await world.init('core');
    const operation = await world.proposeAndApprove(draft.id);
    beforeNextPush(() => world.remote.commit({ files: { 'core/theirs.yaml': 'x: 1\n' } }));
    await world.visit();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'failed', error: { code: 'drift' } });
    expect((await world.remote.lsTree('main', 'core')).map(({ path }) => path)).toEqual(['theirs.yaml']);
  });

  it('and two workers: fifty approvals, each published once, no commit lost', async () => {
    const second = await world.secondEngine();
    const drafts = [];
    for (let index = 0; index < 50; index += 1) drafts.push(await world.init(`nf/p${index}`));
    for (const draft of drafts) await world.proposeAndApprove(draft.id);
    const theirs: string[] = [];
    const others = (async () => {
      for (let index = 0; index < 15; index += 1) {
        theirs.push(await world.remote.commit({ files: { [`theirs/${index}.txt`]: 'x\n' } }));
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
    })();
    const work = async (visit: () => Promise<void>) => {
      for (let round = 0; round < 60 && (await world.unfinished()) > 0; round += 1) {
        await visit();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    await Promise.all([others, work(() => world.visit()), work(() => second.visit(world.repository.id))]);
    await world.makeDue();
    await Promise.all([world.visit(), second.visit(world.repository.id)]);
    await second.close();

    expect(await world.unfinished()).toBe(0);
    const states = await world.database.client.operation.groupBy({ by: ['kind', 'state'], _count: true });
    expect(states.filter(({ kind }) => kind === 'publish')).toEqual([
      { kind: 'publish', state: 'succeeded', _count: 50 },
    ]);
    expect(await world.tags()).toEqual(drafts.map((draft) => `${draft.path}/v1`).sort());
    for (const draft of drafts) expect(await world.git('rev-parse', `main:${draft.path}`)).toBe(draft.tree);
    const line = (await world.git('rev-list', '--first-parent', 'main')).split('\n');
    expect(line).toHaveLength(1 + 50 + 15);
    for (const commit of theirs) expect(line).toContain(commit);
    expect(await world.refs()).toHaveLength(51);
    await world.remote.check();
  });
});

describe('one bad operation of a group', () => {
  it('that the remote rejects fails alone, with what the remote says', async () => {
    const drafts = [];
    for (let index = 0; index < 7; index += 1) drafts.push(await world.init(`p${index}`));
    await world.visit();
    const operations = [];
    for (const draft of drafts) operations.push(await world.proposeAndApprove(draft.id));
    await refuse('refs/tags/p4/*');
    await world.visit();
    const ends = [];
    for (const { id } of operations) ends.push(await world.operation(id));
    expect(ends.map(({ state }) => state)).toEqual(
      Array.from({ length: 7 }, (_, i) => (i === 4 ? 'failed' : 'succeeded')),
    );
    expect(ends[4]?.error).toMatchObject({ code: 'remoteRejected' });
    expect(JSON.stringify(ends[4]?.error)).toContain('policy: refs/tags/p4/v1 is closed');
    expect(await world.tags()).toEqual(['p0/v1', 'p1/v1', 'p2/v1', 'p3/v1', 'p5/v1', 'p6/v1']);
    expect((await world.remote.lsTree()).map(({ path }) => path)).not.toContain('p4/Kptfile');
    expect(await world.row(drafts[4]?.id ?? '')).toMatchObject({ lifecycle: 'proposed', revision: null });
  });

  it('that meets drift fails alone', async () => {
    const [good, bad] = [await world.init('good'), await world.init('bad')];
    await world.visit();
    await world.remote.commit({ files: { 'bad/theirs.yaml': 'x: 1\n' } });
    const failing = await world.proposeAndApprove(bad.id);
    await world.proposeAndApprove(good.id);
    await world.visit();
    expect(await world.operation(failing.id)).toMatchObject({ state: 'failed', error: { code: 'drift' } });
    expect(await world.row(good.id)).toMatchObject({ revision: 'v1' });
  });

  it('whose branch is refused waits with the reason and holds nobody up; later it goes through', async () => {
    await refuse('refs/heads/drafts/bad/*');
    const [bad, good] = [await world.init('bad'), await world.init('good')];
    await world.visit();
    expect(await world.row(good.id)).toMatchObject({ gitState: 'synced' });
    const waiting = await world.row(bad.id);
    expect(waiting).toMatchObject({ gitState: 'pending' });
    expect(waiting.gitMessage).toContain('policy: refs/heads/drafts/bad/one is closed');
    const other = await world.init('other');
    await world.visit();
    expect(await world.row(other.id)).toMatchObject({ gitState: 'synced' });
    await refuse('refs/nothing');
    await world.visitNow();
    expect(await world.row(bad.id)).toMatchObject({ gitState: 'synced', gitMessage: null });
  });

  it('whose base the remote has lost, and the mirror too, fails alone', async () => {
    await world.remote.commit({ files: { 'a.txt': '1\n' } });
    await world.visitNow();
    const bad = await world.init('bad');
    const base = await world.git('rev-parse', 'main~1');
    await world.remote.branch('main', base);
    await world.git('reflog', 'expire', '--expire=now', '--all');
    await world.git('gc', '--quiet', '--prune=now');
    await world.engine.dropMirror(world.repository.id);
    await world.visitNow();
    const good = await world.init('good');
    const operation = await world.proposeAndApprove(bad.id);
    await world.proposeAndApprove(good.id);
    await world.visit();
    expect(await world.row(good.id)).toMatchObject({ revision: 'v1' });
    expect(await world.operation(operation.id)).toMatchObject({ state: 'failed', error: { code: 'stateConflict' } });
  });
});

describe('a group whose mirror is lost', () => {
  /** Publications of so many new packages, and how often the remote is asked for objects meanwhile. */
  async function publishTogether(packages: readonly string[]) {
    const drafts = [];
    for (const path of packages) drafts.push(await world.init(path));
    await world.visit();
    for (const { id } of drafts) await world.proposeAndApprove(id);
    await world.engine.dropMirror(world.repository.id);
    let requests = 0;
    world.server.onRequest(({ service, method, phase }) => {
      if (service === 'git-upload-pack' && method === 'POST' && phase === 'before') requests += 1;
    });
    await world.visit();
    world.server.onRequest(null);
    return { requests, revisions: await Promise.all(drafts.map(async ({ id }) => (await world.row(id)).revision)) };
  }

  it('fetches what all its operations need at once', async () => {
    const one = await publishTogether(['alone']);
    const many = await publishTogether(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(many).toEqual({ requests: one.requests, revisions: Array.from({ length: 6 }, () => 'v1') });
  });
});
