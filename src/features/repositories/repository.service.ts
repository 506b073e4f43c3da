import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { INSTANCE } from '../../access/permission.js';
import { AuditLog, POLICY_CHANGED } from '../../audit/audit-log.js';
import { noteChange } from '../../audit/noted-change.js';
import type { Operation } from '../../database/generated/client.js';
import { stated } from '../../domain/condition.js';
import { discoveryOf, type GivenDiscovery, isSameDiscovery } from '../../domain/discovery.js';
import { DomainError } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import { EventLog } from '../../events/event-log.js';
import type { Part, Rows } from '../../domain/list.js';
import { type MergePatch, mergePatch } from '../../domain/merge-patch.js';
import { assertPrecondition, type Precondition } from '../../domain/precondition.js';
import { type GivenPolicy, policyChanges, policyOf } from '../../domain/release-policy.js';
import { uuidv7 } from '../../domain/uuid.js';
import { type ProbedPlace, RemoteProbe } from '../../remotes/remote-probe.js';
import { Upstreams } from '../../revisions/upstreams/upstreams.js';
import { Outbox } from '../../jobs/outbox.js';
import { CredentialUse } from '../credentials/credential-use.js';
import { assertNoOverlap, type RepositoryGit, RepositoryLocations } from './repository-location.js';
import { assertLabelCount, assertUnchanged, placeAfter, type RepositoryPatch } from './repository-patch.js';
import type { RepositoryFilter } from './repository.filter.js';
import { type RepositoryRow, RepositoryStore } from './repository.store.js';
import { toRepositoryResponse } from './repository.view.js';

export interface NewRepository {
  name: string;
  description: string | null;
  labels: Record<string, string>;
  deployment: boolean;
  git: RepositoryGit;
  syncIntervalSeconds: number | null;
  discovery?: MergePatch<GivenDiscovery> | undefined;
  policy?: MergePatch<GivenPolicy> | undefined;
}

/** A repository as a dry run has it. */
interface ForetoldRepository {
  git: ProbedPlace;
  status: object;
}

@Injectable()
export class RepositoryService {
  constructor(
    private readonly store: RepositoryStore,
    private readonly locations: RepositoryLocations,
    private readonly credentials: CredentialUse,
    private readonly outbox: Outbox,
    private readonly log: AuditLog,
    private readonly events: EventLog,
    private readonly probe: RemoteProbe,
    private readonly upstreams: Upstreams,
  ) {}

  /** Counts, here and in {@link get}, are of what the caller may see. */
  async list(filter: RepositoryFilter, caller: Caller, part: Part): Promise<Rows<RepositoryRow>> {
    const repositories = caller.visibility('repositories.read');
    return this.store.list(filter, { repositories, packages: caller.visibility('packages.read') }, part);
  }

  async get(id: string, caller: Caller): Promise<RepositoryRow> {
    return found(await this.store.find(id, caller.visibility('packages.read')), 'repository', id);
  }

  /** Registers a repository and asks for its first sync. Nothing is asked of the remote here. */
  async create(request: NewRepository, caller: Caller): Promise<RepositoryRow> {
    caller.assertAllowed('repositories.create', INSTANCE);
    const location = this.locations.read(request.git);
    assertNoOverlap(location.directory, await this.store.lockSameRemote(location));
    await this.credentials.assertUsable(location.url, request.git.credentialId, caller);
    const now = new Date();
    const row = await this.store.insert(
      {
        ...location,
        id: uuidv7(),
        name: request.name,
        description: request.description,
        labels: request.labels,
        deployment: request.deployment,
        credentialId: request.git.credentialId,
        syncIntervalSeconds: request.syncIntervalSeconds,
        discovery: mergePatch<GivenDiscovery>({}, request.discovery),
        policy: mergePatch<GivenPolicy>({}, request.policy),
        conditions: [syncing(now)],
        createdAt: now,
        createdBy: caller.user,
        updatedAt: now,
        updatedBy: caller.user,
      },
      now,
    );
    await this.tell('registered', row);
    await this.startSync(row, caller.user);
    return row;
  }

  /** What a dry run answers: what the remote tells now of the repository that would be registered. */
  async foresee<Foretold extends ForetoldRepository>(repository: Foretold): Promise<Foretold> {
    const { git, status } = repository;
    const { condition, ref, ...counts } = await this.probe.look(git);
    const conditions = [{ ...condition, lastTransitionTime: new Date().toISOString() }];
    return {
      ...repository,
      git: { ...git, ref },
      status: { ...status, ...counts, conditions, ...{ nextSyncAt: null, waitingFor: null } },
    };
  }

