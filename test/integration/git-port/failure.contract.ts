import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MAIN, type TransportFactory, type World } from './world.js';

/** Remotes that cannot, will not or must not be talked to. */
export function describeFailures(world: World, createPort: TransportFactory): void {
  describe('what goes wrong', () => {
    it('takes a right credential and no wrong one', async () => {
      await world.remote.commit({ files: { a: 'a' } });
      world.server.requireBasic(world.repository, 'user', 'pässword');
      const basic = (password: string) => world.open({ credential: { username: 'user', password } });
      expect((await (await basic('pässword')).listRefs()).refs.size).toBe(1);
      for (const wrong of [
        await basic('wrong-secret'),
        await world.open(),
        await world.open({ credential: { token: 't' } }),
      ]) {
        const error = await wrong.listRefs().catch((e: unknown) => e);
        expect(error).toMatchObject({ code: 'authenticationFailed', data: { status: 401 } });
        expect(String(error)).not.toContain('secret');
      }
    });

    it.each([
      [
        403,
        'text/plain; charset=utf-8',
        '\r\n This repository was \u001b[1marchived\u0007.\nmore',
        ': This repository was [1marchived.',
      ],
      [403, 'text/plain', 'x'.repeat(9000), `: ${'x'.repeat(200)}`],
      [403, 'text/html', '<p>Forbidden</p>', '. It was asked without a credential.'],
      [503, 'text/plain', 'Down for maintenance until 6.', ': Down for maintenance until 6.'],
    ])('tells why the host refuses a push, in its words: %i %s', async (status, contentType, body, words) => {
      const base = await world.remote.commit({ files: { a: 'a' } });
      await world.git.fetch([base], []);
      world.server.refuse(world.repository, { status, contentType, body, service: 'git-receive-pack' });
      const error: unknown = await world.git
        .push([{ ref: 'refs/heads/x', expected: null, next: base }], [])
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        message: expect.stringContaining(`HTTP ${status}${status === 503 ? '' : ')'}${words}`),
      });
      world.server.refuse(world.repository, null);
    });

    it('takes a bearer token, for pushes too', async () => {
      const base = await world.remote.commit({ files: { a: 'a' } });
      world.server.requireBearer(world.repository, 'token-1');
      world.git = await world.open({ credential: { token: 'token-1' } });
      await world.git.fetch([base], []);
      await world.git.push([{ ref: 'refs/heads/x', expected: null, next: base }], []);
      const other = await world.open({ credential: { token: 'token-2' } });
      await expect(other.push([{ ref: 'refs/heads/y', expected: null, next: base }], [])).rejects.toMatchObject({
        code: 'authenticationFailed',
      });
    });

    it('tells a remote that hangs from one that is not there, is no Git server, or is down', async () => {
      world.server.hang(world.repository);
      await expect(world.git.listRefs()).rejects.toMatchObject({ code: 'timeout' });
      world.server.unhang(world.repository);
      await world.git.listRefs();
      const missing = await world.open({ url: world.server.url('group/nothing-here') });
      await expect(missing.listRefs()).rejects.toMatchObject({ code: 'notFound', data: { status: 404 } });
      world.server.servePage('group/page', '<!doctype html><title>Sign in</title>');
      const page = await world.open({ url: world.server.url('group/page') });
      await expect(page.listRefs()).rejects.toMatchObject({ code: 'protocol' });
      const change = { ref: MAIN, expected: null, next: null };
      await expect(page.push([change], [])).rejects.toMatchObject({ code: 'protocol' });
      await world.server.down();
      await expect(world.git.listRefs()).rejects.toMatchObject({ code: 'unreachable' });
      await world.server.up();
      await world.git.listRefs();
    });

    it('follows a redirect on the same host, and takes no credential to another', async () => {
      const first = await world.remote.commit({ files: { a: 'a' } });
      world.server.redirect('group/moved', world.server.url(world.repository));
      const moved = await world.open({ url: world.server.url('group/moved') });
      await moved.fetch([first], []);
      await moved.push([{ ref: 'refs/heads/x', expected: null, next: first }], []);
      expect((await moved.listRefs()).refs.get('refs/heads/x')).toBe(first);
      world.server.redirect('group/gone', world.server.url(world.repository).replace('127.0.0.1', 'localhost'));
      const gone = await world.open({ url: world.server.url('group/gone'), credential: { token: 't' } });
      const requests = world.server.requests;
      await expect(gone.listRefs()).rejects.toMatchObject({ code: 'protocol', data: { status: 301 } });
      expect(world.server.requests).toBe(requests + 1);
    });

    it('asks a known remote for its refs at once, and what it is again when the answer is another', async () => {
      const tip = await world.remote.commit({ files: { a: 'a' } });
      const { url } = await world.server.createRepository('group/other');
      const list = async (git = world.git) => {
        const before = world.server.requests;
        const { refs } = await git.listRefs();
        return { tip: refs.get(MAIN), requests: world.server.requests - before };
      };
      expect(await list()).toEqual({ tip, requests: 2 });
      expect(await list(await world.open())).toEqual({ tip, requests: 1 });
      expect(await list(await world.open({ credential: { token: 't' } }))).toEqual({ tip, requests: 2 });
      world.server.redirect(world.repository, url);
      const moved = await list();
      expect(moved).toMatchObject({ requests: 4 });
      expect(moved.tip).not.toBe(tip);
      expect(await list()).toEqual({ ...moved, requests: 1 });
      world.server.speakOldProtocol('group/other');
      expect(await list()).toEqual({ ...moved, requests: 3 });
      expect(await list()).toEqual({ ...moved, requests: 1 });
      world.server.requireBearer('group/other', 'token');
      await expect(world.git.listRefs()).rejects.toMatchObject({ code: 'authenticationFailed' });
    });

    it('refuses hosts that it was not allowed to talk to, however they are written', async () => {
      const guarded = await createPort({ dataDir: world.dataDir, idleTimeoutMs: 700, allowLoopback: false });
      const before = world.server.requests;
      const http = world.server.url(world.repository);
      for (const url of [http, http.replace('http:', 'https:'), http.replace(/.*127.0.0.1/, 'https://localhost')]) {
        const opened = await guarded.open({ key: randomUUID(), url });
        await expect(opened.listRefs()).rejects.toMatchObject({ code: 'hostRefused' });
      }
      expect(world.server.requests).toBe(before);
      await guarded.close();
    });

    it('stops when told to', async () => {
      world.server.hang(world.repository);
      const stop = new AbortController();
      const listing = world.git.listRefs(stop.signal);
      setTimeout(() => stop.abort(new Error('shutting down')), 50);
      await expect(listing).rejects.toThrow('shutting down');
      await expect(world.git.listRefs(AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
      world.server.unhang(world.repository);
    });
  });
}
