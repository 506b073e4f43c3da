import { Injectable } from '@nestjs/common';
import { ContentService } from '../../../content/content.service.js';
import { Database } from '../../../database/database.js';
import { DomainError } from '../../../domain/errors.js';
import { packageDirectory } from '../../../domain/identity.js';
import type { Precondition } from '../../../domain/precondition.js';
import { desiredRef, isPending, type LocalDraft } from '../../../domain/draft-reconcile.js';
import { AuthoredRevisions } from '../../../revisions/authored-revisions.js';
import { DriftLog } from '../../../revisions/drift/drift-log.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { RevisionGuard } from '../revision-guard.js';
import { RevisionWork } from '../revision-work.js';

export type Side = 'draft' | 'remote';

/** Where Git moved under a draft, and a person says how it goes on. Nothing is merged by guess, nothing is forced. */
@Injectable()
export class DraftConflictService {
  constructor(
    private readonly database: Database,
    private readonly store: PackageRevisionStore,
    private readonly revisions: AuthoredRevisions,
    private readonly contents: ContentService,
    private readonly guard: RevisionGuard,
    private readonly work: RevisionWork,
    private readonly drift: DriftLog,
  ) {}

  /** Settles a draft whose branch someone pushed to while an edit waited. The next push goes on top of their commit. */
  async resolve(id: string, keep: Side, actor: string, precondition: Precondition): Promise<RevisionRow> {
    return this.database.transaction(async () => {
      const row = await this.guard.lockIdle(id, precondition);
      const chosen = settle(row, keep);
      // The next push writes the draft's content anew, and others may have written it in a way in which nobody can again.
      const settled = keep === 'draft' ? { ...chosen, tree: await this.contents.saveCanonical(row.tree) } : chosen;
      const { directory } = await this.store.repositoryOf(row);
      const desired = desiredRef(settled, packageDirectory(directory, row.path), row.workspace);
      const pending = isPending(settled, desired);
      const resolved = await this.revisions.resolveConflict(row, settled, pending, actor);
      if (pending) await this.work.push(resolved, actor);
      // What the other writer pushed has been seen, and was decided on.
      if (row.branch !== null) await this.drift.over([{ repositoryId: row.repositoryId, key: row.branch }]);
      return resolved;
    });
  }
}

/** The draft after the choice: the branch as the other writer left it, under the content that was chosen. */
function settle(row: RevisionRow, keep: Side): LocalDraft {
  const { lifecycle, baseCommit, pushedBase, branch, conflictCommit, conflictTree } = row;
  if (row.gitState !== 'conflict' || lifecycle === 'published' || lifecycle === 'deletionProposed') {
    throw new DomainError('stateConflict', `"${row.name}" is not in conflict; there is nothing to resolve.`, {
      lifecycle,
      gitState: row.gitState,
    });
  }
  if (keep === 'remote' && conflictTree === null) {
    throw new DomainError('stateConflict', `The remote holds no content of "${row.name}" that could be kept.`);
  }
  const tree = keep === 'remote' && conflictTree !== null ? conflictTree : row.tree;
  const seen = { commit: conflictCommit, pushedTree: conflictTree, branch };
  return { lifecycle, tree, baseCommit, pushedBase, ...seen, conflictCommit: null };
}
