import { chmod, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Database } from '../../src/database/database.js';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import type { TestDatabase } from '../support/database.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const PARAMETERS = { fsync: 'off', max_connections: '100' };

/** A PostgreSQL of the cluster's alone, which can be restarted; `database` leads to it wherever it runs. */
export class OwnPostgres implements TestDatabase {
  private constructor(
    private readonly folder: string,
    private server: EmbeddedPostgres,
    /** Bears no faults: what is looked up by the tests goes through it. */
    private readonly proxy: TcpProxy,
    readonly database: Database,
  ) {}

  static async start(folder: string): Promise<OwnPostgres> {
    await chmod(folder, 0o755);
    const server = await EmbeddedPostgres.start(folder, PARAMETERS);
    const proxy = await TcpProxy.start(server.url);
    return new OwnPostgres(folder, server, proxy, new Database({ url: proxy.through(server.url), poolSize: 5 }));
  }

  get url(): string {
    return this.server.url;
  }

  /** `crashes`: ended in the midst of its work, so that it recovers from its log when it starts again. */
  async restart({ crashes }: { crashes: boolean }): Promise<void> {
    if (crashes) process.kill(await this.pid(), 'SIGQUIT');
    await this.server.stop();
    this.server = await EmbeddedPostgres.start(this.folder, PARAMETERS);
    this.proxy.pointTo(this.server.url);
    this.proxy.cutNow();
  }

  async drop(): Promise<void> {
    await this.database.onModuleDestroy();
    await this.proxy.stop();
    await this.server.stop();
  }

  private async pid(): Promise<number> {
    const root = join(this.folder, 'postgres');
    const paths = await readdir(root, { recursive: true });
    const file = paths.find((path) => path.endsWith('postmaster.pid'));
    if (file === undefined) throw new Error(`No server runs in ${root}.`);
    return Number((await readFile(join(root, file), 'utf8')).split('\n')[0]);
  }
}
