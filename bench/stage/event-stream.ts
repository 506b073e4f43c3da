import { request } from 'node:http';
import type { Pkgserver } from './pkgserver.js';

/** A stream of events as a client follows it; remembers when it saw what. */
export class EventStream {
  private readonly seen = new Map<string, number>();
  private left = '';
  private look: () => void = () => undefined;

  private constructor(private readonly sent: ReturnType<typeof request>) {}

  static async open({ url }: Pick<Pkgserver, 'url'>, token: string | undefined): Promise<EventStream> {
    const headers = { accept: 'text/event-stream', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    const sent = request(`${url}/api/v1/events`, { headers, agent: false });
    const stream = new EventStream(sent);
    await new Promise<void>((resolve, reject) => {
      sent.on('error', reject);
      sent.on('response', (answer) => {
        if (answer.statusCode !== 200) return reject(new Error(`The stream answered ${answer.statusCode}.`));
        answer.setEncoding('utf8').on('data', (text: string) => stream.take(text));
        answer.once('data', () => resolve());
        answer.on('error', () => undefined);
      });
      sent.end();
    });
    return stream;
  }

  /** When the event of the revision's creation came. */
  async sees(id: string): Promise<number> {
    for (;;) {
      const time = this.seen.get(id);
      if (time !== undefined) return time;
      await new Promise<void>((resolve) => {
        this.look = resolve;
      });
    }
  }

  close(): void {
    this.sent.destroy();
  }

  private take(text: string): void {
    const now = performance.now();
    const blocks = (this.left + text).split('\n\n');
    this.left = blocks.pop() ?? '';
    for (const block of blocks) {
      const id = /"packageRevision":\{"id":"([^"]+)"/.exec(block)?.[1];
      if (id !== undefined && !this.seen.has(id)) this.seen.set(id, now);
    }
    this.look();
  }
}
