import type { FieldError } from './errors.js';
import { jsonPointer } from './json-pointer.js';
import { isStorable } from './storable-text.js';

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const DNS_LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const LONGEST_PREFIX = 253;
/** How many labels one resource may have. */
export const MAX_LABELS = 64;
const LARGEST_ANNOTATIONS = 256 * 1024;

/** A Kubernetes qualified name: a name of at most 63 characters, behind an optional DNS subdomain and `/`. */
export function isQualifiedName(key: string): boolean {
  const slash = key.indexOf('/');
  if (!NAME.test(key.slice(slash + 1))) return false;
  if (slash < 0) return true;
  const prefix = key.slice(0, slash);
  return prefix.length <= LONGEST_PREFIX && prefix.split('.').every((label) => DNS_LABEL.test(label));
}

/** A Kubernetes label value: empty, or at most 63 characters that begin and end with a letter or digit. */
export function isLabelValue(value: string): boolean {
  return value === '' || NAME.test(value);
}

/** Checks labels by the rules of Kubernetes. Pointers are `/labels/<key>`. */
export function checkLabels(labels: Readonly<Record<string, string>>): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => {
    const pointer = jsonPointer(['labels', key]);
    if (!isQualifiedName(key)) return [keyError(pointer)];
    if (isLabelValue(value)) return [];
    const message =
      'A label value is empty, or at most 63 letters, digits, "-", "_" or "." that begin and end with a letter or digit.';
    return [{ pointer, code: 'invalidLabel', message }];
  });
}

/** Checks annotations by the rules of Kubernetes: keys as labels have them in any case, 256 KiB together. */
export function checkAnnotations(annotations: Readonly<Record<string, string>>): FieldError[] {
  let size = 0;
  const errors: FieldError[] = Object.entries(annotations).flatMap(([key, value]) => {
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
    const pointer = jsonPointer(['annotations', key]);
    if (!isQualifiedName(key.toLowerCase())) return [keyError(pointer)];
    if (isStorable(value)) return [];
    const message = 'An annotation must be valid Unicode without NUL characters.';
    return [{ pointer, code: 'invalidAnnotation', message }];
  });
  if (size > LARGEST_ANNOTATIONS) {
    const message = `Annotations must not be larger than ${LARGEST_ANNOTATIONS} bytes together.`;
    errors.push({ pointer: '/annotations', code: 'tooLarge', message });
  }
  return errors;
}

function keyError(pointer: string): FieldError {
  const message =
    'A key is at most 63 letters, digits, "-", "_" or "." that begin and end with a letter or digit, optionally behind a DNS name and "/".';
  return { pointer, code: 'invalidKey', message };
}
