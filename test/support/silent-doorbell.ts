import { Doorbell } from '../../src/queue/doorbell.js';

/** A doorbell that no worker hears: it keeps the ids of the scopes that were rung. */
export class SilentDoorbell extends Doorbell {
  readonly rings: string[] = [];
  ring(scopeId: string): void {
    this.rings.push(scopeId);
  }
  async listen(): Promise<void> {}
  async depth(): Promise<{ waiting: number; active: number }> {
    return { waiting: this.rings.length, active: 0 };
  }
  async close(): Promise<void> {}
}
