import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GitOptions } from '../../src/git/git-options.js';
import { createGit } from '../../src/git/create-git.js';
import { createJavaScriptGit } from '../../src/git/javascript-git.js';
import { createNativeGit } from '../../src/git/native/native-git.js';
import { searchPath } from '../../src/config/config.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { describeGitPort } from './git-port/git-port.contract.js';

describeGitPort('JavaScript alone', ({ allowLoopback, ...options }) =>
  createJavaScriptGit({ ...options, allowedHosts: allowLoopback ? ['127.0.0.1'] : [] }),
);

describeGitPort('native git', ({ allowLoopback, ...options }) =>
  createNativeGit({ ...options, searchPath: searchPath(), allowedHosts: allowLoopback ? ['127.0.0.1'] : [] }),
);

describeGitPort('the quickest of both', ({ allowLoopback, ...options }) =>
  createNativeGit({
    ...options,
    searchPath: searchPath(),
    exchanges: 'quickest',
    allowedHosts: allowLoopback ? ['127.0.0.1'] : [],
  }),
);

describe('createJavaScriptGit', () => {
  let server: GitServer;
  let dataDir: string;
  let url: string;
  let head: string;

  beforeAll(async () => {
    server = await GitServer.start();
    dataDir = await mkdtemp(join(tmpdir(), 'git-port-'));
    const created = await server.createRepository('a');
    url = created.url;
    head = await GitFixture.create(created.path).revParse('main');
  });

  afterAll(async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function open(options: Partial<GitOptions>, key = 'key') {
    const port = createJavaScriptGit({ dataDir, allowedHosts: ['*'], ...options });
    return { port, git: await port.open({ key, url }) };
  }

  it('refuses packs above the limit, and leaves nothing of them', async () => {
    const { port, git } = await open({ maxPackBytes: 100 }, 'limited');
    await expect(git.fetch([head], [])).rejects.toMatchObject({ code: 'tooLarge' });
    expect(await readdir(join(dataDir, 'mirrors', 'limited', 'incoming'))).toEqual([]);
    await port.close();
  });

  it('tells how long each operation took and how it ended', async () => {
    const timings: string[] = [];
    const onTiming: GitOptions['onTiming'] = (operation, seconds, outcome) => {
      timings.push(`${operation} ${outcome} ${seconds > 0 && seconds < 60}`);
    };
    const { port, git } = await open({ onTiming });
    await git.listRefs();
    await git.fetch([head], []);
    await git.push([{ ref: 'refs/heads/main', expected: null, next: head }], []).catch(() => undefined);
    await git.listRefs(AbortSignal.abort()).catch(() => undefined);
    expect(timings).toEqual(['list ok true', 'fetch ok true', 'push staleRef true']);
    await port.close();
  });

  it('gives up on an operation that takes too long in all', async () => {
    const { port, git } = await open({ overallTimeoutMs: 200 });
    server.hang('a');
    await expect(git.listRefs()).rejects.toMatchObject({ code: 'timeout' });
    server.unhang('a');
    await port.close();
  });

  it('clears away what a dead process left behind, but not what is still arriving', async () => {
    const { port, git } = await open({}, 'leftovers');
    const incoming = join(dataDir, 'mirrors', 'leftovers', 'incoming');
    await mkdir(incoming);
    const names = ['old.pack', 'new.pack'];
    for (const name of names) await writeFile(join(incoming, name), 'PACK');
    await utimes(join(incoming, 'old.pack'), 0, 0);
    await git.fetch([head], []);
    expect(await readdir(incoming)).toEqual(['new.pack']);
    await port.close();
  });

  it('keeps what was pushed for the next visit', async () => {
    const { port, git } = await open({}, 'kept');
    const blob = await git.writeBlob(Buffer.from('kept'));
    const tree = await git.writeTree([{ mode: '100644', name: 'f', oid: blob }]);
    const author = { name: 'a', email: 'a@example.com', timestamp: 1, timezoneOffset: 0 };
    const commit = await git.writeCommit({ tree, parents: [], author, committer: author, message: 'm\n' });
    await git.push([{ ref: 'refs/heads/kept', expected: null, next: commit }], [blob, tree, commit]);
    const next = await port.open({ key: 'kept', url });
    expect(await next.readCommit(commit)).toEqual(await git.readCommit(commit));
    expect(Buffer.from(await next.readBlob(blob)).toString()).toBe('kept');
    const { requests } = server;
    // A few objects are files, which may be the rest of a push that failed: not even the trees of this one are looked for.
    await next.fetch([commit], [head]);
    expect(server.requests).toBeGreaterThan(requests);
    await port.close();
  });
});

describe('createGit', () => {
  let dataDir: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'create-git-'));
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  /** A search path with a git that says it is of that version; or with none. */
  async function pathWith(version: string | null): Promise<string> {
    const folder = await mkdtemp(join(dataDir, 'bin-'));
    if (version !== null) {
      await writeFile(join(folder, 'git'), `#!/bin/sh\necho "git version ${version}"\n`, { mode: 0o755 });
    }
    return folder;
  }

  it.each([
    ['auto', '2.39.5', 'native git 2.39.5'],
    ['auto', '2.37.0 (Apple Git-136)', 'native git 2.37.0'],
    ['auto', '3.0.windows.1', 'native git 3.0'],
    ['auto', '2.36.9', 'JavaScript alone, because git 2.36.9 is older than 2.37'],
    ['auto', null, 'JavaScript alone, because there is no git on the PATH'],
    ['javascript', '2.39.5', 'JavaScript alone'],
  ] as const)('%s with git %s is %s', async (transport, version, expected) => {
    const created = await createGit({ transport, searchPath: await pathWith(version), dataDir });
    expect(created.description).toBe(expected);
    await created.git.close();
  });

  it('does not start on native git where there is none, or an old one', async () => {
    for (const version of [null, '2.30.2']) {
      const creating = createGit({ transport: 'native', searchPath: await pathWith(version), dataDir });
      await expect(creating).rejects.toThrow(/^GIT_TRANSPORT is native, but .+\.$/);
    }
  });
});
