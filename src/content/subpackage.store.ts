import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Prisma, type Subpackage } from '../database/generated/client.js';
import { insertRows } from '../database/insert-rows.js';
import type { Upstream } from '../domain/revision.js';
import { pinId } from '../domain/upstream-pin.js';
import { KPTFILE, kptfileIn } from '../krm/kptfile.js';
import { upstreamOf } from '../krm/kptfile-upstream.js';
import type { NewTree } from './content.js';

interface FoundKptfile {
  tree: string;
  path: string;
  body: Record<string, unknown> | null;
}

/** The folders of packages that have an upstream of their own, by tree: what their `Kptfile`s say. */
@Injectable()
export class SubpackageStore {
  constructor(private readonly database: Database) {}

  /** Notes those of trees that are stored. Most trees have no `Kptfile` but their own, and cost nothing. */
  async saveOf(trees: readonly NewTree[]): Promise<void> {
    const nested = trees.filter(({ files }) => files.some(({ path }) => path.endsWith(`/${KPTFILE}`)));
    if (nested.length === 0) return;
    const found = await this.database.read<FoundKptfile>(Prisma.sql`
      SELECT f.tree_oid AS tree, f.path, o.body FROM package_file f JOIN krm_object o ON o.blob_oid = f.blob_oid
      WHERE f.tree_oid = ANY(${nested.map(({ oid }) => oid)}) AND f.path LIKE ${`%/${KPTFILE}`} AND f.mode LIKE '100%'
        AND o.kind = ${KPTFILE} AND o.position = 0`);
    const rows = found.flatMap(({ tree, path, body }): Subpackage[] => {
      const upstream = upstreamOf(kptfileIn(body));
      if (upstream === null) return [];
      const { url, directory, ref, commit } = upstream;
      const folder = path.slice(0, -KPTFILE.length - 1);
      return [{ treeOid: tree, path: folder, url, directory, ref, commit, upstreamId: pinId(upstream) }];
    });
    await insertRows(this.database, 'subpackage', rows);
  }

  /** The upstreams that the subpackages of these trees name, each once. */
  async upstreamsIn(trees: readonly string[]): Promise<Upstream[]> {
    return this.database.readByKey<Upstream>(Prisma.sql`
      SELECT DISTINCT url, directory, ref, commit, NULL::text AS tree FROM subpackage WHERE tree_oid = ANY(${[...trees]})`);
  }

  /** The upstream that the Kptfile of a folder names; null: the folder has none, or it names none. */
  async upstreamOf(tree: string, path: string): Promise<Upstream | null> {
    const [row] = await this.database.readByKey<Upstream>(Prisma.sql`
      SELECT url, directory, ref, commit, NULL::text AS tree FROM subpackage WHERE tree_oid = ${tree} AND path = ${path}`);
    return row ?? null;
  }
}
