import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { noteChange } from '../../audit/noted-change.js';
import { Comparisons } from '../../content/comparisons.js';
import type { LookedAt, MergedContent } from '../../content/merges.js';
import { Database } from '../../database/database.js';
import { DomainError, refusal } from '../../domain/errors.js';
import { etagOf } from '../../domain/etag.js';
import { found, notFound } from '../../domain/found.js';
import { allowedActions, assertAllowed } from '../../domain/lifecycle.js';
import { jsonPointer } from '../../domain/json-pointer.js';
import type { Part, Rows } from '../../domain/list.js';
import { assertPrecondition, type Precondition } from '../../domain/precondition.js';
import { uuidv7 } from '../../domain/uuid.js';
import type { TreeDiff } from '../../krm/diff/tree-diff.js';
import { PackageRevisionStore, type RevisionDetailRow } from '../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../revisions/revision-row.js';
import { type PackageBlame, PackageBlameService } from '../package-blame/package-blame.service.js';
import { AuthoringService } from '../package-revisions/authoring/authoring.service.js';
import {
  assertSettled,
  recordOf,
  type Settlement,
  type UpgradeChoice,
  type UpgradePlan,
} from '../package-revisions/upgrades/upgrade-plan.js';
import { UpgradeService } from '../package-revisions/upgrades/upgrade.service.js';
import { changedSince, FolderUpgrades } from './folder-upgrades.js';
import { summaryOf } from './merge-summary.js';
import { patched, type SettlementPatch } from './settlement-patch.js';
import type { PreviewFilter } from './upgrade-preview.filter.js';
import { type ListedPreview, UpgradePreviewListStore } from './upgrade-preview-list.store.js';
import { type PreviewRow, type PreviewSide, UpgradePreviewStore } from './upgrade-preview.store.js';

export type NewPreview = UpgradeChoice & Settlement;

/** A preview with all that follows from it. */
export interface Preview {
  row: PreviewRow;
  merged: LookedAt;
  /** From ours to the result. */
  changes: TreeDiff;
}

export const previewEtag = ({ id, version }: Pick<PreviewRow, 'id' | 'version'>): string => etagOf({ id, version });

/** What upgrades would give, before anybody has made a draft of them. */
@Injectable()
export class UpgradePreviewService {
  constructor(
    private readonly database: Database,
    private readonly store: UpgradePreviewStore,
    private readonly lists: UpgradePreviewListStore,
    private readonly revisions: PackageRevisionStore,
    private readonly upgrades: UpgradeService,
    private readonly comparisons: Comparisons,
    private readonly blames: PackageBlameService,
    private readonly authoring: AuthoringService,
    private readonly folders: FolderUpgrades,
  ) {}

  async create(revisionId: string, request: NewPreview, caller: Caller): Promise<Preview> {
    return this.database.transaction(async () => {
      const { upstream } = request;
      const named = upstream === 'newest' ? [] : [upstream.revisionId];
      const read = await this.revisions.findWithUpstreams([revisionId, ...named]);
      const row = found(read.get(revisionId) ?? null, 'package revision', revisionId);
      if (request.subpackage === null) assertUpgradable(row);
      else assertAllowed(row, 'edit');
      const plan = await this.upgrades.plan(row, request, '/to', caller, read);
      const merged = await this.upgrades.merge(plan, request);
      assertOfConflicts(request.resolutions, merged.conflicts);
      const preview = await this.rowOf(row, plan, request, merged, caller);
      await this.store.create(preview);
      return this.withChanges(preview, merged, caller);
    });
  }

  async list(filter: PreviewFilter, caller: Caller, part: Part): Promise<Rows<ListedPreview>> {
    return this.lists.list(filter, caller.visibility('packages.read'), part);
  }

  async get(id: string, caller: Caller): Promise<Preview> {
    const row = await this.visible(id, caller);
    return this.withChanges(row, await this.upgrades.look(planOf(row), row), caller);
  }

