import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { visibleSql } from '../../access/visibility.sql.js';
import { selectFields } from '../../database/columns.js';
import { Database } from '../../database/database.js';
import { Prisma, type Webhook } from '../../database/generated/client.js';
import { partSql, rowsOf, sortOf } from '../../database/list.sql.js';
import type { Part, Rows } from '../../domain/list.js';
import type { EventType } from '../../events/event-types.js';
import { WEBHOOK_SORTS, type WebhookFilter, webhookConditions } from './webhook.filter.js';

/** A webhook as its readers see it. */
export interface WebhookRow extends Omit<Webhook, 'since' | 'types'> {
  types: EventType[];
}

const FIELDS = Object.values(Prisma.WebhookScalarFieldEnum).filter((field) => field !== 'since');
const SELECT = Prisma.sql`SELECT ${selectFields(FIELDS, 'w')} FROM webhook w`;

@Injectable()
export class WebhookListStore {
  constructor(private readonly database: Database) {}

  async list(filter: WebhookFilter, visible: Visibility, part: Part): Promise<Rows<WebhookRow>> {
    const sort = sortOf(WEBHOOK_SORTS, part.sort ?? 'name');
    const conditions = [...webhookConditions(filter), ...[visibleSql(visible, 'w') ?? []].flat()];
    const found = await this.database.read<WebhookRow>(Prisma.sql`${SELECT} ${partSql(sort, conditions, part)}`);
    return rowsOf(sort, found, part);
  }

  async find(id: string): Promise<WebhookRow | null> {
    const [row] = await this.database.readByKey<WebhookRow>(Prisma.sql`${SELECT} WHERE w.id = ${id}::uuid`);
    return row ?? null;
  }

  /** As {@link find}; nobody else changes it until the transaction ends. */
  async lock(id: string): Promise<WebhookRow | null> {
    await this.database.client.$queryRaw`SELECT 1 FROM webhook WHERE id = ${id}::uuid FOR UPDATE`;
    return this.find(id);
  }

  /** It stays until the transaction ends. */
  async isRepository(id: string): Promise<boolean> {
    const rows = await this.database.client.$queryRaw<unknown[]>`
      SELECT 1 FROM repository WHERE id = ${id}::uuid FOR KEY SHARE`;
    return rows.length > 0;
  }

  /** How many a user owns. Until the transaction ends nobody else who asks the same is answered. */
  async countOwned(owner: string): Promise<number> {
    await this.database.lockName(`webhooks of ${owner}`);
    return this.database.client.webhook.count({ where: { owner } });
  }

  async insert(data: Prisma.WebhookUncheckedCreateInput & { id: string }): Promise<WebhookRow> {
    await this.database.client.webhook.create({ data });
    return this.reread(data.id);
  }

  async update(id: string, data: Prisma.WebhookUncheckedUpdateInput): Promise<WebhookRow> {
    await this.database.client.webhook.update({ where: { id }, data });
    return this.reread(id);
  }

  async delete(id: string): Promise<void> {
    await this.database.client.webhook.delete({ where: { id } });
  }

  /** From now on this one signs, and until then the one before, but none from before that. */
  async addSecret(secret: Prisma.WebhookSecretUncheckedCreateInput, signsUntil: Date): Promise<void> {
    const { webhookId } = secret;
    const { webhookSecret } = this.database.client;
    await webhookSecret.deleteMany({ where: { webhookId, NOT: { signsUntil: null } } });
    await webhookSecret.updateMany({ where: { webhookId }, data: { signsUntil } });
    await webhookSecret.create({ data: secret });
  }

  private async reread(id: string): Promise<WebhookRow> {
    const row = await this.find(id);
    if (!row) throw new Error(`Webhook ${id} is missing right after it was written`);
    return row;
  }
}
