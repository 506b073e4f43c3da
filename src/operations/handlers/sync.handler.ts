import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { RECEIVER } from '../../domain/operation.js';
import type { TypedOperation } from '../../jobs/typed-operation.js';
import { Metrics } from '../../logging/metrics.js';
import type { Outcome } from '../engine/group.js';
import type { HandlerOf } from '../engine/repository-handler.js';

/** Ends a sync: the visit has begun with one, so that the work is done by now. */
@Injectable()
export class SyncHandler implements HandlerOf<'sync'> {
  readonly payload = z.object({});

  constructor(private readonly metrics: Metrics) {}

  async apply({ repositoryId, requestedBy }: TypedOperation<'sync'>): Promise<Outcome> {
    this.metrics.synced(requestedBy.startsWith(RECEIVER) ? 'receiver' : 'request');
    return { result: { resource: { type: 'Repository', id: repositoryId } } };
  }
}