  /** The same for a text that goes elsewhere: nobody sees in it what Secrets hold. With who set what is in conflict, where that is known. */
  async review(id: string, caller: Caller): Promise<{ preview: Preview; blame: PackageBlame | null }> {
    const row = await this.visible(id, caller);
    const merged = await this.upgrades.look(planOf(row), row);
    const changes = await this.changes(row, false);
    const blame = merged.conflicts.length === 0 ? null : await this.blames.blame(row.revisionId, caller);
    const isOfOurs = blame?.steps.at(-1)?.tree === row.oursTree;
    return { preview: { row, merged, changes }, blame: isOfOurs ? blame : null };
  }

  /** Settles conflicts, or opens them again. */
  async settle(id: string, patch: SettlementPatch, caller: Caller, seen: Precondition): Promise<Preview> {
    return this.database.transaction(async () => {
      const row = await this.lockSeen(id, caller, seen);
      const settlement = patched(row, patch);
      const merged = await this.upgrades.merge(planOf(row), settlement);
      assertOfConflicts(settlement.resolutions, merged.conflicts);
      const settled = { ...settlement, resultTree: merged.tree, summary: summaryOf(merged) };
      await this.store.settle(row, settled);
      return this.withChanges({ ...row, ...settled, version: row.version + 1 }, merged, caller);
    });
  }

  /**
   * Begins a draft with exactly the content that was previewed; of a subpackage: puts that into the draft that holds it, which
   * has its workspace already.
   */
  async apply(
    id: string,
    workspace: string | undefined,
    caller: Caller,
    seen: Precondition,
  ): Promise<RevisionDetailRow> {
    return this.database.transaction(async () => {
      const preview = await this.lockSeen(id, caller, seen);
      assertWorkspace(preview, workspace);
      const merged = await this.upgrades.look(planOf(preview), preview);
      const row = found(await this.revisions.find(preview.revisionId), 'package revision', preview.revisionId);
      assertSettled(row.name, merged.conflicts);
      await this.assertCurrent(preview, row);
      if (workspace === undefined) {
        const draft = await this.folders.apply(preview, row, caller);
        return this.appliedTo(preview, draft);
      }
      const upgraded = {
        row,
        tree: preview.resultTree,
        root: { to: preview.to, record: recordOf(planOf(preview), merged.conflicts) },
      };
      const draft = await this.authoring.create(
        { repositoryId: row.repositoryId, workspace, source: { type: 'upgrade', upgraded } },
        caller,
      );
      return this.appliedTo(preview, draft);
    });
  }

  private async appliedTo(preview: PreviewRow, { id }: RevisionRow): Promise<RevisionDetailRow> {
    await this.store.applied(preview, id);
    return found(await this.revisions.findDetail(id), 'package revision', id);
  }

  private async rowOf(
    row: RevisionRow,
    { from, to, trees, options, warnings }: UpgradePlan,
    { subpackage, resolutions, defaultResolution }: Settlement & Pick<UpgradeChoice, 'subpackage'>,
    merged: MergedContent,
    caller: Caller,
  ): Promise<PreviewRow> {
    return {
      ...{ id: uuidv7(), revisionId: row.id, repositoryId: row.repositoryId, path: row.path, subpackage },
      from: sideOf(from.upstream, from.madeFrom),
      to: { ...sideOf(to.upstream, to.row), upstream: to.upstream, revisionId: to.revisionId },
      ...{ baseTree: trees.base, oursTree: trees.ours, theirsTree: trees.theirs, resultTree: merged.tree },
      latestRevisionId: row.latest
        ? row.id
        : ((await this.revisions.packageNow(row.packageId)).latest?.revisionId ?? null),
      ...{ options, resolutions, defaultResolution, warnings },
      ...{ createdAt: new Date(), createdBy: caller.user, appliedTo: null, version: 1, summary: summaryOf(merged) },
    };
  }

