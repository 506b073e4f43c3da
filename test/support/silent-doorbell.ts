import { Doorbell } from '../../src/queue/doorbell.js';

/** A doorbell that no worker hears: it keeps the ids of the repositories that were rung. */
export class SilentDoorbell extends Doorbell {
  readonly rings: string[] = [];
  ring(repositoryId: string): void {
    this.rings.push(repositoryId);
  }
  async listen(): Promise<void> {}
  async depth(): Promise<{ waiting: number; active: number }> {
    return { waiting: this.rings.length, active: 0 };
  }
  async close(): Promise<void> {}
}
