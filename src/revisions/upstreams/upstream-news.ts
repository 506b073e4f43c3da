import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Package, UpstreamPin } from '../../database/generated/client.js';
import { IS_TO_TELL } from './settle.sql.js';
import { EventLog } from '../../events/event-log.js';

type ToldPin = Pick<
  UpstreamPin,
  'id' | 'url' | 'directory' | 'ref' | 'newestId' | 'newestKey' | 'tellingId' | 'toldUpTo'
>;
type ToldPackage = Pick<Package, 'id' | 'repositoryId' | 'path' | 'headTree'>;

/** Tells packages that a newer version of what they were made from is published: each once of each newest version. */
@Injectable()
export class UpstreamNews {
  constructor(
    private readonly database: Database,
    private readonly events: EventLog,
  ) {}

  /**
   * Tells some packages, at most `limit`, and writes down in the same transaction how far it has come. Gives how many;
   * null: nobody is left to tell.
   */
  async tellSome(limit: number): Promise<number | null> {
    const [pin] = await this.database.client.$queryRaw<ToldPin[]>`
      SELECT x.id, x.url, x.directory, x.ref, x.newest_id AS "newestId", x.newest_version_key AS "newestKey", x.telling_id AS "tellingId", x.told_up_to AS "toldUpTo"
      FROM upstream x WHERE ${IS_TO_TELL} ORDER BY x.id LIMIT 1 FOR UPDATE`;
    if (!pin) return null;
    // A version that came while some were told of the one before is told to all.
    const after = pin.tellingId === pin.newestId ? pin.toldUpTo : null;
    const packages = await this.database.client.$queryRaw<ToldPackage[]>`
      SELECT p.id, p.repository_id AS "repositoryId", p.path, p.head_tree AS "headTree" FROM package p
      WHERE (p.upstream_id = ${pin.id}::uuid OR p.id = ANY(ARRAY(
        SELECT r.package_id FROM subpackage s JOIN package_revision r ON r.tree = s.tree_oid AND r.latest
        WHERE s.upstream_id = ${pin.id}::uuid))) AND (${after}::uuid IS NULL OR p.id > ${after}::uuid) ORDER BY p.id LIMIT ${limit}`;
    await this.tell(pin, packages);
    const isOver = packages.length < limit;
    await this.database.client.upstreamPin.update({
      where: { id: pin.id },
      data: isOver
        ? { toldKey: pin.newestKey, tellingId: null, toldUpTo: null }
        : { tellingId: pin.newestId, toldUpTo: packages.at(-1)?.id ?? null },
      select: { id: true },
    });
    return packages.length;
  }

  /**
   * Whoever sees the package sees the event. So it names of the upstream what the package itself says, and neither the new
   * version nor who has published it.
   */
  private async tell({ url, directory, ref }: ToldPin, packages: readonly ToldPackage[]): Promise<void> {
    await this.events.record(
      packages.map(({ id, repositoryId, path, headTree }) => {
        const facts = { id, repositoryId, path, headTree, upstream: { url, directory, ref } };
        return { type: 'package.upstreamBehind', repositoryId, path, facts, actor: null } as const;
      }),
    );
  }
}
