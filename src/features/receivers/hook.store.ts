import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';

/** A call is noted at most this often, in seconds: a burst of them must not wait for each other. */
const NOTED_EVERY = 1;

/** A repository of a receiver, to be read again. */
export interface DueRepository {
  id: string;
  name: string;
}

/** The statements of a webhook that was taken. */
@Injectable()
export class HookStore {
  constructor(private readonly database: Database) {}

  /** Notes that somebody who knows the secret has called. */
  async noteCall(receiverId: string): Promise<void> {
    await this.database.write(Prisma.sql`
      UPDATE receiver SET last_received_at = now() WHERE id = ${receiverId}::uuid
      AND (last_received_at IS NULL OR last_received_at <= now() - make_interval(secs => ${NOTED_EVERY}))`);
  }

  /** False where it was taken already, or the receiver is gone. */
  async noteDelivery(receiverId: string, digest: string): Promise<boolean> {
    const count = await this.database.write(Prisma.sql`
      INSERT INTO received_delivery (receiver_id, digest, received_at)
      SELECT id, ${digest}, now() FROM receiver WHERE id = ${receiverId}::uuid FOR KEY SHARE
      ON CONFLICT DO NOTHING`);
    return count > 0;
  }

  /** The receiver's repositories of these URLs, or all of them (`null`); they stay until the transaction ends. */
  async repositoriesOf(receiverId: string, keys: readonly string[] | null): Promise<DueRepository[]> {
    return this.database.client.$queryRaw<DueRepository[]>`
      SELECT r.id, r.name FROM receiver_repository x JOIN repository r ON r.id = x.repository_id
      WHERE x.receiver_id = ${receiverId}::uuid AND (${keys === null} OR r.url_key = ANY(${[...(keys ?? [])]}))
      ORDER BY r.id FOR KEY SHARE OF r`;
  }

  /**
   * Notes that their host tells of changes, so that nobody has to ask it as often. It waits for nobody: where a worker is
   * writing just then, the next webhook notes it.
   */
  async noteTold(repositoryIds: readonly string[]): Promise<void> {
    await this.database.write(Prisma.sql`
      UPDATE repository_polling SET told_at = now() WHERE repository_id IN (
        SELECT repository_id FROM repository_polling WHERE repository_id = ANY(${[...repositoryIds]}::uuid[])
        AND (told_at IS NULL OR told_at < now() - interval '1 minute') FOR UPDATE SKIP LOCKED)`);
  }

  /** From now on these repositories count as having no webhook: each is polled at once, and then at the usual interval. */
  async forgetTold(repositoryIds: readonly string[]): Promise<void> {
    await this.database.write(Prisma.sql`
      UPDATE repository_polling SET told_at = NULL, next_sync_at = least(next_sync_at, now())
      WHERE repository_id = ANY(${[...repositoryIds]}::uuid[]) AND told_at IS NOT NULL`);
  }
}
