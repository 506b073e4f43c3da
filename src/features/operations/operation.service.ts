import { Injectable } from '@nestjs/common';
import { type Caller, signedIn } from '../../access/caller.js';
import type { Visibility } from '../../access/grants.js';
import type { Permission } from '../../access/permission.js';
import { noteChange } from '../../audit/noted-change.js';
import type { Operation } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import { etagOf } from '../../domain/etag.js';
import { assertOthersDeletion, policyFor } from '../../domain/release-policy.js';
import { OperationEvents } from '../../events/operation-events.js';
import { Outbox } from '../../jobs/outbox.js';
import { bellOf } from '../../jobs/work-scope.js';
import { canCancel, isFinished, type OperationPayloads } from '../../domain/operation.js';
import { toOperationResponse } from './operation.view.js';
import type { Part, Rows } from '../../domain/list.js';
import type { OperationFilter } from './operation.filter.js';
import { OperationStore } from './operation.store.js';
import { OperationWaits } from './operation-waits.js';
import { OperationWaiter } from './operation-waiter.js';

/** Reading and steering operations; the engine does the work. */
@Injectable()
export class OperationService {
  constructor(
    private readonly store: OperationStore,
    private readonly waiter: OperationWaiter,
    private readonly waits: OperationWaits,
    private readonly outbox: Outbox,
    private readonly events: OperationEvents,
  ) {}

  async list(filter: OperationFilter, visible: Visibility, part: Part): Promise<Rows<Operation>> {
    const { rows, next } = await this.store.list(filter, visible, part);
    return { rows: await this.waits.explain(rows), next };
  }

  /** The operation, after waiting up to `seconds` for its end. */
  async get(id: string, seconds = 0): Promise<Operation> {
    return this.explained(found(await this.waiter.wait(id, seconds), 'operation', id));
  }

  /** Ends one that waits; asks a running one to stop at its next safe point. */
  async cancel(id: string): Promise<Operation> {
    const operation = await this.lock(id);
    if (isFinished(operation.state)) throw conflict(operation, `it has ${operation.state} already`);
    if (!canCancel(operation.kind)) {
      throw conflict(operation, 'it carries an accepted change to the remote; change the revision instead');
    }
    if (operation.state === 'queued') {
      const cancelled = await this.store.cancel(id, new Date());
      await this.events.finished([cancelled]);
      return cancelled;
    }
    const asked = await this.store.requestCancel(id);
    await this.outbox.ring(bellOf(operation));
    return asked;
  }

  /** With the right of whoever retries it, which is not that of whoever asked for it. */
  async retry(id: string, caller: Caller): Promise<Operation> {
    const operation = await this.lock(id);
    await this.assertMayRetry(operation, caller);
    if (operation.state !== 'failed') throw conflict(operation, `only a failed one is; it is ${operation.state}`);
    if (await this.store.hasSuccessor(operation)) {
      throw new DomainError('operationInProgress', `Another ${operation.kind} operation does the same already.`);
    }
    const again = await this.store.requeue(id, payloadFor(operation, caller));
    await this.outbox.ring(bellOf(operation));
    return this.explained(again);
  }

  private async assertMayRetry(operation: Operation, caller: Caller): Promise<void> {
    const { kind, payload, revisionId } = operation;
    if (kind === 'clone') caller.assertAllowed(clonePermission(payload as OperationPayloads['clone']), operation);
    if (kind !== 'publish' && kind !== 'delete') return;
    caller.assertAllowed('packageRevisions.approve', operation);
    if (kind === 'delete') {
      const proposal = revisionId === null ? null : await this.store.deletionOf(revisionId);
      if (proposal) assertOthersDeletion(proposal, policyFor(proposal, proposal), caller);
      return;
    }
    const { breakGlass, approvedBy } = payload as OperationPayloads['publish'];
    if (!breakGlass) return;
    caller.assertAllowed('packageRevisions.breakGlass', operation);
    if (approvedBy === caller.user) return;
    throw new DomainError(
      'forbidden',
      `${approvedBy} broke the glass for this publication, and nobody else can answer for it: approve it with a breakGlass of your own.`,
      { permission: 'packageRevisions.breakGlass' },
    );
  }

  private async lock(id: string): Promise<Operation> {
    const operation = found(await this.store.lock(id), 'operation', id);
    const before = etagOf(toOperationResponse(operation));
    noteChange(id, { before, repositoryId: operation.repositoryId, path: operation.path });
    return operation;
  }

  private async explained(operation: Operation): Promise<Operation> {
    return (await this.waits.explain([operation]))[0] ?? operation;
  }
}

const clonePermission = (payload: OperationPayloads['clone']): Permission =>
  'subpackage' in payload ? 'packageRevisions.edit' : 'packageRevisions.create';

/** What judges by whoever asked for it judges by whoever retries it. */
function payloadFor({ kind, payload }: Operation, caller: Caller): OperationPayloads['clone'] | undefined {
  return kind === 'clone'
    ? { ...(payload as unknown as OperationPayloads['clone']), caller: signedIn(caller) }
    : undefined;
}

const conflict = ({ state, kind }: Operation, why: string) =>
  new DomainError('stateConflict', `This ${kind} operation cannot be changed so: ${why}.`, { state, kind });
