import { Injectable, Logger } from '@nestjs/common';
import { fromDatabase } from '../../../database/database-error.js';
import { Database } from '../../../database/database.js';
import { isUnavailable } from '../../../database/unavailable.js';
import { DomainError } from '../../../domain/errors.js';
import { EventLog } from '../../../events/event-log.js';
import { withContext } from '../../../logging/request-context.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import type { Mutations } from '../../../domain/mutation.js';
import { type Made, NO_MUTATIONS, type OpenConflict, type VariantReason, type VariantRow } from '../variant-row.js';
import { ContentMaker, type MadeContent } from './made-content.js';
import { type Found, ReconcileStore } from './reconcile.store.js';
import { Retirement } from './retirement.js';
import { VariantDrafts } from './variant-drafts.js';
import { BlockedError, passes, type Wanted, WantedContent } from './wanted.js';

/** Conflicts that are stored of one variant. */
const SHOWN = 20;
/** Seconds after which one that is blocked is tried again: rights come back without an event. */
const BLOCKED_SECONDS = 60 * 60;
const PASSING_SECONDS = 5;

/**
 * Brings one variant in step: what is wanted follows from its surroundings as they are now, so that it is the same however
 * often, and after whatever, it is looked at.
 */
@Injectable()
export class Reconciler {
  private readonly logger = new Logger('Variants');

  constructor(
    private readonly database: Database,
    private readonly store: ReconcileStore,
    private readonly wanted: WantedContent,
    private readonly content: ContentMaker,
    private readonly drafts: VariantDrafts,
    private readonly retirement: Retirement,
    private readonly events: EventLog,
  ) {}

  /** Call it in a transaction that holds the variant locked. What it cannot do it undoes, and says why. */
  async reconcile(variant: VariantRow): Promise<void> {
    await withContext({ actor: variant.owner }, async () => {
      const found = await this.look(variant);
      if (found === 'gone') {
        await this.store.remove(variant.id);
        await this.tell('deleted', variant, 'retired');
        return;
      }
      await this.store.save(variant.id, found);
      if (found.state !== variant.state) await this.tell('stateChanged', variant, found.state);
    });
  }

  private async look(variant: VariantRow): Promise<Found | 'gone'> {
    try {
      return await this.database.part(() => (variant.retired ? this.retired(variant) : this.inStep(variant)));
    } catch (error) {
      if (isUnavailable(error)) throw error;
      const reason = this.reasonOf(error);
      const againAfter = passes(error) ? PASSING_SECONDS : BLOCKED_SECONDS;
      return { ...variant, ...UNSETTLED, state: 'blocked', reason, againAfter };
    }
  }

  private async retired(variant: VariantRow): Promise<Found | 'gone'> {
    const isOver = await this.retirement.retire(variant);
    if (isOver) return 'gone';
    // Nobody has declined the draft that goes with it: where it is wanted again, one is made again.
    const made = variant.made && { ...variant.made, inputs: 'retired' };
    return { ...variant, ...UNSETTLED, state: 'retired', reason: null, draftId: null, made, againAfter: null };
  }

  private async inStep(variant: VariantRow): Promise<Found> {
    const wanted = await this.wanted.find(variant);
    const { packageId } = wanted;
    const open = await this.drafts.openOf(variant);
    const base = { ...variant, packageId, draftId: open?.id ?? null, reason: null, againAfter: null };
    if (variant.made?.inputs === wanted.inputs) return { ...base, state: stateAsMade(variant, wanted, open) };
    const none = { ...base, ...UNSETTLED, warnings: [] };
    if (variant.updatePolicy === 'none' && open === null && !this.isForced(variant)) {
      return this.withoutDraft(none, variant, wanted);
    }
    const published = publishedMutations(variant, wanted);
    const content = await this.content.make(variant, wanted, published);
    const { inputs, mutations } = wanted;
    const made: Made = { inputs, tree: content.tree, mutations, published };
    const { warnings } = content;
    if (content.tree === wanted.latest?.tree) {
      if (open && open.tree === variant.made?.tree) await this.drafts.drop(variant, open, wanted.caller);
      const settled = { ...made, published: mutations };
      return { ...none, state: 'upToDate', draftId: null, made: settled, warnings };
    }
    const kept = open && (await this.keepingEdits(variant, open, wanted, content));
    if (kept && kept.conflicts.length > 0) {
      return {
        ...none,
        ...shown(kept),
        state: 'conflicted',
        reason: HAND_EDITS,
        warnings,
        made: variant.made,
      };
    }
    const draft = open
      ? await this.drafts.renew(variant, open, wanted, { ...content, tree: kept?.tree ?? content.tree })
      : await this.drafts.create(variant, wanted, content);
    const drafted = {
      ...none,
      ...shown(content),
      draftId: draft.id,
      packageId: draft.packageId,
      made,
      warnings,
    };
    if (content.conflicts.length > 0) return { ...drafted, state: 'conflicted' };
    return { ...drafted, state: 'drafted', reason: await this.propose(variant, draft, wanted) };
  }

