import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { noteChange } from '../../../audit/noted-change.js';
import { Database } from '../../../database/database.js';
import type { Operation } from '../../../database/generated/client.js';
import { DomainError, refusal } from '../../../domain/errors.js';
import type { DeletionHead } from '../../../domain/head-state.js';
import { type Action, assertAllowed, isPublished } from '../../../domain/lifecycle.js';
import { factsOf } from '../../../domain/operation.js';
import type { Precondition } from '../../../domain/precondition.js';
import type { Decision } from '../../../domain/revision.js';
import { AuthoredRevisions } from '../../../revisions/authored-revisions.js';
import { Packages } from '../../../revisions/packages.js';
import { deletionPermission, mayWithdraw } from '../../../access/action-permissions.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { PackageNeeders } from '../../dependencies/package-needers.js';
import { ContentRules } from '../content-rules.js';
import { HeadRules } from '../head-rules.js';
import { ReleaseRules } from '../release/release-rules.js';
import { assertNoDraftConflict, RevisionGuard } from '../revision-guard.js';
import { RevisionWork } from '../revision-work.js';

const CLONES_SHOWN = 20;

export interface DeletionProposal {
  /** Also while other revisions name it as their upstream, or other packages need the package. */
  force?: boolean | undefined;
  /** What the ref is to hold then. */
  head?: DeletionHead | undefined;
  comment?: string | undefined;
  /** Whoever asks has seen to what needs the package. */
  mayBeNeeded?: boolean | undefined;
}

/** The ways between a revision's states. What only changes the index is done at once; its branches follow. */
@Injectable()
export class LifecycleService {
  constructor(
    private readonly database: Database,
    private readonly store: PackageRevisionStore,
    private readonly revisions: AuthoredRevisions,
    private readonly packages: Packages,
    private readonly content: ContentRules,
    private readonly guard: RevisionGuard,
    private readonly rules: ReleaseRules,
    private readonly heads: HeadRules,
    private readonly work: RevisionWork,
    private readonly needers: PackageNeeders,
  ) {}

  async propose(id: string, actor: string, precondition?: Precondition): Promise<RevisionRow> {
    return this.move(id, 'propose', actor, precondition, async (row) => {
      assertNoDraftConflict(row);
      await this.content.assertHoldsObjects(row, 'propose');
      const conditions = await this.content.conditionsProposed(row);
      return this.revisions.propose(row, actor, await this.rules.policyFor(row), conditions);
    });
  }

  async reject(id: string, actor: string, precondition?: Precondition, comment?: string): Promise<RevisionRow> {
    return this.decide(id, { action: 'reject', actor, comment }, precondition, (row, decision) =>
      this.revisions.returnToDraft(row, decision),
    );
  }

  /** Takes a proposal back, for its authors. */
  async withdraw(id: string, caller: Caller, precondition?: Precondition, comment?: string): Promise<RevisionRow> {
    return this.decide(id, { action: 'withdraw', actor: caller.user, comment }, precondition, async (row, decision) => {
      if (!mayWithdraw(caller, row)) {
        throw new DomainError(
          'forbidden',
          `Only those who created, edited or proposed "${row.name}" withdraw its proposal; others reject it.`,
        );
      }
      return this.revisions.returnToDraft(row, decision);
    });
  }

  /**
   * Refused while another revision names it as upstream, or, of the last publication, other packages need the package, unless `force`; and where the ref holds it and others stay, without
   * a word on what the ref is to hold then.
   */
  async proposeDeletion(
    id: string,
    { force = false, head, comment, mayBeNeeded = false }: DeletionProposal,
    caller: Caller,
    precondition?: Precondition,
  ): Promise<RevisionRow> {
    const decided = { action: 'propose-deletion', actor: caller.user, comment } as const;
    return this.decide(id, decided, precondition, async (row, decision) => {
      if (!force) await this.assertNotUpstream(row, caller);
      if (!force && !mayBeNeeded) await this.assertNotNeeded(row, caller);
      await this.assertHeadNamed(row, head);
      return this.revisions.proposeDeletion(row, head ?? null, decision, await this.rules.policyFor(row));
    });
  }

