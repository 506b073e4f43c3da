import { isRecord } from '../is-record.js';
import { fieldOf, nameAt, placesAt } from './fields.js';
import { groupOf, type IndexedBody, type NeedKind, type ObjectName } from './need.js';

/** What a field of an object names. */
export interface Reference {
  kind: NeedKind;
  object: ObjectName;
  path: string;
  optional: boolean;
}

/** `at` holds a mapping with the name under `key`; its own `namespace` counts before that of the object. */
interface Rule {
  at: string;
  key: string;
  to: keyof typeof KINDS;
}

/** The kinds that are named, with the group's version that reads best; those without a namespace are marked. */
const KINDS = {
  ConfigMap: { apiVersion: 'v1' },
  Secret: { apiVersion: 'v1' },
  ServiceAccount: { apiVersion: 'v1' },
  PersistentVolumeClaim: { apiVersion: 'v1' },
  Service: { apiVersion: 'v1' },
  PersistentVolume: { apiVersion: 'v1', isOfCluster: true },
  PriorityClass: { apiVersion: 'scheduling.k8s.io/v1', isOfCluster: true },
  RuntimeClass: { apiVersion: 'node.k8s.io/v1', isOfCluster: true },
  StorageClass: { apiVersion: 'storage.k8s.io/v1', isOfCluster: true },
  IngressClass: { apiVersion: 'networking.k8s.io/v1', isOfCluster: true },
} as const;

const rule = (at: string, key: string, to: keyof typeof KINDS): Rule => ({ at, key, to });

const OF_CONTAINERS = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((list) => [
  rule(`${list}[].env[].valueFrom.configMapKeyRef`, 'name', 'ConfigMap'),
  rule(`${list}[].env[].valueFrom.secretKeyRef`, 'name', 'Secret'),
  rule(`${list}[].envFrom[].configMapRef`, 'name', 'ConfigMap'),
  rule(`${list}[].envFrom[].secretRef`, 'name', 'Secret'),
]);
const OF_PODS: readonly Rule[] = [
  rule('', 'serviceAccountName', 'ServiceAccount'),
  rule('', 'priorityClassName', 'PriorityClass'),
  rule('', 'runtimeClassName', 'RuntimeClass'),
  rule('imagePullSecrets[]', 'name', 'Secret'),
  rule('volumes[].configMap', 'name', 'ConfigMap'),
  rule('volumes[].secret', 'secretName', 'Secret'),
  rule('volumes[].persistentVolumeClaim', 'claimName', 'PersistentVolumeClaim'),
  rule('volumes[].ephemeral.volumeClaimTemplate.spec', 'storageClassName', 'StorageClass'),
  rule('volumes[].projected.sources[].configMap', 'name', 'ConfigMap'),
  rule('volumes[].projected.sources[].secret', 'name', 'Secret'),
  ...OF_CONTAINERS,
];

const within = (at: string, rules: readonly Rule[]): Rule[] =>
  rules.map((each) => ({ ...each, at: each.at === '' ? at : `${at}.${each.at}` }));
const OF_TEMPLATES = within('spec.template.spec', OF_PODS);
const OF_WEBHOOKS = [rule('webhooks[].clientConfig.service', 'name', 'Service')];

