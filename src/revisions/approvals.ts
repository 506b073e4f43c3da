import { Injectable } from '@nestjs/common';
import { BlobStore, type StoredBytes } from '../content/blob-store/blob-store.js';
import { Database } from '../database/database.js';
import { type Approval, Prisma } from '../database/generated/client.js';
import { insertRows } from '../database/insert-rows.js';
import type { VoidReason } from '../domain/release-policy.js';
import type { Decision } from '../domain/revision.js';
import { KPTFILE } from '../krm/kptfile.js';
import { PackageRevisionStore } from './package-revision.store.js';
import type { RevisionRow } from './revision-row.js';
import { RevisionWriter } from './revision-writer.js';

/** What a publication is judged by, beside the revision itself. */
export interface ReleaseFacts {
  /** Of the repository; `policy` is what its owner has set. */
  deployment: boolean;
  policy: unknown;
  kptfile: Uint8Array | null;
  /** In the order in which they were given, those that do not count any more included. */
  approvals: Approval[];
}

/** As JSON has it. */
type ApprovalRow = Omit<Approval, 'createdAt' | 'voidedAt'> & { createdAt: string; voidedAt: string | null };
interface FactsRow extends Omit<ReleaseFacts, 'approvals' | 'kptfile'>, Omit<StoredBytes, 'oid'> {
  id: string;
  approvals: ApprovalRow[];
  kptfileOid: string | null;
}

/** Whose deed an approval is, for judging whether they may still do it. */
export const actedOn = ({ id, approvedBy: user, groups }: Pick<Approval, 'id' | 'approvedBy' | 'groups'>) => ({
  id,
  user,
  groups,
});

const toApproval = ({ createdAt, voidedAt, ...approval }: ApprovalRow): Approval => ({
  ...approval,
  createdAt: new Date(createdAt),
  voidedAt: voidedAt === null ? null : new Date(voidedAt),
});

/** Approvals, those that do not count any more included. */
@Injectable()
export class Approvals {
  constructor(
    private readonly database: Database,
    private readonly writer: RevisionWriter,
    private readonly revisions: PackageRevisionStore,
    private readonly blobStore: BlobStore,
  ) {}

  /** By the id of the revision, all of it in one statement: it is asked for under a lock. What is gone is left out. */
  async factsOf(ids: readonly string[]): Promise<Map<string, ReleaseFacts>> {
    // With LIMIT: Kptfiles are to be looked up one by one.
    const found = await this.database.readByKey<FactsRow>(Prisma.sql`
      SELECT r.id, p.deployment, p.policy, k.oid AS "kptfileOid", k.content, k.store_key AS "storeKey",
        (SELECT COALESCE(json_agg(a ORDER BY a.id), '[]') FROM (
          SELECT id, revision_id AS "revisionId", tree, approved_by AS "approvedBy", email, groups, comment,
            break_glass AS "breakGlass", created_at AS "createdAt", voided_at AS "voidedAt", void_reason AS "voidReason"
          FROM approval WHERE revision_id = r.id) a) AS approvals
      FROM package_revision r JOIN repository p ON p.id = r.repository_id
      LEFT JOIN LATERAL (
        SELECT b.oid, b.content, b.store_key FROM package_file f JOIN blob b ON b.oid = f.blob_oid
        WHERE f.tree_oid = r.tree AND f.path = ${KPTFILE} AND f.mode LIKE '100%' LIMIT 1
      ) k ON true
      WHERE r.id = ANY(${[...ids]}::uuid[])`);
    const facts = found.map(async ({ id, deployment, policy, approvals, kptfileOid: oid, ...bytes }) => {
      const kptfile = oid === null ? null : await this.blobStore.bytesOf({ oid, ...bytes });
      return [id, { deployment, policy, kptfile, approvals: approvals.map(toApproval) }] as const;
    });
    return new Map(await Promise.all(facts));
  }

  async find(revisionId: string, id: string): Promise<Approval | null> {
    return this.database.client.approval.findFirst({ where: { id, revisionId } });
  }

  /**
   * Writes an approval. While others are missing, the readers of the revision must see that it came: what they have seen
   * is stale. The last one is followed by the publication. Returns the revision as it is then.
   */
  async give(row: RevisionRow, approval: Approval, { isLast }: { isLast: boolean }): Promise<RevisionRow> {
    await insertRows(this.database, 'approval', [approval]);
    if (isLast) {
      await this.writer.record([{ kind: 'approved', before: row, after: row }]);
      return row;
    }
    const { approvedBy: by, createdAt, comment } = approval;
    const lastDecision: Decision = { by, at: createdAt.toISOString(), action: 'approve', comment };
    await this.writer.update('approvalCounted', row, { lastDecision });
    return this.revisions.reread(row.id);
  }

  async withdraw(row: RevisionRow, id: string): Promise<RevisionRow> {
    const reason: VoidReason = 'withdrawn';
    await this.database.client.approval.update({ where: { id }, data: { voidedAt: new Date(), voidReason: reason } });
    await this.writer.update('approvalWithdrawn', row, {});
    return this.revisions.reread(row.id);
  }
}
