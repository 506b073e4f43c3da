import { type DeliveredPackage, kubernetesName, type Manifest, nameOfDelivered } from './delivered-package.js';

/**
 * A Kustomization for each package, behind the GitRepositories that they read: one for each tag, or one for the ref. Their
 * events name the package. The Secret of a credential is in the same namespace.
 */
export function fluxManifests(delivered: readonly DeliveredPackage[], namespace: string): Manifest[] {
  const sources = new Map(delivered.map((each) => [sourceName(each), gitRepository(each, namespace)]));
  return [...sources.values(), ...delivered.map((each) => kustomization(each, namespace))];
}

const sourceName = ({ repository, url, follows }: DeliveredPackage): string =>
  'tag' in follows ? kubernetesName(follows.tag, url) : kubernetesName(repository, url, follows.branch);

const gitRepository = (delivered: DeliveredPackage, namespace: string): Manifest => ({
  ...{ apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' },
  metadata: { name: sourceName(delivered), namespace },
  spec: {
    interval: '1m',
    url: delivered.url,
    ref: delivered.follows,
    ...(delivered.secret !== null && { secretRef: { name: delivered.secret } }),
  },
});

const kustomization = (delivered: DeliveredPackage, namespace: string): Manifest => ({
  ...{ apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' },
  metadata: {
    name: nameOfDelivered(delivered),
    namespace,
    annotations: { 'event.toolkit.fluxcd.io/package': delivered.id },
  },
  spec: {
    interval: '10m',
    path: `./${delivered.directory}`,
    prune: true,
    wait: true,
    timeout: '5m',
    ...(delivered.into !== null && { targetNamespace: delivered.into }),
    sourceRef: { kind: 'GitRepository', name: sourceName(delivered) },
  },
});
