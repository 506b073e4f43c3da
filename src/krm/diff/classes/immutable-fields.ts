import { scalarOf } from '../values.js';
import type { ClassRule } from './change-class.js';

/** By `group/kind` the fields that the API server refuses to change, as it validates them. */
const FIELDS: Record<string, RegExp> = {
  'apps/DaemonSet': /^spec\.selector\b/,
  'apps/Deployment': /^spec\.selector\b/,
  'apps/ReplicaSet': /^spec\.selector\b/,
  'apps/StatefulSet':
    /^spec\.(?!(?:replicas|template|updateStrategy|persistentVolumeClaimRetentionPolicy|minReadySeconds|ordinals|revisionHistoryLimit)\b)/,
  'batch/Job':
    /^spec\.(?:template|selector|completions|completionMode|manualSelector|podFailurePolicy|successPolicy|backoffLimitPerIndex|managedBy)\b/,
  '/PersistentVolumeClaim': /^spec\.(?!(?:resources|volumeAttributesClassName)\b)/,
  '/PersistentVolume': /^spec\.(?:csi|nfs|hostPath|local|iscsi|fc|rbd|cephfs|glusterfs|volumeMode)\b/,
  '/Pod':
    /^spec\.(?!(?:initContainers|containers)\[\]\.(?:image|resources)\b|(?:activeDeadlineSeconds|tolerations|terminationGracePeriodSeconds)\b)/,
  '/Secret': /^type$/,
  'apiextensions.k8s.io/CustomResourceDefinition': /^spec\.(?:group|scope)$/,
  'discovery.k8s.io/EndpointSlice': /^addressType$/,
  'networking.k8s.io/IngressClass': /^spec\.controller$/,
  'node.k8s.io/RuntimeClass': /^handler$/,
  'rbac.authorization.k8s.io/ClusterRoleBinding': /^roleRef\b/,
  'rbac.authorization.k8s.io/RoleBinding': /^roleRef\b/,
  'scheduling.k8s.io/PriorityClass': /^(?:value|preemptionPolicy)$/,
  'storage.k8s.io/CSIDriver': /^spec\.(?:attachRequired|volumeLifecycleModes)\b/,
  'storage.k8s.io/StorageClass': /^(?:provisioner|parameters|reclaimPolicy|volumeBindingMode)\b/,
  'storage.k8s.io/VolumeAttributesClass': /^(?:driverName|parameters)\b/,
};

const IMMUTABLE_DATA = /^(?:data|binaryData|stringData|immutable)\b/;
const CLUSTER_IP = /^spec\.clusterIPs?\b/;

/** What will fail on apply. An object that is new, or gone, fails nothing. */
export const isImmutable: ClassRule = ({ place, from, to }, object) => {
  if (object.from === undefined || object.to === undefined) return false;
  const { group, kind } = object;
  const id = `${group}/${kind}`;
  if (FIELDS[id]?.test(place)) return true;
  if (id === '/ConfigMap' || id === '/Secret') {
    return scalarOf(object.from.get('immutable')) === true && IMMUTABLE_DATA.test(place);
  }
  // The API server keeps the address where none is said.
  return id === '/Service' && CLUSTER_IP.test(place) && to !== undefined && (from !== undefined || scalarOf(to) !== '');
};
