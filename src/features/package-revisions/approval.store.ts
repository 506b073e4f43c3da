import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Approval } from '../../database/generated/client.js';
import type { VoidReason } from '../../domain/release-policy.js';

/** Approvals, those that do not count any more included. */
@Injectable()
export class ApprovalStore {
  constructor(private readonly database: Database) {}

  /** In the order in which they were given. */
  async list(revisionId: string): Promise<Approval[]> {
    return this.database.client.approval.findMany({ where: { revisionId }, orderBy: { id: 'asc' } });
  }

  async find(revisionId: string, id: string): Promise<Approval | null> {
    return this.database.client.approval.findFirst({ where: { id, revisionId } });
  }

  async insert(approval: Omit<Approval, 'voidedAt' | 'voidReason'>): Promise<Approval> {
    return this.database.client.approval.create({ data: approval });
  }

  async void(id: string, reason: VoidReason): Promise<void> {
    await this.database.client.approval.update({ where: { id }, data: { voidedAt: new Date(), voidReason: reason } });
  }
}
