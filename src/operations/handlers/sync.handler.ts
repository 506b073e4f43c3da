import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { TypedOperation } from '../../jobs/typed-operation.js';
import type { Outcome } from '../engine/group.js';
import type { HandlerOf } from '../engine/repository-handler.js';

/** Ends a sync: the visit has begun with one, so that the work is done by now. */
@Injectable()
export class SyncHandler implements HandlerOf<'sync'> {
  readonly payload = z.object({});

  async apply({ repositoryId }: TypedOperation<'sync'>): Promise<Outcome> {
    return { result: { resource: { type: 'Repository', id: repositoryId } } };
  }
}
