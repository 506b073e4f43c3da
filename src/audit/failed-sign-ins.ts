import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { networkOf } from '../domain/network.js';
import { type AuditEvent, AuditLog } from './audit-log.js';

const WINDOW_MS = 60_000;
/** Beyond so many at once, strangers are counted together. */
const MOST_WINDOWS = 10_000;

interface Window {
  first: AuditEvent;
  network: string;
  more: number;
  timer: NodeJS.Timeout;
}

/**
 * Failed sign-ins for the audit log, whose entries nobody can delete: of each network and endpoint the first of a minute is
 * written at once, and how many came after it when the minute is over. So a stranger cannot fill the disk.
 */
@Injectable()
export class FailedSignIns implements OnModuleDestroy {
  private readonly windows = new Map<string, Window>();

  constructor(private readonly log: AuditLog) {}

  async note(event: AuditEvent): Promise<void> {
    const network = this.windows.size < MOST_WINDOWS ? networkOf(event.address ?? '') : 'many networks';
    const key = `${network} ${event.action}`;
    const open = this.windows.get(key);
    if (open) {
      open.more += 1;
      return;
    }
    const timer = setTimeout(() => void this.close(key), WINDOW_MS).unref();
    this.windows.set(key, { first: event, network, more: 0, timer });
    await this.log.denied(event);
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([...this.windows.keys()].map((key) => this.close(key)));
  }

  private async close(key: string): Promise<void> {
    const window = this.windows.get(key);
    if (!window) return;
    clearTimeout(window.timer);
    this.windows.delete(key);
    const { first, network, more } = window;
    if (more === 0) return;
    const reason = `unauthenticated: ${more} more from ${network} within a minute`;
    await this.log.denied({ ...first, reason, actor: null, tokenId: null, requestId: null, resourceId: null });
  }
}
