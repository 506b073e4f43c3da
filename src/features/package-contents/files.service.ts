import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { ContentReader, type FileEntry, type PackageObject, type ReadFile } from '../../content/content.reader.js';
import { ContentService } from '../../content/content.service.js';
import { DomainError } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import { isYamlPath } from '../../krm/parse.js';
import { archive } from './archive.js';
import { PackageRevisionStore } from '../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../revisions/revision-row.js';

/** A revision's files one by one, as an archive, and the objects in them. */
@Injectable()
export class FilesService {
  constructor(
    private readonly store: PackageRevisionStore,
    private readonly reader: ContentReader,
    private readonly content: ContentService,
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

  /** What of the package is meant for a cluster, as one YAML stream. Throws `invalidPackage` where a file cannot be read. */
  async manifests(id: string): Promise<{ row: RevisionRow; content: Buffer }> {
    const row = await this.revision(id);
    const files = (await this.reader.filesWithContent(row.tree)).filter(({ path }) => isYamlPath(path));
    const unread = files.find(({ parseError }) => parseError !== null);
    if (unread) {
      throw new DomainError('invalidPackage', `What is in "${unread.path}" is not known: ${unread.parseError}`);
    }
    const found = await this.content.manifests(files.map(({ content }) => content));
    const documents = files.flatMap(({ path }, index) =>
      (found[index] ?? []).map((text) => `---\n# ${path.replaceAll(/\p{Cc}/gu, ' ')}\n${text}\n`),
    );
    return { row, content: Buffer.from(documents.join('')) };
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
