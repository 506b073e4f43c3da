import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/database.js';
import { Prisma, type ReceivedDelivery, type ReceivedOutcome } from '../../../database/generated/client.js';
import { partSql, rowsOf, sortOf } from '../../../database/list.sql.js';
import type { Part, Rows } from '../../../domain/list.js';
import type { NamedPackage } from './delivered-name.js';
import { RECEIVED_SORTS, type ReceivedFilter, receivedConditions } from './received-report.filter.js';

/** What came of a call of a delivery tool. */
export interface TakenReport {
  outcome: ReceivedOutcome;
  /** Null: it counts. */
  reason: string | null;
  subject: string | null;
  packageId: string | null;
}

export type ReceivedRow = TakenReport & Pick<ReceivedDelivery, 'digest' | 'receivedAt'>;

/** Packages that are looked at for one name. */
const MOST_NAMED = 1_000;

@Injectable()
export class ReceivedReportStore {
  constructor(private readonly database: Database) {}

  async note(receiverId: string, digest: string, { outcome, reason, subject, packageId }: TakenReport): Promise<void> {
    await this.database.write(Prisma.sql`
      UPDATE received_delivery SET outcome = ${outcome}::"ReceivedOutcome", reason = ${reason}, subject = ${subject},
        package_id = ${packageId}::uuid
      WHERE receiver_id = ${receiverId}::uuid AND digest = ${digest}`);
  }

  /** The latest first unless asked for otherwise. What is about a package of none of the receiver's repositories is left out. */
  async list(receiverId: string, filter: ReceivedFilter, part: Part): Promise<Rows<ReceivedRow>> {
    const sort = sortOf(RECEIVED_SORTS, part.sort ?? '-receivedAt');
    const conditions = [
      Prisma.sql`d.receiver_id = ${receiverId}::uuid AND d.outcome IS NOT NULL`,
      Prisma.sql`(d.package_id IS NULL OR EXISTS (
        SELECT 1 FROM package p JOIN receiver_repository x ON x.repository_id = p.repository_id
        WHERE p.id = d.package_id AND x.receiver_id = d.receiver_id))`,
      ...receivedConditions(filter),
    ];
    const found = await this.database.read<ReceivedRow>(Prisma.sql`
      SELECT d.digest, d.received_at AS "receivedAt", d.outcome, d.reason, d.subject, d.package_id AS "packageId"
      FROM received_delivery d ${partSql(sort, conditions, part)}`);
    return rowsOf(sort, found, part);
  }

  /** Whether a package is in one of the receiver's repositories. */
  async isOwn(receiverId: string, packageId: string): Promise<boolean> {
    const rows = await this.database.readByKey<object>(Prisma.sql`
      SELECT 1 AS own FROM package p JOIN receiver_repository x ON x.repository_id = p.repository_id
      WHERE p.id = ${packageId}::uuid AND x.receiver_id = ${receiverId}::uuid`);
    return rows.length > 0;
  }

  /** The directories of the receiver's repositories. */
  async directories(receiverId: string): Promise<string[]> {
    const rows = await this.database.readByKey<{ directory: string }>(Prisma.sql`
      SELECT DISTINCT r.directory FROM receiver_repository x JOIN repository r ON r.id = x.repository_id
      WHERE x.receiver_id = ${receiverId}::uuid`);
    return rows.map(({ directory }) => directory);
  }

  /** Packages of the receiver's repositories whose path is like one of these. */
  async packagesLike(receiverId: string, patterns: readonly string[]): Promise<NamedPackage[]> {
    const like = patterns.map((pattern) => Prisma.sql`p.path ILIKE ${pattern}`);
    return this.database.read<NamedPackage>(Prisma.sql`
      SELECT p.id, p.path, r.url, r.directory FROM package p JOIN repository r ON r.id = p.repository_id
      WHERE r.id IN (SELECT x.repository_id FROM receiver_repository x WHERE x.receiver_id = ${receiverId}::uuid)
        AND (${Prisma.join(like, ' OR ')}) LIMIT ${MOST_NAMED}`);
  }
}
