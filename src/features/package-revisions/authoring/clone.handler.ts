import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Authenticator } from '../../../access/authenticator.js';
import type { Caller } from '../../../access/caller.js';
import { AuditLog } from '../../../audit/audit-log.js';
import { denialReason, isDenial } from '../../../audit/denial.js';
import { Database } from '../../../database/database.js';
import { factsOf, type OperationPayloads } from '../../../domain/operation.js';
import { revisionEtag } from '../../../domain/revision-etag.js';
import type { AloneHandler } from '../../../jobs/alone/alone-handler.js';
import type { InstanceWork } from '../../../jobs/instance/instance-handler.js';
import type { TypedOperation } from '../../../jobs/typed-operation.js';
import { withContext } from '../../../logging/request-context.js';
import { GitPlaces } from '../../../remotes/git-places.js';
import { GitPlaceService } from '../../git-places/git-place.service.js';
import { AuthoringService } from './authoring.service.js';
import { PLACE_POINTER } from './place-clones.js';

/** Places that are read at a time in this process: each takes a process of Git and some of the disk. */
const SEATS = 4;

type Payload = OperationPayloads['clone'];

/** Reads packages at their places in Git and begins drafts with them, with the right that their caller has then. */
@Injectable()
export class CloneHandler implements AloneHandler<'clone'> {
  readonly seats = SEATS;
  readonly payload = z.object({
    draft: z.custom<Payload['draft']>((value) => typeof value === 'object' && value !== null),
    place: z.object({
      ...{ url: z.string(), ref: z.string(), directory: z.string() },
      credentialId: z.string().nullable(),
    }),
    caller: z.object({
      ...{ user: z.string(), email: z.string().nullable(), groups: z.array(z.string()) },
      tokenId: z.string().optional(),
    }),
    address: z.string().optional(),
  });

  constructor(
    private readonly database: Database,
    private readonly authenticator: Authenticator,
    private readonly places: GitPlaceService,
    private readonly remote: GitPlaces,
    private readonly authoring: AuthoringService,
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

  /** What stays does no harm until the next time. */
  private tidy(): Promise<void> {
    return this.remote.tidy().catch(() => undefined);
  }

  private async clone(operation: TypedOperation<'clone'>, work: InstanceWork): Promise<Record<string, unknown>> {
    const { id, payload, revisionId } = operation;
    // An earlier attempt has made it, and had no time to say so.
    if (revisionId !== null) return resultOf(revisionId);
    const step = <T>(run: (caller: Caller) => Promise<T>) =>
      this.judged(operation, () => work.step(() => this.as(payload, run)));
    await step((caller) => this.assertStill(operation, caller));
    await work.note({ done: 0, total: 1, message: 'Reading the package at its place in Git' });
    const read = await work.outside((signal) => this.remote.read(payload.place, id, signal));
    return step(async (caller) => {
      const source = { type: 'clone', upstream: { read } } as const;
      const row = await this.authoring.create({ ...payload.draft, source }, caller);
      // With the draft, or not at all: whoever runs this again finds it.
      await this.database.client.operation.update({
        where: { id },
        data: { revisionId: row.id },
        select: { id: true },
      });
      const after = revisionEtag(row);
      const action = factsOf(operation.kind).auditAction ?? '';
      await this.auditLog.record([{ ...aboutOf(operation), action, resourceId: row.id, after, operationId: id }]);
      return resultOf(row.id);
    });
  }

  private async as<T>({ caller }: Payload, run: (caller: Caller) => Promise<T>): Promise<T> {
    return run(await this.authenticator.again(caller));
  }

  /** Before the credential goes anywhere. */
  private async assertStill(
    { payload: { place, draft }, path }: TypedOperation<'clone'>,
    caller: Caller,
  ): Promise<void> {
    caller.assertAllowed('packageRevisions.create', { repositoryId: draft.repositoryId, path });
    await this.places.assertReadable(place, PLACE_POINTER, caller);
  }

  /** A refusal for want of a right is in the audit log as it is of a request. */
  private async judged<T>(operation: TypedOperation<'clone'>, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (isDenial(error)) {
        await this.auditLog.denied({ ...aboutOf(operation), reason: denialReason(error) });
      }
      throw error;
    }
  }
}

const aboutOf = ({ repositoryId, path }: TypedOperation<'clone'>) => ({
  ...{ action: 'createPackageRevision', resourceType: 'PackageRevision', repositoryId, path },
});

const resultOf = (id: string): Record<string, unknown> => ({ resource: { type: 'PackageRevision', id } });
