import { Body, Controller, Param, Post, Query } from '@nestjs/common';
import type { Precondition } from '../../../domain/precondition.js';
import type { Caller } from '../../../access/caller.js';
import { statesAllowing } from '../../../domain/lifecycle.js';
import { CurrentCaller } from '../../../http/actor.js';
import { Endpoint } from '../../../http/endpoint.js';
import { Tag } from '../../../http/openapi/tags.js';
import { pathId } from '../../../http/schema/fields.js';
import { IfMatch, OptionalIfMatch } from '../../../http/if-match.js';
import { DraftConflictService } from './draft-conflict.service.js';
import { RebaseService } from './rebase.service.js';
import { LifecycleService } from './lifecycle.service.js';
import {
  type DecisionRequest,
  decisionRequest,
  type DeletionQuery,
  deletionQuery,
  type DeletionRequest,
  deletionRequest,
  type ResolveRequest,
  resolveRequest,
} from '../package-revision.request.schema.js';
import { type RevisionResponse, revisionResponse } from '../package-revision.schema.js';
import { toRevisionResponse } from '../package-revision.view.js';

const id = pathId('package revision');

@Tag('package-revisions')
@Controller('api/v1/package-revisions/:id')
export class LifecycleController {
  constructor(
    private readonly lifecycle: LifecycleService,
    private readonly conflicts: DraftConflictService,
    private readonly rebases: RebaseService,
  ) {}

  @Post('propose')
  @Endpoint({
    permission: 'packageRevisions.propose',
    summary: 'Propose a draft',
    description: 'Hands a draft in for approval. It must hold at least one KRM object, and can no longer be edited.',
    returns: revisionResponse,
    from: statesAllowing('propose'),
    shows: ['proposed'],
    problems: ['draftConflict'],
  })
  async proposePackageRevision(
    @Param('id', { schema: id }) revisionId: string,
    @OptionalIfMatch() seen: Precondition | undefined,
    @CurrentCaller() caller: Caller,
  ): Promise<RevisionResponse> {
    return toRevisionResponse(await this.lifecycle.propose(revisionId, caller.user, seen), caller);
  }

  @Post('reject')
  @Endpoint({
    permission: 'packageRevisions.reject',
    summary: 'Reject a proposal',
    description: 'Makes a proposed revision a draft again.',
    optionalBody: true,
    returns: revisionResponse,
    from: statesAllowing('reject'),
    shows: ['draft'],
  })
  async rejectPackageRevision(
    @Param('id', { schema: id }) revisionId: string,
    @Body({ schema: decisionRequest.optional() }) body: DecisionRequest | undefined,
    @OptionalIfMatch() seen: Precondition | undefined,
    @CurrentCaller() caller: Caller,
  ): Promise<RevisionResponse> {
    return toRevisionResponse(await this.lifecycle.reject(revisionId, caller.user, seen, body?.comment), caller);
  }

  @Post('withdraw')
  @Endpoint({
    permission: 'packageRevisions.propose',
    summary: 'Withdraw a proposal',
    description: 'Makes a proposed revision a draft again, for those who created, edited or proposed it.',
    optionalBody: true,
    returns: revisionResponse,
    from: statesAllowing('withdraw'),
    shows: ['draft'],
  })
  async withdrawPackageRevision(
    @Param('id', { schema: id }) revisionId: string,
    @Body({ schema: decisionRequest.optional() }) body: DecisionRequest | undefined,
    @OptionalIfMatch() seen: Precondition | undefined,
    @CurrentCaller() caller: Caller,
  ): Promise<RevisionResponse> {
    return toRevisionResponse(await this.lifecycle.withdraw(revisionId, caller, seen, body?.comment), caller);
  }

  @Post('propose-deletion')
  @Endpoint({
    permission: 'packageRevisions.proposeDeletion',
    summary: 'Propose a deletion',
    description:
      'Marks a published revision for deletion. Refused while other revisions name it as their upstream, and, of ' +
      'the last one, while other packages need the package. Where the ref ' +
      'holds it and others stay, `head` must be given.',
    optionalBody: true,
    returns: revisionResponse,
    from: statesAllowing('propose-deletion'),
    shows: ['deletionProposed'],
    problems: ['inUse'],
  })
  async proposePackageRevisionDeletion(
    @Param('id', { schema: id }) revisionId: string,
    @Query({ schema: deletionQuery }) { force }: DeletionQuery,
    @Body({ schema: deletionRequest.optional() }) body: DeletionRequest | undefined,
    @OptionalIfMatch() seen: Precondition | undefined,
    @CurrentCaller() caller: Caller,
  ): Promise<RevisionResponse> {
    const row = await this.lifecycle.proposeDeletion(revisionId, { force, ...body }, caller, seen);
    return toRevisionResponse(row, caller);
  }

  @Post('reject-deletion')
  @Endpoint({
    permission: 'packageRevisions.reject',
    summary: 'Reject a deletion',
    description: 'Makes a revision whose deletion was proposed a published one again.',
    optionalBody: true,
    returns: revisionResponse,
    from: statesAllowing('reject-deletion'),
    shows: ['published'],
  })
  async rejectPackageRevisionDeletion(
    @Param('id', { schema: id }) revisionId: string,
    @Body({ schema: decisionRequest.optional() }) body: DecisionRequest | undefined,
    @OptionalIfMatch() seen: Precondition | undefined,
    @CurrentCaller() caller: Caller,
  ): Promise<RevisionResponse> {
    return toRevisionResponse(
      await this.lifecycle.rejectDeletion(revisionId, caller.user, seen, body?.comment),
      caller,
    );
  }

  @Post('resolve')
  @Endpoint({
    permission: 'packageRevisions.edit',
    summary: 'Resolve a draft conflict',
    description:
      "Says which side stays where someone pushed to a draft's branch while a change waited (`git.state` is " +
      "`conflict`). Nothing is overwritten: with `draft` the next push goes on top of the other writer's commit.",
    returns: revisionResponse,
    from: ['draft', 'proposed'],
    shows: ['draft', 'proposed'],
  })
  async resolvePackageRevision(
    @Param('id', { schema: id }) revisionId: string,
    @Body({ schema: resolveRequest }) { keep }: ResolveRequest,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<RevisionResponse> {
    return toRevisionResponse(await this.conflicts.resolve(revisionId, keep, caller.user, seen), caller);
  }

  @Post('rebase')
  @Endpoint({
    permission: 'packageRevisions.edit',
    summary: 'Rebase a draft',
    description:
      'Takes into a draft, file by file, what was published or committed to the package on the ref since it was begun. ' +
      'Where both have changed a file, nothing is changed.',
    returns: revisionResponse,
    from: ['draft'],
    shows: ['draft'],
    problems: ['draftConflict', 'rebaseConflict', 'packageTooLarge'],
  })
  async rebasePackageRevision(
    @Param('id', { schema: id }) revisionId: string,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<RevisionResponse> {
    return toRevisionResponse(await this.rebases.rebase(revisionId, caller.user, seen), caller);
  }
}
