import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasCorpora, serveBundle } from '../support/corpora.js';
import { GitServer } from '../support/git-server.js';
import type { Body } from '../support/http-client.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { Steps } from '../support/steps.js';

/** Read in the files of the latest tags. What is missing there is made by controllers, and by functions of later steps. */
const EXPECTED: string[] = [
  '5g-core-topology: definition config.porch.kpt.dev/v1alpha2 PackageVariantSet <- porch-dev',
  'cluster-capi-infrastructure-docker: definition cert-manager.io/v1 Certificate <- cert-manager',
  'cluster-capi-infrastructure-docker: definition cert-manager.io/v1 Issuer <- cert-manager',
  'cluster-capi-kind-docker-templates: definition bootstrap.cluster.x-k8s.io/v1beta1 KubeadmConfigTemplate <- cluster-capi',
  'cluster-capi-kind-docker-templates: definition cluster.x-k8s.io/v1beta1 ClusterClass <- cluster-capi',
  'cluster-capi-kind-docker-templates: definition controlplane.cluster.x-k8s.io/v1beta1 KubeadmControlPlaneTemplate <- cluster-capi',
  'cluster-capi-kind-docker-templates: definition infrastructure.cluster.x-k8s.io/v1beta1 DockerClusterTemplate <- cluster-capi-infrastructure-docker',
  'cluster-capi-kind-docker-templates: definition infrastructure.cluster.x-k8s.io/v1beta1 DockerMachineTemplate <- cluster-capi-infrastructure-docker',
  'cluster-capi-kind: definition cluster.x-k8s.io/v1beta1 Cluster <- cluster-capi',
  'cluster-capi: definition cert-manager.io/v1 Certificate <- cert-manager',
  'cluster-capi: definition cert-manager.io/v1 Issuer <- cert-manager',
  'configsync: reference ConfigMap config-management-system/operator-environment-options <- none',
  'free5gc-smf-org-example: definition config.porch.kpt.dev/v1alpha1 PackageVariant <- porch-dev',
  'free5gc-smf-org-example: definition config.porch.kpt.dev/v1alpha2 PackageVariantSet <- porch-dev',
  'metallb-sandbox-config: definition metallb.io/v1beta1 IPAddressPool <- metallb',
  'metallb-sandbox-config: definition metallb.io/v1beta1 L2Advertisement <- metallb',
  'metallb-sandbox-config: namespace Namespace -/metallb-system <- metallb',
  'metallb: reference Secret metallb-system/memberlist <- missing',
  'nephio-controllers: serviceHost Service backend-system/resource-backend-controller-grpc-svc <- resource-backend',
  'nephio-stock-repos: definition config.porch.kpt.dev/v1alpha1 Repository <- porch-dev',
  'nephio-workload-cluster: definition config.porch.kpt.dev/v1alpha1 PackageVariant <- porch-dev',
  'nephio-workload-cluster: definition infra.nephio.org/v1alpha1 WorkloadCluster <- nephio-controllers',
  'network: definition infra.nephio.org/v1alpha1 Network <- nephio-controllers',
  'repository: definition config.porch.kpt.dev/v1alpha1 Repository <- porch-dev',
  'repository: definition infra.nephio.org/v1alpha1 Repository <- nephio-controllers',
  'repository: definition infra.nephio.org/v1alpha1 Token <- nephio-controllers',
  'rootsync: definition configsync.gke.io/v1beta1 RootSync <- configsync',
  'rootsync: namespace Namespace -/config-management-system <- configsync',
  'ueransim: reference ConfigMap -/gnb-configmap <- missing',
  'vlanindex: definition vlan.resource.nephio.org/v1alpha1 VLANIndex <- resource-backend',
];

describe.skipIf(!hasCorpora)('the dependencies of real packages', () => {
  let git: GitServer;
  let pkgserver: Pkgserver;
  beforeAll(async () => {
    git = await GitServer.start();
    pkgserver = await startPkgserver({ GIT_TIMEOUT_SECONDS: '30' });
  });
  afterAll(async () => {
    await pkgserver?.stop();
    await git?.stop();
  });

  it('are those that reading them by hand gives', async () => {
    const steps = new Steps(pkgserver.url);
    const name = 'nephio-example-packages';
    const id = await steps.register({ name, url: await serveBundle(git, name) });
    const { items } = (await steps.expect(200, 'GET', `/packages?repositoryId=${id}&pageSize=500`)).body;
    const found: string[] = [];
    for (const { id: packageId, path } of items as Body[]) {
      const page = await steps.expect(200, 'GET', `/packages/${packageId}/dependencies?pageSize=500`);
      for (const item of page.body.items as Body[]) found.push(`${String(path)}: ${told(item)}`);
    }
    expect(found.toSorted()).toEqual(EXPECTED);
    expect(EXPECTED.length).toBeGreaterThanOrEqual(30);
  }, 180_000);
});

function told({ kind, object, satisfiedBy, missing }: Body): string {
  const { apiVersion, kind: type, namespace, name } = object as Record<string, string | null>;
  const what = kind === 'definition' ? `${apiVersion} ${type}` : `${type} ${namespace ?? '-'}/${name}`;
  return `${kind} ${what} <- ${(satisfiedBy as { path: string } | null)?.path ?? (missing === true ? 'missing' : 'none')}`;
}
