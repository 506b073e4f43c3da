import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { uuidv7 } from '../domain/uuid.js';
import { currentContext } from '../logging/request-context.js';
import { currentTrace } from '../tracing/traceparent.js';
import type { NewEvent } from './event-data.js';
import { EventNumbering } from './event-numbering.js';
import { EventStore, type PendingEvent } from './event.store.js';
import { nounOf } from './event-types.js';

/** Writes events in the transaction of the change that they tell of: both are there, or neither. */
@Injectable()
export class EventLog {
  private readonly summaries = new AsyncLocalStorage<true>();

  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly numbering: EventNumbering,
  ) {}

  /** One statement a transaction, however many there are. Gives their ids. */
  async record(events: readonly NewEvent[]): Promise<string[]> {
    if (events.length === 0 || this.summaries.getStore()) return [];
    const rows = events.map(rowOf);
    await this.database.gather(rows, this.write);
    return rows.map(({ id }) => id);
  }

  /** Whether what happens now is told as a whole. */
  get isSummarizing(): boolean {
    return this.summaries.getStore() ?? false;
  }

  private readonly write = async (rows: PendingEvent[]): Promise<void> => {
    await this.store.append(rows);
    await this.database.afterCommit(() => this.numbering.soon());
  };

  /** Changes that `work` makes are told by one event as a whole, and have none of their own. */
  async summarized<T>(work: () => Promise<T>): Promise<T> {
    return this.summaries.run(true, work);
  }
}

function rowOf({ type, path, repositoryId, facts, actor = currentContext().actor ?? null }: NewEvent): PendingEvent {
  const noun = nounOf(type);
  return {
    ...{ id: uuidv7(), type, actor, repositoryId, path, subject: facts.id },
    packageRevisionId: noun === 'packageRevision' ? facts.id : revisionOf(facts),
    data: { [noun]: facts },
    ...{ traceparent: null, tracestate: null, ...currentTrace() },
  };
}

const revisionOf = (facts: object): string | null =>
  'packageRevisionId' in facts && typeof facts.packageRevisionId === 'string' ? facts.packageRevisionId : null;
