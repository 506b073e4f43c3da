import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { searchPath } from '../../src/config/config.js';
import { gitEnvironment, type GitSetting } from '../../src/git/native/git-environment.js';
import { pin } from '../../src/git/native/http-router.js';
import { createNativeGit, type NativeGitOptions } from '../../src/git/native/native-git.js';
import type { GitPort, GitTarget } from '../../src/git/port.js';
import { git } from '../support/git-command.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { RecordedGit } from '../support/recorded-git.js';

const SECRET = 'marked-secret-4711';
const NAMED = { name: 'a', email: 'a@example.com', timestamp: 1, timezoneOffset: 0 };

describe('native git', () => {
  let server: GitServer;
  let dataDir: string;
  let url: string;
  let remote: GitFixture;
  let head: string;
  let recorded: RecordedGit;
  const ports: GitPort[] = [];

  beforeEach(async () => {
    server = await GitServer.start();
    dataDir = await mkdtemp(join(tmpdir(), 'git-native-'));
    const created = await server.createRepository('a');
    url = created.url;
    remote = GitFixture.create(created.path);
    head = await remote.revParse('main');
    const basic = Buffer.from(`user:${SECRET}`).toString('base64');
    recorded = await RecordedGit.create(dataDir, [SECRET, basic]);
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    for (const port of ports.splice(0)) await port.close();
    await server.stop();
    await recorded.remove();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function open(options: Partial<NativeGitOptions> = {}, target: Partial<GitTarget> = {}) {
    const port = await createNativeGit({ dataDir, searchPath: recorded.searchPath, allowedHosts: ['*'], ...options });
    ports.push(port);
    return port.open({ key: randomUUID(), url, ...target });
  }

  /** Fetches `main`, and pushes a commit on top of it. */
  async function work(target: Partial<GitTarget> = {}): Promise<void> {
    const git = await open({}, target);
    await git.fetch([head], []);
    const { tree } = await git.readCommit(head);
    const commit = { tree, parents: [head], author: NAMED, committer: NAMED, message: 'm\n' };
    const next = await git.writeCommit(commit);
    await git.push([{ ref: 'refs/heads/main', expected: head, next }], [next]);
    expect(await remote.revParse('main')).toBe(next);
  }

  const leftovers = () => readdir(join(dataDir, 'native', 'run'));

  it.each([
    ['password', { username: 'user', password: SECRET }],
    ['token', { token: SECRET }],
  ])('tells a %s to nobody by arguments, files or errors', async (kind, credential) => {
    if (kind === 'token') server.requireBearer('a', SECRET);
    else server.requireBasic('a', 'user', SECRET);
    await work({ credential });
    const refused = await open({}, { credential: { username: 'user', password: `${SECRET}-wrong` } });
    await refused.listRefs().catch((error: unknown) => expect(JSON.stringify(error)).not.toContain(SECRET));
    const all = await recorded.arguments();
    expect(all).toContain('fetch');
    expect(all).toContain('remote-http');
    expect(all).not.toContain(SECRET);
    expect(all).not.toContain(Buffer.from(SECRET).toString('base64').slice(0, 12));
    expect(await recorded.leaks()).toBe('');
  });

  it('says authenticationFailed when a credential is taken away between the look and the push', async () => {
    const git = await open({}, { credential: { token: SECRET } });
    await git.listRefs();
    server.requireBearer('a', 'another');
    const denied = { code: 'authenticationFailed', message: expect.not.stringContaining(SECRET) };
    await expect(git.fetch([head], [])).rejects.toMatchObject(denied);
    const change = { ref: 'refs/heads/main', expected: head, next: null };
    await expect(git.push([change], [])).rejects.toMatchObject(denied);
  });

  it('does not heed the settings, hooks and variables of the user and the machine', async () => {
    const home = join(dataDir, 'hostile');
    const marker = join(home, 'marker');
    await mkdir(join(home, 'hooks'), { recursive: true });
    const evil = `#!/bin/sh\ntouch ${marker}\nexit 1\n`;
    for (const hook of ['pre-push', 'reference-transaction', 'post-checkout']) {
      await writeFile(join(home, 'hooks', hook), evil);
      await chmod(join(home, 'hooks', hook), 0o755);
    }
    const config = `[core]\n\thooksPath = ${home}/hooks\n\tfsmonitor = ${home}/hooks/pre-push\n\talternateRefsCommand = ${home}/hooks/pre-push\n[credential]\n\thelper = "!touch ${marker}"\n[url "http://127.0.0.1:1/"]\n\tinsteadOf = http://\n[http]\n\tproxy = http://127.0.0.1:1\n\textraHeader = "X: ${marker}"\n[init]\n\ttemplateDir = ${home}\n[push]\n\tgpgSign = true\n`;
    await writeFile(join(home, '.gitconfig'), config);
    await writeFile(join(home, 'system'), config);
    await writeFile(join(home, '.netrc'), 'machine 127.0.0.1 login user password netrc\n');
    vi.stubEnv('HOME', home);
    vi.stubEnv('XDG_CONFIG_HOME', home);
    vi.stubEnv('GIT_CONFIG_SYSTEM', join(home, 'system'));
    vi.stubEnv('GIT_CONFIG_GLOBAL', join(home, '.gitconfig'));
    vi.stubEnv('GIT_TEMPLATE_DIR', home);
    vi.stubEnv('GIT_ASKPASS', join(home, 'hooks', 'pre-push'));
    vi.stubEnv('GIT_DIR', home);
    vi.stubEnv('http_proxy', 'http://127.0.0.1:1');
    await work();
    server.requireBasic('a', 'user', 'netrc');
    const git = await open();
    await expect(git.listRefs()).rejects.toMatchObject({ code: 'authenticationFailed' });
    expect(existsSync(marker)).toBe(false);
    const variables = await recorded.variables();
    for (const name of ['XDG_CONFIG_HOME', 'GIT_CONFIG_SYSTEM', 'GIT_TEMPLATE_DIR', 'GIT_ASKPASS', 'http_proxy']) {
      expect(variables).not.toContain(name);
    }
  });

  it('ends all it started when told to stop, and when it takes too long', async () => {
    const git = await open();
    await git.listRefs();
    server.onRequest(({ method, phase }) =>
      method === 'POST' && phase === 'before' ? new Promise<void>(() => undefined) : undefined,
    );
    const stop = new AbortController();
    const fetching = git.fetch([head], [], stop.signal);
    await vi.waitFor(async () => expect(await recorded.arguments()).toContain('remote-http'), 60_000);
    expect(await recorded.alive({ readers: false })).toBeGreaterThan(1);
    stop.abort(new Error('shutting down'));
    await expect(fetching).rejects.toThrow('shutting down');
    expect(await recorded.alive({ readers: false })).toBe(0);
    const late = await open({ overallTimeoutMs: 700 });
    await expect(late.fetch([head], [])).rejects.toMatchObject({ code: 'timeout' });
    expect(await recorded.alive({ readers: false })).toBe(0);
    expect(await leftovers()).toEqual([]);
  });

  it('gives up on a remote that falls silent', async () => {
    const git = await open({ idleTimeoutMs: 900 });
    await git.listRefs();
    server.onRequest(({ method, phase }) =>
      method === 'POST' && phase === 'before' ? new Promise<void>(() => undefined) : undefined,
    );
    await expect(git.fetch([head], [])).rejects.toMatchObject({ code: 'timeout' });
  });

  it('ends what is under way when it is closed', async () => {
    const git = await open();
    await git.listRefs();
    server.onRequest(({ method, phase }) =>
      method === 'POST' && phase === 'before' ? new Promise<void>(() => undefined) : undefined,
    );
    const fetching = git.fetch([head], []);
    const ended = expect(fetching).rejects.toThrow('closed');
    await vi.waitFor(async () => expect(await recorded.arguments()).toContain('remote-http'), 60_000);
    await ports.at(-1)?.close();
    expect(await recorded.alive()).toBe(0);
    await ended;
  });

  it('refuses packs above the limit, and leaves nothing of them', async () => {
    const big = await remote.commit({ files: { big: randomBytes(3_000_000) } });
    const git = await open({ maxPackBytes: 100_000 });
    await expect(git.fetch([big], [])).rejects.toMatchObject({ code: 'tooLarge' });
    expect(await git.has(big)).toBe(false);
    expect(await leftovers()).toEqual([]);
    await git.fetch([head], []);
  });

  it('clears away at its start what a dead process left, but not what another is at', async () => {
    const run = join(dataDir, 'native', 'run');
    const names = ['999999999@elsewhere@old', `1@elsewhere@new`];
    for (const name of names) await mkdir(join(run, name), { recursive: true });
    await utimes(join(run, names[0] ?? ''), 0, 0);
    await open();
    expect(await leftovers()).toEqual([names[1]]);
  });

  it('takes refs and URLs for what they are, however they begin', async () => {
    const git = await open();
    await git.fetch([head], []);
    const ref = 'refs/heads/--upload-pack=touch';
    await git.push([{ ref, expected: null, next: head }], []);
    expect((await git.listRefs()).refs.get(ref)).toBe(head);
    const odd = await open({}, { url: '--upload-pack=touch' });
    await expect(odd.fetch([head], [])).rejects.toMatchObject({ code: 'notFound' });
    expect(await git.has('--batch\ninfo')).toBe(false);
  });

  it('refuses a push that no command line holds', async () => {
    const git = await open();
    await git.fetch([head], []);
    const changes = Array.from({ length: 8000 }, (_, index) => {
      return { ref: `refs/heads/${'long/'.repeat(10)}${index}`, expected: null, next: head };
    });
    await expect(git.push(changes, [])).rejects.toMatchObject({ code: 'tooLarge' });
    expect((await remote.refs()).size).toBe(1);
  });

  it('connects to the addresses that were checked, whatever the name leads to', async () => {
    const named = new URL(url);
    named.hostname = 'pinned.invalid';
    const list = (...settings: GitSetting[]) =>
      git(['ls-remote', named.href], {
        env: gitEnvironment({ searchPath: searchPath(), home: dataDir }, [
          ['protocol.http.allow', 'always'],
          ...settings,
        ]),
      });
    await expect(list()).rejects.toThrow('Could not resolve host');
    expect((await list(pin(named, ['127.0.0.1']))).toString()).toContain(head);
    expect(pin(new URL('https://x.example/y'), ['1.2.3.4', '2606:4700::1'])).toEqual([
      'http.curloptResolve',
      'x.example:443:1.2.3.4,[2606:4700::1]',
    ]);
  });

  it('runs without a shell where the data folder has an odd name', async () => {
    dataDir = join(dataDir, 'a "b": $(touch x)');
    await work();
    expect(existsSync('x')).toBe(false);
  });
});
