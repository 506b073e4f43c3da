import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../database/database.js';
import { insertRows } from '../database/insert-rows.js';
import { wellFormed } from '../domain/storable-text.js';
import { timeOf, uuidv7 } from '../domain/uuid.js';
import { currentContext } from '../logging/request-context.js';
import { AuditSealer } from './audit-sealer.js';

/** Something that was done or refused. Fields of the second half that are left out come from the context of the work. */
export interface AuditEvent {
  /** An endpoint's operationId, or what the engine made true: `packageRevision.published`. */
  action: string;
  resourceType?: string | null;
  resourceId?: string | null;
  repositoryId?: string | null;
  path?: string | null;
  before?: string | null;
  after?: string | null;
  reason?: string | null;
  operationId?: string | null;

  actor?: string | null;
  tokenId?: string | null;
  requestId?: string | null;
  address?: string | null;
}

/** The action of an entry whose `before` and `after` are the values of a setting, which `reason` names. */
export const POLICY_CHANGED = 'repository.policyChanged';

/**
 * Actions of a sync: it found a tag that was not set by this service (an entry each), and it read a repository for the first
 * time (one entry, which counts all such tags).
 */
export const PUBLISHED_EXTERNALLY = 'packageRevision.publishedExternally';
export const DISCOVERED = 'repository.discovered';

/** Longer than anything that is meant to be there, and fit for an index. */
const MOST_CHARACTERS = 512;

/** Writes audit entries. Nothing changes them afterwards: the database refuses it. */
@Injectable()
export class AuditLog {
  private readonly logger = new Logger(AuditLog.name);

  /** `sealer`: where a process links entries by itself. */
  constructor(
    private readonly database: Database,
    private readonly sealer?: AuditSealer,
  ) {}

  /** Notes what is done in the transaction that is open around it, with one statement however many there are. */
  async record(events: readonly AuditEvent[]): Promise<void> {
    await this.insert(events, 'succeeded');
  }

  /** Notes refusals in the transaction that is open around it: of parts of work that goes on. */
  async recordDenied(events: readonly AuditEvent[]): Promise<void> {
    await this.insert(events, 'denied');
  }

  /**
   * Notes a refusal or a failed sign-in in a transaction of its own, so that it stays when the work is rolled back. Never
   * fails: whoever is refused is told the same whether or not it could be written down. Call it when the work's own
   * transaction has ended: it takes a connection beside that one.
   */
  async denied(event: AuditEvent): Promise<void> {
    try {
      await this.database.apart(() => this.insert([event], 'denied'));
    } catch (error) {
      const { action, resourceId, actor, reason } = event;
      this.logger.error({ message: 'A refusal could not be written down', error, action, resourceId, actor, reason });
    }
  }

  private async insert(events: readonly AuditEvent[], outcome: 'succeeded' | 'denied'): Promise<void> {
    const { actor, tokenId, requestId, address } = currentContext();
    const rows = events.map((event) => {
      const id = uuidv7();
      const facts = { actor, tokenId, requestId, address, ...given(event) };
      // Filters by time are bounds of the id, so the two must not differ.
      return { ...facts, id, time: timeOf(id), outcome };
    });
    await insertRows(this.database, 'audit_entry', rows);
    if (rows.length > 0) await this.database.afterCommit(() => this.sealer?.within());
  }
}

function given(event: AuditEvent): Partial<AuditEvent> {
  return Object.fromEntries(
    Object.entries(event).flatMap(([key, value]: [string, string | null | undefined]) =>
      value === undefined ? [] : [[key, value === null ? null : storable(value)]],
    ),
  );
}

/** Callers can send any text; PostgreSQL takes no NUL, and an index no very long value. */
const storable = (text: string): string => wellFormed(text.slice(0, MOST_CHARACTERS).replaceAll('\0', '\u{FFFD}'));
