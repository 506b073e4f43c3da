import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Catalog, type CatalogShape, importInto, writeCatalog } from '../data/catalog.js';
import { writeIndex } from '../data/index-rows.js';
import type { Options } from '../options.js';
import { GitHost, type HostedRepository } from './git-host.js';
import { Pkgserver, type PkgserverSettings } from './pkgserver.js';
import { Postgres } from './postgres.js';

type Closing = () => Promise<unknown>;

/** What every row plays on: PostgreSQL and a Git server on loopback, in one folder that goes away with it. */
export class Stage {
  private readonly closings: Closing[] = [];
  private readonly indexes = new Map<number, Promise<string>>();
  private profiles = 0;
  private closing?: Promise<void>;

  private constructor(
    readonly options: Options,
    readonly folder: string,
  ) {}

  postgres!: Postgres;
  git!: GitHost;

  static async open(options: Options): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'pkgserver-bench-'));
    const stage = new Stage(options, folder);
    await stage.onClose(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    try {
      // PostgreSQL runs as another user where this process is root.
      await chmod(folder, 0o755);
      stage.postgres = await Postgres.start(folder);
      await stage.onClose(() => stage.postgres.stop());
      stage.git = await GitHost.start(folder);
      await stage.onClose(() => stage.git.stop());
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  /** What has been opened last is closed first; a failure does not keep the rest from being closed. */
  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    for (let closing = this.closings.pop(); closing; closing = this.closings.pop()) {
      await closing().catch((error: unknown) => console.error(error));
    }
  }

  /** Closes at once what is opened too late. */
  async onClose(closing: Closing): Promise<void> {
    if (!this.closing) return void this.closings.push(closing);
    await closing();
    throw new Error('The benchmark is being stopped.');
  }

  /** A repository on the Git server, filled by the generator. */
  async catalog(name: string, shape: Omit<CatalogShape, 'seed'>): Promise<HostedRepository & Catalog> {
    const hosted = await this.git.create(name);
    return { ...hosted, ...(await writeCatalog(hosted.path, { seed: this.options.seed, ...shape })) };
  }

  /** A repository on the Git server that holds what `git fast-import` makes of this. */
  async imported(name: string, input: string): Promise<HostedRepository> {
    const hosted = await this.git.create(name);
    await importInto(hosted.path, input);
    return hosted;
  }

  /** A database of its own that holds so many revisions, 100 in each repository. */
  async indexed(revisions: number): Promise<string> {
    const made = this.indexes.get(revisions) ?? this.makeIndex(revisions);
    this.indexes.set(revisions, made);
    return this.postgres.create(await made);
  }

  /** Starts pkgserver for the time of `work`; on a new database unless one is named. */
  async withPkgserver<Result>(
    settings: { row: string } & Partial<Pick<PkgserverSettings, 'databaseUrl' | 'role' | 'variables'>>,
    work: (pkgserver: Pkgserver) => Promise<Result>,
  ): Promise<Result> {
    const { row, databaseUrl = await this.postgres.create(), ...others } = settings;
    this.profiles += 1;
    const name = `${row}-${others.role ?? 'all'}-${this.profiles}.cpuprofile`;
    const profile = this.options.profile === undefined ? undefined : { folder: this.options.profile, name };
    const pkgserver = await Pkgserver.start({ folder: this.folder, databaseUrl, profile, ...others });
    const stop = () => pkgserver.stop();
    await this.onClose(stop);
    try {
      return await work(pkgserver);
    } finally {
      await stop();
      this.closings.splice(this.closings.indexOf(stop), 1);
    }
  }

  private async makeIndex(revisions: number): Promise<string> {
    const url = await this.postgres.create();
    await writeIndex(url, { seed: this.options.seed, revisions });
    return url;
  }
}
