import { Injectable } from '@nestjs/common';
import { selectFields } from '../../../database/columns.js';
import { Database } from '../../../database/database.js';
import { Prisma } from '../../../database/generated/client.js';
import { parseFollow } from '../../../domain/follow.js';
import type { VariantState } from '../../../domain/variant.js';
import type { ConflictedMerge, Made, OpenConflict, VariantReason, VariantRow, VariantSetRow } from '../variant-row.js';

/** What a look at a variant has found. */
export interface Found {
  state: VariantState;
  reason: VariantReason | null;
  conflicts: OpenConflict[];
  conflictCount: number;
  merge: ConflictedMerge | null;
  warnings: string[];
  packageId: string | null;
  draftId: string | null;
  made: Made | null;
  /** Seconds until it is looked at again though nothing happens; null: it is not. */
  againAfter: number | null;
}

const VARIANT = Prisma.sql`SELECT ${selectFields(Object.values(Prisma.VariantScalarFieldEnum), 'v')} FROM variant v`;
const SET = Prisma.sql`SELECT ${selectFields(Object.values(Prisma.VariantSetScalarFieldEnum), 's')} FROM variant_set s`;
const PUBLISHED = Prisma.sql`r.lifecycle IN ('published', 'deletionProposed')`;

/** The statements by which variants are kept in step. */
@Injectable()
export class ReconcileStore {
  constructor(private readonly database: Database) {}

  /**
   * The next variants that are due and that nobody else is at, locked. Those of one directory after the other: so drafts are begun in one order.
   * Members of a set that is due itself are not taken: they may be wanted otherwise by now.
   */
  async takeDue(limit: number): Promise<VariantRow[]> {
    return this.database.readByKey<VariantRow>(Prisma.sql`
      ${VARIANT} WHERE v.due_at <= now()
        AND NOT EXISTS (SELECT 1 FROM variant_set s WHERE s.id = v.set_id AND s.due_at IS NOT NULL)
      ORDER BY v.repository_id, v.path, v.id LIMIT ${limit} FOR UPDATE SKIP LOCKED`);
  }

  /** Whether a set of these was changed since they were taken. */
  async isSetDue(variants: readonly VariantRow[]): Promise<boolean> {
    const ids = [...new Set(variants.flatMap(({ setId }) => setId ?? []))];
    if (ids.length === 0) return false;
    const due = await this.database.readByKey(Prisma.sql`
      SELECT 1 AS one FROM variant_set s WHERE s.id = ANY(${ids}::uuid[]) AND s.due_at IS NOT NULL LIMIT 1`);
    return due.length > 0;
  }

  async takeDueSet(): Promise<VariantSetRow | null> {
    const [row] = await this.database.readByKey<VariantSetRow>(Prisma.sql`
      ${SET} WHERE s.due_at <= now() ORDER BY s.id LIMIT 1 FOR UPDATE SKIP LOCKED`);
    return row ?? null;
  }

  async setDone(id: string): Promise<void> {
    await this.database.write(Prisma.sql`UPDATE variant_set SET due_at = NULL WHERE id = ${id}::uuid`);
  }

  async save(id: string, found: Found): Promise<void> {
    const { state, reason, conflicts, conflictCount, merge, warnings, packageId, draftId, made, againAfter } = found;
    await this.database.write(Prisma.sql`
      UPDATE variant SET state = ${state}::"VariantState", reason = ${json(reason)}::jsonb, conflicts = ${json(conflicts)}::jsonb,
        conflict_count = ${conflictCount}, merge = ${json(merge)}::jsonb, warnings = ${warnings}, package_id = ${packageId}::uuid, draft_id = ${draftId}::uuid,
        made = ${json(made)}::jsonb, reconciled_at = now(), due_at = now() + make_interval(secs => ${againAfter}::float8)
      WHERE id = ${id}::uuid`);
  }

  async remove(id: string): Promise<void> {
    await this.database.write(Prisma.sql`DELETE FROM variant WHERE id = ${id}::uuid`);
  }

  /** The published revision of the package that is to be followed now; null: there is none. */
  async followed(packageId: string, text: string): Promise<string | null> {
    const follow = parseFollow(text);
    if (follow === null) return null;
    const isIt =
      follow.by === 'latest'
        ? Prisma.sql`r.latest`
        : follow.by === 'revision'
          ? Prisma.sql`r.id = ${follow.id}::uuid`
          : Prisma.sql`r.version_key COLLATE "C" >= ${follow.from} AND r.version_key COLLATE "C" < ${follow.below}
              AND right(r.version_key, 1) = '~'`;
    const [row] = await this.database.read<{ id: string }>(Prisma.sql`
      SELECT r.id FROM package_revision r WHERE r.package_id = ${packageId}::uuid AND ${PUBLISHED} AND ${isIt}
      ORDER BY r.version_key COLLATE "C" DESC NULLS LAST, r.id LIMIT 1`);
    return row?.id ?? null;
  }

  /** The repository of a variant; null: it is not registered any more. */
  async repository(id: string) {
    const row = await this.database.client.repository.findUnique({ where: { id }, include: { polling: true } });
    return row && { ...row, synced: row.polling?.lastSyncedAt != null };
  }

  /** The package at a place, and whether there is anything of it; null: there is no such package. */
  async packageAt(repositoryId: string, path: string): Promise<{ id: string; isThere: boolean } | null> {
    const [row] = await this.database.readByKey<{ id: string; isThere: boolean }>(Prisma.sql`
      SELECT p.id, p.head_tree IS NOT NULL OR EXISTS (SELECT 1 FROM package_revision r WHERE r.package_id = p.id) AS "isThere"
      FROM package p WHERE p.repository_id = ${repositoryId}::uuid AND p.path = ${path}`);
    return row ?? null;
  }

  async isPackage(id: string): Promise<boolean> {
    const rows = await this.database.readByKey(Prisma.sql`SELECT 1 AS one FROM package p WHERE p.id = ${id}::uuid`);
    return rows.length > 0;
  }

  async publishedOf(packageId: string): Promise<string[]> {
    const rows = await this.database.readByKey<{ id: string }>(Prisma.sql`
      SELECT r.id FROM package_revision r WHERE r.package_id = ${packageId}::uuid AND r.lifecycle = 'published' ORDER BY r.id`);
    return rows.map(({ id }) => id);
  }

  async targetLabels(name: string): Promise<Record<string, string>> {
    const [row] = await this.database.readByKey<{ labels: Record<string, string> }>(
      Prisma.sql`SELECT t.labels FROM target t WHERE t.name = ${name}`,
    );
    return row?.labels ?? {};
  }

  /** The name of an older variant of the same place. */
  async claimedBy({ id, repositoryId, path }: VariantRow): Promise<string | null> {
    const [row] = await this.database.readByKey<{ name: string }>(Prisma.sql`
      SELECT v.name FROM variant v
      WHERE v.repository_id = ${repositoryId}::uuid AND v.path = ${path} AND v.id < ${id}::uuid AND NOT v.retired
      ORDER BY v.id LIMIT 1`);
    return row?.name ?? null;
  }

  /** Others of the same place are looked at again. */
  async wakeNeighbours({ id, repositoryId, path }: Pick<VariantRow, 'id' | 'repositoryId' | 'path'>): Promise<void> {
    await this.database.write(Prisma.sql`
      UPDATE variant v SET due_at = now()
      WHERE v.repository_id = ${repositoryId}::uuid AND v.path = ${path} AND v.id > ${id}::uuid`);
  }
}

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
