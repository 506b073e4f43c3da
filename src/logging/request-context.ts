import { AsyncLocalStorage } from 'node:async_hooks';

/** What follows a piece of work through every log line, from the HTTP request into the worker. */
export interface WorkContext {
  requestId?: string;
  actor?: string;
  /** The API token that was shown. */
  tokenId?: string;
  /** Where the request came from. */
  address?: string;
  operationId?: string;
  repositoryId?: string;
}

const storage = new AsyncLocalStorage<WorkContext>();

export const currentContext = (): WorkContext => storage.getStore() ?? {};

/** Runs `work` with `context` added to what is there already. */
export function withContext<T>(context: WorkContext, work: () => T): T {
  return storage.run({ ...currentContext(), ...context }, work);
}
