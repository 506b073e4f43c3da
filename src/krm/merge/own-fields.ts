import type { Step } from '../diff/field-path.js';
import { KPTFILE } from '../kptfile.js';
import { PACKAGE_CONTEXT } from '../package-context.js';

/** What a `Kptfile` says of its own package as it is here, and no upstream knows better. */
const OWN = new Set<Step | undefined>(['inventory', 'status']);
/** What says where the package comes from: set when all is merged. */
const ORIGIN = new Set<Step | undefined>(['upstream', 'upstreamLock']);

/** Whether a field of an object in this file is ours whatever the upstream says. */
export function isOwnField(file: string, [first, second, third]: readonly Step[]): boolean {
  const isRoot = file === KPTFILE;
  if (isRoot || file.endsWith(`/${KPTFILE}`)) {
    if (first === 'metadata') return second === 'name' && third === undefined;
    return second === undefined && (OWN.has(first) || (isRoot && ORIGIN.has(first)));
  }
  return file === PACKAGE_CONTEXT && first === 'data' && second === 'name' && third === undefined;
}
