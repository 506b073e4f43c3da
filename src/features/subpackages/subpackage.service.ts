import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import type { ContentFile } from '../../content/content.js';
import { isIn, putInto } from '../../content/folders.js';
import { Database } from '../../database/database.js';
import { DomainError, refusal } from '../../domain/errors.js';
import { checkFilePaths } from '../../domain/file-path.js';
import type { Precondition } from '../../domain/precondition.js';
import type { RevisionDetailRow } from '../../revisions/package-revision.store.js';
import { ResourcesService } from '../package-contents/resources.service.js';
import { PackageContent } from '../package-revisions/authoring/package-content.js';
import { type UpstreamChoice, UpstreamService } from '../package-revisions/authoring/upstream.service.js';
import { PackageRevisionService } from '../package-revisions/package-revision.service.js';

export interface NewSubpackage {
  /** A folder of the draft that is not there yet. */
  path: string;
  upstream: UpstreamChoice;
}

/** Packages within packages, each with an upstream of its own. */
@Injectable()
export class SubpackageService {
  constructor(
    private readonly database: Database,
    private readonly upstreams: UpstreamService,
    private readonly content: PackageContent,
    private readonly resources: ResourcesService,
    private readonly revisions: PackageRevisionService,
  ) {}

  /** Puts the content of an upstream into a folder of a draft, as a clone has it. `seen`: the draft's content. */
  async add(
    id: string,
    { path, upstream: choice }: NewSubpackage,
    caller: Caller,
    seen: Precondition,
  ): Promise<RevisionDetailRow> {
    return this.database.transaction(async () => {
      const { upstream } = await this.upstreams.pin(choice, '/upstream', caller);
      const added = await this.content.subpackage(path.split('/').at(-1) ?? path, upstream);
      const [written, kept] = [putInto(path, added.written), putInto(path, added.kept)];
      assertPaths([...written, ...kept]);
      await this.resources.edit(id, { actor: caller.user, precondition: seen, paths: null }, (current) => {
        assertFree(path, current);
        return { written, kept: [...current, ...kept] };
      });
      return this.revisions.get(id);
    });
  }
}

/** Also those that the API writes itself are held to what it takes. */
function assertPaths(files: readonly { path: string }[]): void {
  const [fault] = checkFilePaths(files.map(({ path }) => path));
  if (fault) throw refusal('invalidBody', '/path', fault.code, fault.message);
}

function assertFree(path: string, current: readonly ContentFile[]): void {
  const isTaken = current.some((entry) => entry.path === path || isIn(path)(entry) || isIn(entry.path)({ path }));
  if (!isTaken) return;
  throw new DomainError('nameConflict', `The package holds "${path}" already, or a file where that would be a folder.`);
}
