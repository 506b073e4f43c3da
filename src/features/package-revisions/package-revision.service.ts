import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { Database } from '../../database/database.js';
import type { Part, Rows } from '../../domain/list.js';
import type { Precondition } from '../../domain/precondition.js';
import { assertMetadata, mergePatch } from './metadata.js';
import { AuthoredRevisions } from '../../revisions/authored-revisions.js';
import type { RevisionFilter } from '../../revisions/package-revision.filter.js';
import { PackageRevisionStore, type RevisionDetailRow } from '../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../revisions/revision-row.js';
import { notFound, RevisionGuard } from './revision-guard.js';

type StringMapPatch = Record<string, string | null> | null;

/** Labels and annotations as a merge patch has them: null removes one, or all. */
export interface MetadataPatch {
  labels?: StringMapPatch | undefined;
  annotations?: StringMapPatch | undefined;
}

/** Finding and reading revisions, and what is written on them. */
@Injectable()
export class PackageRevisionService {
  constructor(
    private readonly database: Database,
    private readonly store: PackageRevisionStore,
    private readonly revisions: AuthoredRevisions,
    private readonly guard: RevisionGuard,
  ) {}

  async list(filter: RevisionFilter, visible: Visibility, part: Part): Promise<Rows<RevisionRow>> {
    return this.store.list(filter, visible, part);
  }

  async get(id: string): Promise<RevisionDetailRow> {
    const row = await this.store.findDetail(id);
    if (!row) throw notFound(id);
    return row;
  }

  /** Possible in every state: labels and annotations are no part of what is reviewed and published. */
  async patch(id: string, patch: MetadataPatch, actor: string, precondition: Precondition): Promise<RevisionRow> {
    return this.database.transaction(async () => {
      const row = await this.guard.lock(id, precondition);
      const before = { labels: row.labels, annotations: row.annotations };
      const labels = mergePatch(before.labels, patch.labels);
      const annotations = mergePatch(before.annotations, patch.annotations);
      if (isDeepStrictEqual({ labels, annotations }, before)) return row;
      assertMetadata({ labels, annotations });
      return this.revisions.label(row, { labels, annotations }, actor);
    });
  }
}
