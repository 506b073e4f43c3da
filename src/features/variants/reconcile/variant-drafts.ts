import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { AuditLog } from '../../../audit/audit-log.js';
import { revisionEtag } from '../../../domain/revision-etag.js';
import type { RevisionSource } from '../../../domain/revision.js';
import { conditionsFilled } from '../../../domain/unsettled-conflicts.js';
import { AuthoredRevisions } from '../../../revisions/authored-revisions.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { AuthoringService } from '../../package-revisions/authoring/authoring.service.js';
import type { NewSource } from '../../package-revisions/authoring/origin.service.js';
import { HeadRules } from '../../package-revisions/head-rules.js';
import { LifecycleService } from '../../package-revisions/lifecycle/lifecycle.service.js';
import { assertNoDraftConflict, RevisionGuard } from '../../package-revisions/revision-guard.js';
import { RevisionWork } from '../../package-revisions/revision-work.js';
import type { VariantRow } from '../variant-row.js';
import type { MadeContent } from './made-content.js';
import type { Wanted } from './wanted.js';

const ANY = { ifMatch: '*' };
const LONGEST_WORKSPACE = 54;

/** The draft of a variant: there is one at most, and what is done to it is done as by its owner. */
@Injectable()
export class VariantDrafts {
  constructor(
    private readonly store: PackageRevisionStore,
    private readonly authoring: AuthoringService,
    private readonly revisions: AuthoredRevisions,
    private readonly lifecycle: LifecycleService,
    private readonly guard: RevisionGuard,
    private readonly heads: HeadRules,
    private readonly work: RevisionWork,
    private readonly auditLog: AuditLog,
  ) {}

  /** The one that it has made last, while that is a draft or a proposal. */
  async openOf({ draftId, packageId }: VariantRow): Promise<RevisionRow | null> {
    const row = draftId === null ? null : await this.store.find(draftId);
    const isOpen = row?.packageId === packageId && (row?.lifecycle === 'draft' || row?.lifecycle === 'proposed');
    return isOpen ? row : null;
  }

  async create(variant: VariantRow, wanted: Wanted, content: MadeContent): Promise<RevisionRow> {
    const { repositoryId, target, realm, package: name, labels } = variant;
    const row = await this.authoring.create(
      {
        repositoryId,
        ...(wanted.latest === null && { target: target ?? undefined, realm, package: name }),
        workspace: workspaceOf(wanted),
        source: sourceOf(wanted, content),
        labels,
      },
      wanted.caller,
    );
    await this.noteConflicts(variant, row, content);
    await this.audit('packageRevision.madeByVariant', variant, row, null);
    return row;
  }

  /** Gives the draft another content, on what its package holds now. A proposal is taken back for that. */
  async renew(variant: VariantRow, draft: RevisionRow, wanted: Wanted, content: MadeContent): Promise<RevisionRow> {
    const { caller, upstream, latest } = wanted;
    const row = await this.guard.lockIdle(draft.id);
    assertNoDraftConflict(row);
    const idle = row.lifecycle === 'proposed' ? await this.takeBack(row, caller) : row;
    const beginning = { path: row.path, copied: latest?.tree ?? null, overwriteHead: false, actor: caller.user };
    const { conditions: _, ...base } = await this.heads.beginning(
      beginning,
      await this.store.packageNow(row.packageId),
    );
    const origin = { source: recordedSource(wanted, content), upstream: upstream.upstream };
    const renewed = await this.revisions.renew(
      idle,
      { ...base, ...origin, upstreamRevisionId: upstream.revisionId, tree: content.tree },
      caller.user,
    );
    await this.noteConflicts(variant, renewed, content);
    await this.work.push(renewed, caller.user);
    await this.audit('packageRevision.renewedByVariant', variant, renewed, revisionEtag(row));
    return renewed;
  }

  async propose(variant: VariantRow, draft: RevisionRow, caller: Caller): Promise<RevisionRow> {
    caller.assertAllowed('packageRevisions.propose', draft);
    const proposed = await this.lifecycle.propose(draft.id, caller.user);
    await this.audit('packageRevision.proposedByVariant', variant, proposed, revisionEtag(draft));
    return proposed;
  }

  /** Nothing is left that the draft could be for. */
  async drop(variant: VariantRow, draft: RevisionRow, caller: Caller): Promise<void> {
    const row = await this.guard.lockIdle(draft.id);
    if (row.lifecycle === 'proposed') await this.takeBack(row, caller);
    await this.lifecycle.delete(draft.id, caller, ANY);
    await this.audit('packageRevision.droppedByVariant', variant, draft, revisionEtag(row));
  }

  private async noteConflicts(variant: VariantRow, row: RevisionRow, { conflicts }: MadeContent): Promise<void> {
    const noted = { variant, conflicts: conflicts.length, tree: row.tree };
    const conditions = conditionsFilled(row.conditions, noted);
    if (conflicts.length > 0 || conditions.length < row.conditions.length) {
      await this.revisions.setConditions(row, conditions);
    }
  }

  private takeBack(row: RevisionRow, { user }: Caller): Promise<RevisionRow> {
    const comment = 'What its variant is made of has changed.';
    return this.revisions.returnToDraft(row, { by: user, at: new Date().toISOString(), action: 'withdraw', comment });
  }

  private async audit(action: string, variant: VariantRow, row: RevisionRow, before: string | null): Promise<void> {
    const { id: resourceId, repositoryId, path } = row;
    const after = action.includes('dropped') ? null : revisionEtag(row);
    const reason = `variant ${variant.name}`;
    const entry = { action, resourceType: 'PackageRevision', resourceId, repositoryId, path, before, after, reason };
    await this.auditLog.record([{ ...entry, actor: variant.owner }]);
  }
}

/** Says what it brings, and is the same for the same. */
function workspaceOf({ upstream, inputs }: Wanted): string {
  const revision = (upstream.row.revision ?? '').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  const words = `variant-${revision}`.slice(0, LONGEST_WORKSPACE).replace(/-+$/, '');
  return `${words}-${hash('sha256', inputs, 'hex').slice(0, 8)}`;
}

function sourceOf({ latest, upstream }: Wanted, { tree, record }: MadeContent): NewSource {
  if (latest === null) return { type: 'clone', upstream: { revisionId: upstream.revisionId }, tree };
  const root = record && { to: { upstream: upstream.upstream, revisionId: upstream.revisionId }, record };
  return { type: 'upgrade', upgraded: { row: latest, tree, root } };
}

function recordedSource({ latest }: Wanted, { record }: MadeContent): RevisionSource {
  if (latest === null) return { type: 'clone' };
  const revision = latest.revision ?? latest.workspace;
  return record ? { type: 'upgrade', revision, ...record } : { type: 'copy', revision };
}