const RULES: Readonly<Record<string, readonly Rule[]>> = {
  '/Pod': within('spec', OF_PODS),
  '/PodTemplate': within('template.spec', OF_PODS),
  '/ReplicationController': OF_TEMPLATES,
  'apps/Deployment': OF_TEMPLATES,
  'apps/DaemonSet': OF_TEMPLATES,
  'apps/ReplicaSet': OF_TEMPLATES,
  'apps/StatefulSet': [
    ...OF_TEMPLATES,
    rule('spec', 'serviceName', 'Service'),
    rule('spec.volumeClaimTemplates[].spec', 'storageClassName', 'StorageClass'),
  ],
  'batch/Job': OF_TEMPLATES,
  'batch/CronJob': within('spec.jobTemplate.spec.template.spec', OF_PODS),
  '/ServiceAccount': [rule('secrets[]', 'name', 'Secret'), rule('imagePullSecrets[]', 'name', 'Secret')],
  '/PersistentVolumeClaim': [
    rule('spec', 'storageClassName', 'StorageClass'),
    rule('spec', 'volumeName', 'PersistentVolume'),
  ],
  'networking.k8s.io/Ingress': [
    rule('spec', 'ingressClassName', 'IngressClass'),
    rule('spec.tls[]', 'secretName', 'Secret'),
    rule('spec.defaultBackend.service', 'name', 'Service'),
    rule('spec.rules[].http.paths[].backend.service', 'name', 'Service'),
  ],
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': OF_WEBHOOKS,
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': OF_WEBHOOKS,
  'apiregistration.k8s.io/APIService': [rule('spec.service', 'name', 'Service')],
  'apiextensions.k8s.io/CustomResourceDefinition': [
    rule('spec.conversion.webhook.clientConfig.service', 'name', 'Service'),
  ],
};

/** What the fields of an object name, for the kinds of Kubernetes' own. */
export function referencesOf(object: IndexedBody): Reference[] {
  const type = `${groupOf(object.apiVersion)}/${object.kind}`;
  return [
    ...(RULES[type] ?? []).flatMap((each) => namedBy(object, each)),
    ...(type === 'autoscaling/HorizontalPodAutoscaler' ? scaledBy(object) : []),
    ...(type === 'rbac.authorization.k8s.io/RoleBinding' || type === 'rbac.authorization.k8s.io/ClusterRoleBinding'
      ? boundBy(object)
      : []),
  ];
}

function namedBy({ body, namespace }: IndexedBody, { at, key, to }: Rule): Reference[] {
  const known: { apiVersion: string; isOfCluster?: boolean } = KINDS[to];
  return placesAt(body, at).flatMap(({ path, value }) => {
    const name = nameAt(value, key);
    if (name === null) return [];
    const own = to === 'Service' ? (nameAt(value, 'namespace') ?? namespace) : namespace;
    const object = { apiVersion: known.apiVersion, kind: to, namespace: known.isOfCluster ? null : own, name };
    const optional = isRecord(value) && value.optional === true;
    return [{ kind: 'reference' as const, object, path: fieldOf(path, key), optional }];
  });
}

function scaledBy({ body, namespace }: IndexedBody): Reference[] {
  return placesAt(body, 'spec.scaleTargetRef').flatMap(({ path, value }) => {
    const name = nameAt(value, 'name');
    if (!isRecord(value) || name === null || typeof value.kind !== 'string') return [];
    const apiVersion = typeof value.apiVersion === 'string' ? value.apiVersion : 'v1';
    const object = { apiVersion, kind: value.kind, namespace, name };
    return [{ kind: 'reference' as const, object, path: fieldOf(path, 'name'), optional: false }];
  });
}

function boundBy({ body, namespace }: IndexedBody): Reference[] {
  const roles = placesAt(body, 'roleRef').flatMap(({ path, value }) => {
    const [kind, name] = [nameAt(value, 'kind'), nameAt(value, 'name')];
    if (name === null || (kind !== 'Role' && kind !== 'ClusterRole')) return [];
    return [
      {
        path,
        object: {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind,
          name,
          ...(kind === 'Role' ? { namespace } : { namespace: null }),
        },
      },
    ];
  });
  const accounts = placesAt(body, 'subjects[]').flatMap(({ path, value }) => {
    const name = nameAt(value, 'name');
    if (name === null || nameAt(value, 'kind') !== 'ServiceAccount') return [];
    return [
      {
        path,
        object: { apiVersion: 'v1', kind: 'ServiceAccount', namespace: nameAt(value, 'namespace') ?? namespace, name },
      },
    ];
  });
  return [...roles, ...accounts].map(({ path, object }) => ({
    ...{ kind: 'role' as const, object, path: fieldOf(path, 'name'), optional: false },
  }));
}
