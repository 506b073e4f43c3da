import { DomainError } from '../../domain/errors.js';
import { checkAnnotations, checkLabels } from '../../domain/labels.js';

export type StringMap = Record<string, string>;

/** Throws `invalidBody` for labels and annotations that Kubernetes would not take. */
export function assertMetadata({
  labels = {},
  annotations = {},
}: {
  labels?: StringMap;
  annotations?: StringMap;
}): void {
  const errors = [...checkLabels(labels), ...checkAnnotations(annotations)];
  if (errors.length === 0) return;
  throw new DomainError('invalidBody', 'Labels or annotations are not valid; `errors` says why.', { errors });
}

/** A merge patch (RFC 7386) of a map of strings: null removes an entry, or all of them. */
export function mergePatch(values: StringMap, patch: Record<string, string | null> | null | undefined): StringMap {
  if (patch === null) return {};
  const merged = Object.entries({ ...values, ...patch });
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
}
