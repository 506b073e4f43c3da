import { randomBytes } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { unauthenticated } from '../../access/caller.js';
import { noteChange } from '../../audit/noted-change.js';
import type { ReceiverType } from '../../database/generated/client.js';
import { lineOf } from '../../domain/message-of.js';
import { RECEIVER } from '../../domain/operation.js';
import { isUuid } from '../../domain/uuid.js';
import { Outbox } from '../../jobs/outbox.js';
import { CredentialVault } from '../../vault/credential-vault.js';
import { deliveryOf, readHook } from './hook-payload.js';
import { isSigned, type SentHook } from './hook-signature.js';
import { type DueRepository, HookStore } from './hook.store.js';
import { type ReceiverRow, ReceiverStore } from './receiver.store.js';
import { toReceiverResponse } from './receiver.view.js';

/** Stands in where there is no receiver: to refuse takes the same steps. */
const NOBODY: { type: ReceiverType; secret: string } = {
  type: 'generic',
  secret: randomBytes(32).toString('base64url'),
};

/**
 * Takes webhooks. What one says decides nothing but which of the receiver's own repositories are read again: a worker then
 * asks the Git host itself what there is.
 */
@Injectable()
export class HookService {
  private readonly logger = new Logger(HookService.name);

  constructor(
    private readonly receivers: ReceiverStore,
    private readonly store: HookStore,
    private readonly vault: CredentialVault,
    private readonly outbox: Outbox,
  ) {}

  /** Gives the repositories that are due for it. */
  async receive(id: string, sent: SentHook): Promise<DueRepository[]> {
    const receiver = isUuid(id) ? await this.receivers.find(id) : null;
    const { type, secret } = this.known(receiver) ?? NOBODY;
    if (!isSigned(type, secret, sent) || receiver === null) {
      throw unauthenticated('There is no such receiver, or this is not signed with its secret.');
    }
    const { isChange, keys } = readHook(type, sent);
    await this.store.noteCall(id);
    const delivery = deliveryOf(type, sent);
    if (!isChange || (delivery !== null && !(await this.store.noteDelivery(id, delivery)))) return [];
    const due = await this.store.repositoriesOf(id, keys);
    if (due.length === 0) return [];
    noteChange(id, { before: toReceiverResponse(receiver).etag });
    return this.readAgain(receiver.id, due);
  }

  /**
   * A sync that is asked for, and not a poll that is put forward: whatever a visit under way has listed already, another
   * one follows. Of those that no worker has begun there is one at most, so that a burst folds into it.
   */
  private async readAgain(receiverId: string, due: DueRepository[]): Promise<DueRepository[]> {
    for (const { id, name } of due) {
      const target = { type: 'Repository', id, name } as const;
      const requestedBy = `${RECEIVER}${receiverId}`;
      await this.outbox.start({ kind: 'sync', repositoryId: id, target, payload: {}, requestedBy });
    }
    await this.store.noteTold(due.map(({ id }) => id));
    return due;
  }

  private known(receiver: ReceiverRow | null): typeof NOBODY | null {
    if (receiver === null) return null;
    try {
      return { type: receiver.type, secret: this.vault.openToken(receiver) };
    } catch (error) {
      this.logger.error({
        message: `The secret of a receiver cannot be read: ${lineOf(error)}`,
        receiverId: receiver.id,
      });
      return null;
    }
  }
}
