import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { noteChange } from '../../audit/noted-change.js';
import { Database } from '../../database/database.js';
import type { Caller } from '../../access/caller.js';
import type { Visibility } from '../../access/grants.js';
import { DomainError } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import type { Part, Rows } from '../../domain/list.js';
import { type MergePatch, mergePatch } from '../../domain/merge-patch.js';
import { assertPrecondition, type Precondition } from '../../domain/precondition.js';
import { Packages } from '../../revisions/packages.js';
import { assertMetadata, type Metadata } from '../package-revisions/metadata.js';
import { toPackageResponse } from './package.view.js';
import { type Resources, ResourcesReader } from '../package-contents/resources-reader.js';
import type { PackageFilter } from '../../revisions/package.filter.js';
import { type PackageRow, PackageStore } from '../../revisions/package.store.js';

export type PackagePatch = { [Part in keyof Metadata]?: MergePatch<Metadata[Part]> | undefined };

/** Packages, as their repositories' refs and their revisions make them, with what people say of them. */
@Injectable()
export class PackageService {
  constructor(
    private readonly database: Database,
    private readonly store: PackageStore,
    private readonly packages: Packages,
    private readonly reader: ResourcesReader,
  ) {}

  async list(filter: PackageFilter, visible: Visibility, part: Part): Promise<Rows<PackageRow>> {
    return this.store.list(filter, visible, part);
  }

  async get(id: string): Promise<PackageRow> {
    return found(await this.store.find(id), 'package', id);
  }

  /** Labels and annotations stay whatever becomes of the package's content. */
  async patch(id: string, patch: PackagePatch, seen: Precondition, caller: Caller): Promise<PackageRow> {
    return this.database.transaction(async () => {
      await this.packages.lock(id);
      const row = await this.get(id);
      const before = toPackageResponse(row, caller).etag;
      assertPrecondition(seen, before, `The package "${row.path}"`);
      noteChange(id, { before, repositoryId: row.repositoryId, path: row.path });
      const labels = mergePatch(row.labels, patch.labels);
      const annotations = mergePatch(row.annotations, patch.annotations);
      const changed = [
        ...(isDeepStrictEqual(labels, row.labels) ? [] : ['labels' as const]),
        ...(isDeepStrictEqual(annotations, row.annotations) ? [] : ['annotations' as const]),
      ];
      if (changed.length === 0) return row;
      assertMetadata({ labels, annotations });
      await this.packages.label(id, { labels, annotations }, changed);
      return this.get(id);
    });
  }

  /** The files that the repository's ref holds now. */
  async resources(id: string): Promise<Resources> {
    const { path, headTree } = await this.get(id);
    if (headTree !== null) return this.reader.read(headTree);
    throw new DomainError('notFound', `The repository's ref holds nothing of the package "${path}".`);
  }
}
