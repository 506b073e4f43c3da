import type { Operation } from '../database/generated/client.js';
import {
  factsOf,
  type OperationKind,
  type OperationPayloads,
  type RepositoryOf,
  kindsIn,
} from '../domain/operation.js';
import type { KindFacts } from '../domain/operation-kinds.js';

/** An operation whose payload has been read; made where workers take rows, and nowhere else. */
export interface TypedOperation<Kind extends OperationKind = OperationKind> extends Omit<
  Operation,
  'kind' | 'payload' | 'repositoryId'
> {
  kind: Kind;
  repositoryId: RepositoryOf<Kind>;
  payload: OperationPayloads[Kind];
}

/** How the payload of one kind is read from the stored JSON: a schema, whose `parse` throws where it does not fit. */
export interface PayloadReader<Kind extends OperationKind> {
  readonly payload: { parse(stored: unknown): OperationPayloads[Kind] };
}

/** Why an operation ended that {@link readOperation} could not read. */
export const UNREADABLE = {
  code: 'unavailable',
  detail: 'What is stored of this operation cannot be read; it is in the log.',
};

/** Reads a stored row by the reader of its kind; throws if there is none, or if the row does not fit the kind. */
export function readOperation<Kind extends OperationKind>(
  readers: { readonly [Each in Kind]: PayloadReader<Each> },
  row: Operation,
): TypedOperation<Kind> {
  const kind = (Object.keys(readers) as Kind[]).find((known) => known === row.kind);
  if (kind === undefined) throw new Error(`Nobody here carries out ${row.kind}.`);
  const isOfRepository = row.repositoryId !== null;
  const { scope } = factsOf(kind);
  if (scope !== 'operation' && isOfRepository !== (scope === 'repository'))
    throw new Error(`${kind} has the wrong scope.`);
  const payload = readers[kind].payload.parse(row.payload);
  return { ...row, kind, repositoryId: row.repositoryId as RepositoryOf<Kind>, payload };
}

/** Throws unless there is one handler for each kind of the scope; called when a process starts. */
export function assertHandled(scope: KindFacts['scope'], handlers: object): void {
  const kinds: string[] = kindsIn(scope);
  const handled = Object.keys(handlers);
  const without = kinds.filter((kind) => !handled.includes(kind));
  const unknown = handled.filter((kind) => !kinds.includes(kind));
  if (without.length > 0) throw new Error(`No handler carries out operations of the kind ${without.join(', ')}.`);
  if (unknown.length > 0)
    throw new Error(`There are handlers for ${unknown.join(', ')}, which no ${scope} has as a kind.`);
}
