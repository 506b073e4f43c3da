import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import type { Role } from '../../access/role.js';
import { Database } from '../../database/database.js';
import type { Prisma, RoleBinding, SubjectType } from '../../database/generated/client.js';

export interface RoleBindingFilter {
  role?: Role[] | undefined;
  subjectType?: SubjectType | undefined;
  subject?: string | undefined;
  repositoryId?: string | undefined;
}

@Injectable()
export class RoleBindingStore {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<RoleBinding | null> {
    return this.database.client.roleBinding.findUnique({ where: { id } });
  }

  /** A page in the order of ids, beginning behind `after`. */
  async list(
    filter: RoleBindingFilter,
    visible: Visibility,
    after: string | undefined,
    limit: number,
  ): Promise<RoleBinding[]> {
    const where: Prisma.RoleBindingWhereInput = {
      role: filter.role && { in: filter.role },
      subjectType: filter.subjectType,
      subject: filter.subject,
      repositoryId: filter.repositoryId,
      id: after === undefined ? undefined : { gt: after },
      ...(visible === 'all' ? {} : { AND: { repositoryId: { in: [...visible.repositoryIds] } } }),
    };
    return this.database.client.roleBinding.findMany({ where, orderBy: { id: 'asc' }, take: limit });
  }

  /** The same binding, where there is one; no other is made for this subject until the transaction ends. */
  async lockSame(binding: Pick<RoleBinding, 'role' | 'subjectType' | 'subject' | 'repositoryId' | 'path'>) {
    const key = `role-binding/${binding.subjectType}/${binding.subject}`;
    await this.database.client.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${key}, 0))`;
    return this.database.client.roleBinding.findFirst({ where: binding, select: { id: true } });
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
