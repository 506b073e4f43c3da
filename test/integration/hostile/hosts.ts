import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Tampering } from '../../support/git-server.js';
import type { PublishingWorld } from '../../support/publishing.js';

/** How one operation stands: its state, and the code and words of what is in its way. */
export type Standing = [state: 'succeeded'] | [state: 'running' | 'failed', words: RegExp];

export interface Host {
  name: string;
  /** Makes the host what it is; gives what makes it well again. */
  make: (world: PublishingWorld) => Promise<() => unknown>;
  sync: Standing;
  publish: Standing;
  delete: Standing;
  /** The repository's condition meanwhile: its type and reason, and its words. */
  condition?: [reason: string, words: RegExp];
  /** The deletion got as far as the branch: it goes before the tag, so that nothing is delivered that is not published. */
  isHalfDeleted?: true;
  /** Also without native git: what goes wrong, goes wrong in the transport. */
  inTransport?: true;
}

const done: Standing = ['succeeded'];
const hook = (script: string) => async (world: PublishingWorld) => {
  const path = join(world.remote.path, 'hooks/update');
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return () => rm(path);
};
const config = (name: string, value: string, well: string) => async (world: PublishingWorld) => {
  await world.remote.config(name, value);
  return () => world.remote.config(name, well);
};
const both =
  (...hosts: Host['make'][]): Host['make'] =>
  async (world) => {
    const ends = await Promise.all(hosts.map((make) => make(world)));
    return () => Promise.all(ends.map((end) => end()));
  };
const tampered = (change: Tampering) => async (world: PublishingWorld) => {
  world.server.tamper(world.repository.name, change);
  return () => world.server.tamper(world.repository.name, null);
};
const refusing = (service?: 'git-receive-pack') => async (world: PublishingWorld) => {
  const body = 'This repository was archived.\nmore';
  const { name } = world.repository;
  world.server.refuse(name, { status: 403, contentType: 'text/plain', body, ...(service && { service }) });
  return () => world.server.refuse(name, null);
};
const ONE_BY_ONE = config('receive.advertiseAtomic', 'false', 'true');
const FROZEN_TAGS = hook('case "$1" in refs/tags/*) echo "tags are frozen" >&2; exit 1;; esac');
const PROTECTED = hook('case "$1" in refs/heads/main) echo "main is protected" >&2; exit 1;; esac');
const KEPT_BRANCHES = hook('case "$1 $3" in refs/heads/*" 0000"*) echo "branches stay" >&2; exit 1;; esac');
const isFetch = ({ service, method }: Parameters<Tampering>[0]) => service === 'git-upload-pack' && method === 'POST';

