import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { type PackageRevision, Prisma } from '../database/generated/client.js';
import type { Lifecycle } from '../domain/lifecycle.js';
import { majorNumber, raise } from '../domain/version.js';
import { published, type PublishedFacts } from './published.js';
import { RevisionNumbers } from './revision-numbers.js';
import { RevisionWriter } from './revision-writer.js';

/** A publication that a push has brought to the remote. */
export interface Publication extends PublishedFacts {
  id: string;
  path: string;
}

/** The branch of a draft as a push has left it on the remote. */
export interface PushedBranch {
  branch: string;
  commit: string;
  pushedTree: string;
  pushedBase: string | null;
}

/** What a worker's push made true of revisions. Runs inside the transaction that closes the push's operations. */
@Injectable()
export class PushedRevisions {
  constructor(
    private readonly database: Database,
    private readonly writer: RevisionWriter,
    private readonly numbers: RevisionNumbers,
  ) {}

  /** Publishes the revisions that still hold what was approved, and remembers all numbers given out. */
  async publish(repositoryId: string, publications: readonly Publication[]): Promise<void> {
    const now = new Date();
    await this.writer.publishAll(
      publications.map((publication) => ({ id: publication.id, ...published(publication, now) })),
    );
    const highest = new Map<string, bigint>();
    for (const { path, revision } of publications) {
      raise(highest, path, majorNumber(revision) ?? 0n);
    }
    await this.numbers.raise(repositoryId, highest);
  }

  /** Deletes a published revision whose tag the push has removed for somebody. Its number is not given out again. */
  async unpublish({ id, repositoryId, path, revision }: PackageRevision, by: string): Promise<void> {
    await this.numbers.raise(repositoryId, new Map([[path, majorNumber(revision ?? '') ?? 0n]]));
    await this.writer.remove('deleted', Prisma.sql`r.id = ${id}::uuid`, by);
  }

  /** Deletes a draft, unless it was edited since, whose content was published under a tag that is gone again. */
  async deletePublishedDraft({ id, tree }: PackageRevision): Promise<void> {
    await this.writer.remove('deleted', Prisma.sql`r.id = ${id}::uuid AND r.tree = ${tree}`, null);
  }

  /**
   * Notes what the remote holds of a draft. The row may have been edited meanwhile, which leaves it pending. False: it
   * was deleted meanwhile.
   */
  async noteBranch(pushed: PackageRevision, branch: PushedBranch): Promise<boolean> {
    const row = await this.writer.lock(pushed.id);
    if (row === null) return false;
    if (row.lifecycle !== 'draft' && row.lifecycle !== 'proposed') return true;
    const isWhole =
      row.tree === branch.pushedTree && row.lifecycle === pushed.lifecycle && row.baseCommit === branch.pushedBase;
    await this.writer.update('pushed', row, { ...branch, gitMessage: null, gitState: isWhole ? 'synced' : 'pending' });
    return true;
  }

  /** Notes the branch that proposes a deletion, or that it is gone (null), for the lifecycle it was pushed for. */
  async noteDeletionProposal(id: string, branch: string | null, lifecycle: Lifecycle): Promise<void> {
    const row = await this.writer.lock(id);
    if (row === null) return;
    const gitState = row.lifecycle === lifecycle ? 'synced' : 'pending';
    await this.writer.update('pushed', row, { branch, gitMessage: null, gitState });
  }

  /** Says on the revision why its branch is behind. */
  async explainPending(id: string, reason: string): Promise<void> {
    await this.database.transaction(async () => {
      const row = await this.writer.lock(id);
      if (row === null || row.gitState !== 'pending' || row.gitMessage === reason) return;
      await this.writer.update('pushDelayed', row, { gitMessage: reason });
    });
  }
}
