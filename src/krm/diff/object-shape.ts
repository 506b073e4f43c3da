import { type CustomKinds, customShape } from './crd-shape.js';
import { isKubernetesGroup, kubernetesShape, objectMetaShape } from './kubernetes-shape.js';
import { PLAIN, shape, type Shape, UNKNOWN } from './shape.js';

/** `apps/v1` → `apps`, `v1`; the group of `v1` is ''. */
export function groupVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return { group: apiVersion.slice(0, Math.max(slash, 0)), version: apiVersion.slice(slash + 1) };
}

/** Whether this is known of the kinds of an API group without definitions: Kubernetes' own, and what tools read. */
export const isKnownGroup = (group: string): boolean => TOOLS.has(group) || isKubernetesGroup(group);

const TOOLS = new Set([
  'kpt.dev',
  'fn.kpt.dev',
  'kustomize.config.k8s.io',
  'config.kubernetes.io',
  'apiextensions.k8s.io',
]);

/** The functions of a `Kptfile`; of all else in it nobody knows more than of a custom resource. */
const PIPELINE = shape({ field: () => shape({ rule: { by: 'function' }, items: () => FUNCTION }) });
const FUNCTION = shape({ field: (key) => (key === 'configMap' ? PLAIN : UNKNOWN) });
const KPTFILE_SHAPE = shape({
  field: (key) => (key === 'pipeline' ? PIPELINE : key === 'metadata' ? objectMetaShape() : UNKNOWN),
});

/** What is known of the objects of a kind: from a definition, from the table of Kubernetes' own types, or next to nothing. */
export function objectShape(kinds: CustomKinds, apiVersion: string, kind: string): Shape {
  const { group, version } = groupVersion(apiVersion);
  if (group === 'kpt.dev' && kind === 'Kptfile') return KPTFILE_SHAPE;
  const found = customShape(kinds, group, version, kind) ?? kubernetesShape(group, version, kind) ?? UNKNOWN;
  return shape({ field: (key) => (key === 'metadata' ? objectMetaShape() : found.field(key)) });
}
