import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { noteChange } from '../../audit/noted-change.js';
import type { ReceiverType } from '../../database/generated/client.js';
import { refusal } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import type { Part, Rows } from '../../domain/list.js';
import { assertPrecondition, type Precondition } from '../../domain/precondition.js';
import { uuidv7 } from '../../domain/uuid.js';
import { CredentialVault } from '../../vault/credential-vault.js';
import { HookStore } from './hook.store.js';
import type { ReceiverFilter } from './receiver.filter.js';
import { type ReceiverRow, ReceiverStore } from './receiver.store.js';
import { toReceiverResponse } from './receiver.view.js';
import type { ReceivedFilter } from './reports/received-report.filter.js';
import type { ReceivedRow } from './reports/received-report.store.js';
import { ToolReports } from './reports/tool-reports.service.js';

export interface NewReceiver {
  name: string;
  type: ReceiverType;
  repositoryIds: string[];
}

export interface ReceiverPatch {
  name?: string | undefined;
  repositoryIds?: string[] | undefined;
}

/** A receiver with its secret, which is not given again. */
export interface IssuedReceiver {
  row: ReceiverRow;
  secret: string;
}

/** As many bytes as HMAC-SHA256 makes use of. */
const SECRET_BYTES = 32;

/** Where Git hosts send their webhooks, and delivery tools their reports. One belongs to all of its repositories: who manages it may do so in each. */
@Injectable()
export class ReceiverService {
  constructor(
    private readonly store: ReceiverStore,
    private readonly hooks: HookStore,
    private readonly vault: CredentialVault,
    private readonly received: ToolReports,
  ) {}

  async list(filter: ReceiverFilter, caller: Caller, part: Part): Promise<Rows<ReceiverRow>> {
    return this.store.list(filter, caller.visibility('receivers.read'), part);
  }

  async get(id: string): Promise<ReceiverRow> {
    return found(await this.store.find(id), 'receiver', id);
  }

  /** What a delivery tool has said by it. */
  async reports(id: string, filter: ReceivedFilter, part: Part): Promise<Rows<ReceivedRow>> {
    await this.get(id);
    return this.received.list(id, filter, part);
  }

  async create({ name, type, repositoryIds }: NewReceiver, caller: Caller): Promise<IssuedReceiver> {
    await this.assertManages(repositoryIds, caller);
    const id = uuidv7();
    const now = new Date();
    const { secret, sealed } = this.newSecret(id);
    const row = await this.store.insert({
      ...{ id, name, type, repositoryIds, sealed, lastReceivedAt: null },
      ...{ createdAt: now, createdBy: caller.user, updatedAt: now, updatedBy: caller.user },
    });
    return { row, secret };
  }

  async update(id: string, patch: ReceiverPatch, caller: Caller, seen: Precondition): Promise<ReceiverRow> {
    const row = await this.lockAsSeen(id, seen);
    const { name = row.name, repositoryIds = row.repositoryIds } = patch;
    if (name === row.name && repositoryIds.join() === row.repositoryIds.join()) return row;
    await this.assertManages(repositoryIds, caller);
    const dropped = row.repositoryIds.filter((repositoryId) => !repositoryIds.includes(repositoryId));
    await this.hooks.forgetTold(dropped);
    return this.store.update(id, { name, updatedAt: new Date(), updatedBy: caller.user }, repositoryIds);
  }

  /** The old secret is good for nothing at once. Until the host has the new one, the poll sees what is pushed. */
  async rotateSecret(id: string, caller: Caller, seen: Precondition): Promise<IssuedReceiver> {
    const { repositoryIds } = await this.lockAsSeen(id, seen);
    const { secret, sealed } = this.newSecret(id);
    await this.hooks.forgetTold(repositoryIds);
    const row = await this.store.update(id, { sealed, updatedAt: new Date(), updatedBy: caller.user });
    return { row, secret };
  }

  async delete(id: string, seen: Precondition): Promise<void> {
    const { repositoryIds } = await this.lockAsSeen(id, seen);
    await this.hooks.forgetTold(repositoryIds);
    await this.store.delete(id);
  }

  private newSecret(id: string) {
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    return { secret, sealed: this.vault.seal(id, { token: secret }) };
  }

  private async lockAsSeen(id: string, seen: Precondition): Promise<ReceiverRow> {
    const row = found(await this.store.lock(id), 'receiver', id);
    const { etag: before } = toReceiverResponse(row);
    assertPrecondition(seen, before, `The receiver "${row.name}"`);
    noteChange(id, { before });
    return row;
  }

  private async assertManages(repositoryIds: readonly string[], caller: Caller): Promise<void> {
    const known = await this.store.repositoriesAmong(repositoryIds);
    repositoryIds.forEach((repositoryId, index) => {
      if (!known.has(repositoryId) || !caller.allows('repositories.read', { repositoryId })) {
        const message = `There is no repository with the id ${repositoryId}.`;
        throw refusal('invalidBody', `/repositoryIds/${index}`, 'notFound', message);
      }
      caller.assertAllowed('receivers.manage', { repositoryId });
    });
  }
}
