import { stringify } from 'yaml';
import { application, applicationSet } from './argocd.js';
import { syncs } from './config-sync.js';
import { type DeliveredPackage, type DeliveryTool, type Manifest, TOOL_NAMESPACES } from './delivered-package.js';
import { fluxManifests } from './flux.js';

/** What is to be delivered: one package, or those of one repository, or of one target in it. */
export type Delivered = DeliveredPackage | { packages: readonly DeliveredPackage[]; target: string | undefined };

/** The manifests that have a tool deliver packages. No credential is in them: each names the Secret that holds it. */
export function deliveryManifests(
  tool: DeliveryTool,
  delivered: Delivered,
  namespace: string = TOOL_NAMESPACES[tool],
): Manifest[] {
  if (tool === 'argocd')
    return 'packages' in delivered
      ? applicationSet(delivered.packages, delivered.target, namespace)
      : [application(delivered, namespace)];
  const all = 'packages' in delivered ? delivered.packages : [delivered];
  return tool === 'flux' ? fluxManifests(all, namespace) : syncs(all, namespace);
}

/** As a YAML stream for `kubectl apply -f -`. */
export const toYamlStream = (manifests: readonly Manifest[]): string =>
  manifests.map((manifest) => `---\n${stringify(manifest, { lineWidth: 0, aliasDuplicateObjects: false })}`).join('');
