import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/database.js';

type Listener = (revisionId: string) => Promise<void>;

/** Tells whoever waits for the gates of proposals that something was said of one. */
@Injectable()
export class GateWatch {
  private readonly listeners: Listener[] = [];

  constructor(private readonly database: Database) {}

  listen(listener: Listener): void {
    this.listeners.push(listener);
  }

  /** They hear of it once the change around this call has committed, and hold no lock of it. */
  async tell(revisionId: string): Promise<void> {
    await this.database.afterCommit(() =>
      this.database.apart(async () => {
        for (const listener of this.listeners) await listener(revisionId);
      }),
    );
  }
}
