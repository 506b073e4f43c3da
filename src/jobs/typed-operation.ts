import type { Operation } from '../database/generated/client.js';
import type { OperationKind, OperationPayloads } from '../domain/operation.js';

/** An operation whose payload has been read; made where workers take rows, and nowhere else. */
export interface TypedOperation<Kind extends OperationKind = OperationKind> extends Omit<
  Operation,
  'kind' | 'payload'
> {
  kind: Kind;
  payload: OperationPayloads[Kind];
}

/** How the payload of one kind is read from the stored JSON: a schema, whose `parse` throws where it does not fit. */
export interface PayloadReader<Kind extends OperationKind> {
  readonly payload: { parse(stored: unknown): OperationPayloads[Kind] };
}

/** Throws where the stored JSON is none that an operation of the kind can have. */
export function readOperation<Kind extends OperationKind>(
  kind: Kind,
  row: Operation,
  { payload }: PayloadReader<Kind>,
): TypedOperation<Kind> {
  return { ...row, kind, payload: payload.parse(row.payload) };
}

/** Throws unless there is one handler for each of `kinds`; called when a process starts. */
export function assertSameKinds(scope: string, kinds: readonly string[], handled: readonly string[]): void {
  const without = kinds.filter((kind) => !handled.includes(kind));
  const unknown = handled.filter((kind) => !kinds.includes(kind));
  if (without.length > 0) throw new Error(`No handler carries out operations of the kind ${without.join(', ')}.`);
  if (unknown.length > 0)
    throw new Error(`There are handlers for ${unknown.join(', ')}, which no ${scope} has as a kind.`);
}
