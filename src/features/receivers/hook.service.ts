import { randomBytes } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { unauthenticated } from '../../access/caller.js';
import { noteChange } from '../../audit/noted-change.js';
import type { ReceiverType } from '../../database/generated/client.js';
import { lineOf } from '../../domain/message-of.js';
import { RECEIVER } from '../../domain/operation.js';
import { isUuid } from '../../domain/uuid.js';
import { Outbox } from '../../jobs/outbox.js';
import { CredentialVault, keyMissing } from '../../vault/credential-vault.js';
import { deliveryOf, payloadOf, readHook } from './hook-payload.js';
import { isSigned, type SentHook } from './hook-signature.js';
import { type DueRepository, HookStore } from './hook.store.js';
import { type ReceiverRow, ReceiverStore } from './receiver.store.js';
import { toReceiverResponse } from './receiver.view.js';
import type { TakenReport } from './reports/received-report.store.js';
import { isReporting, type ReportingTool, ToolReports } from './reports/tool-reports.service.js';

/** Stands in where there is no receiver: to refuse takes the same steps. */
const NOBODY: { type: ReceiverType; secret: string } = {
  type: 'generic',
  secret: randomBytes(32).toString('base64url'),
};

/** What follows from a webhook. */
export interface TakenHook {
  /** What is read again. */
  due: DueRepository[];
  /** Of a delivery tool. */
  report?: TakenReport;
}

const NOTHING: TakenHook = { due: [] };
const CAME_BEFORE: TakenReport = {
  ...{ outcome: 'known', reason: 'It came before.', subject: null, packageId: null },
};

/**
 * Takes webhooks. What one of a Git host says decides nothing but which of the receiver's own repositories are read again: a worker then
 * asks the Git host itself what there is. One of a delivery tool is a report of a package in them.
 */
@Injectable()
export class HookService {
  private readonly logger = new Logger(HookService.name);

  constructor(
    private readonly receivers: ReceiverStore,
    private readonly store: HookStore,
    private readonly vault: CredentialVault,
    private readonly outbox: Outbox,
    private readonly reports: ToolReports,
  ) {}

  async receive(id: string, sent: SentHook): Promise<TakenHook> {
    const receiver = isUuid(id) ? await this.receivers.find(id) : null;
    // Without the secret the service cannot tell the host from others: whoever knows the id is told, so that the host's log says what is wrong.
    if (receiver !== null && !this.vault.opens(receiver)) throw keyMissing('The secret of this receiver');
    const { type, secret } = this.known(receiver) ?? NOBODY;
    if (!isSigned(type, secret, sent) || receiver === null) {
      throw unauthenticated('There is no such receiver, or this is not signed with its secret.');
    }
    if (isReporting(type)) return { due: [], report: await this.takeReport(id, type, sent) };
    const { isChange, keys } = readHook(type, sent);
    await this.store.noteCall(id);
    if (!isChange || !(await this.isFirst(id, deliveryOf(type, sent)))) return NOTHING;
    const due = await this.store.repositoriesOf(id, keys);
    if (due.length === 0) return NOTHING;
    noteChange(id, { before: toReceiverResponse(receiver).etag });
    return { due: await this.readAgain(receiver.id, due) };
  }

  private async takeReport(id: string, tool: ReportingTool, sent: SentHook): Promise<TakenReport> {
    const payload = payloadOf(sent);
    await this.store.noteCall(id);
    const digest = deliveryOf(tool, sent);
    if (digest === null || !(await this.isFirst(id, digest))) return CAME_BEFORE;
    return this.reports.take(id, tool, digest, payload);
  }

  /** A webhook that its host gives no id may always be another. */
  private async isFirst(id: string, delivery: string | null): Promise<boolean> {
    return delivery === null || this.store.noteDelivery(id, delivery);
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
