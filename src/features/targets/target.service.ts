import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { noteChange } from '../../audit/noted-change.js';
import { DomainError, refusal } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import { MAX_LABELS } from '../../domain/labels.js';
import type { Part, Rows } from '../../domain/list.js';
import { type MergePatch, mergePatch } from '../../domain/merge-patch.js';
import { assertPrecondition, type Precondition } from '../../domain/precondition.js';
import { uuidv7 } from '../../domain/uuid.js';
import { EventLog } from '../../events/event-log.js';
import { Targets } from '../../revisions/targets.js';
import type { TargetFilter } from './target.filter.js';
import { targetSight } from './target.sql.js';
import { type TargetRow, TargetStore } from './target.store.js';
import { toTargetResponse } from './target.view.js';

export interface NewTarget {
  name: string;
  description: string | null;
  labels: Record<string, string>;
  repositoryIds: string[] | null;
}

/** What is left out stays, null clears. */
export interface TargetPatch {
  description?: string | null | undefined;
  labels?: MergePatch<Record<string, string>> | undefined;
  repositoryIds?: string[] | null | undefined;
}

/** How many repositories a refusal names at most. */
const SHOWN = 20;

/** Where deployment packages go. One is there by itself as soon as a package names it, and stays until somebody deletes it. */
@Injectable()
export class TargetService {
  constructor(
    private readonly store: TargetStore,
    private readonly targets: Targets,
    private readonly events: EventLog,
  ) {}

  /** Counts, here and in {@link get}, are of what the caller may see. */
  async list(filter: TargetFilter, caller: Caller, part: Part): Promise<Rows<TargetRow>> {
    return this.store.list(filter, targetSight(caller), part);
  }

  async get(id: string, caller: Caller): Promise<TargetRow> {
    return found(await this.store.find(id, targetSight(caller)), 'target', id);
  }

  async create({ name, description, labels, repositoryIds }: NewTarget, caller: Caller): Promise<TargetRow> {
    await this.assertKnown(repositoryIds ?? []);
    const now = new Date();
    const row = await this.store.insert({
      ...{ id: uuidv7(), name, description, labels, repositoryIds: repositoryIds ?? [] },
      ...{ createdAt: now, createdBy: caller.user, updatedAt: now },
    });
    await this.tell('created', row);
    return row;
  }

  async update(id: string, patch: TargetPatch, seen: Precondition): Promise<TargetRow> {
    const row = await this.lockAsSeen(id, seen);
    const { description = row.description, repositoryIds = row.repositoryIds } = patch;
    const next = { description, labels: mergePatch(row.labels, patch.labels), repositoryIds };
    const changed = (Object.keys(next) as (keyof typeof next)[]).filter(
      (field) => !isDeepStrictEqual(next[field], row[field]),
    );
    if (changed.length === 0) return row;
    if (Object.keys(next.labels).length > MAX_LABELS) {
      throw refusal('invalidBody', '/labels', 'tooBig', `There may be at most ${MAX_LABELS} labels.`);
    }
    if (changed.includes('repositoryIds')) await this.assertKnown(repositoryIds ?? []);
    const updated = await this.store.update(id, {
      ...next,
      repositoryIds: repositoryIds ?? [],
      updatedAt: new Date(),
    });
    await this.tell('changed', updated, changed);
    return updated;
  }

  /** Forgets a target that no package names: one that a package names would be there again at once. */
  async delete(id: string, seen: Precondition): Promise<void> {
    await this.targets.forbidNew();
    const row = await this.lockAsSeen(id, seen);
    const repositories = await this.store.repositoriesOf(row.name, SHOWN);
    if (repositories.length > 0) {
      const where = repositories.join(', ');
      throw new DomainError('inUse', `Packages still go to "${row.name}", in the repositories ${where}.`, {
        repositories,
      });
    }
    await this.store.delete(id);
    await this.tell('deleted', row);
  }

  private async lockAsSeen(id: string, seen: Precondition): Promise<TargetRow> {
    const row = found(await this.store.lock(id), 'target', id);
    const { etag: before } = toTargetResponse(row);
    assertPrecondition(seen, before, `The target "${row.name}"`);
    noteChange(id, { before });
    return row;
  }

  private async assertKnown(repositoryIds: readonly string[]): Promise<void> {
    const known = await this.store.repositoriesAmong(repositoryIds);
    const at = repositoryIds.findIndex((id) => !known.has(id));
    if (at < 0) return;
    const message = `There is no repository with the id ${repositoryIds[at]}.`;
    throw refusal('invalidBody', `/repositoryIds/${at}`, 'notFound', message);
  }

  private async tell(what: 'created' | 'changed' | 'deleted', { id, name }: TargetRow, changed?: string[]) {
    const facts = { id, name, ...(changed && { changed }) };
    await this.events.record([{ type: `target.${what}`, repositoryId: null, path: null, facts }]);
  }
}
