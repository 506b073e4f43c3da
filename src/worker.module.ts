import { Module } from '@nestjs/common';
import { BulkRunner } from './features/package-revisions/bulk/bulk-runner.js';
import { bulkWorkProviders } from './features/package-revisions/package-revision.module.js';
import { INSTANCE_HANDLERS, type InstanceHandlerTable } from './jobs/instance/instance-handler.js';
import { InstanceRunner } from './jobs/instance/instance-runner.js';
import { workerProviders } from './jobs/jobs.module.js';
import { RUNNERS, type Runners } from './jobs/runner.js';
import { engineProviders } from './operations/engine.module.js';
import { RepositoryRunner } from './operations/engine/repository-runner.js';
import { RetentionHandler } from './retention/retention.handler.js';
import { RetentionStore } from './retention/retention.store.js';
import { UpstreamsHandler } from './upstreams/upstreams.handler.js';
import { WebhookRunner } from './webhooks/webhook-runner.js';
import { webhooksProviders } from './webhooks/webhooks.module.js';

const runners = (
  ...[repository, instance, operation, webhook]: [RepositoryRunner, InstanceRunner, BulkRunner, WebhookRunner]
): Runners => ({ repository, instance, operation, webhook });

/** One handler a kind of instance-wide work; a kind without one does not compile. */
const instanceHandlers = (retention: RetentionHandler, upstreams: UpstreamsHandler): InstanceHandlerTable => ({
  ...{ retention, upstreams },
});

/** What carries out work that goes on after the answer: the only part that talks to Git remotes, and to webhooks. */
@Module({
  providers: [
    ...workerProviders,
    ...engineProviders,
    ...webhooksProviders,
    ...bulkWorkProviders,
    RetentionStore,
    RetentionHandler,
    UpstreamsHandler,
    { provide: RUNNERS, useFactory: runners, inject: [RepositoryRunner, InstanceRunner, BulkRunner, WebhookRunner] },
    { provide: INSTANCE_HANDLERS, useFactory: instanceHandlers, inject: [RetentionHandler, UpstreamsHandler] },
  ],
})
export class WorkerModule {}
