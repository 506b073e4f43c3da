import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { visibleSql } from '../../access/visibility.sql.js';
import { Prisma } from '../../database/generated/client.js';
import { BoundedReads } from './bounded-reads.store.js';
import { FROM } from './search.sql.js';

/** An image, and how many objects, packages and targets name it, of what the caller may see. An object counts in each place. */
export interface ImageRow {
  image: string;
  objects: number;
  packages: number;
  targets: number;
}

/** Reads which images the latest publications name. */
@Injectable()
export class ImageStore {
  constructor(private readonly reads: BoundedReads) {}

  /** Every image that is named anywhere; what nobody may be shown before it was counted. */
  async all(): Promise<string[]> {
    const rows = await this.reads.read<{ image: string }>(Prisma.sql`
      SELECT DISTINCT i.image FROM krm_object o CROSS JOIN unnest(o.images) AS i(image) WHERE o.images <> '{}'`);
    return rows.map(({ image }) => image);
  }

  /** Those of these images that are named where the caller may see it. */
  async counts(images: readonly string[], visible: Visibility): Promise<ImageRow[]> {
    const seen = visibleSql(visible, 'r') ?? Prisma.sql`TRUE`;
    return this.reads.read<ImageRow>(Prisma.sql`
      SELECT i.image, count(*)::int AS objects, count(DISTINCT r.package_id)::int AS packages,
        count(DISTINCT r.target)::int AS targets
      ${FROM} CROSS JOIN unnest(o.images) AS i(image)
      WHERE o.images <> '{}' AND o.images && ${[...images]}::text[] AND i.image = ANY(${[...images]}::text[])
        AND r.latest AND ${seen}
      GROUP BY i.image`);
  }
}