  async update(id: string, patch: RepositoryPatch, seen: Precondition, caller: Caller): Promise<RepositoryRow> {
    const current = await this.lockAsSeen(id, seen);
    assertUnchanged(current, patch);
    const credentialId = patch.git?.credentialId;
    const place = placeAfter(current, patch);
    const location = place && this.locations.read(place);
    if (location) assertNoOverlap(location.directory, await this.store.lockSameRemote(location, id));
    const signsInOtherwise = credentialId !== undefined && credentialId !== current.credentialId;
    const url = location?.url ?? current.url;
    if (signsInOtherwise || url !== current.url) {
      await this.credentials.assertUsable(
        url,
        credentialId === undefined ? current.credentialId : credentialId,
        caller,
      );
    }
    const now = new Date();
    const row = await this.store.update(id, {
      description: patch.description,
      labels: assertLabelCount(mergePatch(current.labels as Record<string, string>, patch.labels)),
      ...(location && { ...location, moved: true }),
      credentialId,
      syncIntervalSeconds: patch.syncIntervalSeconds,
      discovery: mergePatch(current.discovery as GivenDiscovery, patch.discovery),
      policy: mergePatch(current.policy as GivenPolicy, patch.policy),
      updatedAt: now,
      updatedBy: caller.user,
    });
    await this.recordPolicy(current, row);
    await this.tell(
      'changed',
      row,
      Object.keys(patch).filter((field) => patch[field as keyof RepositoryPatch] !== undefined),
    );
    if (patch.syncIntervalSeconds) {
      await this.store.syncBy(id, new Date(now.getTime() + patch.syncIntervalSeconds * 1000));
    }
    if (location) await this.store.readAnew(id);
    if (location) await this.upstreams.repositoryChanged(current, row);
    // A sync shows at once whether the new credential opens the remote, whether the new place is one, and what is a package
    // by the new rule.
    const isRuleNew = !isSameDiscovery(discoveryOf(row), discoveryOf(current));
    if (isRuleNew || signsInOtherwise || location) await this.startSync(row, caller.user);
    return row;
  }

  /** Forgets a repository with all that is indexed of it. The remote is not touched. */
  async delete(id: string, drafts: 'discard' | undefined, seen: Precondition): Promise<void> {
    const row = await this.lockAsSeen(id, seen);
    const { name } = row;
    const unpublished = await this.store.unpublished(id, 20);
    if (drafts !== 'discard' && unpublished.count > 0) {
      throw new DomainError(
        'draftsExist',
        `"${name}" has ${unpublished.count} drafts or proposals that are not published. Publish or delete them, or send drafts=discard.`,
        { drafts: unpublished.names, draftCount: unpublished.count },
      );
    }
    await this.outbox.cancelAll(id);
    await this.store.delete(id);
    await this.upstreams.repositoryChanged(row);
    await this.tell('unregistered', row);
    // A worker that comes and finds no repository removes the mirror.
    await this.outbox.ring(id);
  }

  async sync(id: string, caller: Caller): Promise<Operation> {
    const repository = await this.get(id, caller);
    noteChange(id, { before: toRepositoryResponse(repository).etag });
    return this.startSync(repository, caller.user);
  }

  /** An entry for each setting, beside that of the request, which has no more than entity tags. */
  private async recordPolicy(before: RepositoryRow, after: RepositoryRow): Promise<void> {
    const changes = policyChanges(policyOf(before), policyOf(after));
    if (changes.length === 0) return;
    const { id, name } = after;
    await this.log.record(
      changes.map(({ setting, ...values }) => ({
        action: POLICY_CHANGED,
        resourceType: 'Repository',
        resourceId: id,
        repositoryId: id,
        reason: `policy.${setting} of ${name}`,
        ...values,
      })),
    );
  }

  private async tell(
    what: 'registered' | 'changed' | 'unregistered',
    { id, name }: RepositoryRow,
    changed?: string[],
  ): Promise<void> {
    const facts = { id, name, ...(changed && { changed }) };
    await this.events.record([{ type: `repository.${what}`, repositoryId: id, path: null, facts }]);
  }

  private async startSync({ id, name }: RepositoryRow, actor: string): Promise<Operation> {
    const target = { type: 'Repository', id, name } as const;
    return this.outbox.start({ kind: 'sync', repositoryId: id, target, payload: {}, requestedBy: actor });
  }

  private async lockAsSeen(id: string, seen: Precondition): Promise<RepositoryRow> {
    const current = found(await this.store.lock(id), 'repository', id);
    const before = toRepositoryResponse(current).etag;
    assertPrecondition(seen, before, 'The repository');
    noteChange(id, { before });
    return current;
  }
}

const syncing = (now: Date) => ({
  ...stated('Ready', 'Syncing', 'The remote has not been read yet.'),
  lastTransitionTime: now.toISOString(),
});
