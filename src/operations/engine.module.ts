import { Config } from '../config/config.js';
import { Bulkhead } from '../jobs/bulkhead.js';
import { EngineStore } from './engine/engine.store.js';
import { GroupCloser } from './engine/group-closer.js';
import { GroupExecutor } from './engine/group-executor.js';
import { LeftOvers } from './engine/left-overs.js';
import { OutcomeAudit } from './engine/outcome-audit.js';
import { Poller } from './engine/poller.js';
import { PollingStore } from './engine/polling.store.js';
import { Pushes } from './engine/pushes.js';
import { Visitor } from './engine/visitor.js';
import { RepositoryHandlers } from './engine/repository-handlers.js';
import { RepositoryRunner } from './engine/repository-runner.js';
import { GitPlaces } from '../remotes/git-places.js';
import { GitPlaceReader } from './places/git-place-reader.js';
import { handlerProviders } from './handlers/handlers.module.js';
import { ChangeReader } from './sync/change-reader.js';
import { DraftWriter } from './sync/draft-writer.js';
import { ExternalPublications } from './sync/external-publications.js';
import { GitSeal } from './sync/git-seal.js';
import { HistoryRecorder } from './sync/history-recorder.js';
import { RewrittenHistory } from './sync/rewritten-history.js';
import { HistoryStore } from './sync/history.store.js';
import { HeadReader } from './sync/head-reader.js';
import { IndexWriter } from './sync/index-writer.js';
import { PackageReader } from './sync/package-reader.js';
import { RefReader } from './sync/ref-reader.js';
import { RepositoryPlaces } from './sync/repository-places.js';
import { SyncStore } from './sync/sync.store.js';
import { Synchronizer } from './sync/synchronizer.js';
import { TagWriter } from './sync/tag-writer.js';

/** The engine: in worker processes only. Needs GitPort, Doorbell, Config, the audit log and the credentials' providers beside it. */
export const engineProviders = [
  RepositoryRunner,
  EngineStore,
  {
    provide: Bulkhead,
    useFactory: ({ workerConcurrency }: Config) => new Bulkhead(workerConcurrency),
    inject: [Config],
  },
  Poller,
  PollingStore,
  OutcomeAudit,
  Visitor,
  GroupExecutor,
  GroupCloser,
  LeftOvers,
  Pushes,
  RepositoryHandlers,
  ...handlerProviders,
  { provide: GitPlaces, useClass: GitPlaceReader },
  GitSeal,
  ExternalPublications,
  Synchronizer,
  ChangeReader,
  HeadReader,
  HistoryRecorder,
  RewrittenHistory,
  HistoryStore,
  RefReader,
  PackageReader,
  IndexWriter,
  TagWriter,
  DraftWriter,
  SyncStore,
  RepositoryPlaces,
];
