import { setTimeout as sleep } from 'node:timers/promises';
import { ListenedClient } from './connect.js';

const CHANNEL = /^[a-z_]+$/;
const PAUSE_MS = 1_000;

/**
 * Hears what other processes notify on a channel, on a connection of its own that is made again where it breaks. What was
 * said meanwhile is lost: `heard` is called after each connection, too, and whoever needs every word looks by the clock as well.
 */
export class Listener {
  private readonly ended = new AbortController();
  private readonly listening: Promise<void>;
  private client: ListenedClient | undefined;

  constructor(
    private readonly url: string,
    private readonly channel: string,
    private readonly heard: () => void,
  ) {
    if (!CHANNEL.test(channel)) throw new Error(`"${channel}" is no channel`);
    this.listening = this.listen();
  }

  async close(): Promise<void> {
    this.ended.abort();
    await this.client?.end().catch(() => undefined);
    await this.listening;
  }

  private async listen(): Promise<void> {
    const { signal } = this.ended;
    while (!signal.aborted) {
      await this.connection().catch(() => undefined);
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Ends when the connection does. */
  private async connection(): Promise<void> {
    // "pkgserver events" listens to the channel pkgserver_events.
    const client = new ListenedClient({
      connectionString: this.url,
      application_name: this.channel.replaceAll('_', ' '),
    });
    this.client = client;
    const over = new Promise<void>((resolve) => client.on('end', resolve));
    try {
      await client.connect();
      client.on('notification', this.heard);
      await client.query(`LISTEN ${this.channel}`);
      this.heard();
      if (this.ended.signal.aborted) return;
      await over;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
