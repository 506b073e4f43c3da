import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';

/** Tells what others did in Git from what the service did itself and had no time to write down. */
@Injectable()
export class UnfinishedWork {
  constructor(private readonly database: Database) {}

  /** Whether an operation whose end is not recorded may have made or removed the revision's tag and branches. */
  async isOn(revisionId: string): Promise<boolean> {
    const state = { in: ['queued' as const, 'running' as const] };
    const where = { revisionId, state, kind: { in: ['publish' as const, 'delete' as const] } };
    return (await this.database.client.operation.count({ where })) > 0;
  }
}
