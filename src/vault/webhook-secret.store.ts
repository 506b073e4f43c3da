import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { WebhookSecret } from '../database/generated/client.js';

/** The sealed secrets of webhooks, for whoever seals them anew. */
@Injectable()
export class WebhookSecretStore {
  constructor(private readonly database: Database) {}

  /** Ids of all, in their order. */
  async ids(): Promise<string[]> {
    const rows = await this.database.client.webhookSecret.findMany({ select: { id: true }, orderBy: { id: 'asc' } });
    return rows.map(({ id }) => id);
  }

  /** Locks the row until the transaction ends. It goes by the name of its webhook. */
  async lock(id: string): Promise<(WebhookSecret & { name: string }) | null> {
    await this.database.client.$queryRaw`SELECT id FROM webhook_secret WHERE id = ${id}::uuid FOR UPDATE`;
    const include = { webhook: { select: { name: true } } } as const;
    const row = await this.database.client.webhookSecret.findUnique({ where: { id }, include });
    return row && { ...row, name: row.webhook.name };
  }

  /** The same secret under another key: nothing that a reader could see. */
  async reseal(id: string, sealed: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.database.client.webhookSecret.update({ where: { id }, data: { sealed }, select: { id: true } });
  }
}
