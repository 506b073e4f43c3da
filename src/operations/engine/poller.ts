import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { isLost } from '../../database/unavailable.js';
import { lineOf } from '../../domain/message-of.js';
import { Glance } from '../../database/glance.js';
import { GitPort } from '../../git/port.js';
import { Metrics } from '../../logging/metrics.js';
import { Doorbell } from '../../queue/doorbell.js';
import { refsDigest } from '../sync/sync.store.js';
import { Bulkhead } from '../../jobs/bulkhead.js';
import { isSilent, toDomainError } from '../../remotes/failure.js';
import { IS_POLL_DUE, type PolledRepository, PollingStore } from './polling.store.js';
import { RemoteAccess } from '../../remotes/remote-access.js';
import { nextPoll, pollSeconds } from '../visit/repository-visit.js';

/** Remotes asked at a time. They wait for the network, mostly. */
const POLLS_AT_ONCE = 16;
/** Between two looks at what polls under way have found while more are due than there was room for, in milliseconds. */
const BUSY_PAUSE_MS = 20;
/** The same while all that are due are under way: whatever ends until then is written down as one. */
const PAUSE_MS = 250;

/**
 * The poll: asks remotes whether any ref moved, at the price of the question (`ls-refs`, and a statement for many).
 * Whatever is not a plain no is left to a visit, which knows what to do about it.
 */
@Injectable()
export class Poller {
  private readonly logger = new Logger(Poller.name);
  private readonly stopping = new AbortController();
  private readonly active = new Set<Promise<void>>();
  private unchanged: { id: string; refsDigest: string; nextSyncAt: Date }[] = [];
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly store: PollingStore,
    private readonly access: RemoteAccess,
    private readonly port: GitPort,
    private readonly bulkhead: Bulkhead,
    private readonly doorbell: Doorbell,
    private readonly metrics: Metrics,
    private readonly config: Config,
    private readonly glance: Glance,
  ) {}

  /** From now on each sweep that finds a poll due has it made. */
  start(): void {
    this.glance.watch(IS_POLL_DUE, () => {
      if (this.timer === null) this.schedule(0);
    });
  }

  /** Ends polls under way; they are made again by whoever finds them due. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('The worker is stopping.'));
    if (this.timer) clearTimeout(this.timer);
    await Promise.all(this.active);
  }

  /** Begins as many polls as there is room for, and writes down what earlier ones found; true while more may be due. */
  async poll(): Promise<boolean> {
    const found = this.unchanged;
    this.unchanged = [];
    await this.store.saveUnchanged(found);
    const room = POLLS_AT_ONCE - this.active.size;
    const due = room > 0 ? await this.store.claim(room, this.longestPoll()) : [];
    for (const repository of due) {
      const asking = this.ask(repository).finally(() => this.active.delete(asking));
      this.active.add(asking);
    }
    return due.length > 0 || this.active.size > 0 || this.unchanged.length > 0;
  }

  private async ask(repository: PolledRepository): Promise<void> {
    const leave = this.bulkhead.enter(repository.id);
    try {
      if (leave && (await this.isUnchanged(repository))) {
        const nextSyncAt = nextPoll(repository, pollSeconds(this.config, repository.isTold), repository.dueAt);
        this.unchanged.push({ id: repository.id, refsDigest: repository.refsDigest, nextSyncAt });
        return;
      }
      if (this.stopping.signal.aborted) return;
      await this.store.saveDoubt(repository.id);
      this.doorbell.ring(repository.id);
    } catch (error) {
      const message = `A poll was not recorded: ${lineOf(error)}`;
      if (!isLost(error)) this.logger.warn({ message, repositoryId: repository.id });
    } finally {
      leave?.();
    }
  }

  private async isUnchanged(repository: PolledRepository): Promise<boolean> {
    try {
      const { refs } = await this.port.listRefs(await this.access.target(repository), this.stopping.signal);
      this.metrics.synced('poll');
      this.bulkhead.noteSuccess(repository);
      return refsDigest(refs) === repository.refsDigest;
    } catch (error) {
      // The visit meets the same fault, and records it.
      if (!this.stopping.signal.aborted && isSilent(toDomainError(error))) this.bulkhead.noteFailure(repository);
      return false;
    }
  }

  /** Seconds after which a poll that was not recorded is made again. */
  private longestPoll(): number {
    return 2 * (this.config.gitTimeoutSeconds + this.config.gitConnectTimeoutSeconds);
  }

  private schedule(delay: number): void {
    if (!this.stopping.signal.aborted) this.timer = setTimeout(() => void this.turn(), delay);
  }

  private async turn(): Promise<void> {
    try {
      const more = await this.poll();
      this.timer = null;
      if (more) this.schedule(this.active.size < POLLS_AT_ONCE ? PAUSE_MS : BUSY_PAUSE_MS);
    } catch (error) {
      if (!isLost(error)) this.logger.warn(`The poll failed and is tried again: ${lineOf(error)}`);
      this.schedule(this.config.sweepIntervalMs);
    }
  }
}
