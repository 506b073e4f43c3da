import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { noteChange } from '../../audit/noted-change.js';
import type { SearchView } from '../../database/generated/client.js';
import { DomainError, refusal } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import type { Part, Rows } from '../../domain/list.js';
import { assertPrecondition, type Precondition } from '../../domain/precondition.js';
import { uuidv7 } from '../../domain/uuid.js';
import { parseQuery } from '../../search/parse-query.js';
import type { ViewFilter } from './view.filter.js';
import { ViewStore } from './view.store.js';
import { toViewResponse } from './view.view.js';

export interface NewView {
  name: string;
  query: string;
  shared: boolean;
}

const MOST_OF_ONE_OWNER = 200;

/** Saved searches. Who keeps one to themselves keeps it from everybody; a shared one only its owner changes. */
@Injectable()
export class ViewService {
  constructor(private readonly store: ViewStore) {}

  async list(filter: ViewFilter, { user }: Caller, part: Part): Promise<Rows<SearchView>> {
    return this.store.list(filter, user, part);
  }

  async get(id: string, { user }: Caller): Promise<SearchView> {
    return found(await this.store.find(id, user), 'view', id);
  }

  async create({ name, query, shared }: NewView, { user }: Caller): Promise<SearchView> {
    parseQuery(query);
    if ((await this.store.lockOwner(user)) >= MOST_OF_ONE_OWNER) {
      throw refusal('invalidBody', '', 'tooBig', `You have ${MOST_OF_ONE_OWNER} views already: delete one first.`);
    }
    await this.assertFree(user, name);
    const now = new Date();
    return this.store.insert({ id: uuidv7(), name, query, shared, owner: user, createdAt: now, updatedAt: now });
  }

  async update(
    id: string,
    patch: { [Field in keyof NewView]?: NewView[Field] | undefined },
    caller: Caller,
    seen: Precondition,
  ) {
    if (patch.query !== undefined) parseQuery(patch.query);
    const row = await this.lockOwn(id, caller, seen);
    const { name = row.name, query = row.query, shared = row.shared } = patch;
    if (name === row.name && query === row.query && shared === row.shared) return row;
    if (name !== row.name) {
      await this.store.lockOwner(row.owner);
      await this.assertFree(row.owner, name);
    }
    return this.store.update(id, { name, query, shared, updatedAt: new Date() });
  }

  async delete(id: string, caller: Caller, seen: Precondition): Promise<void> {
    await this.lockOwn(id, caller, seen);
    await this.store.delete(id);
  }

  private async lockOwn(id: string, { user }: Caller, seen: Precondition): Promise<SearchView> {
    const row = found(await this.store.lock(id, user), 'view', id);
    if (row.owner !== user) throw new DomainError('forbidden', `Only ${row.owner}, whose view it is, may change it.`);
    const { etag: before } = toViewResponse(row);
    assertPrecondition(seen, before, `The view "${row.name}"`);
    noteChange(id, { before });
    return row;
  }

  private async assertFree(owner: string, name: string): Promise<void> {
    const id = await this.store.named(owner, name);
    if (id !== null) throw new DomainError('alreadyExists', `You have a view "${name}" already.`, { id });
  }
}
