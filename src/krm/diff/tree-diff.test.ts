import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DEFAULT_YAML_LIMITS } from '../yaml-limits.js';
import { mayHoldSecret } from './secrets.js';
import { type DiffOptions, diffTrees, type TreeDiff } from './tree-diff.js';
import type { TreeEntry } from './tree-files.js';

type Files = Readonly<Record<string, string>>;

const OPTIONS: DiffOptions = { limits: DEFAULT_YAML_LIMITS, definitions: [], secretsKey: null };

function entries(files: Files): TreeEntry[] {
  return Object.entries(files).map(([path, text]) => {
    const oid = createHash('sha1').update(text).digest('hex');
    return { path, mode: '100644', oid, content: Buffer.from(text), rawPath: null };
  });
}

const diffFiles = (from: Files, to: Files, options: Partial<DiffOptions> = {}): TreeDiff =>
  diffTrees(entries(from), entries(to), { ...OPTIONS, ...options });

const json = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item));

/** What is told, a line each. */
function told({ objects, files, truncated }: TreeDiff): string[] {
  return [
    ...objects.flatMap(({ change, kind, name, path, fromPath, fields }) => [
      ...(change === 'changed' && fromPath === null
        ? []
        : [`${change} ${kind} ${name}${fromPath ? ` ${fromPath} → ${path}` : ''}`]),
      ...fields.map((field) => {
        const values = {
          added: `+ ${json(field.to)}`,
          removed: `- ${json(field.from)}`,
          changed: `${json(field.from)} → ${json(field.to)}`,
        };
        return `${field.path}: ${values[field.change]} (${field.equivalent ? 'equivalent' : field.class})`;
      }),
    ]),
    ...files
      .filter(({ krm }) => !krm)
      .map(({ change, path, parseError }) => `${change} file ${path} ${parseError ?? ''}`.trim()),
    ...(truncated ? ['truncated'] : []),
  ];
}

const deployment = (spec: string, rest = ''): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: ${spec}\n${rest}`;
const pod = (spec: string): string => deployment(`{template: {spec: ${spec}}}`);
const container = (fields: string): string => pod(`{containers: [{name: main, ${fields}}]}`);
const object = (apiVersion: string, kind: string, rest: string): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: it}\n${rest}\n`;
const service = (spec: string): string => object('v1', 'Service', `spec: ${spec}`);
const role = (rules: string): string => object('rbac.authorization.k8s.io/v1', 'Role', `rules: ${rules}`);
const binding = (rest: string): string => object('rbac.authorization.k8s.io/v1', 'RoleBinding', rest);
const crd = (schema: string, version = '{name: v1, served: true, storage: true') =>
  `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
  - ${version}, schema: {openAPIV3Schema: {type: object, properties: {spec: ${schema}}}}}
`;
const widget = (spec: string): string => object('example.com/v1', 'Widget', `spec: ${spec}`);
const WIDGETS = crd(`{type: object, properties: {
        parts: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [id, side], items: {type: object, properties: {side: {type: string, default: left}}}},
        tags: {type: array, x-kubernetes-list-type: set, items: {type: string}},
        names: {type: array, items: {type: object}},
        size: {x-kubernetes-int-or-string: true, pattern: '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$'}}}`);

const AT = 'spec.template.spec';
const MAIN = `${AT}.containers[name=main]`;
const SCHEMA = 'spec.versions[name=v1].schema.openAPIV3Schema.properties.spec';

