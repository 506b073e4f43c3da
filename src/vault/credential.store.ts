import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { Credential, Prisma } from '../database/generated/client.js';
import { nameTaken } from '../database/name-taken.js';
import { partOf, rowsOf, sortOf } from '../database/list.sql.js';
import type { Part, Rows } from '../domain/list.js';
import { CREDENTIAL_SORTS, type CredentialFilter, credentialConditions } from './credential.filter.js';

@Injectable()
export class CredentialStore {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<Credential | null> {
    return this.database.client.credential.findUnique({ where: { id } });
  }

  /** Locks the row until the transaction ends. */
  async lock(id: string): Promise<Credential | null> {
    await this.database.client.$queryRaw`SELECT id FROM credential WHERE id = ${id}::uuid FOR UPDATE`;
    return this.find(id);
  }

  /** What decides where it is sent; null where there is none of this id. It stays as it is until the transaction ends. */
  async hold(id: string): Promise<Pick<Credential, 'name' | 'type' | 'hosts'> | null> {
    const rows = await this.database.client.$queryRaw<Pick<Credential, 'name' | 'type' | 'hosts'>[]>`
      SELECT name, type, hosts FROM credential WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
    return rows[0] ?? null;
  }

  /** Binds a credential to the host of its first use. */
  async bind(id: string, host: string): Promise<void> {
    await this.database.client.credential.update({
      where: { id },
      data: { hosts: [host], version: { increment: 1 } },
      select: { id: true },
    });
  }

  /** In the order of names unless asked for otherwise. */
  async list(filter: CredentialFilter, part: Part): Promise<Rows<Credential>> {
    const sort = sortOf(CREDENTIAL_SORTS, part.sort ?? 'name');
    const { behind, ...order } = partOf(sort, part);
    const found = await this.database.client.credential.findMany({
      where: { AND: [...credentialConditions(filter), behind] },
      ...order,
    });
    return rowsOf(sort, found, part);
  }

  /** Ids of all, in their order. */
  async ids(): Promise<string[]> {
    const rows = await this.database.client.credential.findMany({ select: { id: true }, orderBy: { id: 'asc' } });
    return rows.map(({ id }) => id);
  }

  /** The same secret under another key: nothing that a reader could see, so the version stays. */
  async reseal(id: string, sealed: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.database.client.credential.update({ where: { id }, data: { sealed }, select: { id: true } });
  }

  async insert(data: Prisma.CredentialUncheckedCreateInput): Promise<Credential> {
    return this.database.client.credential.create({ data }).catch(nameTaken('credential', data.name));
  }

  async update(id: string, data: Prisma.CredentialUncheckedUpdateInput): Promise<Credential> {
    return this.database.client.credential
      .update({ where: { id }, data: { ...data, version: { increment: 1 } } })
      .catch(nameTaken('credential', String(data.name)));
  }

  async delete(id: string): Promise<void> {
    await this.database.client.credential.delete({ where: { id }, select: { id: true } });
  }

  /** Every repository that uses it. */
  async usersOf(id: string): Promise<{ name: string; url: string }[]> {
    return this.database.client.repository.findMany({
      where: { credentialId: id },
      orderBy: { name: 'asc' },
      select: { name: true, url: true },
    });
  }

  async namesOfUsers(id: string, limit: number): Promise<string[]> {
    const rows = await this.database.client.repository.findMany({
      where: { credentialId: id },
      orderBy: { name: 'asc' },
      take: limit,
      select: { name: true },
    });
    return rows.map((row) => row.name);
  }
}
