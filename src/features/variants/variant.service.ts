import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { noteChange } from '../../audit/noted-change.js';
import { DomainError } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import type { Part, Rows } from '../../domain/list.js';
import { assertPrecondition, type Precondition } from '../../domain/precondition.js';
import type { DefaultResolution, Resolution } from '../../domain/upgrade.js';
import { uuidv7 } from '../../domain/uuid.js';
import { EventLog } from '../../events/event-log.js';
import { newIdentity } from '../package-revisions/authoring/package-location.js';
import type { VariantFilter } from './variant.filter.js';
import { VariantConflicts } from './variant-conflicts.js';
import { VariantRights } from './variant-rights.js';
import { NO_MUTATIONS, ownedBy, type VariantRow, type VariantRules } from './variant-row.js';
import { VariantStore } from './variant.store.js';
import { toVariantResponse } from './variant.view.js';
import { VariantWork } from './variant-work.js';

export interface NewVariant extends VariantRules {
  name: string;
  description: string;
  downstream: { repositoryId: string; target: string | null; realm: string; package: string };
}

/** What is left out stays. */
export type RulesPatch = {
  [Field in Exclude<keyof VariantRules, 'upstream'>]?: VariantRules[Field] | undefined;
} & { upstream?: { follow: string } | undefined };

export interface VariantPatch extends RulesPatch {
  description?: string | undefined;
  /** Null takes one, or all, away. */
  resolutions?: Record<string, Resolution | null> | undefined;
  defaultResolution?: DefaultResolution | null | undefined;
}

/** Packages that are kept in step with blueprints. What is said of them is written here; workers do the rest. */
@Injectable()
export class VariantService {
  constructor(
    private readonly store: VariantStore,
    private readonly rights: VariantRights,
    private readonly conflicts: VariantConflicts,
    private readonly work: VariantWork,
    private readonly events: EventLog,
  ) {}

  async list(filter: VariantFilter, caller: Caller, part: Part): Promise<Rows<VariantRow>> {
    return this.store.list(filter, caller.visibility('packages.read'), part);
  }

  async get(id: string): Promise<VariantRow> {
    return found(await this.store.find(id), 'variant', id);
  }

  async create({ name, description, downstream, ...rules }: NewVariant, caller: Caller): Promise<VariantRow> {
    const { repositoryId, target, realm, package: packageName } = downstream;
    const repository = await this.rights.repository(repositoryId, caller);
    const location = { target: target ?? undefined, realm, package: packageName };
    const { path } = newIdentity(location, repository, '/downstream');
    this.rights.assertMay(rules, repositoryId, path, caller);
    await this.rights.assertUpstream(rules, caller);
    const { upstream, ...others } = rules;
    const now = new Date();
    const row = await this.store.insert({
      ...{
        id: uuidv7(),
        name,
        setId: null,
        description,
        upstreamPackageId: upstream.packageId,
        follow: upstream.follow,
      },
      ...{ repositoryId, target, realm, package: packageName, path, ...others, ...ownedBy(caller) },
      ...{ resolutions: {}, defaultResolution: {}, retired: false, state: 'pending', reason: null },
      ...{ conflicts: [], conflictCount: 0, merge: null, warnings: [], packageId: null, draftId: null, made: null },
      ...{ dueAt: now, version: 1, createdAt: now, createdBy: caller.user, updatedAt: now, reconciledAt: null },
    });
    noteChange(row.id, { repositoryId, path });
    await this.tell('created', row);
    await this.work.start();
    return row;
  }

  async update(id: string, patch: VariantPatch, caller: Caller, seen: Precondition): Promise<VariantRow> {
    const row = await this.lockAsSeen(id, seen);
    const { resolutions, defaultResolution, ...others } = patch;
    if (row.setId !== null && Object.values(others).some((value) => value !== undefined)) throw ofSet(row);
    const { upstream, ...fields } = others;
    const next = {
      ...given(fields),
      ...(upstream && { follow: upstream.follow }),
      ...(resolutions && { resolutions: merged(row.resolutions, resolutions) }),
      ...(defaultResolution !== undefined && { defaultResolution: defaultResolution ?? {} }),
    };
    const changed = Object.entries(next).filter(
      ([key, value]) => !isDeepStrictEqual(row[key as keyof VariantRow], value),
    );
    if (changed.length === 0) return row;
    this.rights.assertMay(rulesOf({ ...row, ...next }), row.repositoryId, row.path, caller);
    await this.conflicts.assertKnown(row, resolutions);
    // What a set has made stays that of whoever owns the set.
    const owner = row.setId === null ? ownedBy(caller) : {};
    return this.change(row, { ...next, ...owner });
  }

  /** Has it looked at anew, also where its draft was deleted, or where nothing is done unasked. */
  async reconcile(id: string, caller: Caller): Promise<VariantRow> {
    const row = found(await this.store.lock(id), 'variant', id);
    this.rights.assertMay(rulesOf(row), row.repositoryId, row.path, caller);
    const { etag: before } = toVariantResponse(row);
    noteChange(id, { before, repositoryId: row.repositoryId, path: row.path });
    const unknown = { tree: null, mutations: NO_MUTATIONS, published: NO_MUTATIONS };
    const made = { ...unknown, ...row.made, inputs: '' };
    const due = await this.store.update(id, { made, dueAt: new Date() });
    await this.work.start();
    return due;
  }

  /** What becomes of its package is up to a worker. */
  async delete(id: string, caller: Caller, seen: Precondition): Promise<void> {
    const row = await this.lockAsSeen(id, seen);
    if (row.setId !== null) throw ofSet(row);
    this.rights.assertMay(rulesOf(row), row.repositoryId, row.path, caller);
    await this.change(row, { retired: true, ...ownedBy(caller) });
  }

  private async change(row: VariantRow, columns: Partial<VariantRow>): Promise<VariantRow> {
    const now = new Date();
    const changed = await this.store.update(row.id, {
      ...columns,
      version: row.version + 1,
      updatedAt: now,
      dueAt: now,
    });
    await this.tell('changed', changed);
    await this.work.start();
    return changed;
  }

  private async lockAsSeen(id: string, seen: Precondition): Promise<VariantRow> {
    const row = found(await this.store.lock(id), 'variant', id);
    const { etag: before } = toVariantResponse(row);
    assertPrecondition(seen, before, `The variant "${row.name}"`);
    noteChange(id, { before, repositoryId: row.repositoryId, path: row.path });
    return row;
  }

  private async tell(what: 'created' | 'changed', { id, name, repositoryId, path, state }: VariantRow): Promise<void> {
    const facts = { id, name, repositoryId, path, state };
    await this.events.record([{ type: `variant.${what}`, repositoryId, path, facts }]);
  }
}

const rulesOf = (row: VariantRow): VariantRules => ({
  ...row,
  upstream: { packageId: row.upstreamPackageId, follow: row.follow },
});

/** Those fields of a patch that are there. */
export const given = <Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

function merged(
  before: Record<string, Resolution>,
  patch: Record<string, Resolution | null>,
): Record<string, Resolution> {
  const all = Object.entries({ ...before, ...patch });
  return Object.fromEntries(all.filter((entry): entry is [string, Resolution] => entry[1] !== null));
}

const ofSet = ({ name }: VariantRow): DomainError =>
  new DomainError('stateConflict', `"${name}" is a member of a set: change the set. Its conflicts are settled here.`);