/** What is compared, the two versions of a file, and what is told of them. */
const PAIRS: [title: string, from: string, to: string, told: string[]][] = [
  // Lists
  [
    'containers in another order',
    pod('{containers: [{name: a, image: x}, {name: b, image: z}]}'),
    pod('{containers: [{name: b, image: z}, {name: a, image: x}]}'),
    [],
  ],
  [
    'an item in the middle',
    pod('{containers: [{name: a, image: x}, {name: c, image: z}]}'),
    pod('{containers: [{name: a, image: x}, {name: b, image: z}, {name: c, image: z}]}'),
    [`${AT}.containers[name=b]: + {"name":"b","image":"z"} (image)`],
  ],
  [
    'a container less',
    pod('{containers: [{name: a}, {name: b, securityContext: {runAsNonRoot: true}}]}'),
    pod('{containers: [{name: a}]}'),
    [`${AT}.containers[name=b]: - {"name":"b","securityContext":{"runAsNonRoot":true}} (removal)`],
  ],
  [
    'ports by number and protocol',
    container('ports: [{containerPort: 53, protocol: UDP}, {containerPort: 53, protocol: TCP}]'),
    container('ports: [{containerPort: 53}, {containerPort: 53, protocol: UDP, name: dns}]'),
    [
      `${MAIN}.ports[containerPort=53,protocol=TCP].protocol: - "TCP" (exposure)`,
      `${MAIN}.ports[containerPort=53,protocol=UDP].name: + "dns" (exposure)`,
    ],
  ],
  [
    'ports of a Service by port and protocol',
    service('{ports: [{port: 80, targetPort: 8080}, {port: 443}]}'),
    service('{ports: [{port: 443}, {port: 80, targetPort: 8081}]}'),
    ['spec.ports[port=80,protocol=TCP].targetPort: 8080 → 8081 (exposure)'],
  ],
  [
    'the same key twice makes a list a whole',
    container('env: [{name: A, value: a}, {name: A, value: b}]'),
    container('env: [{name: A, value: b}, {name: A, value: a}]'),
    [
      `${MAIN}.env: [{"name":"A","value":"a"},{"name":"A","value":"b"}] → [{"name":"A","value":"b"},{"name":"A","value":"a"}] (configuration)`,
    ],
  ],
  [
    'an item without the key makes a list a whole',
    pod('{containers: [{name: a}]}'),
    pod('{containers: [{image: b}]}'),
    [`${AT}.containers: [{"name":"a"}] → [{"image":"b"}] (image)`],
  ],
  [
    'a list without keys',
    container('args: [a, b]'),
    container('args: [b, a]'),
    [`${MAIN}.args: ["a","b"] → ["b","a"] (configuration)`],
  ],
  [
    'mounts by their path',
    container('volumeMounts: [{mountPath: /a, name: v}, {mountPath: /b, name: v}]'),
    container('volumeMounts: [{mountPath: /b, name: v, readOnly: true}, {mountPath: /a, name: v}]'),
    [`${MAIN}.volumeMounts[mountPath=/b].readOnly: + true (configuration)`],
  ],
  [
    'finalizers are a set',
    'apiVersion: v1\nkind: Pod\nmetadata: {name: a, finalizers: [x.io/a, x.io/b]}',
    'apiVersion: v1\nkind: Pod\nmetadata: {name: a, finalizers: [x.io/c, x.io/a]}',
    ['metadata.finalizers[=x.io/c]: + "x.io/c" (metadata)', 'metadata.finalizers[=x.io/b]: - "x.io/b" (metadata)'],
  ],
  [
    'a mapping that becomes a list',
    object('x.io/v1', 'X', 'spec: {a: {b: 1}}'),
    object('x.io/v1', 'X', 'spec: {a: [1]}'),
    ['spec.a: {"b":1} → [1] (other)'],
  ],
  // Unknown kinds
  [
    'an unknown kind by name',
    object('x.io/v1', 'X', 'spec: {items: [{name: a, n: 1}, {name: b, n: 2}]}'),
    object('x.io/v1', 'X', 'spec: {items: [{name: b, n: 3}, {name: a, n: 1}]}'),
    ['spec.items[name=b].n: 2 → 3 (other)'],
  ],
  [
    'an unknown kind by ip, which is asked for first',
    object('x.io/v1', 'X', 'spec: {hosts: [{ip: 1.1.1.1, name: a}, {ip: 1.1.1.2, name: a}]}'),
    object('x.io/v1', 'X', 'spec: {hosts: [{ip: 1.1.1.2, name: b}, {ip: 1.1.1.1, name: a}]}'),
    ['spec.hosts[ip=1.1.1.2].name: "a" → "b" (other)'],
  ],
  [
    'an unknown kind without keys',
    object('x.io/v1', 'X', 'spec: {items: [{a: 1}, {a: 2}]}'),
    object('x.io/v1', 'X', 'spec: {items: [{a: 2}, {a: 1}]}'),
    ['spec.items: [{"a":1},{"a":2}] → [{"a":2},{"a":1}] (other)'],
  ],
  [
    'an unknown kind with containers',
    object('x.io/v1', 'Rollout', 'spec: {template: {spec: {containers: [{name: a, image: "x:1"}]}}}'),
    object('x.io/v1', 'Rollout', 'spec: {template: {spec: {containers: [{name: a, image: "x:2"}]}}}'),
    ['spec.template.spec.containers[name=a].image: "x:1" → "x:2" (image)'],
  ],
  // Kinds that a definition describes
  [
    'a custom kind with map keys, one by default',
    `${WIDGETS}---\n${widget('{parts: [{id: 1, n: 1}, {id: 1, side: right, n: 2}]}')}`,
    `${WIDGETS}---\n${widget('{parts: [{id: 1, side: right, n: 3}, {id: 1, n: 1}]}')}`,
    ['spec.parts[id=1,side=right].n: 2 → 3 (other)'],
  ],
  [
    'a custom kind with a set',
    `${WIDGETS}---\n${widget('{tags: [a, b]}')}`,
    `${WIDGETS}---\n${widget('{tags: [b, a, c]}')}`,
    ['spec.tags[=c]: + "c" (other)'],
  ],
  [
    'a custom kind with a list that is a whole, though it has names',
    `${WIDGETS}---\n${widget('{names: [{name: a}, {name: b}]}')}`,
    `${WIDGETS}---\n${widget('{names: [{name: b}, {name: a}]}')}`,
    ['spec.names: [{"name":"a"},{"name":"b"}] → [{"name":"b"},{"name":"a"}] (other)'],
  ],
  [
    'a custom kind with a quantity',
    `${WIDGETS}---\n${widget('{size: 1Gi}')}`,
    `${WIDGETS}---\n${widget('{size: 1024Mi}')}`,
    ['spec.size: "1Gi" → "1024Mi" (equivalent)'],
  ],
  // Values
  [
    'a string is no number',
    deployment('{replicas: "1"}'),
    deployment('{replicas: 1}'),
    ['spec.replicas: "1" → 1 (replicas)'],
  ],
  [
    '0644 is 420',
    pod('{volumes: [{name: v, secret: {defaultMode: 0644}}]}'),
    pod('{volumes: [{name: v, secret: {defaultMode: 420}}]}'),
    [],
  ],
  ['yes is true', pod('{hostNetwork: yes}'), pod('{hostNetwork: true}'), []],
  [
    'and "yes" is not',
    object('v1', 'ConfigMap', 'data: {a: "yes"}'),
    object('v1', 'ConfigMap', 'data: {a: yes}'),
    ['data.a: "yes" → true (configuration)'],
  ],
  [
    '1000m is 1',
    container('resources: {limits: {cpu: 1000m}}'),
    container('resources: {limits: {cpu: 1}}'),
    [`${MAIN}.resources.limits.cpu: "1000m" → 1 (equivalent)`],
  ],
  [
    '1Gi is 1024Mi, and 1G is not 1Gi',
    container('resources: {limits: {memory: 1Gi}, requests: {memory: 1Gi}}'),
    container('resources: {limits: {memory: 1024Mi}, requests: {memory: 1G}}'),
    [
      `${MAIN}.resources.limits.memory: "1Gi" → "1024Mi" (equivalent)`,
      `${MAIN}.resources.requests.memory: "1Gi" → "1G" (resources)`,
    ],
  ],
  [
    'what looks like a quantity and is none',
    object('v1', 'ConfigMap', 'data: {cpu: 1000m}'),
    object('v1', 'ConfigMap', 'data: {cpu: "1"}'),
    ['data.cpu: "1000m" → "1" (configuration)'],
  ],
  [
    'labels in another order',
    object('v1', 'Namespace', '').replace('name: it', 'name: it, labels: {a: x, b: z}'),
    object('v1', 'Namespace', '').replace('name: it', 'name: it, labels: {b: z, a: x}'),
    ['metadata.labels: {"a":"x","b":"z"} → {"b":"z","a":"x"} (equivalent)'],
  ],
  [
    'other keys in another order',
    deployment('{replicas: 1, paused: true}'),
    deployment('{paused: true, replicas: 1}'),
    [],
  ],
  [
    'anchors and what they stand for',
    object('v1', 'ConfigMap', 'data: {a: &x hello, b: *x}'),
    object('v1', 'ConfigMap', 'data: {a: hello, b: hello}'),
    [],
  ],
  [
    'merge keys',
    object('x.io/v1', 'X', 'base: &b {x: 1, y: 2}\nspec: {<<: *b, y: 3}'),
    object('x.io/v1', 'X', 'base: {x: 1, y: 2}\nspec: {x: 1, y: 3}'),
    [],
  ],
  ['a key twice: the last counts', deployment('{replicas: 1, replicas: 2}'), deployment('{replicas: 2}'), []],
  [
    'whole numbers beyond what JSON holds',
    object('x.io/v1', 'X', 'spec: {n: 9007199254740993}'),
    object('x.io/v1', 'X', 'spec: {n: 9007199254740992}'),
    ['spec.n: "9007199254740993n" → "9007199254740992n" (other)'],
  ],
  [
    'a null that comes',
    deployment('{paused: true}'),
    deployment('{paused: true, strategy: }'),
    ['spec.strategy: + null (other)'],
  ],
  [
    'quotes, comments, flow and block',
    deployment('{replicas: 1}'),
    'apiVersion: "apps/v1" # the API\nkind: Deployment\nmetadata:\n  name: \'web\'\nspec:\n  replicas: 0x1\n',
    [],
  ],
  [
    'keys with dots',
    object('v1', 'Namespace', '').replace('name: it', 'name: it, labels: {"a.b/c": x}'),
    object('v1', 'Namespace', '').replace('name: it', 'name: it, labels: {"a.b/c": z}'),
    ['metadata.labels."a.b/c": "x" → "z" (metadata)'],
  ],
  // Identity
  [
    'another version of the API',
    deployment('{replicas: 1}').replace('apps/v1', 'apps/v1beta1'),
    deployment('{replicas: 1}'),
    ['apiVersion: "apps/v1beta1" → "apps/v1" (other)'],
  ],
  [
    'another group is another object',
    deployment('{replicas: 1}').replace('apps/v1', 'extensions/v1beta1'),
    deployment('{replicas: 1}'),
    [
      'added Deployment web',
      ': + {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":1}} (replicas)',
      'removed Deployment web',
      ': - {"apiVersion":"extensions/v1beta1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":1}} (removal)',
    ],
  ],
  [
    'documents in another order',
    `${deployment('{replicas: 1}')}---\n${service('{type: ClusterIP}')}`,
    `${service('{type: ClusterIP}')}---\n${deployment('{replicas: 1}')}`,
    [],
  ],
  [
    'items of a List',
    `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {x: "1"}}\n`,
    `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {x: "2"}}\n`,
    ['data.x: "1" → "2" (configuration)'],
  ],
  [
    'objects without names by their place',
    'apiVersion: x.io/v1\nkind: X\na: 1\n---\napiVersion: x.io/v1\nkind: X\na: 2\n',
    'apiVersion: x.io/v1\nkind: X\na: 1\n---\napiVersion: x.io/v1\nkind: X\na: 3\n',
    ['a: 2 → 3 (other)'],
  ],
  [
    'a namespace more is another object',
    object('v1', 'ConfigMap', 'data: {a: b}'),
    object('v1', 'ConfigMap', 'data: {a: b}').replace('name: it', 'name: it, namespace: x'),
    [
      'removed ConfigMap it',
      ': - {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"it"},"data":{"a":"b"}} (removal)',
      'added ConfigMap it',
      ': + {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"it","namespace":"x"},"data":{"a":"b"}} (configuration)',
    ],
  ],
  [
    'a name less, known by its annotation',
    object('v1', 'ConfigMap', 'data: {a: b}'),
    object('v1', 'ConfigMap', 'data: {a: c}').replace(
      'name: it',
      'name: mine, annotations: {internal.kpt.dev/upstream-identifier: "|ConfigMap|default|it"}',
    ),
    [
      'metadata.name: "it" → "mine" (metadata)',
      'metadata.annotations: + {"internal.kpt.dev/upstream-identifier":"|ConfigMap|default|it"} (metadata)',
      'data.a: "b" → "c" (configuration)',
    ],
  ],
  [
    'and by the older comment',
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: it\n',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: # kpt-merge: /it\n  name: mine\n',
    ['metadata.name: "it" → "mine" (metadata)'],
  ],
  // Classes: immutableField
  [
    'the selector of a Deployment',
    deployment('{selector: {matchLabels: {a: b}}}'),
    deployment('{selector: {matchLabels: {a: c}}}'),
    ['spec.selector.matchLabels.a: "b" → "c" (immutableField)'],
  ],
  [
    'the selector of a Service may change',
    service('{selector: {a: b}}'),
    service('{selector: {a: c}}'),
    ['spec.selector.a: "b" → "c" (other)'],
  ],
  [
    'claim templates, and the replicas beside them',
    object('apps/v1', 'StatefulSet', 'spec: {replicas: 1, volumeClaimTemplates: [{metadata: {name: d}}]}'),
    object('apps/v1', 'StatefulSet', 'spec: {replicas: 2, volumeClaimTemplates: [{metadata: {name: e}}]}'),
    [
      'spec.replicas: 1 → 2 (replicas)',
      'spec.volumeClaimTemplates: [{"metadata":{"name":"d"}}] → [{"metadata":{"name":"e"}}] (immutableField)',
    ],
  ],
  [
    'the template of a Job',
    object('batch/v1', 'Job', 'spec: {template: {spec: {containers: [{name: a, image: x}]}}}'),
    object('batch/v1', 'Job', 'spec: {template: {spec: {containers: [{name: a, image: z}]}}}'),
    ['spec.template.spec.containers[name=a].image: "x" → "z" (immutableField)'],
  ],
  [
    'the class of a claim, and its size',
    object('v1', 'PersistentVolumeClaim', 'spec: {storageClassName: a, resources: {requests: {storage: 1Gi}}}'),
    object('v1', 'PersistentVolumeClaim', 'spec: {storageClassName: b, resources: {requests: {storage: 2Gi}}}'),
    ['spec.storageClassName: "a" → "b" (immutableField)', 'spec.resources.requests.storage: "1Gi" → "2Gi" (resources)'],
  ],
  [
    'data that was made immutable',
    object('v1', 'ConfigMap', 'immutable: true\ndata: {a: b}'),
    object('v1', 'ConfigMap', 'immutable: true\ndata: {a: c}'),
    ['data.a: "b" → "c" (immutableField)'],
  ],
  [
    'data that is made immutable now',
    object('v1', 'ConfigMap', 'data: {a: b}'),
    object('v1', 'ConfigMap', 'immutable: true\ndata: {a: c}'),
    ['immutable: + true (other)', 'data.a: "b" → "c" (configuration)'],
  ],
  [
    'the address of a Service',
    service('{clusterIP: None}'),
    service('{clusterIP: 10.0.0.1}'),
    ['spec.clusterIP: "None" → "10.0.0.1" (immutableField)'],
  ],
  // crdNarrowing
  [
    'a field less in a definition',
    crd('{properties: {a: {type: string}, required: {type: string}}}'),
    crd('{properties: {a: {type: string}}}'),
    [`${SCHEMA}.properties.required: - {"type":"string"} (crdNarrowing)`],
  ],
  [
    'a field more',
    crd('{properties: {a: {type: string}}}'),
    crd('{properties: {a: {type: string}, enum: {type: string, maxLength: 1}}}'),
    [`${SCHEMA}.properties.enum: + {"type":"string","maxLength":1} (other)`],
  ],
  [
    'a value less, and a value more',
    crd('{properties: {a: {enum: [x, z]}, b: {enum: [x]}}}'),
    crd('{properties: {a: {enum: [x]}, b: {enum: [x, z]}}}'),
    [
      `${SCHEMA}.properties.a.enum: ["x","z"] → ["x"] (crdNarrowing)`,
      `${SCHEMA}.properties.b.enum: ["x"] → ["x","z"] (other)`,
    ],
  ],
  [
    'a field that is required now, and one no more',
    crd('{required: [a], properties: {a: {required: [z]}}}'),
    crd('{required: [a, b], properties: {a: {required: []}}}'),
    [`${SCHEMA}.required: ["a"] → ["a","b"] (crdNarrowing)`, `${SCHEMA}.properties.a.required: ["z"] → [] (other)`],
  ],
  [
    'tighter and wider bounds',
    crd('{properties: {a: {maximum: 10, minLength: 1}, b: {maximum: 10, minLength: 2}}}'),
    crd('{properties: {a: {maximum: 5, minLength: 2}, b: {maximum: 11, minLength: 1}}}'),
    [
      `${SCHEMA}.properties.a.maximum: 10 → 5 (crdNarrowing)`,
      `${SCHEMA}.properties.a.minLength: 1 → 2 (crdNarrowing)`,
      `${SCHEMA}.properties.b.maximum: 10 → 11 (other)`,
      `${SCHEMA}.properties.b.minLength: 2 → 1 (other)`,
    ],
  ],
  [
    'a version that is served no more',
    crd('{}'),
    crd('{}', '{name: v1, served: false, storage: true'),
    ['spec.versions[name=v1].served: true → false (crdNarrowing)'],
  ],
  // rbacWidening
  [
    'a verb more',
    role('[{apiGroups: [""], resources: [pods], verbs: [get]}]'),
    role('[{apiGroups: [""], resources: [pods], verbs: [get, delete]}]'),
    [
      'rules: [{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}] → [{"apiGroups":[""],"resources":["pods"],"verbs":["get","delete"]}] (rbacWidening)',
    ],
  ],
  [
    'a verb less',
    role('[{apiGroups: [""], resources: [pods], verbs: [get, list]}]'),
    role('[{apiGroups: [""], resources: [pods], verbs: [get]}]'),
    [
      'rules: [{"apiGroups":[""],"resources":["pods"],"verbs":["get","list"]}] → [{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}] (other)',
    ],
  ],
  [
    'a star that covers what there is',
    role('[{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]'),
    role('[{apiGroups: [apps], resources: [deployments], verbs: [get]}]'),
    [
      'rules: [{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}] → [{"apiGroups":["apps"],"resources":["deployments"],"verbs":["get"]}] (other)',
    ],
  ],
  [
    'names that are named no more',
    role('[{apiGroups: [""], resources: [secrets], resourceNames: [a], verbs: [get]}]'),
    role('[{apiGroups: [""], resources: [secrets], verbs: [get]}]'),
    [
      'rules: [{"apiGroups":[""],"resources":["secrets"],"resourceNames":["a"],"verbs":["get"]}] → [{"apiGroups":[""],"resources":["secrets"],"verbs":["get"]}] (rbacWidening)',
    ],
  ],
  [
    'a subject more',
    binding('subjects: [{kind: User, name: ada}]'),
    binding('subjects: [{kind: User, name: ada}, {kind: Group, name: all}]'),
    [
      'subjects: [{"kind":"User","name":"ada"}] → [{"kind":"User","name":"ada"},{"kind":"Group","name":"all"}] (rbacWidening)',
    ],
  ],
  [
    'another role of a binding fails',
    binding('roleRef: {kind: Role, name: a}'),
    binding('roleRef: {kind: Role, name: b}'),
    ['roleRef.name: "a" → "b" (immutableField)'],
  ],
  // securityWidening
  [
    'privileged, and no more',
    pod(
      '{containers: [{name: a, securityContext: {privileged: false}}, {name: b, securityContext: {privileged: true}}]}',
    ),
    pod(
      '{containers: [{name: a, securityContext: {privileged: true}}, {name: b, securityContext: {privileged: false}}]}',
    ),
    [
      `${AT}.containers[name=a].securityContext.privileged: false → true (securityWidening)`,
      `${AT}.containers[name=b].securityContext.privileged: true → false (other)`,
    ],
  ],
  [
    'a capability more, and one less',
    pod(
      '{containers: [{name: a, securityContext: {capabilities: {add: [A]}}}, {name: b, securityContext: {capabilities: {add: [A, B]}}}]}',
    ),
    pod(
      '{containers: [{name: a, securityContext: {capabilities: {add: [A, B]}}}, {name: b, securityContext: {capabilities: {add: [A]}}}]}',
    ),
    [
      `${AT}.containers[name=a].securityContext.capabilities.add: ["A"] → ["A","B"] (securityWidening)`,
      `${AT}.containers[name=b].securityContext.capabilities.add: ["A","B"] → ["A"] (other)`,
    ],
  ],
  [
    'a volume of the host, and one of none',
    pod('{volumes: []}'),
    pod('{volumes: [{name: v, hostPath: {path: /}}, {name: w, emptyDir: {}}]}'),
    [
      `${AT}.volumes[name=v]: + {"name":"v","hostPath":{"path":"/"}} (securityWidening)`,
      `${AT}.volumes[name=w]: + {"name":"w","emptyDir":{}} (configuration)`,
    ],
  ],
  [
    'runAsNonRoot that goes, with all that is around it',
    container('securityContext: {runAsNonRoot: true}'),
    container('image: x'),
    [`${MAIN}.image: + "x" (image)`, `${MAIN}.securityContext: - {"runAsNonRoot":true} (securityWidening)`],
  ],
  [
    'the network of the host',
    pod('{dnsPolicy: Default}'),
    pod('{dnsPolicy: Default, hostNetwork: true}'),
    [`${AT}.hostNetwork: + true (securityWidening)`],
  ],
  [
    'what a namespace enforces',
    object('v1', 'Namespace', '').replace(
      'name: it',
      'name: it, labels: {pod-security.kubernetes.io/enforce: restricted}',
    ),
    object('v1', 'Namespace', '').replace(
      'name: it',
      'name: it, labels: {pod-security.kubernetes.io/enforce: baseline}',
    ),
    ['metadata.labels."pod-security.kubernetes.io/enforce": "restricted" → "baseline" (securityWidening)'],
  ],
  // exposure
  [
    'the type of a Service',
    service('{type: ClusterIP}'),
    service('{type: LoadBalancer}'),
    ['spec.type: "ClusterIP" → "LoadBalancer" (exposure)'],
  ],
  [
    'an Ingress',
    object('networking.k8s.io/v1', 'Ingress', 'spec: {rules: [{host: a.example.com}]}'),
    object('networking.k8s.io/v1', 'Ingress', 'spec: {rules: [{host: b.example.com}]}'),
    ['spec.rules: [{"host":"a.example.com"}] → [{"host":"b.example.com"}] (exposure)'],
  ],
  [
    'the type of something else',
    object('x.io/v1', 'X', 'spec: {type: ClusterIP}'),
    object('x.io/v1', 'X', 'spec: {type: LoadBalancer}'),
    ['spec.type: "ClusterIP" → "LoadBalancer" (other)'],
  ],
  // image, replicas, resources, configuration, metadata, removal
  [
    'an image of a kustomization',
    object('kustomize.config.k8s.io/v1beta1', 'Kustomization', 'images: [{name: nginx, newTag: "1.26"}]'),
    object('kustomize.config.k8s.io/v1beta1', 'Kustomization', 'images: [{name: nginx, newTag: "1.27"}]'),
    ['images[name=nginx].newTag: "1.26" → "1.27" (image)'],
  ],
  [
    'a resource that a kustomization names no more',
    object('kustomize.config.k8s.io/v1beta1', 'Kustomization', 'resources: [a.yaml, b.yaml]'),
    object('kustomize.config.k8s.io/v1beta1', 'Kustomization', 'resources: [a.yaml]'),
    ['resources: ["a.yaml","b.yaml"] → ["a.yaml"] (removal)'],
  ],
  [
    'and one that it names now',
    object('kustomize.config.k8s.io/v1beta1', 'Kustomization', 'resources: [a.yaml]'),
    object('kustomize.config.k8s.io/v1beta1', 'Kustomization', 'resources: [a.yaml, b.yaml]'),
    ['resources: ["a.yaml"] → ["a.yaml","b.yaml"] (configuration)'],
  ],
  [
    'the word image in data',
    object('v1', 'ConfigMap', 'data: {image: a, replicas: "1"}'),
    object('v1', 'ConfigMap', 'data: {image: b, replicas: "2"}'),
    ['data.image: "a" → "b" (configuration)', 'data.replicas: "1" → "2" (configuration)'],
  ],
  [
    'replicas of an autoscaler',
    object('autoscaling/v2', 'HorizontalPodAutoscaler', 'spec: {minReplicas: 1, maxReplicas: 2}'),
    object('autoscaling/v2', 'HorizontalPodAutoscaler', 'spec: {minReplicas: 1, maxReplicas: 3}'),
    ['spec.maxReplicas: 2 → 3 (replicas)'],
  ],
  [
    'a quota, and a role that has resources as well',
    `${object('v1', 'ResourceQuota', 'spec: {hard: {cpu: 1}}')}---\n${role('[{resources: [pods, secrets]}]')}`,
    `${object('v1', 'ResourceQuota', 'spec: {hard: {cpu: 2}}')}---\n${role('[{resources: [pods]}]')}`,
    [
      'spec.hard.cpu: 1 → 2 (resources)',
      'rules: [{"resources":["pods","secrets"]}] → [{"resources":["pods"]}] (other)',
    ],
  ],
  [
    'labels of pods, and a variable of the same name',
    pod('{containers: [{name: a, env: [{name: labels, value: x}]}]}').replace(
      '{template: {',
      '{template: {metadata: {labels: {a: b}}, ',
    ),
    pod('{containers: [{name: a, env: [{name: labels, value: z}]}]}').replace(
      '{template: {',
      '{template: {metadata: {labels: {a: c}}, ',
    ),
    [
      'spec.template.metadata.labels.a: "b" → "c" (metadata)',
      `${AT}.containers[name=a].env[name=labels].value: "x" → "z" (configuration)`,
    ],
  ],
  [
    'an object that is gone, whatever was in it',
    `${pod('{hostNetwork: true}')}---\n${service('{}')}`,
    service('{}'),
    [
      'removed Deployment web',
      ': - {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"template":{"spec":{"hostNetwork":true}}}} (removal)',
    ],
  ],
  [
    'an object that is new, by the gravest of what is in it',
    service('{}'),
    `${pod('{hostNetwork: true, containers: [{name: a, image: x}]}')}---\n${service('{}')}`,
    [
      'added Deployment web',
      ': + {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"template":{"spec":{"hostNetwork":true,"containers":[{"name":"a","image":"x"}]}}}} (securityWidening)',
    ],
  ],
];

