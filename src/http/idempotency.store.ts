import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { DomainError } from '../domain/errors.js';
import { IDEMPOTENCY_KEY_MS } from '../domain/retention.js';
import type { Reply } from './reply.js';

/**
 * The answers given to POSTs with an Idempotency-Key, by holder: keys of one holder are apart from those of another. Lives
 * in the transaction of the change itself.
 */
@Injectable()
export class IdempotencyStore {
  constructor(private readonly database: Database) {}

  /**
   * Takes the key for this request, or gives the answer that an earlier one got. A twin that is still running holds
   * the row's lock: the insert waits for it, and then finds its answer, or, where it failed, takes the key itself.
   */
  async claim(holder: string, key: string, requestHash: string, now = new Date()): Promise<Reply | null> {
    const expired = { lt: new Date(now.getTime() - IDEMPOTENCY_KEY_MS) };
    await this.database.client.idempotencyKey.deleteMany({ where: { actor: holder, key, createdAt: expired } });
    const claimed = await this.database.client.$executeRaw`
      INSERT INTO idempotency_key (actor, key, request_hash, created_at)
      VALUES (${holder}, ${key}, ${requestHash}, ${now}) ON CONFLICT DO NOTHING`;
    if (claimed === 1) return null;
    const row = await this.database.client.idempotencyKey.findUniqueOrThrow({
      where: { actor_key: { actor: holder, key } },
    });
    if (row.requestHash !== requestHash) {
      throw new DomainError(
        'idempotencyKeyReused',
        'This Idempotency-Key was used for another request. Use a new one.',
      );
    }
    return { status: row.status ?? 200, headers: (row.headers ?? {}) as Reply['headers'], body: row.body ?? undefined };
  }

  async keep(holder: string, key: string, reply: Reply): Promise<void> {
    await this.database.client.idempotencyKey.update({
      where: { actor_key: { actor: holder, key } },
      data: {
        status: reply.status,
        headers: reply.headers,
        ...(reply.body === undefined ? {} : { body: JSON.parse(textOf(reply.body)) }),
      },
      select: { key: true },
    });
  }
}

/** As JSON. Bytes are JSON already, and are kept as the text that they are: it may hold numbers that no value here can. */
const textOf = (body: unknown): string => JSON.stringify(Buffer.isBuffer(body) ? body.toString('utf8') : body);
