import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Package, Prisma, Repository } from '../../database/generated/client.js';
import { packageIdentity, revisionName } from '../../domain/identity.js';
import { isPublished } from '../../domain/lifecycle.js';
import { shortRef } from '../../domain/ref-layout.js';
import type { Condition } from '../../domain/revision.js';
import { uuidv7 } from '../../domain/uuid.js';
import { versionKey } from '../../domain/version.js';
import type { TagFacts } from './facts.js';
import type { KnownRevision } from './known-revision.js';

/** Writes published revisions as the tags tell them. Runs inside the sync's transaction. */
@Injectable()
export class TagWriter {
  constructor(private readonly database: Database) {}

  /** `existing`: all revisions of the packages concerned; it is brought up to date as rows are written. */
  async write(
    repository: Repository,
    packages: ReadonlyMap<string, Package>,
    existing: Map<string, KnownRevision[]>,
    tags: readonly TagFacts[],
  ): Promise<void> {
    const created: Prisma.PackageRevisionCreateManyInput[] = [];
    for (const tag of tags) {
      const owner = packages.get(tag.path);
      if (!owner) continue;
      const siblings = existing.get(owner.id) ?? [];
      const same = siblings.find((row) => row.revision === tag.revision);
      const draft = siblings.find((row) => row.workspace === tag.workspace && isPublicationOf(row, tag));
      if (same) {
        if (same.commit !== tag.commit || same.tree !== tag.tree) await this.update(same, tag, [movedFrom(same)]);
      } else if (draft) {
        await this.update(draft, tag, []);
        draft.lifecycle = 'published';
        draft.revision = tag.revision;
      } else {
        const workspace = freeWorkspace(tag, siblings);
        const row = newRow(repository, owner, tag, workspace);
        created.push(row);
        existing.set(owner.id, [...siblings, row]);
      }
    }
    for (let start = 0; start < created.length; start += 500) {
      await this.database.client.packageRevision.createMany({ data: created.slice(start, start + 500) });
    }
  }

  private async update(row: KnownRevision, tag: TagFacts, conditions: Condition[]): Promise<void> {
    await this.database.client.packageRevision.update({
      where: { id: row.id },
      data: { ...published(tag), conditions: conditions as object[], version: { increment: 1 } },
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
  const identity = packageIdentity(tag.path, repository);
  return {
    ...published(tag),
    id: uuidv7(),
    repositoryId: repository.id,
    repositoryName: repository.name,
    packageId: owner.id,
    path: owner.path,
    target: owner.target,
    realm: owner.realm,
    packageName: owner.name,
    name: revisionName(repository, identity, workspace),
    workspace,
    latest: false,
    source: tag.source,
    upstream: tag.upstream === null ? undefined : { ...tag.upstream },
    upstreamCommit: tag.upstream?.commit ?? null,
    createdAt: tag.publishedAt,
    createdBy: tag.publishedBy,
  };
}

/** The workspace the commit names; where it is taken (hand-made tags), the revision itself, then numbered. */
function freeWorkspace(tag: TagFacts, siblings: readonly KnownRevision[]): string {
  const taken = new Set(siblings.map((row) => row.workspace));
  const candidates = [tag.workspace, tag.revision];
  for (let number = 2; ; number += 1) {
    const candidate = candidates.shift() ?? `${tag.revision}-${number}`;
    if (!taken.has(candidate)) return candidate;
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

