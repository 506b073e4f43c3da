import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Authenticator } from '../../access/authenticator.js';
import type { Caller } from '../../access/caller.js';
import { AuditLog } from '../../audit/audit-log.js';
import { denialReason, isDenial } from '../../audit/denial.js';
import { Database } from '../../database/database.js';
import { factsOf, type OperationPayloads } from '../../domain/operation.js';
import type { AloneHandler } from '../../jobs/alone/alone-handler.js';
import type { InstanceWork } from '../../jobs/instance/instance-handler.js';
import type { TypedOperation } from '../../jobs/typed-operation.js';
import { withContext } from '../../logging/request-context.js';
import { GitPlaces } from '../../remotes/git-places.js';
import { GitPlaceService } from '../git-places/git-place.service.js';
import { type CloneUse, CloneUses } from './clone-uses.js';

/** Places that are read at a time in this process: each takes a process of Git and some of the disk. */
const SEATS = 4;

type Payload = OperationPayloads['clone'];

const asStored = <Value>() => z.custom<Value>((value) => typeof value === 'object' && value !== null);
const common = {
  place: z.object({
    ...{ url: z.string(), ref: z.string(), directory: z.string() },
    credentialId: z.string().nullable(),
  }),
  caller: z.object({
    ...{ user: z.string(), email: z.string().nullable(), groups: z.array(z.string()) },
    tokenId: z.string().optional(),
  }),
  address: z.string().optional(),
};

/** Reads packages at their places in Git and makes of them what was asked for, with the right that their caller has then. */
@Injectable()
export class CloneHandler implements AloneHandler<'clone'> {
  readonly seats = SEATS;
  readonly payload = z.union([
    z.object({ draft: asStored<Extract<Payload, { draft: unknown }>['draft']>(), ...common }),
    z.object({
      subpackage: z.object({ revisionId: z.string(), path: z.string(), ifMatch: z.string() }),
      ...common,
    }),
  ]);

  constructor(
    private readonly database: Database,
    private readonly authenticator: Authenticator,
    private readonly places: GitPlaceService,
    private readonly remote: GitPlaces,
    private readonly uses: CloneUses,
    private readonly auditLog: AuditLog,
  ) {}

  start(): void {
    void this.tidy();
  }

  async run(operation: TypedOperation<'clone'>, work: InstanceWork): Promise<Record<string, unknown>> {
    const { caller, address } = operation.payload;
    try {
      return await withContext({ tokenId: caller.tokenId, address }, () => this.clone(operation, work));
    } finally {
      await this.tidy();
    }
  }

  /** Removes what reading has left on disk. What cannot be removed is removed by the next clone. */
  private tidy(): Promise<void> {
    return this.remote.tidy().catch(() => undefined);
  }

  private async clone(operation: TypedOperation<'clone'>, work: InstanceWork): Promise<Record<string, unknown>> {
    const { id, payload, revisionId } = operation;
    // An earlier attempt has made it, and had no time to say so.
    if (revisionId !== null) return resultOf(revisionId);
    const use = this.uses.of(payload);
    const step = <T>(run: (caller: Caller) => Promise<T>) =>
      this.judged(operation, use, () => work.step(async () => run(await this.authenticator.again(payload.caller))));
    await step((caller) => this.assertStill(operation, use, caller));
    await work.note({ done: 0, total: 1, message: 'Reading the package at its place in Git' });
    const read = await work.outside((signal) => this.remote.read(payload.place, id, signal));
    return step(async (caller) => {
      assertMay(operation, use, caller);
      const { revisionId: madeId, before, after } = await use.make(read, caller);
      // With what was made, or not at all: whoever runs this again finds it.
      await this.database.client.operation.update({
        where: { id },
        data: { revisionId: madeId },
        select: { id: true },
      });
      const action = factsOf(operation.kind).auditAction ?? '';
      const entry = { ...aboutOf(operation), action, resourceId: madeId, before, after, operationId: id };
      await this.auditLog.record([entry]);
      return resultOf(madeId);
    });
  }

  /** Before the credential goes anywhere. */
  private async assertStill(operation: TypedOperation<'clone'>, use: CloneUse, caller: Caller): Promise<void> {
    assertMay(operation, use, caller);
    await use.assertFits(caller);
    await this.places.assertReadable(operation.payload.place, use.pointer, caller);
  }

  /** A refusal for want of a right is in the audit log as it is of a request. */
  private async judged<T>(operation: TypedOperation<'clone'>, use: CloneUse, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (isDenial(error)) {
        await this.auditLog.denied({ ...aboutOf(operation), action: use.action, reason: denialReason(error) });
      }
      throw error;
    }
  }
}

function assertMay({ repositoryId, path }: TypedOperation<'clone'>, { permission }: CloneUse, caller: Caller): void {
  caller.assertAllowed(permission, { repositoryId, path });
}

const aboutOf = ({ repositoryId, path }: TypedOperation<'clone'>) => ({
  ...{ resourceType: 'PackageRevision', repositoryId, path },
});

const resultOf = (id: string): Record<string, unknown> => ({ resource: { type: 'PackageRevision', id } });
