import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { noteChange } from '../../audit/noted-change.js';
import { Database } from '../../database/database.js';
import { type DriftAction, driftActions } from '../../domain/drift.js';
import { DomainError } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import type { Part, Rows } from '../../domain/list.js';
import { assertPrecondition, type Precondition } from '../../domain/precondition.js';
import type { Upstream } from '../../domain/revision.js';
import { DriftLog } from '../../revisions/drift/drift-log.js';
import type { RevisionRow } from '../../revisions/revision-row.js';
import { AuthoringService } from '../package-revisions/authoring/authoring.service.js';
import type { DriftFilter } from './drift.filter.js';
import { DriftListStore, type DriftRow } from './drift-list.store.js';
import { driftEtag } from './drift.view.js';

/** The draft that is to settle it. */
export interface DriftDraft {
  workspace?: string | undefined;
  overwriteHead?: true | undefined;
}

/** What Git holds that the service did not write, and what people do about it. */
@Injectable()
export class DriftService {
  constructor(
    private readonly database: Database,
    private readonly store: DriftListStore,
    private readonly log: DriftLog,
    private readonly authoring: AuthoringService,
  ) {}

  async list(filter: DriftFilter, caller: Caller, part: Part): Promise<Rows<DriftRow>> {
    return this.store.list(filter, caller.visibility('packages.read'), part);
  }

  async get(id: string): Promise<DriftRow> {
    return found(await this.store.find(id), 'drift', id);
  }

  /** Begins a draft of what Git holds (`adopt`), or of what was held before (`restore`), whose publication ends it. */
  async draft(
    id: string,
    action: Exclude<DriftAction, 'acknowledge'>,
    { workspace, overwriteHead }: DriftDraft,
    caller: Caller,
    seen: Precondition,
  ): Promise<RevisionRow> {
    return this.database.transaction(async () => {
      const row = await this.lockAsSeen(id, action, seen);
      const { repositoryId, path, packageId, gitTree, gitCommit, heldTree, heldCommit } = row;
      const [tree, commit] = action === 'adopt' ? [gitTree, gitCommit] : [heldTree, heldCommit];
      if (path === null || tree === null || commit === null) throw new Error(`Drift ${id} has nothing to ${action}`);
      const upstream = row.heldUpstream as unknown as Upstream | null;
      const draft = await this.authoring.create(
        {
          repositoryId,
          workspace: workspace ?? workspaceOf(row, action, tree),
          source: { type: 'copy', found: { path, packageId, tree, commit, upstream } },
          overwriteHead: row.kind === 'headDiffers' && action === 'restore' ? true : overwriteHead,
        },
        caller,
      );
      await this.log.beginDraft(row, draft.id, action === 'adopt' ? 'adopted' : 'restored');
      return draft;
    });
  }

  /** Lets it be: whoever reads of it sees who said so, and why. */
  async acknowledge(id: string, reason: string, { user }: Caller, seen: Precondition): Promise<DriftRow> {
    return this.database.transaction(async () => {
      const row = await this.lockAsSeen(id, 'acknowledge', seen);
      await this.log.acknowledge(row, user, reason);
      return this.get(id);
    });
  }

  private async lockAsSeen(id: string, action: DriftAction, seen: Precondition): Promise<DriftRow> {
    const row = found(await this.store.lock(id), 'drift', id);
    const before = driftEtag(row);
    assertPrecondition(seen, before, 'The drift');
    const allowedActions = driftActions(row);
    if (!allowedActions.includes(action)) {
      throw new DomainError('stateConflict', refusalOf(row, action, allowedActions), { allowedActions });
    }
    noteChange(id, { before });
    return row;
  }
}

/** That of the draft whose branch was deleted; else one that tells what it is for. */
const workspaceOf = ({ kind, heldWorkspace }: DriftRow, action: string, tree: string): string =>
  kind === 'branchDeleted' && heldWorkspace !== null ? heldWorkspace : `${action}-${tree.slice(0, 7)}`;

function refusalOf({ kind, state, draftId }: DriftRow, action: DriftAction, possible: readonly DriftAction[]): string {
  if (state === 'resolved') return 'It is over: there is nothing to do about it any more.';
  if (action === 'acknowledge') return 'It is acknowledged already.';
  if (draftId !== null) return `The draft ${draftId} is to end it: publish that, or delete it first.`;
  return `A ${kind} of this content has no action "${action}". Possible: ${possible.join(', ') || 'none'}.`;
}
