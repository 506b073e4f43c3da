import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { ContentService } from '../../../content/content.service.js';
import { ContentStore } from '../../../content/content.store.js';
import { Database } from '../../../database/database.js';
import { mergeEntries } from '../../../domain/changed-paths.js';
import { isOutdated, overwriting, type PackageNow, rebaseConflict } from '../../../domain/draft-base.js';
import { DomainError } from '../../../domain/errors.js';
import { allowedActions, isPublished } from '../../../domain/lifecycle.js';
import type { Precondition } from '../../../domain/precondition.js';
import { AuthoredRevisions, type NewBase } from '../../../revisions/authored-revisions.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { HeadRules } from '../head-rules.js';
import { assertNoDraftConflict, RevisionGuard } from '../revision-guard.js';
import { RevisionWork } from '../revision-work.js';

/** The ways on for a draft whose package has changed on the ref since it was begun. */
@Injectable()
export class RebaseService {
  constructor(
    private readonly database: Database,
    private readonly contents: ContentService,
    private readonly store: ContentStore,
    private readonly revisions: AuthoredRevisions,
    private readonly guard: RevisionGuard,
    private readonly rules: HeadRules,
    private readonly work: RevisionWork,
    @Inject(Config) private readonly limits: Pick<Config, 'maxPackageBytes'>,
  ) {}

  /**
   * Takes what came since into the draft, file by file, and bases it on what the ref holds now. Throws `rebaseConflict`
   * where both have changed a file; nothing is changed then.
   */
  async rebase(id: string, actor: string, precondition: Precondition): Promise<RevisionRow> {
    return this.database.transaction(async () => {
      const row = await this.guard.lockIdle(id, precondition);
      assertRebasable(row);
      assertNoDraftConflict(row);
      const base = newBase(nowOf(row));
      const tree = await this.merged(row);
      if (tree === row.tree && isSameBase(base, row)) return row;
      const rebased = await this.revisions.rebase(row, base, tree, actor);
      await this.work.push(rebased, actor);
      return rebased;
    });
  }

  /** Says that the draft or proposal is to be published as it is, over what came since. Nothing came: nothing is said. */
  async overwriteHead(row: RevisionRow, actor: string): Promise<RevisionRow> {
    if (isPublished(row.lifecycle)) {
      throw new DomainError('stateConflict', `"${row.name}" is published; it overwrites nothing any more.`, {
        lifecycle: row.lifecycle,
        allowedActions: [...allowedActions(row.lifecycle)],
      });
    }
    assertNoDraftConflict(row);
    const undone = await this.rules.undone(row);
    if (undone === null) return row;
    const rebased = await this.revisions.overwrite(row, newBase(nowOf(row)), overwriting(actor, undone), actor);
    await this.work.push(rebased, actor);
    return rebased;
  }

  /** The draft's content with what the ref has changed since its base; where the ref has not moved, the latest publication. */
  private async merged(row: RevisionRow): Promise<string> {
    const { headTree, latest } = nowOf(row);
    const { baseTree, tree } = row;
    const theirs = headTree === baseTree && isOutdated(row, nowOf(row)) ? (latest?.tree ?? null) : headTree;
    if (theirs === baseTree || theirs === tree) return tree;
    if (theirs === null) {
      // Its revisions were deleted, and the directory with them: the draft makes the package anew.
      if (latest === null) return tree;
      throw rebaseConflict(row.name, await this.rules.changedFiles(null, tree));
    }
    if (tree === baseTree) return this.contents.saveCanonical(theirs);
    const base = baseTree === null ? [] : await this.store.filesOf(baseTree);
    const ours = await this.store.filesOf(tree);
    const { entries, conflicts } = mergeEntries(base, ours, await this.store.filesOf(theirs));
    if (conflicts.length > 0) throw rebaseConflict(row.name, conflicts);
    this.assertSize(entries.reduce((sum, file) => sum + file.sizeBytes, 0));
    return (await this.contents.savePackage([], entries)).oid;
  }

  private assertSize(sizeBytes: number): void {
    const { maxPackageBytes } = this.limits;
    if (sizeBytes <= maxPackageBytes) return;
    throw new DomainError(
      'packageTooLarge',
      `Both sides together would have ${sizeBytes} bytes; ${maxPackageBytes} is the limit.`,
      { sizeBytes, maxPackageBytes },
    );
  }
}

function assertRebasable(row: RevisionRow): void {
  const { name, lifecycle } = row;
  if (lifecycle === 'draft') return;
  const wayOn = lifecycle === 'proposed' ? 'Withdraw or reject its proposal first.' : 'Only drafts are rebased.';
  const data = { lifecycle, allowedActions: [...allowedActions(lifecycle)] };
  throw new DomainError('stateConflict', `"${name}" is ${lifecycle} and cannot be rebased. ${wayOn}`, data, {
    about: row,
  });
}

function nowOf(row: RevisionRow): PackageNow {
  if (row.packageNow === null) throw new Error(`"${row.name}" is no draft`);
  return row.packageNow;
}

const newBase = ({ commit, headTree, latest }: PackageNow): NewBase => ({
  baseCommit: commit,
  baseTree: headTree,
  baseRevision: latest?.revision ?? null,
});

const isSameBase = (base: NewBase, row: NewBase): boolean =>
  base.baseCommit === row.baseCommit && base.baseTree === row.baseTree && base.baseRevision === row.baseRevision;
