import { Injectable } from '@nestjs/common';
import { type Caller, signedIn } from '../../../access/caller.js';
import { noteChange } from '../../../audit/noted-change.js';
import { Database } from '../../../database/database.js';
import type { Operation } from '../../../database/generated/client.js';
import type { GitPlace } from '../../../domain/git-place.js';
import { Outbox } from '../../../jobs/outbox.js';
import { currentContext } from '../../../logging/request-context.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { GitPlaceService, type NamedPlace } from '../../git-places/git-place.service.js';
import { AuthoringService } from './authoring.service.js';
import type { UpstreamChoice } from './upstream.service.js';
import type { NewRevision, NewSource } from './origin.service.js';

/** A revision that a request asks for: what it is cloned from may be a place in Git. */
export type AskedRevision = Omit<NewRevision, 'source'> & {
  source: NewSource | { type: 'clone'; upstream: UpstreamChoice | { git: NamedPlace } };
};

/** Where the place stands in a request. */
export const PLACE_POINTER = '/source/upstream/git';

/** Creates drafts, and asks workers for those whose content no index has. */
@Injectable()
export class PlaceClones {
  constructor(
    private readonly database: Database,
    private readonly authoring: AuthoringService,
    private readonly places: GitPlaceService,
    private readonly outbox: Outbox,
  ) {}

  /** The draft; the operation that is to make it; or, in a rehearsal of one, the draft as far as it can be told. */
  async create(
    { source, ...request }: AskedRevision,
    caller: Caller,
  ): Promise<{ draft: RevisionRow } | { operation: Operation } | { foretold: RevisionRow }> {
    if (source.type !== 'clone' || !('git' in source.upstream)) {
      return { draft: await this.authoring.create({ ...request, source: source as NewSource }, caller) };
    }
    const settled = await this.places.settle(source.upstream.git, PLACE_POINTER, caller);
    if (!('place' in settled)) {
      const upstream = settled;
      return { draft: await this.authoring.create({ ...request, source: { type: 'clone', upstream } }, caller) };
    }
    const foretold = await this.foretell(request, settled.place, caller);
    return this.database.isRehearsing
      ? { foretold }
      : { operation: await this.ask(request, settled.place, foretold, caller) };
  }

  /** Judged now as it is judged again when it is made: what cannot be is refused at once. Leaves nothing behind. */
  private foretell(request: Omit<NewRevision, 'source'>, place: GitPlace, caller: Caller): Promise<RevisionRow> {
    const { url, directory, ref } = place;
    const read = { url, directory, ref, commit: null, tree: null, fromGit: true } as const;
    const source = { type: 'clone', upstream: { read } } as const;
    return this.database.rehearsePart(() => this.authoring.create({ ...request, source }, caller));
  }

  private async ask(
    request: Omit<NewRevision, 'source'>,
    place: GitPlace,
    { repositoryId, repositoryName, path }: RevisionRow,
    caller: Caller,
  ): Promise<Operation> {
    const { overwriteHead: _never, ...draft } = request;
    const operation = await this.outbox.start({
      kind: 'clone',
      ...{ repositoryId, path },
      target: { type: 'Repository', id: repositoryId, name: repositoryName },
      payload: {
        ...{ draft, place },
        caller: signedIn(caller),
        address: currentContext().address,
      },
      requestedBy: caller.user,
    });
    noteChange(operation.id, { before: null, resourceType: 'Operation', repositoryId, path });
    return operation;
  }
}
