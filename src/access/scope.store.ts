import { type FactoryProvider, Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Prisma } from '../database/generated/client.js';
import type { Caller } from './caller.js';
import type { Permission, Scope } from './permission.js';

/** A noun whose resources have ids: `/api/v1/<collection>/<id>`. */
export interface ScopedNoun {
  collection: string;
  /** In sentences: "There is no package with the id …". */
  noun: string;
  /** Without this permission a resource looks as if it did not exist. */
  read: Permission;
  /** A table or view with the scopes of each resource by its `id`. Where it has several rows of an id, a caller needs the permission in every one. */
  table: string;
  /** The column of the repository that a row belongs to; left out: rows belong to the instance. */
  repositoryId?: 'id' | 'repository_id';
  /** The column of the package path that a row belongs to; left out: rows belong to the whole repository. */
  path?: 'path';
  /** For a resource that lies in several places: the condition on its row `t` that a caller meets who sees one of these. Whoever changes it needs a right on the instance. */
  seen?: (caller: Caller) => Prisma.Sql;
}

/** Finds what a resource belongs to. That never changes, so it may be asked before the work and outside its transaction. */
@Injectable()
export class ScopeStore {
  private readonly nouns = new Map<string, ScopedNoun>();

  constructor(private readonly database: Database) {}

  register(noun: ScopedNoun): void {
    if (this.nouns.has(noun.collection)) throw new Error(`Two nouns call their collection "${noun.collection}"`);
    this.nouns.set(noun.collection, noun);
  }

  nounOf(collection: string): ScopedNoun | undefined {
    return this.nouns.get(collection);
  }

  async find({ table, repositoryId, path }: ScopedNoun, id: string): Promise<Scope[]> {
    const columns = `${repositoryId ?? 'NULL'} AS "repositoryId", ${path ?? 'NULL'} AS path`;
    const select = Prisma.raw(`SELECT ${columns} FROM ${table}`);
    return this.database.readByKey<Scope>(Prisma.sql`${select} WHERE id = ${id}::uuid`);
  }

  /** Whether the row with this id meets the condition by which a caller sees it; null: there is no such row. */
  async isSeen(table: string, id: string, condition: Prisma.Sql): Promise<boolean | null> {
    const from = Prisma.raw(`FROM ${table} t`);
    const [row] = await this.database.read<{ seen: boolean }>(
      Prisma.sql`SELECT ${condition} AS seen ${from} WHERE t.id = ${id}::uuid`,
    );
    return row?.seen ?? null;
  }
}

/** A provider by which the module of a noun has the access guard find its resources. */
export const scopeOf = (noun: ScopedNoun): FactoryProvider<ScopedNoun> => ({
  provide: `scope of ${noun.collection}`,
  inject: [ScopeStore],
  useFactory: (scopes: ScopeStore) => {
    scopes.register(noun);
    return noun;
  },
});
