import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import type { Permission } from '../../access/permission.js';
import { collectNotes } from '../../audit/noted-change.js';
import type { ReadPlace } from '../../domain/git-place.js';
import type { OperationPayloads } from '../../domain/operation.js';
import { revisionEtag } from '../../domain/revision-etag.js';
import { AuthoringService } from '../package-revisions/authoring/authoring.service.js';
import { PLACE_POINTER } from '../package-revisions/authoring/place-clones.js';
import { SUBPACKAGE_PLACE, SubpackageService } from '../subpackages/subpackage.service.js';

type Payload = OperationPayloads['clone'];

/** The revision that a clone has made or changed, and its entity tags; `before` is null where it was made. */
export interface Made {
  revisionId: string;
  before: string | null;
  after: string;
}

/** One way to use a package that a worker has read at its place in Git: for a new draft, or for a folder of one. */
export interface CloneUse {
  /** The permission that the caller needs on the package that is made or changed. */
  permission: Permission;
  /** The endpoint that has asked for it: its name in the audit log. */
  action: string;
  /** JSON pointer to the place in the body of the request. */
  pointer: string;
  /** Throws where the draft could not take it, whatever the place holds: the remote is not asked then. */
  assertFits(caller: Caller): Promise<void>;
  /** Checks again all that the request was checked for, and writes. Call it in a transaction. */
  make(read: ReadPlace, caller: Caller): Promise<Made>;
}

/** Begins drafts with what was read, and fills folders of drafts with it. */
@Injectable()
export class CloneUses {
  constructor(
    private readonly authoring: AuthoringService,
    private readonly subpackages: SubpackageService,
  ) {}

  of(payload: Payload): CloneUse {
    return 'subpackage' in payload ? this.folderOf(payload.subpackage) : this.draftOf(payload.draft);
  }

  private draftOf(draft: Extract<Payload, { draft: unknown }>['draft']): CloneUse {
    return {
      ...{ permission: 'packageRevisions.create', action: 'createPackageRevision', pointer: PLACE_POINTER },
      assertFits: () => Promise.resolve(),
      make: async (read, caller) => {
        const row = await this.authoring.create({ ...draft, source: { type: 'clone', upstream: { read } } }, caller);
        return { revisionId: row.id, before: null, after: revisionEtag(row) };
      },
    };
  }

  private folderOf({ revisionId, path, ifMatch }: Extract<Payload, { subpackage: unknown }>['subpackage']): CloneUse {
    const folder = { id: revisionId, path, seen: { ifMatch } };
    return {
      ...{ permission: 'packageRevisions.edit', action: 'addSubpackage', pointer: SUBPACKAGE_PLACE },
      assertFits: (caller) => this.subpackages.assertFits(folder, caller),
      make: async (read, caller) => {
        const { result: after, notes } = await collectNotes(() => this.subpackages.put(folder, read, caller));
        return { revisionId, before: notes.get(revisionId)?.before ?? null, after };
      },
    };
  }
}