describe('diffTrees', () => {
  it.each(PAIRS)('tells of %s', (_, from, to, expected) => {
    expect(told(diffFiles({ 'a.yaml': from }, { 'a.yaml': to }))).toEqual(expected);
    const differs = expected.some((line) => line !== '');
    expect(told(diffFiles({ 'a.yaml': to }, { 'a.yaml': from })).length > 0).toBe(differs);
    expect(told(diffFiles({ 'a.yaml': from }, { 'a.yaml': from }))).toEqual([]);
  });

  it('tells of an object in another file as moved, and of its fields', () => {
    const [one, two] = [deployment('{replicas: 1}'), deployment('{replicas: 2}')];
    expect(told(diffFiles({ 'a.yaml': one }, { 'b.yaml': one }))).toEqual(['moved Deployment web a.yaml → b.yaml']);
    expect(told(diffFiles({ 'a.yaml': one }, { 'b.yaml': two }))).toEqual([
      'changed Deployment web a.yaml → b.yaml',
      'spec.replicas: 1 → 2 (replicas)',
    ]);
    const { files } = diffFiles({ 'a.yaml': one }, { 'b.yaml': one });
    expect(files).toMatchObject([{ change: 'moved', path: 'b.yaml', fromPath: 'a.yaml', krm: true }]);
  });

  it('pairs several of one identity by their files first', () => {
    const from = { 'base/a.yaml': deployment('{replicas: 1}'), 'over/a.yaml': deployment('{replicas: 2}') };
    const to = { 'base/a.yaml': deployment('{replicas: 3}'), 'over/a.yaml': deployment('{replicas: 2}') };
    expect(told(diffFiles(from, to))).toEqual(['spec.replicas: 1 → 3 (replicas)']);
  });

  it('knows a Kptfile by its place', () => {
    const kptfile = (name: string) => `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: ${name}}\n`;
    expect(told(diffFiles({ Kptfile: kptfile('a') }, { Kptfile: kptfile('b') }))).toEqual([
      'metadata.name: "a" → "b" (metadata)',
    ]);
  });

  it('takes definitions from elsewhere where the two versions have none', () => {
    const [from, to] = ['{tags: [a, b]}', '{tags: [b, a]}'].map((spec) => ({ 'a.yaml': widget(spec) }));
    expect(told(diffFiles(from ?? {}, to ?? {}))).toHaveLength(1);
    expect(told(diffFiles(from ?? {}, to ?? {}, { definitions: [Buffer.from(WIDGETS)] }))).toEqual([]);
  });

  it('takes definitions from files that have not changed', () => {
    const from = { 'crd.yaml': WIDGETS, 'a.yaml': widget('{tags: [a, b]}') };
    expect(told(diffFiles(from, { ...from, 'a.yaml': widget('{tags: [b, a]}') }))).toEqual([]);
  });

  it('compares what is no object as text, and bytes as bytes', () => {
    const { objects, files } = diffFiles(
      { 'a.txt': 'one\ntwo\n', 'b.yaml': 'x: 1\n', c: 'a\0b' },
      { 'a.txt': 'one\n2\n', 'b.yaml': 'x: 2\n', c: 'a\0c' },
    );
    expect(objects).toEqual([]);
    expect(files).toMatchObject([
      { path: 'a.txt', krm: false, binary: false, patch: '@@ -1,2 +1,2 @@\n one\n-two\n+2\n' },
      { path: 'b.yaml', krm: false, parseError: null, patch: '@@ -1 +1 @@\n-x: 1\n+x: 2\n' },
      { path: 'c', krm: false, binary: true, patch: null },
    ]);
  });

  it('compares a file that cannot be read as text, says so, and calls nothing in it gone', () => {
    const { objects, files } = diffFiles(
      { 'a.yaml': deployment('{replicas: 1}') },
      { 'a.yaml': deployment('{replicas: 1') },
    );
    expect(objects).toEqual([]);
    expect(files).toMatchObject([{ path: 'a.yaml', krm: false, change: 'changed' }]);
    expect(files[0]?.parseError).toMatch(/^The file cannot be read as YAML/);
    expect(files[0]?.patch).toContain('-spec: {replicas: 1}\n+spec: {replicas: 1\n');
  });

  it('shows hashes for what Secrets hold, the same for the same value, and another one with another key', () => {
    const secret = (rest: string) =>
      `apiVersion: v1\nkind: Secret\nmetadata:\n  name: it\n  annotations: {note: text, kubectl.kubernetes.io/last-applied-configuration: '{"data":"hunter2"}'}\n${rest}\n`;
    const from = { 'a.yaml': secret('stringData: {password: hunter2, other: hunter3}') };
    const to = {
      'a.yaml': secret('stringData: {password: hunter3}'),
      'b.yaml': secret('stringData: {new: hunter2}').replace('name: it', 'name: two'),
    };
    const shown = json(diffFiles(from, to, { secretsKey: 'k' }));
    expect(shown).not.toContain('hunter');
    const [hash = ''] = /hmac-sha256:[0-9a-f]{32}/.exec(shown) ?? [];
    expect(shown.split(hash)).toHaveLength(3);
    const objects = diffFiles(from, to, { secretsKey: 'k' }).objects;
    expect(objects[0]?.fields).toMatchObject([
      { path: 'stringData.password', change: 'changed', class: 'configuration' },
      { path: 'stringData.other', change: 'removed' },
    ]);
    expect(objects[0]?.fields[0]?.to).toBe(objects[0]?.fields[1]?.from);
    expect(json(diffFiles(from, to, { secretsKey: 'l' }))).not.toContain(hash);
    expect(json(diffFiles(from, to))).toContain('hunter2');
    expect(shown).toContain('"note":"text"');
  });

  it('shows no text of a file that cannot be read and may hold a Secret', () => {
    const [from, to] = ['hunter2', 'hunter3'].map((word) => ({ 'a.yaml': `kind: Secret\nstringData: {a: ${word}\n` }));
    expect(json(diffFiles(from ?? {}, to ?? {}, { secretsKey: 'k' }))).not.toContain('hunter');
    expect(json(diffFiles(from ?? {}, to ?? {}))).toContain('hunter');
    for (const kind of ['kind: Secret', '"kind" : "Secret"', "kind: 'SecretList'", 'kind:\n  Secret'])
      expect([kind, mayHoldSecret(`a: b\n${kind}\n`)]).toEqual([kind, true]);
    expect(mayHoldSecret('kind: SecretStore\nnokind: Secret\n')).toBe(false);
  });

  it('ends with a word where there is too much to tell', () => {
    const data = (value: string) => object('v1', 'ConfigMap', `data: {a: ${value.repeat(3 * 1024 * 1024)}}`);
    const { objects, truncated } = diffFiles({ 'a.yaml': data('a') }, { 'a.yaml': data('b') });
    expect(truncated).toBe(true);
    expect(objects).toMatchObject([{ change: 'changed', fields: [] }]);
  });

  it('holds a table of what is compared', () => {
    expect(PAIRS.length).toBeGreaterThanOrEqual(60);
  });
});
