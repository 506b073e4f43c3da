import { DomainError } from '../../domain/errors.js';
import { checkAnnotations, checkLabels } from '../../domain/labels.js';

export interface Metadata {
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** Throws `invalidBody` for labels and annotations that Kubernetes would not take. */
export function assertMetadata({ labels = {}, annotations = {} }: Partial<Metadata>): void {
  const errors = [...checkLabels(labels), ...checkAnnotations(annotations)];
  if (errors.length === 0) return;
  throw new DomainError('invalidBody', 'Labels or annotations are not valid; `errors` says why.', { errors });
}
