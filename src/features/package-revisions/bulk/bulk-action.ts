import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import type { Permission } from '../../../access/permission.js';
import type { Operation } from '../../../database/generated/client.js';
import type { BulkParameters } from '../../../domain/bulk.js';
import type { Precondition } from '../../../domain/precondition.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { AuthoringService } from '../authoring/authoring.service.js';
import { LifecycleService } from '../lifecycle/lifecycle.service.js';
import { PackageRevisionService } from '../package-revision.service.js';
import { ApprovalService } from '../release/approval.service.js';

/** What judges single requests: an action hands each item on to one of these, and judges nothing by itself. */
@Injectable()
export class BulkServices {
  constructor(
    readonly revisions: PackageRevisionService,
    readonly lifecycle: LifecycleService,
    readonly approvals: ApprovalService,
    readonly authoring: AuthoringService,
  ) {}
}

/** One revision, and what is asked of it. */
export interface BulkItem {
  id: string;
  caller: Caller;
  parameters: BulkParameters;
}

/** The revision as it is now; the operation that does the rest; the draft that was made of it, with sentences on it for users; null: it is gone. */
export type BulkOutcome = RevisionRow | Operation | { draft: RevisionRow; warnings: readonly string[] } | null;

/** What one action is to many revisions. All code that treats actions differently asks these facts. */
interface Facts {
  /** What the caller needs on the package of each item. */
  permission: Permission;
  /** The endpoint that does the same to one revision: its name in the audit log. */
  single: string;
  /**
   * Whether an item can need the remote: the request is answered with the operation then (202), and its caller waits only
   * if they want to.
   */
  touchesRemote: boolean;
  /** Whether it cannot be taken back, so that each item must have been seen before: no filter chooses them, but for a dry run. */
  isFinal: boolean;
  /** How many items one transaction judges: others wait no longer for a revision than that takes. 50 unless it says another. */
  itemsPerStep?: number;
  /** The parameters that it takes. */
  takes: readonly (keyof BulkParameters)[];
  /** Those of them that each item needs, by itself or of the whole request. */
  needs?: readonly (keyof BulkParameters)[];
}

/** `needsEtag`: whether a single request needs `If-Match`, and so each item its `etag`. */
export type BulkAction = Facts &
  (
    | { needsEtag: true; run(services: BulkServices, item: BulkItem, seen: Precondition): Promise<BulkOutcome> }
    | {
        needsEtag: false;
        run(services: BulkServices, item: BulkItem, seen: Precondition | undefined): Promise<BulkOutcome>;
      }
  );
