import { Injectable } from '@nestjs/common';
import { toColumns } from '../../database/columns.js';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import type { Upstream } from '../../domain/revision.js';
import { pinId, pinKeys } from '../../domain/upstream-pin.js';
import { settleSql } from './settle.sql.js';

/** What may have changed how pins stand. */
export interface Concerned {
  /** Packages whose publications, or whose heads, are others now. */
  packageIds: readonly string[];
  /** Those that came, moved or went. */
  repositories: readonly { id: string; urlKey: string }[];
}

/** The statements over the rows of `upstream`. */
@Injectable()
export class UpstreamStore {
  constructor(private readonly database: Database) {}

  /** Inserts the pins that are not there; gives the ids of these, none of which is settled yet. */
  async insert(upstreams: readonly Upstream[]): Promise<string[]> {
    if (upstreams.length === 0) return [];
    const byId = new Map(upstreams.map((upstream) => [pinId(upstream), upstream]));
    const rows = [...byId].map(([id, { url, directory, ref, commit, tree, fromGit = false }]) =>
      toColumns({ id, url, directory, ref, commit, tree, fromGit, ...pinKeys({ url, directory, ref }) }),
    );
    // In one order, so that two who insert the same wait for each other only once.
    const added = await this.database.client.$queryRaw<{ id: string }[]>`
      INSERT INTO upstream (id, url, directory, ref, commit, tree, from_git, url_key, version_key)
      SELECT g.id, g.url, g.directory, g.ref, g.commit, g.tree, g.from_git, g.url_key, g.version_key
      FROM json_populate_recordset(NULL::upstream, ${JSON.stringify(rows)}::json) g ORDER BY g.id
      ON CONFLICT (id) DO NOTHING RETURNING id`;
    return added.map(({ id }) => id);
  }

  /** The pins of what these packages publish, of what lies where they are, and of what is at these URLs. */
  async concernedBy({ packageIds, repositories }: Concerned): Promise<string[]> {
    if (packageIds.length === 0 && repositories.length === 0) return [];
    const rows = await this.database.client.$queryRaw<{ id: string }[]>`
      SELECT x.id FROM upstream x WHERE x.package_id = ANY(${[...packageIds]}::uuid[])
      UNION SELECT x.id FROM upstream x WHERE x.url_key = ANY(${repositories.map(({ urlKey }) => urlKey)})
        OR x.repository_id = ANY(${repositories.map(({ id }) => id)}::uuid[])
      UNION SELECT x.id FROM package p JOIN repository s ON s.id = p.repository_id
        JOIN upstream x ON x.url_key = s.url_key AND x.directory = concat_ws('/', NULLIF(s.directory, ''), NULLIF(p.path, ''))
        WHERE p.id = ANY(${[...packageIds]}::uuid[])
      UNION SELECT x.id FROM package_revision r JOIN upstream x ON x.commit = r.commit AND x.ref = r.tag
        WHERE r.package_id = ANY(${[...packageIds]}::uuid[])`;
    return rows.map(({ id }) => id);
  }

  /** Whether some of what was made from these is to be told of a newer version. */
  async settle(ids: readonly string[], quiet: readonly string[]): Promise<boolean> {
    if (ids.length === 0) return false;
    // In one order, and before the statement that looks: it has to see what the wait was for.
    await this.database.client.$executeRaw`
      SELECT 1 FROM upstream x WHERE x.id = ANY(${[...ids]}::uuid[]) ORDER BY x.id FOR UPDATE`;
    const changed = await this.database.client.$queryRaw<{ id: string; isToTell: boolean }[]>(settleSql(ids, quiet));
    return changed.some(({ isToTell }) => isToTell);
  }

  /** Some pins behind an id, in the order of ids; those from before there was this table get their keys. */
  async nextOf(after: string, limit: number): Promise<string[]> {
    const rows = await this.database.client.upstreamPin.findMany({
      where: { id: { gt: after } },
      orderBy: { id: 'asc' },
      take: limit,
      select: { id: true, url: true, directory: true, ref: true, urlKey: true },
    });
    for (const { id, urlKey, ...place } of rows) {
      if (urlKey === null) await this.database.client.upstreamPin.update({ where: { id }, data: pinKeys(place) });
    }
    return rows.map(({ id }) => id);
  }

  /** Removes, of these, what nothing is made from any more. */
  async removeUnused(ids: readonly string[]): Promise<number> {
    return this.database.write(Prisma.sql`
      DELETE FROM upstream x WHERE x.id = ANY(${[...ids]}::uuid[])
      AND NOT EXISTS (SELECT 1 FROM package_revision r WHERE r.upstream_id = x.id)
      AND NOT EXISTS (SELECT 1 FROM subpackage s WHERE s.upstream_id = x.id)`);
  }
}