export const HOSTS: Host[] = [
  { name: 'changes refs one by one', make: ONE_BY_ONE, sync: done, publish: done, delete: done },
  {
    name: 'deletes no branches',
    make: KEPT_BRANCHES,
    ...{ sync: done, publish: done, delete: done },
    condition: ['DeletionRefused', /branches .*hook declined.*proposed\/new\/one/],
  },
  {
    name: 'deletes no branches, by its configuration',
    make: config('receive.denyDeletes', 'true', 'false'),
    ...{ sync: done, publish: done, delete: done },
    condition: ['DeletionRefused', /branches .*deletion prohibited.*proposed\/new\/one/],
  },
  ...[
    { how: '', and: [] },
    { how: ', ref by ref', and: [ONE_BY_ONE] },
  ].flatMap(({ how, and }): Host[] => [
    {
      name: `protects the branch${how}`,
      make: both(PROTECTED, ...and),
      sync: done,
      publish: ['failed', /remoteRejected.*main is protected/s],
      delete: ['failed', /remoteRejected.*main is protected/s],
    },
    {
      name: `protects tags${how}`,
      make: both(FROZEN_TAGS, ...and),
      sync: done,
      publish: ['failed', /remoteRejected.*tags are frozen/s],
      delete: ['failed', /remoteRejected.*tags are frozen/s],
      ...(and.length > 0 && { isHalfDeleted: true }),
    },
  ]),
  {
    name: 'has left a lock behind',
    make: async (world) => {
      const lock = join(world.remote.path, 'refs/heads/main.lock');
      await writeFile(lock, '');
      return () => rm(lock);
    },
    sync: done,
    publish: ['running', /does not change .*refs\/heads\/main \(.*main\.lock': File exists/s],
    delete: ['running', /does not change .*refs\/heads\/main \(.*main\.lock': File exists/s],
  },
  {
    name: 'has archived the repository',
    make: refusing('git-receive-pack'),
    sync: done,
    publish: ['failed', /remoteAuthFailed.*403\): This repository was archived\.$/],
    delete: ['failed', /remoteAuthFailed.*403\): This repository was archived\.$/],
    condition: ['PushRefused', /403\): This repository was archived\. Give/],
  },
  {
    name: 'forbids all, with a reason',
    make: refusing(),
    sync: ['failed', /remoteAuthFailed.*403\): This repository was archived\.$/],
    publish: ['failed', /remoteAuthFailed.*403\): This repository was archived\.$/],
    delete: ['failed', /remoteAuthFailed.*403\): This repository was archived\.$/],
    condition: ['AuthenticationFailed', /archived/],
  },
  {
    name: 'shows a page to sign in',
    make: async ({ server, repository: { name } }) => {
      server.servePage(name, '<!doctype html><title>Sign in</title>');
      return () => server.servePage(name, null);
    },
    sync: ['failed', /remoteProtocolError/],
    publish: ['failed', /remoteProtocolError/],
    delete: ['failed', /remoteProtocolError/],
    condition: ['NotAGitRepository', /.{20}/],
  },
  {
    name: 'redirects to another host',
    make: async ({ server, repository: { name } }) => {
      server.redirect(name, server.url(name).replace('127.0.0.1', 'localhost'));
      return () => server.redirect(name, null);
    },
    sync: ['failed', /remoteProtocolError.*redirects to another address/],
    publish: ['failed', /remoteProtocolError.*redirects to another address/],
    delete: ['failed', /remoteProtocolError.*redirects to another address/],
    condition: ['NotAGitRepository', /redirects to another address/],
  },
  {
    name: 'is slow',
    make: tampered((_, body) => sleep(200, body)),
    ...{ sync: done, publish: done, delete: done },
  },
  {
    name: 'hangs',
    make: async ({ server, repository: { name } }) => {
      server.hang(name);
      return () => server.unhang(name);
    },
    sync: ['failed', /remoteTimeout.*did not answer in time/],
    publish: ['running', /did not answer in time/],
    delete: ['running', /did not answer in time/],
    condition: ['Timeout', /.{20}/],
  },
  {
    name: 'cuts what it sends in the middle',
    make: tampered(async (request, body) => (isFetch(request) ? 'cut' : body)),
    sync: ['failed', /remoteUnreachable.*broke/],
    publish: ['running', /broke/],
    delete: ['running', /broke/],
    condition: ['Unreachable', /broke/],
    inTransport: true,
  },
  {
    name: 'cuts its answer to a push in the middle',
    make: tampered(async ({ service, method }, body) =>
      service === 'git-receive-pack' && method === 'POST' ? 'cut' : body,
    ),
    sync: done,
    publish: ['running', /broke/],
    delete: ['running', /broke/],
    inTransport: true,
  },
  {
    name: 'sends a pack that is damaged',
    make: tampered(async (request, body) => (isFetch(request) ? damaged(body) : body)),
    sync: ['failed', /remoteProtocolError/],
    publish: ['failed', /remoteProtocolError/],
    delete: ['failed', /remoteProtocolError/],
    condition: ['NotAGitRepository', /.{20}/],
    inTransport: true,
  },
];

/** The last bytes of a pack are its checksum. */
function damaged(body: Buffer): Buffer {
  const start = body.indexOf('PACK');
  if (start < 0) return body;
  const changed = Buffer.from(body);
  const at = start + 20;
  changed[at] = (changed[at] ?? 0) ^ 0xff;
  return changed;
}
