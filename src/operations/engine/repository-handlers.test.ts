import { describe, expect, it } from 'vitest';
import { OperationKind as StoredKind } from '../../database/generated/enums.js';
import { factsOf, OPERATION_KIND_NAMES, kindsWhere } from '../../domain/operation.js';
import type { RepositoryHandlerTable } from './repository-handler.js';
import { RepositoryHandlers } from './repository-handlers.js';

const table = (kinds: readonly string[]) =>
  Object.fromEntries(kinds.map((kind) => [kind, {}])) as unknown as RepositoryHandlerTable;

const KINDS = kindsWhere(({ scope }) => scope === 'repository');

describe('the handlers of kinds that work on a repository', () => {
  it('are one for each kind', () => {
    expect(() => new RepositoryHandlers(table(KINDS))).not.toThrow();
  });

  it.each(KINDS)('refuse the start without the one of %s', (kind) => {
    expect(() => new RepositoryHandlers(table(KINDS.filter((other) => other !== kind)))).toThrow(
      `No handler carries out operations of the kind ${kind}.`,
    );
  });

  it('refuse the start with one whose kind no table has', () => {
    expect(() => new RepositoryHandlers(table([...KINDS, 'unheardOf']))).toThrow('There are handlers for unheardOf');
  });
});

describe('the table of kinds', () => {
  it('has the kinds that the database can store', () => {
    expect(OPERATION_KIND_NAMES.toSorted()).toEqual(Object.values(StoredKind).toSorted());
  });

  it.each(OPERATION_KIND_NAMES)('does not contradict itself about %s', (kind) => {
    const { cancels, folds, readsOnly, retries, scope, blocksEdits, writesBranches } = factsOf(kind);
    const contradictions = {
      // The poll repeats a sync, and its progress is that of the reading.
      ofReading: readsOnly && (retries !== 'never' || cancels !== 'anytime' || scope !== 'repository'),
      // An operation that ends because another has done its work must not have been awaited.
      ofFolding: folds === 'always' && cancels !== 'never',
      ofScope: scope !== 'repository' && (blocksEdits !== null || writesBranches || cancels === 'untilPushed'),
    };
    expect(contradictions).toEqual({ ofReading: false, ofFolding: false, ofScope: false });
  });
});
