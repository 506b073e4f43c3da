import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { Receiver } from '../database/generated/client.js';

/** The sealed secrets of receivers, for whoever seals them anew. */
@Injectable()
export class ReceiverSecretStore {
  constructor(private readonly database: Database) {}

  /** Ids of all, in their order. */
  async ids(): Promise<string[]> {
    const rows = await this.database.client.receiver.findMany({ select: { id: true }, orderBy: { id: 'asc' } });
    return rows.map(({ id }) => id);
  }

  /** Locks the row until the transaction ends. */
  async lock(id: string): Promise<Receiver | null> {
    await this.database.client.$queryRaw`SELECT id FROM receiver WHERE id = ${id}::uuid FOR UPDATE`;
    return this.database.client.receiver.findUnique({ where: { id } });
  }

  /** The same secret under another key: nothing that a reader could see. */
  async reseal(id: string, sealed: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.database.client.receiver.update({ where: { id }, data: { sealed }, select: { id: true } });
  }
}
