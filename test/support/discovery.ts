import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Repository } from '../../src/database/generated/client.js';
import { startEngine, type TestEngine } from './engine.js';
import { GitFixture } from './git-fixture.js';
import { GitServer } from './git-server.js';

export const KPTFILE = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: example\n';
export const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: example\n';

export interface Registration {
  directory?: string;
  deployment?: boolean;
  ref?: string;
}

/** One Git server and one engine for a test file, and a fresh remote for each test. */
export class DiscoveryWorld {
  server!: GitServer;
  engine!: TestEngine;
  /** The remote of this test, as someone who sits on the server sees it. */
  remote!: GitFixture;
  name!: string;
  #count = 0;

  /** Call at the top of a test file. */
  static create({ empty = false, settings = {} } = {}): DiscoveryWorld {
    const world = new DiscoveryWorld();
    beforeAll(async () => {
      world.server = await GitServer.start();
      world.engine = await startEngine(settings);
    });
    beforeEach(async () => {
      world.remote = await world.newRemote(empty);
      world.name = `remote-${world.#count}`;
    });
    afterAll(async () => {
      await world.engine?.close();
      await world.server?.stop();
    });
    return world;
  }

  async newRemote(empty = false): Promise<GitFixture> {
    this.#count += 1;
    const { path } = await this.server.createRepository(`remote-${this.#count}`, { empty });
    return GitFixture.create(path);
  }

  get database() {
    return this.engine.database.client;
  }

  /** Registers this test's remote, once or under several names, and reads it. */
  async discover(registration: Registration = {}, name = this.name): Promise<Repository> {
    const repository = await this.engine.register({ name, url: this.server.url(this.name), ...registration });
    await this.sync(repository.id);
    return repository;
  }

  /** Reads the remote again, as the next poll does. */
  async sync(repositoryId: string): Promise<void> {
    await this.database.repositoryPolling.update({ where: { repositoryId }, data: { nextSyncAt: new Date(0) } });
    await this.engine.visit(repositoryId);
  }

  /** Forgets all that the database knows, and registers the repository again. */
  async rebuild({ id, name, url, deployment, directory, ref }: Repository): Promise<Repository> {
    await this.database.repository.delete({ where: { id } });
    await this.database.packageTree.deleteMany();
    await this.database.blob.deleteMany();
    const repository = await this.engine.register({ name, url, deployment, directory, ref });
    await this.sync(repository.id);
    return repository;
  }

  repository(id: string): Promise<Repository> {
    return this.database.repository.findUniqueOrThrow({ where: { id } });
  }

  async ready(id: string): Promise<{ status: string; reason: string; message: string } | undefined> {
    const { conditions } = await this.repository(id);
    return (conditions as unknown as { type: string; status: string; reason: string; message: string }[]).find(
      (condition) => condition.type === 'Ready',
    );
  }

  revisions(repositoryId: string) {
    return this.database.packageRevision.findMany({
      where: { repositoryId },
      orderBy: [{ path: 'asc' }, { revision: { sort: 'asc', nulls: 'last' } }, { workspace: 'asc' }],
    });
  }

  /** `path@revision` of what is published, by path and revision. */
  async published(repositoryId: string): Promise<string[]> {
    const rows = await this.revisions(repositoryId);
    return rows.flatMap(({ path, revision }) => (revision === null ? [] : [`${path}@${revision}`]));
  }

  /** `path/workspace (lifecycle)` of what is not. */
  async drafts(repositoryId: string): Promise<string[]> {
    const rows = await this.revisions(repositoryId);
    return rows.flatMap((row) => (row.revision === null ? [`${row.path}/${row.workspace} (${row.lifecycle})`] : []));
  }

  /** Paths of the packages that the ref holds. */
  async heads(repositoryId: string): Promise<string[]> {
    const rows = await this.packages(repositoryId);
    return rows.flatMap(({ path, headTree }) => (headTree === null ? [] : [path]));
  }

  packages(repositoryId: string) {
    return this.database.package.findMany({ where: { repositoryId }, orderBy: { path: 'asc' } });
  }

  /** Everything of a repository that Git alone must be able to give again. */
  async snapshot(id: string): Promise<unknown> {
    const { commit, ignoredTags } = await this.repository(id);
    const revisions = await this.revisions(id);
    const packages = await this.packages(id);
    const counters = await this.database.revisionCounter.findMany({
      where: { repositoryId: id },
      orderBy: { path: 'asc' },
    });
    const trees = [...revisions.map(({ tree }) => tree), ...packages.flatMap(({ headTree }) => headTree ?? [])];
    const contents = await this.database.packageTree.findMany({
      where: { oid: { in: trees } },
      include: { files: { orderBy: { path: 'asc' } } },
      omit: { createdAt: true },
      orderBy: { oid: 'asc' },
    });
    return {
      repository: { commit, ignoredTags },
      packages: packages.map(({ path, target, realm, name, headTree }) => ({ path, target, realm, name, headTree })),
      revisions: revisions.map(
        ({
          id: _id,
          repositoryId: _repository,
          packageId: _package,
          version: _version,
          conditions: _conditions,
          upstreamRevisionId,
          ...row
        }) => ({ ...row, hasUpstreamRevision: upstreamRevisionId !== null }),
      ),
      counters: counters.map(({ path, highest }) => ({ path, highest: Number(highest) })),
      contents,
    };
  }
}
