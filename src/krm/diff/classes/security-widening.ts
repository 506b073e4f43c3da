import type { Scalar } from '../field-path.js';
import { isMapping, isSame, scalarOf, scalarsOf } from '../values.js';
import type { ClassRule } from './change-class.js';

/** Whether a field that was the one is the other now lets its pods do more; undefined: it is not given. */
type Widens = (from: Scalar | undefined, to: Scalar | undefined) => boolean;

const turnsOn: Widens = (from, to) => to === true && from !== true;
const guardGoes: Widens = (from, to) => from === true && to !== true;
/** What is allowed where nothing is said. */
const banGoes: Widens = (from, to) => from === false && to !== false;
const toRoot: Widens = (from, to) => to === 0 && from !== 0;
const toUnconfined: Widens = (from, to) =>
  (to === 'Unconfined' || to === undefined) && from !== to && from !== 'Unconfined';

const FIELDS: Record<string, Widens> = {
  privileged: turnsOn,
  hostNetwork: turnsOn,
  hostPID: turnsOn,
  hostIPC: turnsOn,
  hostProcess: turnsOn,
  allowPrivilegeEscalation: (from, to) => turnsOn(from, to) || banGoes(from, to),
  automountServiceAccountToken: banGoes,
  hostUsers: banGoes,
  runAsNonRoot: guardGoes,
  readOnlyRootFilesystem: guardGoes,
  // The image says who it runs as where the pod does not: it may be root.
  runAsUser: (from, to) => toRoot(from, to) || (typeof from === 'number' && from !== 0 && to === undefined),
  runAsGroup: toRoot,
  procMount: (_from, to) => to === 'Unmasked',
};

const PROFILE = /(?:seccompProfile|appArmorProfile)\.type$/;
const CAPABILITIES = /(?:^|\.)capabilities\.(add|drop)$/;
const HOST_PATH = /(?:^|\.)hostPath(?:\.path)?$/;
const ENFORCED = 'metadata.labels.pod-security.kubernetes.io/enforce';
const LEVELS: readonly (Scalar | undefined)[] = ['restricted', 'baseline', 'privileged'];
/** What is no pod and has no pods. */
const NO_PODS = new Set(['ConfigMap', 'Secret', 'CustomResourceDefinition']);

/** Pods may do more on their node, or as whom they run. */
export const widensSecurity: ClassRule = ({ place, from, to }, { kind }) => {
  if (NO_PODS.has(kind)) return false;
  if (kind === 'Namespace') return place === ENFORCED && widensLevel(read(from), read(to));
  const [, list] = CAPABILITIES.exec(place) ?? [];
  if (list !== undefined) return list === 'add' ? gains(from, to) : gains(to, from);
  if (HOST_PATH.test(place)) return to !== undefined && !isSame(from, to);
  if (PROFILE.test(place)) return toUnconfined(read(from), read(to));
  const widens = FIELDS[place.slice(place.lastIndexOf('.') + 1)];
  return widens !== undefined && !isMapping(from) && !isMapping(to) && widens(read(from), read(to));
};

const read = (value: unknown): Scalar | undefined => (value === undefined ? undefined : scalarOf(value));

/** Whether the second list holds what the first does not. */
function gains(before: unknown, after: unknown): boolean {
  const known = new Set(scalarsOf(before));
  return scalarsOf(after).some((item) => !known.has(item));
}

/** A namespace without a level enforces none. */
function widensLevel(from: Scalar | undefined, to: Scalar | undefined): boolean {
  const [before, after] = [from, to].map((level) => (level === undefined ? LEVELS.length - 1 : LEVELS.indexOf(level)));
  return (after ?? 0) > (before ?? 0);
}
