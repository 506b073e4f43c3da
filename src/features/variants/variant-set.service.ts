import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { noteChange } from '../../audit/noted-change.js';
import { DomainError, refusal } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import type { Part, Rows } from '../../domain/list.js';
import { assertPrecondition, type Precondition } from '../../domain/precondition.js';
import { uuidv7 } from '../../domain/uuid.js';
import { newIdentity } from '../package-revisions/authoring/package-location.js';
import { type MemberChanges, memberChanges } from './member-changes.js';
import { MemberStore } from './member.store.js';
import { VariantRights } from './variant-rights.js';
import {
  ownedBy,
  type TargetChoice,
  type VariantRow,
  type VariantSetRow,
  type VariantTemplate,
} from './variant-row.js';
import { given, type RulesPatch } from './variant.service.js';
import type { VariantSetFilter } from './variant-set.filter.js';
import { type CountedSet, VariantSetStore } from './variant-set.store.js';
import { toVariantSetResponse } from './variant-set.view.js';
import { VariantWork } from './variant-work.js';

export interface NewVariantSet extends VariantTemplate {
  name: string;
  description: string;
  targets: TargetChoice;
}

/** What is left out stays. */
export interface VariantSetPatch extends RulesPatch {
  description?: string | undefined;
  targets?: TargetChoice | undefined;
}

/** Sets of variants. A worker makes, changes and retires their members. */
@Injectable()
export class VariantSetService {
  constructor(
    private readonly store: VariantSetStore,
    private readonly members: MemberStore,
    private readonly rights: VariantRights,
    private readonly work: VariantWork,
  ) {}

  async list(filter: VariantSetFilter, caller: Caller, part: Part): Promise<Rows<CountedSet>> {
    return this.store.list(filter, caller.visibility('variants.read'), part);
  }

  async get(id: string): Promise<CountedSet> {
    return found(await this.store.find(id), 'variant set', id);
  }

  async create({ name, description, targets, ...template }: NewVariantSet, caller: Caller): Promise<CountedSet> {
    const { repositoryId, realm, package: packageName } = template.downstream;
    const repository = await this.rights.repository(repositoryId, caller);
    if (!repository.deployment) {
      const message = 'A catalog delivers to nothing; the members of a set go to targets.';
      throw refusal('invalidBody', '/downstream/repositoryId', 'notAllowed', message);
    }
    for (const target of 'names' in targets ? targets.names : ['target']) {
      newIdentity({ target, realm, package: packageName }, repository, '/downstream');
    }
    this.assertMay(template, caller);
    await this.rights.assertUpstream(template, caller);
    const now = new Date();
    const row = await this.store.insert({
      ...{ id: uuidv7(), name, description, targets, template, repositoryId, ...ownedBy(caller) },
      ...{ dueAt: now, createdAt: now, createdBy: caller.user, updatedAt: now },
    });
    noteChange(row.id, { repositoryId });
    await this.work.start();
    return row;
  }

  async update(id: string, patch: VariantSetPatch, caller: Caller, seen: Precondition): Promise<CountedSet> {
    const row = await this.lockAsSeen(id, seen);
    const next = patched(row, patch);
    if (isDeepStrictEqual(next, { description: row.description, targets: row.targets, template: row.template }))
      return row;
    this.assertMay(next.template, caller);
    const now = new Date();
    const updated = await this.store.update(id, { ...next, ...ownedBy(caller), updatedAt: now, dueAt: now });
    await this.work.start();
    return updated;
  }

  /** What an update would do to the members; without one: what is about to be done. */
  async preview(id: string, patch: VariantSetPatch, caller: Caller): Promise<MemberChanges<VariantRow>> {
    const row = await this.get(id);
    const next = patched(row, patch);
    const targets = await this.members.targetsOf(next.targets, caller);
    return memberChanges({ ...row, ...next }, targets, await this.members.of(id));
  }

  /** Its members are retired. */
  async delete(id: string, caller: Caller, seen: Precondition): Promise<void> {
    const row = await this.lockAsSeen(id, seen);
    this.assertMay(row.template, caller);
    await this.members.retire(await this.members.of(id));
    await this.store.delete(id);
    await this.work.start();
  }

  /** A set makes packages wherever a target comes to be: that takes a right on all of the repository, and not one that a token narrows. */
  private assertMay(template: VariantTemplate, caller: Caller): void {
    this.rights.assertMay(template, template.downstream.repositoryId, null, caller);
    if (!caller.narrowed) return;
    throw new DomainError(
      'forbidden',
      'A set acts with your own rights later: a token with fewer cannot make or change one.',
    );
  }

  private async lockAsSeen(id: string, seen: Precondition): Promise<CountedSet> {
    const row = found(await this.store.lock(id), 'variant set', id);
    const { etag: before } = toVariantSetResponse(row);
    assertPrecondition(seen, before, `The variant set "${row.name}"`);
    noteChange(id, { before, repositoryId: row.repositoryId });
    return row;
  }
}

function patched(
  { description, targets, template }: VariantSetRow,
  { description: otherWords = description, targets: otherTargets = targets, upstream, ...rules }: VariantSetPatch,
): Pick<VariantSetRow, 'description' | 'targets' | 'template'> {
  const followed = { ...template.upstream, ...upstream };
  return {
    description: otherWords,
    targets: otherTargets,
    template: { ...template, ...given(rules), upstream: followed },
  };
}
