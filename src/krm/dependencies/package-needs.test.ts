import { describe, expect, it } from 'vitest';
import { type IndexedBody, keyOf, type Need } from './need.js';
import { Offers } from './offers.js';
import { packageNeeds } from './package-needs.js';

/** An object as the index has it, of its JSON. */
function object(
  apiVersion: string,
  kind: string,
  rest: object = {},
  metadata: Record<string, string> = {},
): IndexedBody {
  const { namespace = null, name = 'own' } = metadata as { namespace?: string; name?: string };
  return { file: 'a.yaml', apiVersion, kind, namespace, name, isLocal: false, body: { ...rest, metadata } };
}
const shown = ({ kind, object: { kind: type, namespace, name }, path, optional }: Need) =>
  `${kind} ${type} ${namespace ?? '-'}/${name ?? '-'} ${path}${optional ? '?' : ''}`;
const needsOf = (...objects: IndexedBody[]): string[] => packageNeeds(objects).map(shown);

const pod = (spec: object) => object('v1', 'Pod', { spec });
const T = 'spec.template.spec';

describe('what an object names', () => {
  it.each<[string, IndexedBody, string[]]>([
    ['an account', pod({ serviceAccountName: 'a' }), ['reference ServiceAccount -/a spec.serviceAccountName']],
    ['a priority', pod({ priorityClassName: 'a' }), ['reference PriorityClass -/a spec.priorityClassName']],
    ['a runtime', pod({ runtimeClassName: 'a' }), ['reference RuntimeClass -/a spec.runtimeClassName']],
    [
      'a pull secret',
      pod({ imagePullSecrets: [{ name: 'a' }] }),
      ['reference Secret -/a spec.imagePullSecrets[0].name'],
    ],
    [
      'volumes',
      pod({
        volumes: [
          { configMap: { name: 'a', optional: true } },
          { secret: { secretName: 'b' } },
          { persistentVolumeClaim: { claimName: 'c' } },
          { projected: { sources: [{ configMap: { name: 'd' } }, { secret: { name: 'e' } }] } },
          { emptyDir: {} },
        ],
      }),
      [
        'reference ConfigMap -/a spec.volumes[0].configMap.name?',
        'reference Secret -/b spec.volumes[1].secret.secretName',
        'reference PersistentVolumeClaim -/c spec.volumes[2].persistentVolumeClaim.claimName',
        'reference ConfigMap -/d spec.volumes[3].projected.sources[0].configMap.name',
        'reference Secret -/e spec.volumes[3].projected.sources[1].secret.name',
      ],
    ],
    [
      'variables of containers',
      pod({
        containers: [
          { env: [{ valueFrom: { configMapKeyRef: { name: 'a' } } }, { valueFrom: { secretKeyRef: { name: 'b' } } }] },
        ],
        initContainers: [{ envFrom: [{ configMapRef: { name: 'c' } }, { secretRef: { name: 'd', optional: true } }] }],
      }),
      [
        'reference ConfigMap -/a spec.containers[0].env[0].valueFrom.configMapKeyRef.name',
        'reference Secret -/b spec.containers[0].env[1].valueFrom.secretKeyRef.name',
        'reference ConfigMap -/c spec.initContainers[0].envFrom[0].configMapRef.name',
        'reference Secret -/d spec.initContainers[0].envFrom[1].secretRef.name?',
      ],
    ],
    [
      'a claim',
      object(
        'v1',
        'PersistentVolumeClaim',
        { spec: { storageClassName: 'a', volumeName: 'b' } },
        { namespace: 'kube-system' },
      ),
      ['reference StorageClass -/a spec.storageClassName', 'reference PersistentVolume -/b spec.volumeName'],
    ],
    [
      'an Ingress',
      object('networking.k8s.io/v1', 'Ingress', {
        spec: {
          ingressClassName: 'a',
          tls: [{ secretName: 'b' }],
          rules: [{ http: { paths: [{ backend: { service: { name: 'c' } } }] } }],
        },
      }),
      [
        'reference IngressClass -/a spec.ingressClassName',
        'reference Secret -/b spec.tls[0].secretName',
        'reference Service -/c spec.rules[0].http.paths[0].backend.service.name',
      ],
    ],
    [
      'a binding',
      object('rbac.authorization.k8s.io/v1', 'RoleBinding', {
        roleRef: { kind: 'Role', name: 'a' },
        subjects: [
          { kind: 'ServiceAccount', name: 'b', namespace: 'x' },
          { kind: 'User', name: 'ada' },
        ],
      }),
      ['role Role -/a roleRef.name', 'role ServiceAccount x/b subjects[0].name'],
    ],
    [
      'a binding of everywhere',
      object('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', { roleRef: { kind: 'ClusterRole', name: 'a' } }),
      ['role ClusterRole -/a roleRef.name'],
    ],
    [
      'a scaler',
      object('autoscaling/v2', 'HorizontalPodAutoscaler', {
        spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' } },
      }),
      ['reference Deployment -/a spec.scaleTargetRef.name'],
    ],
    [
      'a webhook',
      object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', {
        webhooks: [{ clientConfig: { service: { name: 'a', namespace: 'x' } } }],
      }),
      ['reference Service x/a webhooks[0].clientConfig.service.name'],
    ],
    [
      'an account with secrets',
      object('v1', 'ServiceAccount', { secrets: [{ name: 'a' }] }),
      ['reference Secret -/a secrets[0].name'],
    ],
    [
      'a StatefulSet',
      object('apps/v1', 'StatefulSet', {
        spec: { serviceName: 'a', volumeClaimTemplates: [{ spec: { storageClassName: 'b' } }] },
      }),
      [
        'reference Service -/a spec.serviceName',
        'reference StorageClass -/b spec.volumeClaimTemplates[0].spec.storageClassName',
      ],
    ],
    ...(
      [
        ['apps/v1', 'Deployment', T],
        ['apps/v1', 'DaemonSet', T],
        ['batch/v1', 'Job', T],
        ['batch/v1', 'CronJob', 'spec.jobTemplate.spec.template.spec'],
      ] as const
    ).map(([apiVersion, kind, at]): [string, IndexedBody, string[]] => {
      const nested = at.split('.').reduceRight<object>((inner, key) => ({ [key]: inner }), { serviceAccountName: 'a' });
      return [`a ${kind}`, object(apiVersion, kind, nested), [`reference ServiceAccount -/a ${at}.serviceAccountName`]];
    }),
    ['a namespace', object('v1', 'ConfigMap', {}, { namespace: 'x' }), ['namespace Namespace -/x metadata.namespace']],
    ['a kind', object('example.com/v1', 'Widget'), ['definition Widget -/- kind']],
    [
      'hosts of Services',
      object('v1', 'ConfigMap', {
        data: { 'app.conf': 'http://db.shop.svc:80 pod-0.peers.shop.svc.cluster.local x.svc' },
      }),
      ['serviceHost Service shop/db data["app.conf"]', 'serviceHost Service shop/peers data["app.conf"]'],
    ],
    [
      'a package',
      object('pkgserver.dev/v1alpha1', 'PackageDependency', { spec: { package: 'db', optional: true } }),
      ['package Package -/db spec.package?'],
    ],
  ])('%s', (_, given, expected) => {
    expect(needsOf(given)).toEqual(expected);
  });

  it.each<[string, IndexedBody]>([
    [
      'that every cluster has',
      object('v1', 'Pod', { spec: { serviceAccountName: 'default' } }, { namespace: 'kube-system' }),
    ],
    [
      'that every cluster has, of roles',
      object('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', {
        roleRef: { kind: 'ClusterRole', name: 'system:node' },
      }),
    ],
    ['for tools', { ...object('example.com/v1', 'Widget'), isLocal: true }],
    ['of a Kptfile', object('kpt.dev/v1', 'Kptfile')],
    ['of templates', pod({ serviceAccountName: '${account}' })],
    ['in the text of a Secret', object('v1', 'Secret', { stringData: { url: 'db.shop.svc' } })],
    ['of the API server', object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { spec: { text: 'a.b.svc' } })],
    ['of a group that is built in', object('policy/v1', 'PodDisruptionBudget')],
    ['that has no body', { ...pod({}), body: null }],
  ])('nothing %s', (_, given) => {
    expect(needsOf(given)).toEqual([]);
  });
});

