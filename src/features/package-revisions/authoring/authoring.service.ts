import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { Database } from '../../../database/database.js';
import type { Repository } from '../../../database/generated/client.js';
import { DomainError, refusal } from '../../../domain/errors.js';
import { AuthoredRevisions } from '../../../revisions/authored-revisions.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import { PackageStore } from '../../../revisions/package.store.js';
import { Packages } from '../../../revisions/packages.js';
import { AuthoringStore } from './authoring.store.js';
import { HeadRules } from '../head-rules.js';
import { assertMetadata } from '../metadata.js';
import { PackageContent } from './package-content.js';
import { type NewRevision, OriginService } from './origin.service.js';
import { assertNoClash, nameTaken } from './package-location.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { RevisionWork } from '../revision-work.js';
import { unknownReference } from './upstream.service.js';

/** Creates drafts. A creation that fails leaves nothing behind. */
@Injectable()
export class AuthoringService {
  constructor(
    private readonly database: Database,
    private readonly revisions: AuthoredRevisions,
    private readonly authoring: AuthoringStore,
    private readonly packages: Packages,
    private readonly packageStore: PackageStore,
    private readonly origins: OriginService,
    private readonly content: PackageContent,
    private readonly revisionStore: PackageRevisionStore,
    private readonly rules: HeadRules,
    private readonly work: RevisionWork,
  ) {}

  /** Where the draft goes the caller must be allowed to create one, and what it comes from they must be allowed to see. */
  async create(request: NewRevision, caller: Caller): Promise<RevisionRow> {
    return (await this.createWarned(request, caller)).row;
  }

  /** Creates like {@link create}, and gives the warnings that the caller is to read: sentences. */
  async createWarned(request: NewRevision, caller: Caller): Promise<{ row: RevisionRow; warnings: readonly string[] }> {
    assertMetadata(request);
    const isNext = request.source.type === 'copy' || request.source.type === 'upgrade';
    if (request.overwriteHead && !isNext)
      throw refusal('invalidBody', '/overwriteHead', 'notAllowed', 'Only a copy has a head that it could overwrite.');
    return this.database.transaction(async () => {
      const repository = await this.syncedRepository(request.repositoryId, caller);
      const origin = await this.origins.find(request, repository, caller);
      const { identity, source } = origin;
      caller.assertAllowed('packageRevisions.create', { repositoryId: repository.id, path: identity.path });
      await this.authoring.queueCreations(repository.id, identity.path);
      const neighbours = await this.authoring.neighbours(repository.id, identity.path);
      const maySee = (path: string) => caller.allows('packages.read', { repositoryId: repository.id, path });
      assertNoClash({ path: identity.path, leaf: request.workspace }, neighbours, repository, maySee);
      if (!isNext) await this.assertNotNested(repository.id, identity.path, maySee);
      const owner = await this.packages.claim(repository.id, identity);
      if (!isNext && (owner.headTree !== null || (await this.packageStore.hasRevisions(owner.id)))) {
        throw new DomainError(
          'packageExists',
          `The package "${identity.path}" exists already. For its next revision use the source "copy".`,
          { packageId: owner.id },
        );
      }
      const tree = await origin.content();
      const beginning = {
        path: owner.path,
        copied: origin.copied,
        overwriteHead: request.overwriteHead ?? false,
        actor: caller.user,
      };
      const base = await this.rules.beginning(beginning, await this.revisionStore.packageNow(owner.id));
      const isMade = source.type === 'clone' || source.type === 'upgrade';
      const remarks = isMade ? await this.content.remarks(tree, origin.upstream, repository) : [];
      const row = await this.revisions.createDraft(repository, owner, {
        workspace: request.workspace,
        tree,
        ...base,
        conditions: [...base.conditions, ...remarks],
        source,
        upstream: origin.upstream,
        upstreamRevisionId: origin.upstreamRevisionId,
        labels: request.labels ?? {},
        annotations: request.annotations ?? {},
        at: new Date(),
        by: caller.user,
      });
      await this.work.push(row, caller.user);
      return { row, warnings: origin.warnings ?? [] };
    });
  }

  /** A publication replaces its whole directory, so a new package inside another would be taken off the ref by it. */
  private async assertNotNested(repositoryId: string, path: string, maySee: (path: string) => boolean): Promise<void> {
    const other = await this.authoring.packageAround(repositoryId, path);
    if (other === null) return;
    if (!maySee(other)) throw nameTaken(path);
    throw new DomainError(
      'nameConflict',
      `"${path}" and the package "${other}" would lie one inside the other; choose another path.`,
    );
  }

  private async syncedRepository(id: string, caller: Caller): Promise<Repository> {
    const repository = await this.authoring.repository(id);
    if (!repository || !caller.allows('repositories.read', { repositoryId: id }))
      throw unknownReference('/repositoryId', `There is no repository with the id ${id}.`);
    if (repository.synced) return repository;
    throw new DomainError(
      'stateConflict',
      `The repository "${repository.name}" was not read yet, so nobody knows what is in it. Try again once it is synced.`,
      { repositoryId: id },
    );
  }
}
