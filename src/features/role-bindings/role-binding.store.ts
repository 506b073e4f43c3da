import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { Database } from '../../database/database.js';
import type { Prisma, RoleBinding } from '../../database/generated/client.js';
import { partOf, rowsOf, sortOf } from '../../database/list.sql.js';
import type { Part, Rows } from '../../domain/list.js';
import { ROLE_BINDING_SORTS, type RoleBindingFilter, roleBindingConditions } from './role-binding.filter.js';

@Injectable()
export class RoleBindingStore {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<RoleBinding | null> {
    return this.database.client.roleBinding.findUnique({ where: { id } });
  }

  /** Oldest first unless asked for otherwise. */
  async list(filter: RoleBindingFilter, visible: Visibility, part: Part): Promise<Rows<RoleBinding>> {
    const sort = sortOf(ROLE_BINDING_SORTS, part.sort ?? 'createdAt');
    const { behind, ...order } = partOf(sort, part);
    const seen = visible === 'all' ? {} : { repositoryId: { in: [...visible.repositoryIds] } };
    const found = await this.database.client.roleBinding.findMany({
      where: { AND: [...roleBindingConditions(filter), seen, behind] },
      ...order,
    });
    return rowsOf(sort, found, part);
  }

  /** The same binding, where there is one; no other is made for this subject until the transaction ends. */
  async lockSame(binding: Pick<RoleBinding, 'role' | 'subjectType' | 'subject' | 'repositoryId' | 'path'>) {
    await this.database.lockName(`role-binding/${binding.subjectType}/${binding.subject}`);
    return this.database.client.roleBinding.findFirst({ where: binding, select: { id: true } });
  }

  async count(where: Pick<RoleBinding, 'subjectType' | 'subject' | 'repositoryId'>): Promise<number> {
    return this.database.client.roleBinding.count({ where });
  }

  async hasRepository(id: string): Promise<boolean> {
    return (await this.database.client.repository.findUnique({ where: { id }, select: { id: true } })) !== null;
  }

  async insert(data: Prisma.RoleBindingUncheckedCreateInput): Promise<RoleBinding> {
    return this.database.client.roleBinding.create({ data });
  }

  async delete(id: string): Promise<void> {
    await this.database.client.roleBinding.deleteMany({ where: { id } });
  }
}
