import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { mayBePushed } from '../domain/operation.js';

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

  /** Who has asked for the deletion that may have removed the revision's tag already; null where none may have. */
  async deleterOf(revisionId: string): Promise<string | null> {
    const where = { revisionId, state: 'running' as const, kind: 'delete' as const };
    const select = { kind: true, progress: true, requestedBy: true } as const;
    const found = await this.database.client.operation.findFirst({ where, select });
    return found !== null && mayBePushed(found) ? found.requestedBy : null;
  }
}