  private async withChanges(row: PreviewRow, merged: LookedAt, caller: Caller): Promise<Preview> {
    return { row, merged, changes: await this.changes(row, caller.allows('packageRevisions.edit', row)) };
  }

  private changes({ oursTree: from, resultTree: to, options }: PreviewRow, showsSecrets: boolean): Promise<TreeDiff> {
    return this.comparisons.diff({ from, to }, { definitions: options.definitions, showsSecrets });
  }

  /** A preview shows what is in the upstream: whoever may not see that does not see the preview. */
  private async visible(id: string, caller: Caller): Promise<PreviewRow> {
    return this.assertVisible(found(await this.store.find(id), 'upgrade preview', id), caller);
  }

  private async lockSeen(id: string, caller: Caller, seen: Precondition): Promise<PreviewRow> {
    const row = this.assertVisible(found(await this.store.lock(id), 'upgrade preview', id), caller);
    const before = previewEtag(row);
    assertPrecondition(seen, before, 'The preview');
    noteChange(id, { before, repositoryId: row.repositoryId, path: row.path });
    if (row.appliedTo === null) return row;
    throw new DomainError('stateConflict', `The preview was applied: its draft is ${row.appliedTo}.`, {
      id: row.appliedTo,
    });
  }

  private assertVisible(row: PreviewRow, caller: Caller): PreviewRow {
    const places = [row.from.place, row.to.place].filter((place) => place !== null);
    if (places.every((place) => caller.allows('packages.read', place))) return row;
    throw notFound('upgrade preview', row.id);
  }

  /** Throws `contentChanged` where another revision of the package was published, or the upstream's is no more, since it was made. */
  private async assertCurrent(preview: PreviewRow, row: RevisionRow): Promise<void> {
    const to = await this.revisions.find(preview.to.revisionId);
    if (to?.tree !== preview.theirsTree) throw changedSince(`The upstream ${preview.to.upstream.ref}`);
    if (preview.subpackage !== null) return;
    const { latest } = await this.revisions.packageNow(row.packageId);
    if (row.tree === preview.oursTree && (latest?.revisionId ?? null) === preview.latestRevisionId) return;
    throw changedSince(`"${row.name}" or its package`);
  }
}

/** A mistyped id would settle nothing, without a word. */
function assertOfConflicts(resolutions: Settlement['resolutions'], conflicts: MergedContent['conflicts']): void {
  const known = new Set(conflicts.map(({ id }) => id));
  const unknown = Object.keys(resolutions).find((id) => !known.has(id));
  if (unknown === undefined) return;
  const pointer = jsonPointer(['resolutions', unknown]);
  throw refusal('invalidBody', pointer, 'notFound', 'The preview has no conflict with this id.');
}

function assertWorkspace({ subpackage }: PreviewRow, workspace: string | undefined): void {
  if ((subpackage === null) === (workspace !== undefined)) return;
  if (subpackage === null) throw refusal('invalidBody', '/workspace', 'required', 'The draft needs a name.');
  const message = 'The draft that holds the subpackage is changed, and keeps its workspace.';
  throw refusal('invalidBody', '/workspace', 'notAllowed', message);
}

const sideOf = (upstream: PreviewSide['upstream'], row: RevisionRow | null): PreviewSide => ({
  upstream,
  revisionId: row?.id ?? null,
  revision: row?.revision ?? null,
  place: row && { repositoryId: row.repositoryId, path: row.path },
});

const planOf = (row: PreviewRow) => ({
  trees: { base: row.baseTree, ours: row.oursTree, theirs: row.theirsTree },
  options: row.options,
  strategy: row.options.strategy,
  from: row.from,
  to: row.to,
});

function assertUpgradable({ name, lifecycle }: RevisionRow): void {
  if (lifecycle === 'published') return;
  throw new DomainError('stateConflict', `"${name}" is ${lifecycle}; published revisions are upgraded.`, {
    lifecycle,
    allowedActions: [...allowedActions(lifecycle)],
  });
}
