import type { Random } from './random.js';

/** The files of one package by path. */
export type PackageFiles = Map<string, string>;

const OPTIONAL = ['network.yaml', 'rbac.yaml', 'autoscaler.yaml', 'storage.yaml'];

/** A package as teams write them: a Kptfile and 3 to 7 manifests of about 0.5 to 4 KB. */
export function newPackage(name: string, random: Random): PackageFiles {
  const extra = OPTIONAL.slice(0, random.whole(0, OPTIONAL.length));
  const files: PackageFiles = new Map([['Kptfile', kptfile(name, random)]]);
  for (const file of ['config.yaml', 'deployment.yaml', 'service.yaml', ...extra]) {
    files.set(file, manifest(file, name, random));
  }
  return files;
}

/** The next revision: one or two manifests are written anew. Gives what changed. */
export function changePackage(name: string, files: PackageFiles, random: Random): PackageFiles {
  const manifests = [...files.keys()].filter((file) => file !== 'Kptfile');
  const changed: PackageFiles = new Map();
  for (let count = random.whole(1, 2); count > 0; count -= 1) {
    const file = random.pick(manifests);
    changed.set(file, manifest(file, name, random));
  }
  for (const [file, content] of changed) files.set(file, content);
  return changed;
}

function kptfile(name: string, random: Random): string {
  return [
    'apiVersion: kpt.dev/v1',
    'kind: Kptfile',
    `metadata:\n  name: ${name}`,
    `info:\n  description: The ${name} network function, ${random.word(24)}.`,
    'pipeline:\n  mutators:',
    ...Array.from(
      { length: random.whole(4, 8) },
      () =>
        `    - image: ghcr.io/example/${random.word(12)}:v0.${random.whole(1, 9)}\n      configMap:\n        namespace: ${random.word(10)}`,
    ),
    '',
  ].join('\n');
}

/** One or two Kubernetes objects, the second file of each kind longer than the first. */
function manifest(file: string, name: string, random: Random): string {
  const kind = KINDS[file] ?? 'ConfigMap';
  const objects = Array.from({ length: random.whole(1, 2) }, (_, index) => object(kind, `${name}-${index}`, random));
  return objects.join('---\n');
}

const KINDS: Record<string, string> = {
  'config.yaml': 'ConfigMap',
  'deployment.yaml': 'Deployment',
  'service.yaml': 'Service',
  'network.yaml': 'NetworkAttachmentDefinition',
  'rbac.yaml': 'Role',
  'autoscaler.yaml': 'HorizontalPodAutoscaler',
  'storage.yaml': 'PersistentVolumeClaim',
};

const VERSIONS: Record<string, string> = {
  ConfigMap: 'v1',
  Service: 'v1',
  PersistentVolumeClaim: 'v1',
  Deployment: 'apps/v1',
  Role: 'rbac.authorization.k8s.io/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
  NetworkAttachmentDefinition: 'k8s.cni.cncf.io/v1',
};

function object(kind: string, name: string, random: Random): string {
  const section = kind === 'ConfigMap' ? 'data' : 'spec';
  return [
    `apiVersion: ${VERSIONS[kind]}`,
    `kind: ${kind}`,
    `metadata:\n  name: ${name}\n  namespace: ${random.word(8)}`,
    `  labels:\n    app.kubernetes.io/name: ${name}\n    app.kubernetes.io/part-of: ${random.word(8)}`,
    `${section}:`,
    ...Array.from({ length: random.whole(10, 45) }, () => `  ${random.word(8)}: "${random.word(random.whole(6, 40))}"`),
    '',
  ].join('\n');
}
