import { Body, Controller, type OnModuleInit, Post } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { type Accepted, accepted, Foretold } from '../../../http/accepted-work.js';
import { CurrentCaller } from '../../../http/actor.js';
import { Endpoint } from '../../../http/endpoint.js';
import { FinishedResources } from '../../../http/finished-resources.js';
import { Tag } from '../../../http/openapi/tags.js';
import { OperationItemService } from '../../operations/operation-item.service.js';
import { bulkAction, type BulkActionName } from './bulk-actions.js';
import { type BulkRequestBody, bulkRequest, type BulkResponse, bulkResponse } from './bulk.schema.js';
import { BulkService } from './bulk.service.js';
import { toBulkResponse, toForetoldResponse } from './bulk.view.js';

/** How long an action that only writes the database is waited for, in seconds; then it goes on as any operation does. */
const DONE_WITHIN_SECONDS = 50;

@Tag('package-revisions')
@Controller('api/v1/package-revisions')
export class BulkController implements OnModuleInit {
  constructor(
    private readonly bulk: BulkService,
    private readonly items: OperationItemService,
    private readonly finished: FinishedResources,
  ) {}

  onModuleInit(): void {
    this.finished.register('BulkResult', async (id) => toBulkResponse(id, await this.items.all(id)));
  }

  @Post('bulk')
  @Endpoint({
    permission: 'packages.read',
    summary: 'Take one action on many package revisions',
    description:
      'Does to each package revision what the request for a single one does, and judges each as that: its permission, its ' +
      'state, its `etag`, the release policy. One that fails harms no other; those that you may not see are answered as ' +
      'unknown. What only writes the database is answered with the result (200) if it is done within ' +
      `${DONE_WITHIN_SECONDS} seconds; \`approve\` and \`delete\`, and what takes longer, with an operation (202), which ends ` +
      'when all publications and deletions have: `GET /operations/{id}/items` tells how each fares. What cannot be taken ' +
      'back takes a `filter` in a dry run only, whose items can be sent as they are.',
    accepted: 'sometimes',
    returns: bulkResponse,
    settlesWithin: (body) => (touchesRemote(body) ? 0 : DONE_WITHIN_SECONDS),
  })
  async bulkPackageRevisions(
    @Body({ schema: bulkRequest }) body: BulkRequestBody,
    @CurrentCaller() caller: Caller,
  ): Promise<Accepted | BulkResponse | Foretold> {
    const answer = await this.bulk.ask(body, caller);
    if ('kind' in answer) return accepted(answer);
    const ends = toForetoldResponse(answer.items);
    return answer.isForetold ? new Foretold('bulk', ends) : ends;
  }
}

const touchesRemote = (body: unknown): boolean => bulkAction((body as { action: BulkActionName }).action).touchesRemote;
