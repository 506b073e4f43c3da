import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { insertRows } from '../../database/insert-rows.js';
import type { Package, Repository } from '../../database/generated/client.js';
import { isPublished } from '../../domain/lifecycle.js';
import { shortRef } from '../../domain/ref-layout.js';
import type { Condition } from '../../domain/revision.js';
import { versionKey } from '../../domain/version.js';
import { voidApprovals } from '../../revisions/approvals.js';
import type { TagFacts } from './facts.js';
import type { KnownRevision } from '../../revisions/known-revision.js';
import { newRevision } from '../../revisions/new-revision.js';

const ROWS_PER_INSERT = 500;

/** Writes published revisions as the tags tell them. Runs inside the sync's transaction. */
@Injectable()
export class TagWriter {
  private readonly logger = new Logger(TagWriter.name);

  constructor(private readonly database: Database) {}

  /** `existing`: all revisions of the packages concerned; it is brought up to date as rows are written. */
  async write(
    repository: Repository,
    packages: ReadonlyMap<string, Package>,
    existing: Map<string, KnownRevision[]>,
    tags: readonly TagFacts[],
  ): Promise<void> {
    const created: ReturnType<typeof newRow>[] = [];
    const indexes = new Map<string, Siblings>();
    for (const tag of tags) {
      const owner = packages.get(tag.path);
      if (!owner) continue;
      const siblings = indexes.get(owner.id) ?? new Siblings(existing, owner.id);
      indexes.set(owner.id, siblings);
      const same = siblings.byRevision.get(tag.revision);
      const draft = siblings.byWorkspace.get(tag.workspace);
      if (same) {
        if (same.commit !== tag.commit || same.tree !== tag.tree) await this.move(same, tag);
      } else if (draft && isPublicationOf(draft, tag)) {
        await this.update(draft, tag);
        draft.lifecycle = 'published';
        draft.revision = tag.revision;
        siblings.byRevision.set(tag.revision, draft);
      } else {
        const row = newRow(repository, owner, tag, siblings.freeWorkspace(tag));
        created.push(row);
        siblings.add(row);
      }
    }
    for (let start = 0; start < created.length; start += ROWS_PER_INSERT) {
      const data = created.slice(start, start + ROWS_PER_INSERT);
      const count = await insertRows(this.database, 'package_revision', data);
      // The package at the repository's directory and one of the same name below it, say.
      if (count < data.length)
        this.logger.warn(`${data.length - count} revisions have names that others have already.`);
    }
  }

  private async move(row: KnownRevision, tag: TagFacts): Promise<void> {
    await this.update(row, tag, [movedFrom(row)]);
    // Clones of it were made of what it was.
    await this.database.client.packageRevision.updateMany({
      where: { upstreamRevisionId: row.id },
      data: { upstreamRevisionId: null },
    });
  }

  /** Without conditions those that checkers have set stay. */
  private async update(row: KnownRevision, tag: TagFacts, conditions?: Condition[]): Promise<void> {
    if (row.tree !== tag.tree) await voidApprovals(this.database, row.id, 'changed');
    await this.database.client.packageRevision.update({
      where: { id: row.id },
      data: {
        ...published(tag),
        ...(tag.breakGlass && { breakGlass: tag.breakGlass }),
        ...(conditions && { conditions }),
        version: { increment: 1 },
      },
    });
  }
}

/**
 * A draft that the tag published: by an operation of ours whose end was not recorded, or by someone else.
 * A draft with edits of its own that are not in the tag stays a draft.
 */
function isPublicationOf(row: KnownRevision, tag: TagFacts): boolean {
  return !isPublished(row.lifecycle) && (row.tree === tag.tree || row.tree === row.pushedTree);
}

function published(tag: TagFacts) {
  return {
    lifecycle: 'published' as const,
    revision: tag.revision,
    versionKey: versionKey(tag.revision),
    tree: tag.tree,
    pushedTree: tag.tree,
    tag: shortRef(tag.ref),
    commit: tag.commit,
    branch: null,
    gitState: 'synced' as const,
    gitMessage: null,
    conflictCommit: null,
    conflictTree: null,
    publishedAt: tag.publishedAt,
    publishedBy: tag.publishedBy,
    updatedAt: tag.publishedAt,
    updatedBy: tag.publishedBy,
  };
}

function newRow(repository: Repository, owner: Package, tag: TagFacts, workspace: string) {
  return {
    ...published(tag),
    ...newRevision(repository, owner, workspace),
    latest: false,
    source: tag.source,
    upstream: tag.upstream,
    upstreamCommit: tag.upstream?.commit ?? null,
    labels: {},
    annotations: {},
    conditions: [],
    version: 1,
    createdAt: tag.publishedAt,
    createdBy: tag.publishedBy,
    editors: [],
    breakGlass: tag.breakGlass,
  };
}

/** The revisions of one package, found by what is unique among them. */
class Siblings {
  readonly byRevision = new Map<string, KnownRevision>();
  readonly byWorkspace = new Map<string, KnownRevision>();
  private readonly rows: KnownRevision[];

  constructor(existing: Map<string, KnownRevision[]>, packageId: string) {
    this.rows = existing.get(packageId) ?? [];
    existing.set(packageId, this.rows);
    this.rows.forEach((row) => this.index(row));
  }

  add(row: KnownRevision): void {
    this.rows.push(row);
    this.index(row);
  }

  /** The workspace the commit names; where it is taken (hand-made tags), the revision itself, then numbered. */
  freeWorkspace(tag: TagFacts): string {
    const candidates = [tag.workspace, tag.revision];
    for (let number = 2; ; number += 1) {
      const candidate = candidates.shift() ?? `${tag.revision}-${number}`;
      if (!this.byWorkspace.has(candidate)) return candidate;
    }
  }

  private index(row: KnownRevision): void {
    this.byWorkspace.set(row.workspace, row);
    if (row.revision !== null) this.byRevision.set(row.revision, row);
  }
}

function movedFrom(row: KnownRevision): Condition {
  return {
    type: 'ChangedOutside',
    status: 'True',
    reason: 'TagMoved',
    message: `The tag ${row.tag ?? ''} was moved outside of pkgserver; it was at commit ${row.commit ?? 'unknown'}.`,
    lastTransitionTime: new Date().toISOString(),
  };
}
