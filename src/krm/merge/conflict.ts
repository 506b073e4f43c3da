import { createHash } from 'node:crypto';
import type { MergeSide } from '../../domain/upgrade.js';
import type { ChangeClass } from '../diff/classes/change-class.js';
import type { Step } from '../diff/field-path.js';

/** What a person takes of a conflict: what one of the versions has, or a value as `krm/parse` reads it; undefined: nothing is to be there. */
export type Choice = MergeSide | { value: unknown };

/** What both sides have changed, each in another way. */
export interface Conflict {
  /** The same for the same three versions, wherever they are merged. */
  id: string;
  /** A whole package below this one, an object, a field of one, lines of a file that holds no objects, or all of such a file. */
  of: 'package' | 'object' | 'field' | 'lines' | 'file';
  /** The object that it is about; null: it is about none. */
  object: ConflictObject | null;
  /** Where ours, or else theirs, has it. */
  file: string;
  /** The way to the field; of anything else, and of the whole object, none. */
  steps: readonly Step[];
  /** Which of the places of the file that are in conflict, from 0, of lines. */
  nth: number;
  class: ChangeClass;
  /** Undefined where there is none. Lines are their text; of a file or a package the digest of what it holds. */
  base: unknown;
  ours: unknown;
  theirs: unknown;
  /** Its values are, or may be, what a Secret holds. */
  isSecret: boolean;
  /** What it was settled by; null: it is open, and the result has what ours has. */
  resolution: Choice | null;
}

export interface ConflictObject {
  apiVersion: string;
  kind: string;
  namespace: string | null;
  name: string | null;
}

/** What is decided on a conflict; undefined: nothing yet. */
export type Resolve = (conflict: Omit<Conflict, 'resolution'>) => Choice | undefined;

/** The digest by which a conflict is known: of what it is about, within three trees. */
export function conflictId(trees: string, parts: readonly (string | number | null)[]): string {
  return createHash('sha256')
    .update(JSON.stringify([trees, ...parts]))
    .digest('hex')
    .slice(0, 16);
}
