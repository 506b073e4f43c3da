import { AsyncLocalStorage } from 'node:async_hooks';

/** Facts of a change that the service knows, and the answer of the request does not tell. */
export interface NotedChange {
  /** The entity tag that the resource had under its lock. */
  before?: string | null;
  /** For a change whose answer does not show the resource; null: it is gone. */
  after?: string | null;
  repositoryId?: string | null;
  path?: string | null;
  /** Of what the entry is, where the path does not say it. */
  resourceType?: string;
  /** Why, where whoever asked for it said so. */
  reason?: string | null;
}

const storage = new AsyncLocalStorage<Map<string, NotedChange>>();

/** Adds to what is known of a resource; does nothing where no entry is going to be written. */
export function noteChange(resourceId: string, change: NotedChange): void {
  const notes = storage.getStore();
  notes?.set(resourceId, { ...notes.get(resourceId), ...change });
}

/** Runs `work` and gives, beside its result, what was noted in it, by resource. */
export async function collectNotes<Result>(
  work: () => Promise<Result>,
): Promise<{ result: Result; notes: ReadonlyMap<string, NotedChange> }> {
  const notes = new Map<string, NotedChange>();
  return { result: await storage.run(notes, work), notes };
}
