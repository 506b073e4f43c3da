import { LIFECYCLES } from '../domain/lifecycle.js';

/** What can be asked of a named field. A path into the object takes every operator. */
export interface FieldFacts {
  of: 'object' | 'revision';
  /** `keyed`: text under a key that follows, as in `label.team`; `place`: a revision as `REPOSITORY/PATH@REVISION`. */
  type: 'text' | 'keyed' | 'flag' | 'time' | 'place';
  /** The only values there are. */
  values?: readonly string[];
}

const ofObject = (type: FieldFacts['type'] = 'text'): FieldFacts => ({ of: 'object', type });
const ofRevision = (type: FieldFacts['type'] = 'text'): FieldFacts => ({ of: 'revision', type });

/** The fields that have names. Everything else is a path into the object. */
export const FIELDS = {
  apiVersion: ofObject(),
  group: ofObject(),
  version: ofObject(),
  kind: ofObject(),
  namespace: ofObject(),
  name: ofObject(),
  label: ofObject('keyed'),
  annotation: ofObject('keyed'),
  image: ofObject(),
  path: ofObject(),
  repository: ofRevision(),
  target: ofRevision(),
  realm: ofRevision(),
  package: ofRevision(),
  packagePath: ofRevision(),
  workspace: ofRevision(),
  revision: ofRevision(),
  lifecycle: { ...ofRevision(), values: LIFECYCLES },
  latest: ofRevision('flag'),
  upstream: ofRevision('place'),
  createdBy: ofRevision(),
  updatedBy: ofRevision(),
  publishedBy: ofRevision(),
  createdAt: ofRevision('time'),
  updatedAt: ofRevision('time'),
  publishedAt: ofRevision('time'),
} as const satisfies Record<string, FieldFacts>;

export type FieldName = keyof typeof FIELDS;

export const isFieldName = (text: string): text is FieldName => Object.hasOwn(FIELDS, text);

export const factsOfField = (name: FieldName): FieldFacts => FIELDS[name];
