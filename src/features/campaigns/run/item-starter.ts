import { Injectable, Logger } from '@nestjs/common';
import { toldTo } from '../../../access/action-permissions.js';
import { type AuditEvent, AuditLog } from '../../../audit/audit-log.js';
import { denialReason, isDenial } from '../../../audit/denial.js';
import { fromDatabase } from '../../../database/database-error.js';
import { Database } from '../../../database/database.js';
import { isUnavailable } from '../../../database/unavailable.js';
import { DomainError } from '../../../domain/errors.js';
import { CampaignEvents } from '../campaign-events.js';
import { CampaignItemStore } from '../campaign-item.store.js';
import type { CampaignRow, ItemRow } from '../campaign-row.js';
import type { Actors } from '../changes/campaign-change.js';
import { CampaignChanges } from '../changes/campaign-changes.js';
import { storedError } from '../planner.js';
import { RunStore } from './run.store.js';

/** What says that a package is not any more what was planned: nothing of it is overwritten. */
const MOVED: readonly string[] = [
  ...(['contentChanged', 'headDiffers', 'baseOutdated', 'drift', 'draftConflict', 'upToDate'] as const),
];

/** How an item has ended that this stopped. */
export const endOf = (code: string): 'setAside' | 'failed' => (MOVED.includes(code) ? 'setAside' : 'failed');

/** Begins items, each by itself: what stops one undoes that one alone. Call it with the campaign locked. */
@Injectable()
export class ItemStarter {
  private readonly logger = new Logger('Campaigns');

  constructor(
    private readonly database: Database,
    private readonly items: CampaignItemStore,
    private readonly runs: RunStore,
    private readonly changes: CampaignChanges,
    private readonly auditLog: AuditLog,
    private readonly events: CampaignEvents,
  ) {}

  /**
   * Begins one after the other, until more than `mayFail` of them have failed: nothing begins once the budget is spent. Items that
   * wait for gates or approvals are tried once more; whether any has got further is told.
   */
  async begin(campaign: CampaignRow, items: readonly ItemRow[], actors: Actors, mayFail: number): Promise<boolean> {
    const audit = { entries: [] as AuditEvent[], denied: [] as AuditEvent[] };
    const after: ItemRow[] = [];
    const happened: Parameters<CampaignEvents['tellEach']>[1][number][] = [];
    for (let at = 0, failed = 0; at < items.length && failed <= mayFail; at += 1) {
      const item = items[at] as ItemRow;
      const next = await this.beginOne(campaign, item, actors, audit);
      after.push(next);
      if (item.state === 'planned') happened.push({ type: 'campaign.itemStarted', item: next });
      if (next.state === 'published') happened.push({ type: 'campaign.itemPublished', item: next });
      if (next.endedAt !== null) happened.push({ type: 'campaign.itemEnded', item: next });
      if (next.state === 'failed') failed += 1;
    }
    await this.auditLog.record(audit.entries);
    await this.auditLog.recordDenied(audit.denied);
    await this.items.save(after);
    const begun = after.filter((item) => item.state === 'publishing');
    if (campaign.operationId !== null) await this.runs.started(campaign.operationId, begun);
    await this.events.tellEach(campaign, happened);
    return after.some(({ state }, at) => state !== items[at]?.state);
  }

  private async beginOne(
    campaign: CampaignRow,
    item: ItemRow,
    actors: Actors,
    audit: { entries: AuditEvent[]; denied: AuditEvent[] },
  ): Promise<ItemRow> {
    const now = new Date();
    const isFresh = item.state === 'planned';
    const started = isFresh ? { ...item, attempts: item.attempts + 1, startedAt: now } : item;
    try {
      const begun = await this.database.part(() => this.changes.of(campaign).begin(item, campaign, actors));
      audit.entries.push(...begun.entries);
      const { draftId, operationIds, waits } = begun;
      const error = waits && storedError(waits);
      if (begun.published !== undefined) {
        const { published: publishedRevision } = begun;
        return { ...started, draftId, error, state: 'published', publishedRevision, publishedAt: now };
      }
      return { ...started, draftId, operationIds, error, state: waits ? 'proposed' : 'publishing' };
    } catch (error) {
      const known = this.known(error);
      if (isDenial(known)) {
        const { repositoryId, path, revisionId: resourceId } = item;
        const about = { resourceType: 'PackageRevision', resourceId, repositoryId, path };
        audit.denied.push({ ...about, action: 'startCampaign', reason: denialReason(known) });
      }
      return { ...started, state: endOf(known.code), error: storedError(toldTo(actors.starter, known)), endedAt: now };
    }
  }

  /** Throws what is no fault of the item: then all of it is tried again. */
  private known(error: unknown): DomainError {
    if (isUnavailable(error)) throw error;
    const known = error instanceof DomainError ? error : fromDatabase(error);
    if (known === undefined) this.logger.error(error);
    return known ?? new DomainError('internal', 'An unexpected error stopped this item; it is in the log.');
  }
}
