import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { ContentStore } from '../../content/content.store.js';
import { folderTree, withFolder } from '../../content/folders.js';
import { DomainError } from '../../domain/errors.js';
import { PackageRevisionStore } from '../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../revisions/revision-row.js';
import { ResourcesService } from '../package-contents/resources.service.js';
import type { PreviewRow } from './upgrade-preview.store.js';

/** Upgrades subpackages in the drafts that hold them. */
@Injectable()
export class FolderUpgrades {
  constructor(
    private readonly content: ContentStore,
    private readonly resources: ResourcesService,
    private readonly revisions: PackageRevisionStore,
  ) {}

  /** Puts what was previewed in the place of the folder. Throws `contentChanged` where that holds something else by now. */
  async apply(
    { subpackage, oursTree, resultTree }: PreviewRow,
    { id, name, repositoryId, path }: RevisionRow,
    caller: Caller,
  ): Promise<RevisionRow> {
    const folder = subpackage ?? '';
    caller.assertAllowed('packageRevisions.edit', { repositoryId, path });
    const result = await this.content.filesOf(resultTree);
    const edit = { actor: caller.user, precondition: { ifMatch: '*' }, paths: null };
    await this.resources.edit(id, edit, (current) => {
      if (folderTree(folder, current) !== oursTree) throw changedSince(`"${folder}" of "${name}"`);
      return { written: [], kept: withFolder(folder, current, result) };
    });
    return this.revisions.reread(id);
  }
}

export const changedSince = (what: string): DomainError =>
  new DomainError('contentChanged', `${what} has changed since the preview was made. Make another one.`);
