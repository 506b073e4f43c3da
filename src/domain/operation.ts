/** The Operation: a durable record of work that goes on after the answer. Its row is the outbox. */

import { type KindFacts, OPERATION_KINDS } from './operation-kinds.js';
import type { OperationPayloads } from './operation-payloads.js';

export type { OperationPayloads } from './operation-payloads.js';

export const OPERATION_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type OperationState = (typeof OPERATION_STATES)[number];

/** Where one of the things stands that an operation was asked to do. */
export const OPERATION_ITEM_STATES = ['waiting', 'started', 'succeeded', 'failed', 'cancelled'] as const;
export type OperationItemState = (typeof OPERATION_ITEM_STATES)[number];

/** Stands before the id of a receiver that has asked for an operation. No user's name holds a colon. */
export const RECEIVER = 'receiver:';

export const isFinished = (state: OperationState): boolean =>
  state === 'succeeded' || state === 'failed' || state === 'cancelled';

export type OperationKind = keyof typeof OPERATION_KINDS;

/** The kinds whose work is in the scope. */
export type KindIn<Scope extends KindFacts['scope']> = {
  [Kind in OperationKind]: (typeof OPERATION_KINDS)[Kind]['scope'] extends Scope ? Kind : never;
}[OperationKind];

/** In the order of the table. */
export const OPERATION_KIND_NAMES = Object.keys(OPERATION_KINDS) as [OperationKind, ...OperationKind[]];

export const factsOf = (kind: OperationKind): KindFacts => OPERATION_KINDS[kind];

/** The kinds of which the facts are true, for SQL. */
export const kindsWhere = (holds: (facts: KindFacts) => boolean): OperationKind[] =>
  OPERATION_KIND_NAMES.filter((kind) => holds(factsOf(kind)));

/** The kinds whose work is in the scope, in the order of the table. */
export const kindsIn = <Scope extends KindFacts['scope']>(scope: Scope): KindIn<Scope>[] =>
  kindsWhere((facts) => facts.scope === scope) as KindIn<Scope>[];

/** What an operation works on, for readers: the id and name it had when the operation was asked for. */
export interface OperationTarget {
  type: 'Repository' | 'PackageRevision' | 'Instance' | 'Campaign';
  id: string;
  name: string;
}

/** The repository that an operation of the kind works on, or, of one by itself, that it is about. */
export type RepositoryOf<Kind extends OperationKind> =
  Kind extends KindIn<'repository'> ? string : Kind extends KindIn<'operation'> ? string | null : null;

export interface NewOperation<Kind extends OperationKind = OperationKind> {
  kind: Kind;
  repositoryId: RepositoryOf<Kind>;
  revisionId?: string;
  /** Of the revision's package. */
  path?: string;
  target: OperationTarget;
  payload: OperationPayloads[Kind];
  requestedBy: string;
}

/** Whether a request to cancel is taken at all. */
export const canCancel = (kind: OperationKind): boolean => factsOf(kind).cancels !== 'never';

/** What an operation shows of itself to code that decides by its kind. */
interface OperationFacts {
  kind: OperationKind;
  cancelRequested: boolean;
  progress: unknown;
}

/** Whether a push of this operation may have reached the remote without its end having been recorded. */
export const mayBePushed = ({ kind, progress }: Pick<OperationFacts, 'kind' | 'progress'>): boolean =>
  factsOf(kind).cancels === 'untilPushed' && progress !== null;

/** Whether a request to cancel ends the operation without a look at the remote. */
export function canCancelUnseen(operation: OperationFacts): boolean {
  return operation.cancelRequested && canCancel(operation.kind) && !mayBePushed(operation);
}
