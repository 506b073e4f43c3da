import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { Database } from '../../database/database.js';
import { found } from '../../domain/found.js';
import type { Part, Rows } from '../../domain/list.js';
import { type MergePatch, mergePatch } from '../../domain/merge-patch.js';
import type { Precondition } from '../../domain/precondition.js';
import { assertMetadata, type Metadata } from './metadata.js';
import { AuthoredRevisions } from '../../revisions/authored-revisions.js';
import type { RevisionFilter } from '../../revisions/package-revision.filter.js';
import {
  PackageRevisionStore,
  type PastRevisionRow,
  type RevisionDetailRow,
} from '../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../revisions/revision-row.js';
import { RebaseService } from './lifecycle/rebase.service.js';
import { WaitingService } from './release/waiting.service.js';
import { RevisionGuard } from './revision-guard.js';

export type RevisionPatch = { [Part in keyof Metadata]?: MergePatch<Metadata[Part]> | undefined } & {
  overwriteHead?: true | undefined;
};

/** Finding and reading revisions, and what is written on them. */
@Injectable()
export class PackageRevisionService {
  constructor(
    private readonly database: Database,
    private readonly store: PackageRevisionStore,
    private readonly revisions: AuthoredRevisions,
    private readonly guard: RevisionGuard,
    private readonly rebases: RebaseService,
    private readonly waiting: WaitingService,
  ) {}

  async list(filter: RevisionFilter, caller: Caller, part: Part): Promise<Rows<RevisionRow | PastRevisionRow>> {
    const choice = filter.waitingFor === undefined ? undefined : this.waiting.for(caller);
    return this.store.list(filter, caller.visibility('packages.read'), part, choice);
  }

  async get(id: string): Promise<RevisionDetailRow> {
    return found(await this.store.findDetail(id), 'package revision', id);
  }

  /** Labels and annotations in every state: they are no part of what is reviewed and published. */
  async patch(id: string, patch: RevisionPatch, actor: string, precondition: Precondition): Promise<RevisionRow> {
    return this.database.transaction(async () => {
      const row = patch.overwriteHead
        ? await this.rebases.overwriteHead(await this.guard.lockIdle(id, precondition), actor)
        : await this.guard.lock(id, precondition);
      const before = { labels: row.labels, annotations: row.annotations };
      const labels = mergePatch(before.labels, patch.labels);
      const annotations = mergePatch(before.annotations, patch.annotations);
      if (isDeepStrictEqual({ labels, annotations }, before)) return row;
      assertMetadata({ labels, annotations });
      return this.revisions.label(row, { labels, annotations }, actor);
    });
  }
}
