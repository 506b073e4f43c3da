import { Injectable } from '@nestjs/common';
import { type Caller, forbidden, signedIn } from '../../../access/caller.js';
import { AuditLog } from '../../../audit/audit-log.js';
import { noteChange } from '../../../audit/noted-change.js';
import { Database } from '../../../database/database.js';
import type { Operation } from '../../../database/generated/client.js';
import { type BulkParameters, MOST_ITEMS } from '../../../domain/bulk.js';
import { refusal } from '../../../domain/errors.js';
import { notFound } from '../../../domain/found.js';
import { revisionEtag } from '../../../domain/revision-etag.js';
import { Outbox } from '../../../jobs/outbox.js';
import { INSTANCE_SCOPE } from '../../../jobs/work-scope.js';
import { currentContext } from '../../../logging/request-context.js';
import type { RevisionFilter } from '../../../revisions/package-revision.filter.js';
import { PackageRevisionService } from '../package-revision.service.js';
import type { BulkAction } from './bulk-action.js';
import { bulkAction, type BulkActionName } from './bulk-actions.js';
import { BulkJudge, stored } from './bulk-judge.js';
import { type BulkItemRow, BulkStore } from './bulk.store.js';

/** One revision of a request; `etag` as `If-Match` has it. */
export interface BulkRequestItem {
  id: string;
  etag?: string | undefined;
  parameters?: BulkParameters | undefined;
}

export interface BulkRequest {
  action: BulkActionName;
  items?: readonly BulkRequestItem[] | undefined;
  filter?: RevisionFilter | undefined;
  parameters?: BulkParameters | undefined;
}

/** What becomes of the items of a request that leads to no operation; or would, of one that is rehearsed. */
export interface BulkEnd {
  isForetold: boolean;
  items: BulkItemRow[];
}

/** Revisions that a page of the filter reads. */
const PAGE = 1_000;

/** Takes one action on many revisions: writes down what is asked, which workers carry out; or says what would become of it. */
@Injectable()
export class BulkService {
  constructor(
    private readonly database: Database,
    private readonly store: BulkStore,
    private readonly revisions: PackageRevisionService,
    private readonly judge: BulkJudge,
    private readonly outbox: Outbox,
    private readonly auditLog: AuditLog,
  ) {}

  /** The operation; in a rehearsal, and where the caller can see none of the revisions, what becomes of each. */
  async ask(
    { action: name, items, filter, parameters: given = {} }: BulkRequest,
    caller: Caller,
  ): Promise<Operation | BulkEnd> {
    const action = bulkAction(name);
    const parameters = { ...impliedBy(filter, action), ...given };
    if (filter && action.isFinal && !this.database.isRehearsing) throw unseen(name);
    const rows = await this.resolve(items ?? (await this.chosen(filter ?? {}, caller)), caller, action.single);
    const waiting = rows.filter(({ state }) => state === 'waiting');
    if (this.database.isRehearsing) {
      const judged = await this.judge.foretell(waiting, { action, parameters, caller });
      const found = new Map(judged.map((item) => [item.position, item]));
      return { isForetold: true, items: rows.map((row) => found.get(row.position) ?? row) };
    }
    if (waiting.length === 0) return { isForetold: false, items: rows };
    const operation = await this.outbox.start({
      kind: 'bulk',
      repositoryId: null,
      target: { type: 'Instance', id: INSTANCE_SCOPE, name: 'pkgserver' },
      payload: {
        action: name,
        parameters,
        caller: signedIn(caller),
        address: currentContext().address,
      },
      requestedBy: caller.user,
    });
    await this.store.insert(operation.id, rows);
    noteChange(operation.id, { before: null, resourceType: 'Operation' });
    return operation;
  }

  /** What the caller may not see looks like what is not there. */
  private async resolve(items: readonly BulkRequestItem[], caller: Caller, single: string): Promise<BulkItemRow[]> {
    const places = await this.store.placesOf(items.map(({ id }) => id));
    const hidden: string[] = [];
    const rows = items.map(({ id, etag, parameters }, position): BulkItemRow => {
      const place = places.get(id);
      const asked = {
        position,
        ifMatch: etag ?? null,
        parameters: parameters ?? null,
        etag: null,
        startedId: null,
        draftId: null,
        warnings: [],
      };
      if (place && caller.allows('packages.read', place)) return { ...asked, ...place, state: 'waiting', error: null };
      if (place) hidden.push(id);
      const error = stored(notFound('package revision', id));
      return { ...asked, revisionId: id, repositoryId: null, path: null, state: 'failed', error };
    });
    const reason = `notFound: ${String(forbidden('packages.read').data.permission)}`;
    const about = { action: single, resourceType: 'PackageRevision', reason };
    await this.auditLog.recordDenied(hidden.map((resourceId) => ({ ...about, resourceId })));
    return rows;
  }

  /** The revisions that match now, with the entity tags that they have now. */
  private async chosen(filter: RevisionFilter, caller: Caller): Promise<BulkRequestItem[]> {
    const items: BulkRequestItem[] = [];
    for (let after: readonly string[] | undefined, more = true; more;) {
      const { rows, next } = await this.revisions.list(filter, caller, { after, size: PAGE });
      items.push(...rows.map((row) => ({ id: row.id, etag: revisionEtag(row) })));
      if (items.length > MOST_ITEMS) {
        throw refusal(
          'invalidBody',
          '/filter',
          'tooBig',
          `More than ${MOST_ITEMS} package revisions match the filter.`,
        );
      }
      after = next ?? undefined;
      more = next !== null;
    }
    return items;
  }
}

/** Whoever chooses what was made from a package, and upgrades it, means what was made from that. */
function impliedBy({ upstreamPackageId }: RevisionFilter = {}, { takes }: BulkAction): BulkParameters {
  return upstreamPackageId !== undefined && takes.includes('upstreamPackageId') ? { upstreamPackageId } : {};
}

const unseen = (name: string) =>
  refusal(
    'invalidBody',
    '/filter',
    'notAllowed',
    `"${name}" cannot be taken back, so that it is done to what you have seen: send the items that the same request finds with ?dryRun=true.`,
  );
