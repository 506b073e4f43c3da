import { type DeliveredPackage, type Manifest, nameOfDelivered, TOOL_NAMESPACES } from './delivered-package.js';

/**
 * A RootSync for each package; in a namespace other than Config Sync's own a RepoSync, which delivers to that namespace alone.
 * The Secret of a credential is in the same namespace.
 */
export function syncs(delivered: readonly DeliveredPackage[], namespace: string): Manifest[] {
  const kind = namespace === TOOL_NAMESPACES['config-sync'] ? 'RootSync' : 'RepoSync';
  return delivered.map((each) => ({
    ...{ apiVersion: 'configsync.gke.io/v1beta1', kind },
    metadata: { name: nameOfDelivered(each), namespace, annotations: { 'pkgserver/package': each.id } },
    spec: { sourceFormat: 'unstructured', sourceType: 'git', git: gitOf(each) },
  }));
}

const gitOf = ({ url, directory, follows, secret }: DeliveredPackage) => ({
  repo: url,
  ...('tag' in follows ? { revision: follows.tag } : { branch: follows.branch, revision: 'HEAD' }),
  dir: directory === '' ? '.' : directory,
  ...(secret === null
    ? { auth: 'none' }
    : { auth: url.startsWith('ssh:') ? 'ssh' : 'token', secretRef: { name: secret } }),
});
