import { Module } from '@nestjs/common';
import { campaignWorkProviders } from './features/campaigns/campaign.module.js';
import { CampaignPlanHandler } from './features/campaigns/plan.handler.js';
import { CampaignHandler } from './features/campaigns/run/campaign.handler.js';
import { CloneHandler } from './features/clones/clone.handler.js';
import { CloneUses } from './features/clones/clone-uses.js';
import { BulkHandler } from './features/package-revisions/bulk/bulk.handler.js';
import { revisionWorkProviders } from './features/package-revisions/package-revision.module.js';
import { variantWorkProviders } from './features/variants/variant.module.js';
import { VariantsHandler } from './features/variants/reconcile/variants.handler.js';
import { ALONE_HANDLERS, type AloneHandlerTable } from './jobs/alone/alone-handler.js';
import { AloneRunner } from './jobs/alone/alone-runner.js';
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
  ...[repository, instance, operation, webhook]: [RepositoryRunner, InstanceRunner, AloneRunner, WebhookRunner]
): Runners => ({ repository, instance, operation, webhook });

/** One handler a kind of instance-wide work; a kind without one does not compile. */
const instanceHandlers = (retention: RetentionHandler, upstreams: UpstreamsHandler): InstanceHandlerTable => ({
  ...{ retention, upstreams },
});

/** The same of work that is a scope by itself. */
const aloneHandlers = (
  ...[bulk, clone, variants, campaignPlan, campaign]: [
    BulkHandler,
    CloneHandler,
    VariantsHandler,
    CampaignPlanHandler,
    CampaignHandler,
  ]
): AloneHandlerTable => ({ bulk, clone, variants, campaignPlan, campaign });

/** What carries out work that goes on after the answer: the only part that talks to Git remotes, and to webhooks. */
@Module({
  providers: [
    ...workerProviders,
    ...engineProviders,
    ...webhooksProviders,
    ...revisionWorkProviders,
    ...variantWorkProviders,
    ...campaignWorkProviders,
    CloneUses,
    CloneHandler,
    RetentionStore,
    RetentionHandler,
    UpstreamsHandler,
    { provide: RUNNERS, useFactory: runners, inject: [RepositoryRunner, InstanceRunner, AloneRunner, WebhookRunner] },
    { provide: INSTANCE_HANDLERS, useFactory: instanceHandlers, inject: [RetentionHandler, UpstreamsHandler] },
    {
      provide: ALONE_HANDLERS,
      useFactory: aloneHandlers,
      inject: [BulkHandler, CloneHandler, VariantsHandler, CampaignPlanHandler, CampaignHandler],
    },
  ],
})
export class WorkerModule {}
