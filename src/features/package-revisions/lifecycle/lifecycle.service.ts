import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { ContentReader } from '../../../content/content.reader.js';
import { Database } from '../../../database/database.js';
import type { Operation } from '../../../database/generated/client.js';
import { DomainError } from '../../../domain/errors.js';
import { type Action, assertAllowed, isPublished, type Lifecycle } from '../../../domain/lifecycle.js';
import type { Precondition } from '../../../domain/precondition.js';
import { voidApprovals } from '../../../revisions/approvals.js';
import { PackageStore } from '../../../revisions/package.store.js';
import { deletionPermission } from './action-permissions.js';
import { PackageRevisionStore, type RevisionRow } from '../../../revisions/package-revision.store.js';
import { ReleaseRules } from '../release/release-rules.js';
import { assertNoDraftConflict, RevisionGuard } from '../revision-guard.js';
import { outstanding, RevisionWork } from '../revision-work.js';

const CLONES_SHOWN = 20;

/** The ways between a revision's states. What only changes the index is done at once; its branches follow. */
@Injectable()
export class LifecycleService {
  constructor(
    private readonly database: Database,
    private readonly store: PackageRevisionStore,
    private readonly packages: PackageStore,
    private readonly content: ContentReader,
    private readonly guard: RevisionGuard,
    private readonly rules: ReleaseRules,
    private readonly work: RevisionWork,
  ) {}

  async propose(id: string, actor: string, precondition?: Precondition): Promise<RevisionRow> {
    return this.move(id, 'propose', { lifecycle: 'proposed', proposedBy: actor }, actor, precondition, async (row) => {
      assertNoDraftConflict(row);
      await this.assertHoldsObjects(row);
    });
  }

  async reject(id: string, actor: string, precondition?: Precondition): Promise<RevisionRow> {
    return this.move(id, 'reject', { lifecycle: 'draft', proposedBy: null }, actor, precondition, () =>
      voidApprovals(this.database, id, 'rejected'),
    );
  }

  /** Refused while another revision names it as upstream, unless `force`. */
  async proposeDeletion(id: string, force: boolean, caller: Caller, precondition?: Precondition): Promise<RevisionRow> {
    const change = { lifecycle: 'deletionProposed', proposedBy: caller.user } as const;
    return this.move(id, 'propose-deletion', change, caller.user, precondition, async (row) => {
      if (!force) await this.assertNotUpstream(row, caller);
    });
  }

  async rejectDeletion(id: string, actor: string, precondition?: Precondition): Promise<RevisionRow> {
    return this.move(id, 'reject-deletion', { lifecycle: 'published', proposedBy: null }, actor, precondition);
  }

  /** A draft is gone at once (null); a published revision only once the remote has lost its tag (the operation). */
  async delete(id: string, caller: Caller, precondition: Precondition): Promise<Operation | null> {
    return this.database.transaction(async () => {
      const { row, unfinished } = await this.guard.takeIdle(id, precondition);
      assertAllowed(row, 'delete');
      caller.assertAllowed(deletionPermission(row.lifecycle), row);
      if (isPublished(row.lifecycle)) {
        await this.rules.assertNotOwnDeletion(row, caller);
        return this.work.delete(row, caller.user);
      }
      const pushing = unfinished.some(({ kind }) => kind === 'push');
      await this.store.delete(id);
      await this.packages.deleteIfEmpty(row.packageId);
      // A push under way may yet leave a branch that the row does not know of.
      if (row.commit !== null || pushing) await this.work.discard(row, caller.user);
      return null;
    });
  }

  private async move(
    id: string,
    action: Action,
    change: { lifecycle: Lifecycle; proposedBy: string | null },
    actor: string,
    precondition: Precondition | undefined,
    check?: (row: RevisionRow) => Promise<void>,
  ): Promise<RevisionRow> {
    return this.database.transaction(async () => {
      const row = await this.guard.lockIdle(id, precondition);
      assertAllowed(row, action);
      await check?.(row);
      const moved = await this.store.update(id, {
        ...change,
        updatedAt: new Date(),
        updatedBy: actor,
        ...outstanding(row),
      });
      await this.work.push(moved, actor);
      return moved;
    });
  }

  private async assertHoldsObjects(row: RevisionRow): Promise<void> {
    if (await this.content.hasObjects(row.tree)) return;
    throw new DomainError(
      'stateConflict',
      `"${row.name}" holds no KRM object (a YAML document with apiVersion and kind), so there is nothing to propose.`,
      { lifecycle: row.lifecycle, allowedActions: ['edit', 'delete'] },
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
