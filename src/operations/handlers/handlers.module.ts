import type { Provider } from '@nestjs/common';
import type { RepositoryHandlerTable } from '../engine/repository-handler.js';
import { REPOSITORY_HANDLERS } from '../engine/repository-handlers.js';
import { CommitSigner } from './commit-signer.js';
import { CommitWriter } from './commit-writer.js';
import { DeleteHandler } from './delete.handler.js';
import { DiscardHandler } from './discard.handler.js';
import { PublishHandler } from './publish.handler.js';
import { PushHandler } from './push.handler.js';
import { SyncHandler } from './sync.handler.js';

/** One handler a kind; a kind without one does not compile. */
const table = (
  sync: SyncHandler,
  push: PushHandler,
  discard: DiscardHandler,
  publish: PublishHandler,
  remove: DeleteHandler,
): RepositoryHandlerTable => ({ sync, push, discard, publish, delete: remove });

const HANDLERS = [SyncHandler, PushHandler, DiscardHandler, PublishHandler, DeleteHandler];

export const handlerProviders: Provider[] = [
  CommitSigner,
  CommitWriter,
  ...HANDLERS,
  { provide: REPOSITORY_HANDLERS, useFactory: table, inject: HANDLERS },
];
