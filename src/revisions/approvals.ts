import type { Database } from '../database/database.js';
import type { VoidReason } from '../domain/release-policy.js';

/**
 * From now on no approval of the revision counts. Called with every change of its content or of its being proposed, in
 * the transaction of that change and with the row locked.
 */
export async function voidApprovals(database: Database, revisionId: string, reason: VoidReason): Promise<void> {
  await database.client.approval.updateMany({
    where: { revisionId, voidedAt: null },
    data: { voidedAt: new Date(), voidReason: reason },
  });
}
