import { Injectable } from '@nestjs/common';
import { type Caller, signedIn } from '../../access/caller.js';
import { noteChange } from '../../audit/noted-change.js';
import type { ContentFile } from '../../content/content.js';
import { isIn, putInto } from '../../content/folders.js';
import { Database } from '../../database/database.js';
import type { Operation } from '../../database/generated/client.js';
import { DomainError, refusal } from '../../domain/errors.js';
import { checkFilePaths } from '../../domain/file-path.js';
import type { GitPlace } from '../../domain/git-place.js';
import type { Precondition } from '../../domain/precondition.js';
import { Outbox } from '../../jobs/outbox.js';
import { KPTFILE } from '../../krm/kptfile.js';
import { currentContext } from '../../logging/request-context.js';
import type { RevisionDetailRow } from '../../revisions/package-revision.store.js';
import { GitPlaceService, type NamedPlace } from '../git-places/git-place.service.js';
import { ResourcesService } from '../package-contents/resources.service.js';
import {
  PackageContent,
  type PackageFiles,
  type PinnedUpstream,
} from '../package-revisions/authoring/package-content.js';
import { type UpstreamChoice, UpstreamService } from '../package-revisions/authoring/upstream.service.js';
import { PackageRevisionService } from '../package-revisions/package-revision.service.js';

export interface NewSubpackage {
  /** A folder of the draft that is not there yet. */
  path: string;
  upstream: UpstreamChoice | { git: NamedPlace };
}

/** The draft that was changed or, foretold, as it is; or the operation that is to change it. */
export type AddedSubpackage = { draft: RevisionDetailRow; isForetold: boolean } | { operation: Operation };

/** A folder that a draft is to get. `seen`: the draft's content. */
export interface NewFolder {
  id: string;
  path: string;
  seen: Precondition;
}

/** Where the place stands in a request. */
export const SUBPACKAGE_PLACE = '/upstream/git';

/** Packages within packages, each with an upstream of its own. */
@Injectable()
export class SubpackageService {
  constructor(
    private readonly database: Database,
    private readonly upstreams: UpstreamService,
    private readonly places: GitPlaceService,
    private readonly content: PackageContent,
    private readonly resources: ResourcesService,
    private readonly revisions: PackageRevisionService,
    private readonly outbox: Outbox,
  ) {}

  /** Puts the content of an upstream into a folder of a draft, as a clone has it; asks workers for what no index has. */
  async add(
    id: string,
    { path, upstream: choice }: NewSubpackage,
    caller: Caller,
    seen: Precondition,
  ): Promise<AddedSubpackage> {
    const folder = { id, path, seen };
    return this.database.transaction(async () => {
      const settled = 'git' in choice ? await this.places.settle(choice.git, SUBPACKAGE_PLACE, caller) : choice;
      if ('place' in settled) {
        await this.assertFits(folder, caller);
        const draft = await this.revisions.get(id);
        return this.database.isRehearsing
          ? { draft, isForetold: true }
          : { operation: await this.ask(folder, settled.place, draft, caller) };
      }
      const { upstream } = await this.upstreams.pin(settled, '/upstream', caller);
      await this.put(folder, upstream, caller);
      return { draft: await this.revisions.get(id), isForetold: false };
    });
  }

  /** Puts an upstream's content there. Gives the draft's tree. */
  async put(folder: NewFolder, upstream: PinnedUpstream, caller: Caller): Promise<string> {
    const files = await this.content.subpackage(folder.path.split('/').at(-1) ?? folder.path, upstream);
    return this.fill(folder, files, caller);
  }

  /** Throws what {@link put} would throw whatever the upstream holds. Leaves nothing behind. */
  async assertFits(folder: NewFolder, caller: Caller): Promise<void> {
    await this.database.rehearsePart(() => this.fill(folder, { written: [], kept: [] }, caller));
  }

  private async fill({ id, path, seen }: NewFolder, files: PackageFiles, caller: Caller): Promise<string> {
    const [written, kept] = [putInto(path, files.written), putInto(path, files.kept)];
    assertPaths([{ path: `${path}/${KPTFILE}` }, ...written, ...kept]);
    const edit = { actor: caller.user, precondition: seen, paths: null };
    const { etag } = await this.resources.edit(id, edit, (current) => {
      assertFree(path, current);
      return { written, kept: [...current, ...kept] };
    });
    noteChange(id, { after: etag });
    return etag;
  }

  private async ask(
    { id, path, seen: { ifMatch } }: NewFolder,
    place: GitPlace,
    { repositoryId, path: packagePath, name }: RevisionDetailRow,
    caller: Caller,
  ): Promise<Operation> {
    return this.outbox.start({
      kind: 'clone',
      ...{ repositoryId, path: packagePath },
      target: { type: 'PackageRevision', id, name },
      payload: {
        ...{ subpackage: { revisionId: id, path, ifMatch }, place },
        caller: signedIn(caller),
        address: currentContext().address,
      },
      requestedBy: caller.user,
    });
  }
}

/** Also those that the API writes itself are held to what it takes. */
function assertPaths(files: readonly { path: string }[]): void {
  const [fault] = checkFilePaths([...new Set(files.map(({ path }) => path))]);
  if (fault) throw refusal('invalidBody', '/path', fault.code, fault.message);
}

function assertFree(path: string, current: readonly ContentFile[]): void {
  const isTaken = current.some((entry) => entry.path === path || isIn(path)(entry) || isIn(entry.path)({ path }));
  if (!isTaken) return;
  throw new DomainError('nameConflict', `The package holds "${path}" already, or a file where that would be a folder.`);
}
