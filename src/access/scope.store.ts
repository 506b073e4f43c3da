import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Prisma } from '../database/generated/client.js';
import type { Permission, Scope } from './permission.js';

/** The things that have an id of their own, by their part of the path: `/api/v1/<collection>/<id>`. */
export const COLLECTIONS = {
  repositories: { noun: 'repository', read: 'repositories.read' },
  credentials: { noun: 'credential', read: 'credentials.read' },
  packages: { noun: 'package', read: 'packages.read' },
  'package-revisions': { noun: 'package revision', read: 'packages.read' },
  operations: { noun: 'operation', read: 'operations.read' },
  'role-bindings': { noun: 'role binding', read: 'roleBindings.read' },
  'audit-entries': { noun: 'audit entry', read: 'auditEntries.read' },
} as const satisfies Record<string, { noun: string; read: Permission }>;

export type Collection = keyof typeof COLLECTIONS;

export const isCollection = (name: string): name is Collection => Object.hasOwn(COLLECTIONS, name);

const columns = (repositoryId: string, path: string) => `${repositoryId} AS "repositoryId", ${path} AS path`;

const STATEMENTS: Record<Collection, string> = {
  repositories: `SELECT ${columns('id', 'NULL')} FROM repository`,
  credentials: `SELECT ${columns('NULL', 'NULL')} FROM credential`,
  packages: `SELECT ${columns('repository_id', 'path')} FROM package`,
  'package-revisions': `SELECT ${columns('repository_id', 'path')} FROM package_revision`,
  operations: `SELECT ${columns('repository_id', 'path')} FROM operation`,
  'role-bindings': `SELECT ${columns('repository_id', 'NULL')} FROM role_binding`,
  'audit-entries': `SELECT ${columns('NULL', 'NULL')} FROM audit_entry`,
};

/** Where things are. None of it ever changes for an id, so it may be asked before the work and outside its transaction. */
@Injectable()
export class ScopeStore {
  constructor(private readonly database: Database) {}

  async find(collection: Collection, id: string): Promise<Scope | null> {
    const statement = Prisma.sql`${Prisma.raw(STATEMENTS[collection])} WHERE id = ${id}::uuid`;
    return (await this.database.readByKey<Scope>(statement))[0] ?? null;
  }
}
