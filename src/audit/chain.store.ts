import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { type AuditEntry, Prisma } from '../database/generated/client.js';

/** A link as it is stored; `entry` is null where there is none with its id. */
export interface Link {
  sequence: number;
  entryId: string;
  /** Hexadecimal. */
  hash: string;
  entry: AuditEntry | null;
}

type LinkRow = Omit<Link, 'entry'> & Omit<AuditEntry, 'id'> & { id: string | null };

/** Any number that nothing else locks by. */
const SEALER_LOCK = 4_801_977_206_513;

export const ENTRY_COLUMNS = Prisma.sql`
  e.id, e.time, e.actor, e.token_id AS "tokenId", e.action, e.outcome::text AS outcome,
  e.resource_type AS "resourceType", e.resource_id AS "resourceId", e.repository_id AS "repositoryId", e.path,
  e.before, e.after, e.reason, e.request_id AS "requestId", e.operation_id AS "operationId", e.address`;

/** The links over the audit entries, and the entries that wait for theirs. */
@Injectable()
export class ChainStore {
  constructor(private readonly database: Database) {}

  /** The last link; null before the first. */
  async head(): Promise<Omit<Link, 'entry'> | null> {
    const rows = await this.database.read<Omit<Link, 'entry'>>(Prisma.sql`
      SELECT sequence, entry_id AS "entryId", encode(hash, 'hex') AS hash FROM audit_link
      ORDER BY sequence DESC LIMIT 1`);
    return rows[0] ?? null;
  }

  /** Links in their order, beginning behind `after`, with the entries that they cover. */
  async links(after: number, limit: number): Promise<Link[]> {
    const rows = await this.database.read<LinkRow>(Prisma.sql`
      SELECT l.sequence, l.entry_id AS "entryId", encode(l.hash, 'hex') AS hash, ${ENTRY_COLUMNS}
      FROM audit_link l LEFT JOIN audit_entry e ON e.id = l.entry_id
      WHERE l.sequence > ${after} ORDER BY l.sequence LIMIT ${limit}`);
    return rows.map(({ sequence, entryId, hash, id, ...entry }) => ({
      sequence,
      entryId,
      hash,
      entry: id === null ? null : { ...entry, id },
    }));
  }

  async count(): Promise<{ entries: number; links: number }> {
    const [counts] = await this.database.read<{ entries: number; links: number }>(Prisma.sql`
      SELECT (SELECT count(*) FROM audit_entry)::float8 AS entries, (SELECT count(*) FROM audit_link)::float8 AS links`);
    return counts ?? { entries: 0, links: 0 };
  }

  /** The oldest entry from before `time` that no link covers, and how many there are. */
  async unlinkedBefore(time: Date): Promise<{ id: string; count: number } | null> {
    const [found] = await this.database.read<{ id: string | null; count: number }>(Prisma.sql`
      SELECT min(e.id::text) AS id, count(*)::int AS count FROM audit_entry e
      WHERE e.time < ${time} AND NOT EXISTS (SELECT 1 FROM audit_link l WHERE l.entry_id = e.id)`);
    return found?.id ? { id: found.id, count: found.count } : null;
  }

  /** An entry that was written, and taken away before a link covered it. */
  async lostBeforeLinked(): Promise<string | null> {
    const rows = await this.database.read<{ id: string }>(Prisma.sql`
      SELECT p.entry_id AS id FROM audit_pending p
      WHERE NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.id = p.entry_id) LIMIT 1`);
    return rows[0]?.id ?? null;
  }

  async hasPending(): Promise<boolean> {
    return (await this.database.read(Prisma.sql`SELECT 1 FROM audit_pending LIMIT 1`)).length > 0;
  }

  /** Takes the right to add links until the transaction ends; false while another process has it. */
  async tryLock(): Promise<boolean> {
    const [row] = await this.database.read<{ locked: boolean }>(Prisma.sql`
      SELECT pg_try_advisory_xact_lock(${SEALER_LOCK}::bigint) AS locked`);
    return row?.locked === true;
  }

  /** Entries that no link covers yet, the oldest first. One that is not there (any more) is passed over. */
  async pending(limit: number): Promise<AuditEntry[]> {
    return this.database.read<AuditEntry>(Prisma.sql`
      SELECT ${ENTRY_COLUMNS} FROM audit_pending p JOIN audit_entry e ON e.id = p.entry_id
      ORDER BY p.entry_id LIMIT ${limit}`);
  }

  /** Adds links and takes their entries off those that wait. */
  async append(links: readonly { sequence: number; entryId: string; hash: string }[]): Promise<void> {
    const ids = links.map(({ entryId }) => entryId);
    await this.database.write(Prisma.sql`
      INSERT INTO audit_link (sequence, entry_id, hash)
      SELECT sequence, entry_id, decode(hash, 'hex')
      FROM unnest(${links.map(({ sequence }) => sequence)}::int[], ${ids}::uuid[],
        ${links.map(({ hash }) => hash)}::text[]) AS l (sequence, entry_id, hash)`);
    await this.database.write(Prisma.sql`DELETE FROM audit_pending WHERE entry_id = ANY(${ids}::uuid[])`);
  }
}
