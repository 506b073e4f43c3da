import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient, Page } from '../api-client.js';

interface Published {
  sequence: string;
  data: { packageRevision: { packageId: string; path: string; revision: string } };
}

const EVENTS = '/events?type=dev.pkgserver.packageRevision.published&pageSize=100';

/**
 * Stands in for the clusters and what delivers to them: reports each publication as delivered, and as healthy unless its
 * target is ailing. It reads and reports through the API, as a tool would that has no receiver.
 */
export class DeliveryTool {
  private readonly ailing = new Set<string>();
  private readonly seen = new Map<string, Published>();
  private after = '0';

  /** `name`: the user whose token it has. */
  constructor(
    private readonly api: ApiClient,
    private readonly name: string,
  ) {}

  /** Until `signal` ends it. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { items } = await this.api.peek<Page<Published>>(`${EVENTS}&after=${this.after}`);
      for (const event of items) await this.report(event);
      this.after = items.at(-1)?.sequence ?? this.after;
      await sleep(200, undefined, { signal }).catch(() => {});
    }
  }

  ail(targets: readonly string[]): void {
    for (const target of targets) this.ailing.add(target);
  }

  /** Whoever works there has mended it: says so of what is there. */
  async mend(): Promise<void> {
    const mended = [...this.ailing];
    this.ailing.clear();
    for (const target of mended) {
      const event = this.seen.get(target);
      if (event) await this.report(event);
    }
  }

  private async report(event: Published): Promise<void> {
    const { packageId, path, revision } = event.data.packageRevision;
    const target = path.slice(0, path.indexOf('/'));
    this.seen.set(target, event);
    const health = this.ailing.has(target)
      ? { health: 'degraded', message: 'Deployment web: 0 of 2 replicas are ready.' }
      : { health: 'healthy' };
    const body = { tool: 'argocd', revision, state: 'delivered', ...health, observedAt: new Date().toISOString() };
    await this.api.quietly('PUT', `/packages/${packageId}/delivery`, { as: this.name, body, expect: 200 });
  }
}
