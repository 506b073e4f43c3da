import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { DisabledReason } from '../events/event-data.js';
import { EventLog } from '../events/event-log.js';
import type { ToldWebhook } from './webhook-row.js';
import { WebhookStore } from './webhook.store.js';

/** Disables webhooks to which nothing can be sent any more, and tells so. */
@Injectable()
export class Disabling {
  private readonly logger = new Logger('Webhooks');

  constructor(
    private readonly database: Database,
    private readonly store: WebhookStore,
    private readonly events: EventLog,
  ) {}

  async disable({ id, name, repositoryId, path }: ToldWebhook, reason: DisabledReason): Promise<void> {
    await this.database.transaction(async () => {
      if (!(await this.store.disable(id, reason))) return;
      const facts = { id, name, repositoryId, reason };
      await this.events.record([{ type: 'webhook.disabled', repositoryId, path, facts, actor: null }]);
      await this.database.afterCommit(() =>
        this.logger.warn({ message: `A webhook was disabled: ${reason}`, webhookId: id }),
      );
    });
  }
}
