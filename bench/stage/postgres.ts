import { chmod, mkdtemp, open, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';

const MIGRATIONS = resolve(import.meta.dirname, '../../../prisma/migrations');
const TEMPLATE = 'bench_template';
/** Who commits in the generated repositories is somebody who has signed in: what a stranger pushed takes one approval more. */
const AUTHOR = 'alice@example.com';

/** The project's own PostgreSQL, safe against power loss as in production; both sides of every row use it. */
export class Postgres {
  private databases = 0;

  private constructor(
    private readonly server: EmbeddedPostgres,
    private readonly log: string,
    /** A folder that the server can read. */
    readonly folder: string,
  ) {}

  static async start(parent: string): Promise<Postgres> {
    const folder = await mkdtemp(join(parent, 'postgres-'));
    await chmod(folder, 0o755);
    const server = await EmbeddedPostgres.start(folder, { max_connections: '200', max_wal_size: '4GB' });
    const postgres = new Postgres(server, join(folder, 'postgres', 'server.log'), folder);
    await postgres.administer(`CREATE DATABASE ${TEMPLATE}`);
    await migrate(postgres.url(TEMPLATE), MIGRATIONS);
    await withClient(postgres.url(TEMPLATE), (client) =>
      client.query(
        'INSERT INTO known_user ("user", email, groups, stated_at) VALUES ($1, $2, ARRAY[]::text[], now())',
        ['alice', AUTHOR],
      ),
    );
    return postgres;
  }

  /** A new database with pkgserver's tables; or a copy of another, to which nobody may be connected. */
  create(like?: string): Promise<string> {
    return this.copy(like ? new URL(like).pathname.slice(1) : TEMPLATE);
  }

  /** A new database without any table. */
  empty(): Promise<string> {
    return this.copy('template0');
  }

  async drop(url: string): Promise<void> {
    await this.administer(`DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
  }

  /** Runs statements as the superuser; gives the last one's rows. */
  async administer(...statements: string[]): Promise<unknown[]> {
    return withClient(this.server.url, async (client) => {
      let rows: unknown[] = [];
      for (const statement of statements) ({ rows } = await client.query(statement));
      return rows;
    });
  }

  /** What the server has logged, from an offset of {@link logSize} on. */
  async logFrom(offset: number): Promise<string> {
    const file = await open(this.log, 'r');
    try {
      const length = (await file.stat()).size - offset;
      return (await file.read(Buffer.alloc(length), 0, length, offset)).buffer.toString('utf8');
    } finally {
      await file.close();
    }
  }

  async logSize(): Promise<number> {
    return (await stat(this.log)).size;
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }

  private async copy(template: string): Promise<string> {
    this.databases += 1;
    const name = `bench_${this.databases}`;
    await this.administer(`CREATE DATABASE ${name} TEMPLATE ${template}`);
    return this.url(name);
  }

  private url(database: string): string {
    const url = new URL(this.server.url);
    url.pathname = `/${database}`;
    return url.href;
  }
}

export async function withClient<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
