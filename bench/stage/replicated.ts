import { chmod, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '../../src/database/migrate.js';
import { OwnServer } from '../../test/support/own-server.js';
import { writeIndex } from '../data/index-rows.js';
import type { Pkgserver } from './pkgserver.js';
import type { Stage } from './stage.js';

const MIGRATIONS = resolve(import.meta.dirname, '../../../prisma/migrations');
/** Safe against power loss, as in production: a commit waits for its flush. */
const SAFE = { fsync: 'on', max_wal_size: '4GB' };
/** USER_HZ: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** A PostgreSQL with standbys, all filled alike. */
export class Replicated {
  private constructor(
    readonly primary: OwnServer,
    readonly standbys: readonly OwnServer[],
  ) {}

  static async start(stage: Stage, revisions: number, standbys: number): Promise<Replicated> {
    const room = async (name: string) => {
      const folder = await mkdtemp(join(stage.folder, `${name}-`));
      await chmod(folder, 0o777);
      return folder;
    };
    const primary = await OwnServer.start(await room('primary'), SAFE);
    await stage.onClose(() => primary.remove());
    await migrate(primary.ownerUrl, MIGRATIONS);
    await writeIndex(primary.superUrl, { seed: stage.options.seed, revisions });
    const copies: OwnServer[] = [];
    for (let count = 0; count < standbys; count += 1) {
      const settings = { ...SAFE, hot_standby_feedback: 'on' };
      const standby = await primary.standby(await room('standby'), primary.port, settings);
      await stage.onClose(() => standby.remove());
      copies.push(standby);
    }
    return new Replicated(primary, copies);
  }

  /** An API process that reads from so many of the standbys. */
  variables(standbys: number): Record<string, string> {
    const urls = this.standbys.slice(0, standbys).map(({ url }) => url);
    return { DATABASE_OWNER_URL: this.primary.ownerUrl, DATABASE_READ_URL: urls.join(',') };
  }

  /** Until the process reads from all of its standbys. */
  async served(pkgserver: Pkgserver, credentials: Record<string, string>): Promise<void> {
    const lacks = async () => /^pkgserver_replica_serves\S* 0$/m.test(await pkgserver.metrics(credentials));
    while (await lacks()) await sleep(100);
  }

  /** Seconds of CPU that the primary has used so far, its sessions included. */
  async cpuSeconds(): Promise<number> {
    const { pid } = this.primary;
    let ticks = 0;
    for (const entry of await readdir('/proc')) {
      if (!/^\d+$/.test(entry)) continue;
      const text = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      const isOwn = Number(entry) === pid;
      if (isOwn || Number(fields[1]) === pid) ticks += Number(fields[11]) + Number(fields[12]);
      // Of sessions that have ended.
      if (isOwn) ticks += Number(fields[13]) + Number(fields[14]);
    }
    return ticks / TICKS_PER_SECOND;
  }

  /** Transactions that the primary has ended so far, those of its standbys left out. */
  async transactions(): Promise<number> {
    // Sessions tell of theirs within a second.
    await sleep(1_500);
    const [row] = await this.primary.ask(
      `SELECT (xact_commit + xact_rollback)::float8 AS count FROM pg_stat_database WHERE datname = 'pkgserver'`,
    );
    return Number(row?.count);
  }
}
