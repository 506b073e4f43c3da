import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { DomainError } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import type { Part, Rows } from '../../domain/list.js';
import { type Resources, ResourcesReader } from '../package-contents/resources-reader.js';
import type { PackageFilter } from '../../revisions/package.filter.js';
import { type PackageRow, PackageStore } from '../../revisions/package.store.js';

/** Packages, as their repositories' refs and their revisions make them; nothing is changed here. */
@Injectable()
export class PackageService {
  constructor(
    private readonly store: PackageStore,
    private readonly reader: ResourcesReader,
  ) {}

  async list(filter: PackageFilter, visible: Visibility, part: Part): Promise<Rows<PackageRow>> {
    return this.store.list(filter, visible, part);
  }

  async get(id: string): Promise<PackageRow> {
    return found(await this.store.find(id), 'package', id);
  }

  /** The files that the repository's ref holds now. */
  async resources(id: string): Promise<Resources> {
    const { path, headTree } = await this.get(id);
    if (headTree !== null) return this.reader.read(headTree);
    throw new DomainError('notFound', `The repository's ref holds nothing of the package "${path}".`);
  }
}
