import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { GitPort, GitRepository, GitSignature, GitTarget } from '../../../src/git/port.js';
import { GitFixture } from '../../support/git-fixture.js';
import { GitServer } from '../../support/git-server.js';

export interface TransportOptions {
  dataDir: string;
  /** Waits no longer than this for a silent remote. */
  idleTimeoutMs: number;
  /** Whether 127.0.0.1 may be talked to; all tests but one need it. */
  allowLoopback: boolean;
}

export type TransportFactory = (options: TransportOptions) => GitPort | Promise<GitPort>;

export const MAIN = 'refs/heads/main';
export const SIGNATURE: GitSignature = {
  name: 'Bob Example',
  email: 'bob@example.com',
  timestamp: 1_700_000_000,
  timezoneOffset: -90,
};

/** A Git server, a port to it, and for each test a fresh empty repository with a mirror. */
export class World {
  server!: GitServer;
  port!: GitPort;
  dataDir!: string;
  /** The name of this test's repository on the server. */
  repository!: string;
  /** The same repository, as someone who sits on the server sees it. */
  remote!: GitFixture;
  git!: GitRepository;

  /** Call within `describe`. */
  static create(createPort: TransportFactory): World {
    const world = new World();
    beforeAll(async () => {
      world.server = await GitServer.start();
      world.dataDir = await mkdtemp(join(tmpdir(), 'git-port-'));
      world.port = await createPort({ dataDir: world.dataDir, idleTimeoutMs: 700, allowLoopback: true });
    });
    beforeEach(async () => {
      world.repository = `group/${randomUUID()}`;
      const { path } = await world.server.createRepository(world.repository, { empty: true });
      world.remote = GitFixture.create(path);
      world.git = await world.open();
    });
    afterEach(() => world.server.onRequest(null));
    afterAll(async () => {
      await world.port.close();
      await world.server.stop();
      await rm(world.dataDir, { recursive: true, force: true });
    });
    return world;
  }

  open(target: Partial<GitTarget> = {}): Promise<GitRepository> {
    return this.port.open({ key: randomUUID(), url: this.server.url(this.repository), ...target });
  }

  /** Writes a commit of these files on top of `parent`, and gives it with all new objects. */
  async draft(
    parent: string | null,
    files: Record<string, string>,
    message = 'Draft\n',
  ): Promise<{ commit: string; objects: string[] }> {
    const objects: string[] = [];
    const entries = parent === null ? [] : await this.git.readTree((await this.git.readCommit(parent)).tree);
    for (const [name, content] of Object.entries(files)) {
      const oid = await this.git.writeBlob(Buffer.from(content));
      objects.push(oid);
      entries.push({ mode: '100644', name, oid });
    }
    const tree = await this.git.writeTree(entries);
    const parents = parent === null ? [] : [parent];
    const commit = await this.git.writeCommit({ tree, parents, author: SIGNATURE, committer: SIGNATURE, message });
    return { commit, objects: [...objects, tree, commit] };
  }

  /** Installs a hook on the remote. */
  async hook(kind: 'pre-receive' | 'update', script: string): Promise<void> {
    const path = join(this.remote.path, 'hooks', kind);
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
  }

  /** Bytes of everything in all mirrors. */
  async mirrorSize(): Promise<number> {
    const files = await readdir(this.dataDir, { recursive: true });
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(this.dataDir, file))).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  }
}
