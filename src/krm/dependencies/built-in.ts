import { isKubernetesGroup } from '../diff/kubernetes-shape.js';
import { groupOf, type IndexedBody, type ObjectName } from './need.js';

/** Groups that every API server, or what comes with a cluster, serves beside those of client-go. */
const SERVED: ReadonlySet<string> = new Set([
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'metrics.k8s.io',
]);
/** Groups of what tools read, and no cluster gets. */
const FOR_TOOLS: ReadonlySet<string> = new Set([
  'kpt.dev',
  'fn.kpt.dev',
  'kustomize.config.k8s.io',
  'config.kubernetes.io',
  'pkgserver.dev',
  'builtin',
]);

/** Whether a kind is there without a definition. */
export const isServed = (apiVersion: string): boolean => {
  const group = groupOf(apiVersion);
  return isKubernetesGroup(group) || SERVED.has(group);
};

export const isApplied = ({ apiVersion, isLocal }: IndexedBody): boolean =>
  !isLocal && !FOR_TOOLS.has(groupOf(apiVersion));

/** What each cluster has by itself, by kind. */
const ALWAYS: Readonly<Record<string, RegExp>> = {
  Namespace: /^(default|kube-system|kube-public|kube-node-lease)$/,
  ServiceAccount: /^default$/,
  ConfigMap: /^(kube-root-ca\.crt|extension-apiserver-authentication)$/,
  ClusterRole: /^(cluster-admin|admin|edit|view|system:.*)$/,
  Role: /^(extension-apiserver-authentication-reader|system:.*)$/,
  PriorityClass: /^system-(cluster|node)-critical$/,
};

export function isAlwaysThere({ kind, namespace, name }: ObjectName): boolean {
  if (kind === 'Service') return namespace === 'default' && name === 'kubernetes';
  return ALWAYS[kind]?.test(name ?? '') ?? false;
}
