import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { ContentReader } from '../../../content/content.reader.js';
import { Database } from '../../../database/database.js';
import type { Operation } from '../../../database/generated/client.js';
import { DomainError } from '../../../domain/errors.js';
import { type Action, assertAllowed, isPublished } from '../../../domain/lifecycle.js';
import { factsOf } from '../../../domain/operation.js';
import type { Precondition } from '../../../domain/precondition.js';
import { AuthoredRevisions } from '../../../revisions/authored-revisions.js';
import { Packages } from '../../../revisions/packages.js';
import { deletionPermission } from './action-permissions.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { ReleaseRules } from '../release/release-rules.js';
import { assertNoDraftConflict, RevisionGuard } from '../revision-guard.js';
import { RevisionWork } from '../revision-work.js';

/** Files that an answer names which cannot be read. */
const UNREAD_SHOWN = 10;
const CLONES_SHOWN = 20;

/** The ways between a revision's states. What only changes the index is done at once; its branches follow. */
@Injectable()
export class LifecycleService {
  constructor(
    private readonly database: Database,
    private readonly store: PackageRevisionStore,
    private readonly revisions: AuthoredRevisions,
    private readonly packages: Packages,
    private readonly content: ContentReader,
    private readonly guard: RevisionGuard,
    private readonly rules: ReleaseRules,
    private readonly work: RevisionWork,
  ) {}

  async propose(id: string, actor: string, precondition?: Precondition): Promise<RevisionRow> {
    return this.move(id, 'propose', actor, precondition, async (row) => {
      assertNoDraftConflict(row);
      await this.assertHoldsObjects(row);
      return this.revisions.propose(row, actor);
    });
  }

  async reject(id: string, actor: string, precondition?: Precondition): Promise<RevisionRow> {
    return this.move(id, 'reject', actor, precondition, (row) => this.revisions.returnToDraft(row, actor));
  }

  /** Refused while another revision names it as upstream, unless `force`. */
  async proposeDeletion(id: string, force: boolean, caller: Caller, precondition?: Precondition): Promise<RevisionRow> {
    return this.move(id, 'propose-deletion', caller.user, precondition, async (row) => {
      if (!force) await this.assertNotUpstream(row, caller);
      return this.revisions.proposeDeletion(row, caller.user);
    });
  }

  async rejectDeletion(id: string, actor: string, precondition?: Precondition): Promise<RevisionRow> {
    return this.move(id, 'reject-deletion', actor, precondition, (row) => this.revisions.rejectDeletion(row, actor));
  }

  /** Deletes a draft at once (null), and a published revision once the remote has lost its tag (the operation). */
  async delete(id: string, caller: Caller, precondition: Precondition): Promise<Operation | null> {
    return this.database.transaction(async () => {
      const { row, unfinished } = await this.guard.takeIdle(id, precondition);
      assertAllowed(row, 'delete');
      caller.assertAllowed(deletionPermission(row.lifecycle), row);
      if (isPublished(row.lifecycle)) {
        await this.rules.assertNotOwnDeletion(row, caller);
        return this.work.delete(row, caller.user);
      }
      const pushing = unfinished.some(({ kind }) => factsOf(kind).writesBranches);
      await this.revisions.deleteDraft(row);
      await this.packages.deleteEmpty([row.packageId]);
      // A push under way may yet leave a branch that the row does not know of.
      if (row.commit !== null || pushing) await this.work.discard(row, caller.user);
      return null;
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

  private async assertHoldsObjects(row: RevisionRow): Promise<void> {
    if (await this.content.hasObjects(row.tree)) return;
    throw new DomainError(
      'stateConflict',
      `"${row.name}" holds no KRM object (a YAML document with apiVersion and kind), so there is nothing to propose.` +
        (await this.unread(row.tree)),
      { lifecycle: row.lifecycle, allowedActions: ['edit', 'delete'] },
    );
  }

  /** Sentences about the files that may hold some, and cannot be read. */
  private async unread(tree: string): Promise<string> {
    const { parseErrors } = await this.content.remarksOn(tree);
    const errors = Object.entries(parseErrors);
    const shown = errors.slice(0, UNREAD_SHOWN).map(([path, reason]) => ` "${path}": ${reason}`);
    const more = errors.length - shown.length;
    return shown.join('') + (more > 0 ? ` ${more} more files cannot be read; their list says why.` : '');
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