describe('what a package needs', () => {
  const uses = pod({ volumes: [{ configMap: { name: 'a' } }] });

  it('is not what it brings itself', () => {
    expect(needsOf(uses, object('v1', 'ConfigMap', {}, { name: 'a' }))).toEqual([]);
    const names = { group: 'example.com', names: { kind: 'Widget' } };
    expect(
      needsOf(
        object('example.com/v1', 'Widget'),
        object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { spec: names }),
      ),
    ).toEqual([]);
    expect(needsOf(uses, { ...object('v1', 'ConfigMap', {}, { name: 'a' }), isLocal: true })).toHaveLength(1);
  });

  it('is told once, with its first field, and is optional where all fields do without', () => {
    const twice = pod({ volumes: [{ configMap: { name: 'a', optional: true } }, { configMap: { name: 'a' } }] });
    expect(packageNeeds([twice])).toMatchObject([{ uses: 2, optional: false, path: 'spec.volumes[0].configMap.name' }]);
  });
});

describe('what a package has', () => {
  const secret = {
    kind: 'reference',
    object: { apiVersion: 'v1', kind: 'Secret', namespace: null, name: 'tls' },
  } as const;
  it.each<[string, IndexedBody]>([
    ['itself', object('v1', 'Secret', {}, { name: 'tls' })],
    ['by a certificate', object('cert-manager.io/v1', 'Certificate', { spec: { secretName: 'tls' } })],
    [
      'by an external secret',
      object('external-secrets.io/v1', 'ExternalSecret', { spec: { target: { name: 'tls' } } }),
    ],
    ['by the name of one', object('external-secrets.io/v1', 'ExternalSecret', { spec: {} }, { name: 'tls' })],
    ['by a sealed secret', object('bitnami.com/v1alpha1', 'SealedSecret', {}, { name: 'tls' })],
  ])('is a Secret %s', (_, given) => {
    expect(new Offers([given]).meets(secret)).toBe(2);
    expect(new Offers([object('v1', 'ConfigMap', {}, { name: 'tls' })]).meets(secret)).toBe(0);
  });

  it('is looked for in its namespace, and may be where none is written', () => {
    const at = (namespace: string | null) => ({ ...secret, object: { ...secret.object, namespace } });
    const offers = new Offers([object('v1', 'Secret', {}, { name: 'tls', namespace: 'x' })]);
    expect([offers.meets(at('x')), offers.meets(at(null)), offers.meets(at('y'))]).toEqual([2, 1, 0]);
    expect(keyOf({ ...at('x').object })).toBe(keyOf({ ...at('y').object }));
  });
});