  /** Whether somebody has asked for it just now, whatever the policy. */
  private isForced({ made }: VariantRow): boolean {
    return made !== null && made.inputs === '';
  }

  /** What would be changed is looked at all the same: it may be nothing. */
  private async withoutDraft(none: Found, variant: VariantRow, wanted: Wanted): Promise<Found> {
    const { inputs, mutations, latest } = wanted;
    const published = publishedMutations(variant, wanted);
    const undone: Made = { inputs, tree: null, mutations, published };
    if (latest === null) return { ...none, state: 'outdated', made: undone };
    const { tree, warnings } = await this.content.make(variant, wanted, published);
    if (tree !== latest.tree) return { ...none, state: 'outdated', warnings, made: undone };
    return { ...none, state: 'upToDate', warnings, made: { ...undone, tree, published: mutations } };
  }

  /** The draft's content with what somebody has made of it; null: nobody has touched it. */
  private async keepingEdits(variant: VariantRow, open: RevisionRow, wanted: Wanted, { tree }: MadeContent) {
    const before = variant.made?.tree ?? null;
    if (before === null || open.tree === before) return null;
    return this.content.withEdits(open, before, tree, wanted);
  }

  /** Why it is no proposal although it should be one; null: it is, or nobody wants it to be. */
  private async propose(variant: VariantRow, draft: RevisionRow, wanted: Wanted): Promise<VariantReason | null> {
    if (variant.updatePolicy !== 'propose') return null;
    try {
      await this.database.part(() => this.drafts.propose(variant, draft, wanted.caller));
      return null;
    } catch (error) {
      if (isUnavailable(error)) throw error;
      return this.reasonOf(error);
    }
  }

  private reasonOf(error: unknown): VariantReason {
    if (error instanceof BlockedError) return { code: error.code, message: error.message };
    const known = error instanceof DomainError ? error : fromDatabase(error);
    if (known) return { code: known.code, message: known.message };
    this.logger.error(error);
    return { code: 'internal', message: 'An unexpected error stopped this; it is in the log.' };
  }

  private async tell(what: 'stateChanged' | 'deleted', variant: VariantRow, state: Found['state']): Promise<void> {
    const { id, name, repositoryId, path } = variant;
    const facts = { id, name, repositoryId, path, state };
    await this.events.record([{ type: `variant.${what}`, repositoryId, path, facts }]);
  }
}

/** What was changed for the latest publication: that which its draft was made with, where it was one of the variant's. */
function publishedMutations({ made, draftId }: VariantRow, { latest }: Wanted): Mutations {
  if (made === null) return NO_MUTATIONS;
  return latest !== null && latest.id === draftId ? made.mutations : made.published;
}

const UNSETTLED = { conflicts: [] as OpenConflict[], conflictCount: 0, merge: null };

const HAND_EDITS: VariantReason = {
  code: 'handEdits',
  message:
    'Somebody has changed its draft, and what it is made of has changed in the same places: the draft stays as it is. Settle the conflicts, or publish or delete the draft.',
};

const shown = ({ conflicts, merge }: Pick<MadeContent, 'conflicts' | 'merge'>) => ({
  merge: conflicts.length > 0 ? merge : null,
  conflicts: conflicts.slice(0, SHOWN).map(({ id, file, path, class: kind }) => ({ id, file, path, class: kind })),
  conflictCount: conflicts.length,
});

/** Nothing has changed since it was looked at last but what became of its draft. */
function stateAsMade(
  { made, conflictCount }: VariantRow,
  { latest }: Wanted,
  open: RevisionRow | null,
): Found['state'] {
  if (open) return conflictCount > 0 ? 'conflicted' : 'drafted';
  if (made?.tree === null) return 'outdated';
  return made?.tree === latest?.tree ? 'upToDate' : 'declined';
}
