import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { searchPath } from '../../src/config/config.js';
import { createJavaScriptGit } from '../../src/git/javascript-git.js';
import { createNativeGit, type NativeGitOptions } from '../../src/git/native/native-git.js';
import type { GitPort, GitSshKey } from '../../src/git/port.js';
import { GitFixture } from '../support/git-fixture.js';
import { ownPort } from '../support/own-port.js';
import { hasSshd, SshServer } from '../support/ssh-server.js';

const MAIN = 'refs/heads/main';
const AUTHOR = { name: 'a', email: 'a@example.com', timestamp: 1, timezoneOffset: 0 };

if (!hasSshd) console.warn('There is no sshd here: the tests of ssh remotes are left out.');

describe.runIf(hasSshd)('native git over ssh', () => {
  let server: SshServer;
  let dataDir: string;
  let git: GitPort;
  let credential: GitSshKey;

  beforeAll(async () => {
    server = await SshServer.start();
    dataDir = await mkdtemp(join(tmpdir(), 'git-ssh-'));
    git = await native({ allowedHosts: ['127.0.0.1'] });
    credential = { privateKey: server.privateKey, knownHosts: server.knownHosts };
  });

  afterAll(async () => {
    await git.close();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const native = (options: Partial<NativeGitOptions>) =>
    createNativeGit({ dataDir, searchPath: searchPath(), ...options });

  const open = (url: string, key: GitSshKey | undefined = credential) =>
    git.open({ key: randomUUID(), url, credential: key });

  it('lists, fetches and pushes, and leaves no key behind', async () => {
    const { url, path } = await server.createRepository('a');
    const remote = GitFixture.create(path);
    expect(await (await open(url)).listRefs()).toEqual({ refs: new Map() });
    const first = await remote.commit({ files: { 'd/f': 'one' } });
    const tag = await remote.tag('v1');
    const repository = await open(url);
    const { refs } = await repository.listRefs();
    expect(Object.fromEntries(refs)).toEqual({ [MAIN]: first, 'refs/tags/v1': tag });
    await repository.fetch([first, tag], []);
    const { tree } = await repository.readCommit(first);
    const commit = { tree, parents: [first], author: AUTHOR, committer: AUTHOR, message: 'm\n' };
    const next = await repository.writeCommit(commit);
    await repository.push([{ ref: MAIN, expected: first, next }], [next]);
    expect(await remote.revParse('main')).toBe(next);
    await remote.check();
    const stale = repository.push([{ ref: MAIN, expected: first, next: null }], []);
    await expect(stale).rejects.toMatchObject({ code: 'staleRef', data: { refs: [{ ref: MAIN }] } });
    expect(await readdir(join(dataDir, 'native', 'run'))).toEqual([]);
  });

  it('tells a wrong key, a strange host, and a repository that is not there', async () => {
    const { url } = await server.createRepository('b');
    const strange = await server.strangeKey();
    const listed = async (target: string, key: GitSshKey | undefined) =>
      (await git.open({ key: 'b', url: target, credential: key })).listRefs();
    await expect(listed(url, { ...credential, privateKey: strange.privateKey })).rejects.toMatchObject({
      code: 'authenticationFailed',
      message: expect.stringContaining('does not accept the key'),
    });
    await expect(listed(url, { ...credential, privateKey: 'no key' })).rejects.toMatchObject({
      code: 'authenticationFailed',
    });
    await expect(listed(url, undefined)).rejects.toMatchObject({ code: 'authenticationFailed' });
    const knownHosts = `[127.0.0.1]:${server.port} ${strange.publicKey}`;
    for (const known of [knownHosts, '']) {
      await expect(listed(url, { ...credential, knownHosts: known })).rejects.toMatchObject({
        code: 'unreachable',
        message: expect.stringContaining('host key'),
      });
    }
    await expect(listed(server.url(join(server.root, 'nothing.git')), credential)).rejects.toMatchObject({
      code: 'notFound',
    });
  });

  it('tells a host that is not there from one that is silent', async () => {
    const port = await ownPort();
    await expect((await open(`ssh://git@127.0.0.1:${port}/x.git`)).listRefs()).rejects.toMatchObject({
      code: 'unreachable',
    });
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const impatient = await native({ allowedHosts: ['*'], connectTimeoutMs: 1000 });
    const url = `ssh://git@127.0.0.1:${(silent.address() as AddressInfo).port}/x.git`;
    const repository = await impatient.open({ key: 'silent', url, credential });
    await expect(repository.listRefs()).rejects.toMatchObject({ code: 'timeout' });
    for (const socket of sockets) socket.destroy();
    silent.close();
    await impatient.close();
  });

  it('refuses private hosts, passwords, and names that would be options', async () => {
    const guarded = await native({});
    const { url } = await server.createRepository('c');
    const refused = [url, url.replace('127.0.0.1', 'localhost'), url.replace('@', ':secret@'), 'ssh://-oX=y/x'];
    for (const target of refused) {
      const repository = await guarded.open({ key: 'guarded', url: target, credential });
      await expect(repository.listRefs()).rejects.toMatchObject({ code: 'hostRefused' });
    }
    await guarded.close();
  });

  it('is what the transport in JavaScript says that it cannot do', async () => {
    const javascript = createJavaScriptGit({ dataDir, allowedHosts: ['*'] });
    const opened = javascript.open({ key: 'j', url: 'ssh://git@127.0.0.1/x.git', credential });
    await expect(opened).rejects.toMatchObject({
      code: 'hostRefused',
      message: expect.stringContaining('GIT_TRANSPORT'),
    });
    await javascript.close();
  });
});
