import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import type { AuditEvent } from '../../../audit/audit-log.js';
import { DomainError } from '../../../domain/errors.js';
import { ANY_VERSION } from '../../../domain/precondition.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { HeadRules } from '../../package-revisions/head-rules.js';
import { LifecycleService } from '../../package-revisions/lifecycle/lifecycle.service.js';
import type { CampaignRow, ItemRow } from '../campaign-row.js';
import { RetirementGuard } from '../order/retirement-guard.js';
import { deed } from '../run/deeds.js';
import { moved } from '../run/release.js';
import type { Actors, Begun, CampaignChangeKind, Chosen, Planned } from './campaign-change.js';
import { CampaignChoiceStore } from './campaign-choice.store.js';
import { Selection } from './selection.js';

/** Takes packages away: each publication of theirs is proposed for deletion by the starter, and deleted by who approved the plan. */
@Injectable()
export class RetireChange implements CampaignChangeKind {
  readonly permission = 'packageRevisions.proposeDeletion';

  constructor(
    private readonly selection: Selection,
    private readonly store: CampaignChoiceStore,
    private readonly revisions: PackageRevisionStore,
    private readonly lifecycle: LifecycleService,
    private readonly heads: HeadRules,
    private readonly guard: RetirementGuard,
  ) {}

  async choose({ selection }: CampaignRow, caller: Caller): Promise<Chosen[]> {
    return (await this.selection.published(selection, caller)).map((row) => ({ row }));
  }

  plan(): Promise<Planned> {
    return Promise.resolve({
      ...{ toRevisionId: null, toRevision: null, resultTree: null, plan: null, summary: null, warnings: [] },
      state: 'planned',
    });
  }

  async begin(item: ItemRow, campaign: CampaignRow, actors: Actors): Promise<Begun> {
    const { packageId, revisionId, path } = item;
    await this.guard.assertNotNeeded(item, campaign);
    const force = campaign.change.type === 'retire' && campaign.change.force === true;
    const rows = await this.revisions.findAll(await this.store.publishedOf([packageId]));
    const latest = rows.find(({ id }) => id === revisionId);
    if (!latest?.latest) throw moved({ name: latest?.name ?? path });
    const entries: AuditEvent[] = [];
    const operationIds: string[] = [];
    // The latest goes last, and its directory with it.
    for (const row of [...rows.filter(({ id }) => id !== revisionId), latest]) {
      const proposed = row.lifecycle === 'published' ? await this.propose(row, force, actors, entries) : row;
      operationIds.push(await this.delete(proposed, actors, entries));
    }
    return { draftId: null, operationIds, waits: null, entries };
  }

  private async propose(
    row: RevisionRow,
    force: boolean,
    { starter, mark }: Actors,
    entries: AuditEvent[],
  ): Promise<RevisionRow> {
    starter.assertAllowed('packageRevisions.proposeDeletion', row);
    const { isHead, isLast } = await this.heads.holds(row);
    const told = { comment: `Campaign ${mark.name}`, force, mayBeNeeded: true };
    const request = { ...told, ...(isHead && !isLast && { head: 'restore' as const }) };
    const { result, entry } = await deed('proposePackageRevisionDeletion', starter, row, () =>
      this.lifecycle.proposeDeletion(row.id, request, starter),
    );
    entries.push(entry);
    return result;
  }

  /** By the first of them who may. */
  private async delete(row: RevisionRow, { approvers }: Actors, entries: AuditEvent[]): Promise<string> {
    const approver = approvers.find((each) => each.allows('packageRevisions.approve', row)) ?? approvers[0];
    if (!approver) throw new DomainError('stateConflict', 'Nobody has approved the plan.');
    approver.assertAllowed('packageRevisions.approve', row);
    const { result, entry } = await deed('deletePackageRevision', approver, row, async () => {
      const operation = await this.lifecycle.delete(row.id, approver, ANY_VERSION);
      if (operation === null) throw new Error(`"${row.name}" was no publication`);
      return operation;
    });
    entries.push(entry);
    return result.id;
  }
}