  async rejectDeletion(id: string, actor: string, precondition?: Precondition, comment?: string): Promise<RevisionRow> {
    return this.decide(id, { action: 'reject-deletion', actor, comment }, precondition, (row, decision) =>
      this.revisions.rejectDeletion(row, decision),
    );
  }

  /** Deletes a draft at once (null), and a published revision once the remote has lost its tag (the operation). */
  async delete(id: string, caller: Caller, precondition: Precondition, force = false): Promise<Operation | null> {
    return this.database.transaction(async () => {
      const { row, unfinished } = await this.guard.takeIdle(id, precondition);
      assertAllowed(row, 'delete');
      caller.assertAllowed(deletionPermission(row.lifecycle), row);
      if (isPublished(row.lifecycle)) {
        await this.rules.assertNotOwnDeletion(row, caller);
        await this.heads.assertDeletable(row, force);
        return this.work.delete(row, caller.user, force);
      }
      const pushing = unfinished.some(({ kind }) => factsOf(kind).writesBranches);
      await this.revisions.deleteDraft(row);
      await this.packages.deleteEmpty([row.packageId]);
      // A push under way may yet leave a branch that the row does not know of.
      if (row.commit !== null || pushing) await this.work.discard(row, caller.user);
      return null;
    });
  }

  private async decide<Name extends Decision['action']>(
    id: string,
    { action, actor, comment }: { action: Name; actor: string; comment: string | undefined },
    precondition: Precondition | undefined,
    change: (row: RevisionRow, decision: Decision & { action: Name }) => Promise<RevisionRow>,
  ): Promise<RevisionRow> {
    return this.move(id, action, actor, precondition, (row) => {
      if (comment !== undefined) noteChange(id, { reason: comment });
      return change(row, { by: actor, at: new Date().toISOString(), action, comment: comment ?? null });
    });
  }

  private async move(
    id: string,
    action: Action,
    actor: string,
    precondition: Precondition | undefined,
    change: (row: RevisionRow) => Promise<RevisionRow>,
  ): Promise<RevisionRow> {
    return this.database.transaction(async () => {
      const row = await this.guard.lockIdle(id, precondition);
      assertAllowed(row, action);
      const moved = await change(row);
      await this.work.push(moved, actor);
      return moved;
    });
  }

  private async assertHeadNamed(row: RevisionRow, head: DeletionHead | undefined): Promise<void> {
    const { isHead, isLast } = await this.heads.holds(row);
    if (isLast && head === 'keep') {
      const message = "It is the package's last revision: its directory goes with it.";
      throw refusal('invalidBody', '/head', 'notAllowed', message);
    }
    if (!isHead || isLast || head !== undefined) return;
    throw refusal(
      'invalidBody',
      '/head',
      'required',
      `The ref holds the content of "${row.name}". Say what it is to hold then: "restore" (the latest revision that stays) or "keep".`,
    );
  }

  /** As {@link assertNotUpstream}, of packages that cannot do without this one. */
  private async assertNotNeeded(row: RevisionRow, caller: Caller): Promise<void> {
    if (!(await this.needers.isLast(row.packageId, row.id))) return;
    const needers = (await this.needers.of([row.packageId])).map(({ needer }) => needer);
    if (needers.length === 0) return;
    const paths = needers.filter((needer) => caller.allows('packages.read', needer)).map(({ path }) => path);
    throw new DomainError(
      'inUse',
      `Other packages need "${row.path}" (see \`neededBy\`), and nothing of it would be left. Change those first, or repeat with \`?force=true\`.`,
      { neededBy: paths.slice(0, CLONES_SHOWN) },
    );
  }

  /** Names those that the caller may see; the others count all the same. */
  private async assertNotUpstream(row: RevisionRow, caller: Caller): Promise<void> {
    const clones = await this.store.clonesOf(row.id, CLONES_SHOWN);
    if (clones.length === 0) return;
    const names = clones.filter((clone) => caller.allows('packages.read', clone)).map(({ name }) => name);
    throw new DomainError(
      'inUse',
      `"${row.name}" is the upstream of other revisions (see \`usedBy\`). Delete those first, or repeat with \`?force=true\`.`,
      { usedBy: names },
    );
  }
}
