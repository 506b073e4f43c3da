import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { accessProviders } from './access/access.module.js';
import { auditProviders } from './audit/audit.module.js';
import { Config } from './config/config.js';
import { BlobStore } from './content/blob-store/blob-store.js';
import { contentProviders } from './content/content.module.js';
import { Database } from './database/database.js';
import { eventsProviders } from './events/events.module.js';
import { credentialsProviders } from './vault/credentials.module.js';
import { SealingKeys } from './vault/credential-vault.js';
import { GitPort } from './git/port.js';
import { httpProviders } from './http/http.module.js';
import { Metrics } from './logging/metrics.js';
import { remotesProviders } from './remotes/remotes.module.js';
import { RateLimits } from './rate-limit/rate-limits.js';
import { outboxProviders } from './jobs/jobs.module.js';
import { campaignProviders } from './features/campaigns/campaign.module.js';
import { dependencyProviders } from './features/dependencies/dependency.module.js';
import { gitPlaceProviders } from './features/git-places/git-place.module.js';
import { operationProviders } from './features/operations/operation.module.js';
import { packageContentsProviders } from './features/package-contents/package-contents.module.js';
import { packageDiffProviders } from './features/package-diffs/package-diff.module.js';
import { packageRevisionProviders } from './features/package-revisions/package-revision.module.js';
import { subpackageProviders } from './features/subpackages/subpackage.module.js';
import { revisionsProviders } from './revisions/revisions.module.js';
import { Tracer } from './tracing/tracer.js';
import { Doorbell } from './queue/doorbell.js';

/** What a process opens at its start and closes at its end; everything else is made from these. */
export interface Resources {
  config: Config;
  database: Database;
  blobStore: BlobStore;
  doorbell: Doorbell;
  git: GitPort;
  metrics: Metrics;
  rateLimits: RateLimits;
  sealingKeys: SealingKeys;
  tracer: Tracer;
}

/** Shared by the API and the worker. Add here what both need. */
const sharedProviders: Provider[] = [
  ...accessProviders,
  ...auditProviders,
  ...eventsProviders,
  ...contentProviders,
  ...outboxProviders,
  ...operationProviders,
  ...credentialsProviders,
  ...remotesProviders,
  ...httpProviders,
  ...revisionsProviders,
  ...packageDiffProviders,
  ...gitPlaceProviders,
  ...packageRevisionProviders,
  ...packageContentsProviders,
  ...subpackageProviders,
  ...dependencyProviders,
  ...campaignProviders,
];

@Module({})
export class CoreModule {
  /** Without resources the module can only be looked at (Nest's `preview`), as the OpenAPI generator does. */
  static register(resources: Partial<Resources> = {}): DynamicModule {
    const providers: Provider[] = [
      { provide: Config, useValue: resources.config },
      { provide: Database, useValue: resources.database },
      { provide: BlobStore, useValue: resources.blobStore },
      { provide: Doorbell, useValue: resources.doorbell },
      { provide: GitPort, useValue: resources.git },
      { provide: Metrics, useValue: resources.metrics },
      { provide: RateLimits, useValue: resources.rateLimits },
      { provide: SealingKeys, useValue: resources.sealingKeys },
      { provide: Tracer, useValue: resources.tracer },
      ...sharedProviders,
    ];
    const tokens = providers.map((provider) => (typeof provider === 'function' ? provider : provider.provide));
    return { module: CoreModule, global: true, providers, exports: tokens };
  }
}
