import { beforeEach, describe, expect, it } from 'vitest';
import { searchPath } from '../../src/config/config.js';
import { createJavaScriptGit } from '../../src/git/javascript-git.js';
import { createNativeGit } from '../../src/git/native/native-git.js';
import type { GitErrorCode, RefChange } from '../../src/git/port.js';
import { git } from '../support/git-command.js';
import { MAIN, type TransportFactory, World } from './git-port/world.js';

const TRANSPORTS: [string, TransportFactory][] = [
  ['JavaScript alone', ({ dataDir }) => createJavaScriptGit({ dataDir, allowedHosts: ['127.0.0.1'] })],
  [
    'the quickest of both',
    ({ dataDir }) =>
      createNativeGit({ dataDir, allowedHosts: ['127.0.0.1'], searchPath: searchPath(), exchanges: 'quickest' }),
  ],
];

describe.each(TRANSPORTS)('pushes to a remote that is known, by %s', (_, factory) => {
  const world = World.create(factory);
  let base: string;

  /** How a push went, and how many requests that took. */
  async function push(
    changes: RefChange[],
    objects: string[] = [],
  ): Promise<{ code: GitErrorCode | 'ok'; requests: number }> {
    const before = world.server.requests;
    const code = await world.git.push(changes, objects).then(
      () => 'ok' as const,
      (error: { code: GitErrorCode }) => error.code,
    );
    return { code, requests: world.server.requests - before };
  }

  const create = (name: string): RefChange => ({ ref: `refs/heads/${name}`, expected: null, next: base });

  beforeEach(async () => {
    base = await world.remote.commit({ files: { 'a.txt': 'a' } });
    await world.git.fetch([base], []);
  });

  it('are one request, however it ends, and as safe as the first', async () => {
    expect(await push([create('first')])).toEqual({ code: 'ok', requests: 2 });
    world.git = await world.open();
    await world.git.fetch([base], []);
    const { commit, objects } = await world.draft(base, { 'b.txt': 'b' });
    const publication: RefChange[] = [
      { ref: MAIN, expected: base, next: commit },
      { ref: 'refs/tags/a/v1', expected: null, next: commit },
      { ref: 'refs/heads/first', expected: base, next: null },
    ];
    expect(await push(publication, objects)).toEqual({ code: 'ok', requests: 1 });
    const refs = { [MAIN]: commit, 'refs/tags/a/v1': commit };
    expect(Object.fromEntries(await world.remote.refs())).toEqual(refs);

    const late: RefChange[] = [
      { ref: MAIN, expected: base, next: commit },
      { ref: 'refs/tags/a/v1', expected: null, next: base },
      { ref: 'refs/heads/first', expected: base, next: null },
    ];
    for (const change of late) {
      expect(await push([change, create(`beside-${late.indexOf(change)}`)])).toMatchObject({ code: 'staleRef' });
    }
    expect(Object.fromEntries(await world.remote.refs())).toEqual(refs);
    await world.remote.check();
  });

  it('are stale, not rejected, where what they build on is gone from the remote', async () => {
    expect(await push([create('first')])).toMatchObject({ code: 'ok' });
    const other = await world.remote.commit({ branch: 'other', files: { 'a.txt': 'another history' } });
    await git(['update-ref', MAIN, other], { gitDir: world.remote.path });
    await git(['update-ref', '-d', 'refs/heads/first'], { gitDir: world.remote.path });
    await git(['gc', '--quiet', '--prune=now'], { gitDir: world.remote.path });
    const { commit, objects } = await world.draft(base, { 'b.txt': 'b' });
    expect(await push([{ ref: MAIN, expected: base, next: commit }], objects)).toMatchObject({ code: 'staleRef' });
    expect(Object.fromEntries(await world.remote.refs())).toEqual({ [MAIN]: other, 'refs/heads/other': other });
  });

  it('tell what a hook says', async () => {
    expect(await push([create('first')])).toMatchObject({ code: 'ok' });
    await world.hook('pre-receive', 'echo "Not on a Friday" >&2; exit 1');
    await expect(world.git.push([create('second')], [])).rejects.toMatchObject({
      code: 'rejected',
      message: expect.stringContaining('Not on a Friday'),
    });
    expect((await world.remote.refs()).has('refs/heads/second')).toBe(false);
  });

  it('ask the remote what it is when its answer is another', async () => {
    expect(await push([create('first')])).toEqual({ code: 'ok', requests: 2 });
    const { url } = await world.server.createRepository(`${world.repository}-moved`, { empty: true });
    world.server.redirect(world.repository, url);
    const { commit, objects } = await world.draft(null, { 'b.txt': 'b' });
    const change = { ref: MAIN, expected: null, next: commit };
    expect(await push([change], objects)).toEqual({ code: 'ok', requests: 4 });
    expect(await push([{ ...create('more'), next: commit }])).toEqual({ code: 'ok', requests: 1 });
  });
});
