import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { ContentReader, type FileEntry, type PackageObject, type ReadFile } from '../../content/content.reader.js';
import { DomainError } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import { archive } from './archive.js';
import { PackageRevisionStore } from '../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../revisions/revision-row.js';

/** A revision's files one by one, as an archive, and the objects in them. */
@Injectable()
export class FilesService {
  constructor(
    private readonly store: PackageRevisionStore,
    private readonly reader: ContentReader,
  ) {}

  async list(id: string): Promise<{ items: FileEntry[]; tree: string }> {
    const { tree } = await this.revision(id);
    return { items: await this.reader.files(tree), tree };
  }

  async file(id: string, path: string): Promise<ReadFile> {
    const { name, tree } = await this.revision(id);
    const file = await this.reader.file(tree, path);
    if (!file) throw new DomainError('notFound', `"${name}" holds no file "${path}".`);
    return file;
  }

  /** The package in a directory of its name; times are the revision's. */
  async archive(id: string): Promise<{ row: RevisionRow; content: Readable }> {
    const row = await this.revision(id);
    const content = archive(await this.reader.files(row.tree), {
      folder: row.packageName,
      modifiedAt: row.updatedAt,
      read: ({ oid }) => this.reader.content(oid),
    });
    return { row, content };
  }

  async objects(
    id: string,
    filter: { kind?: string | undefined; name?: string | undefined },
  ): Promise<{ items: PackageObject[]; tree: string }> {
    const { tree } = await this.revision(id);
    const objects = await this.reader.objectsOf(tree);
    const items = objects.filter(
      ({ kind, name }) =>
        (filter.kind === undefined || filter.kind === kind) && (filter.name === undefined || filter.name === name),
    );
    return { items, tree };
  }

  private async revision(id: string): Promise<RevisionRow> {
    return found(await this.store.find(id), 'package revision', id);
  }
}
