import { stringify } from 'yaml';
import { application, applicationSet } from './argocd.js';
import { syncs } from './config-sync.js';
import { type DeliveredPackage, type DeliveryTool, type Manifest, TOOL_NAMESPACES } from './delivered-package.js';
import { fluxManifests } from './flux.js';

/** What is to be delivered: one package, or packages of one repository. */
export type Delivered = DeliveredPackage | readonly DeliveredPackage[];

const isOne = (delivered: Delivered): delivered is DeliveredPackage => !Array.isArray(delivered);

/** The manifests that have a tool deliver packages. No credential is in them: each names the Secret that holds it. */
export function deliveryManifests(
  tool: DeliveryTool,
  delivered: Delivered,
  namespace: string = TOOL_NAMESPACES[tool],
): Manifest[] {
  if (tool === 'argocd')
    return isOne(delivered) ? [application(delivered, namespace)] : applicationSet(delivered, namespace);
  const all = isOne(delivered) ? [delivered] : delivered;
  return tool === 'flux' ? fluxManifests(all, namespace) : syncs(all, namespace);
}

/** As a YAML stream for `kubectl apply -f -`. */
export const toYamlStream = (manifests: readonly Manifest[]): string =>
  manifests.map((manifest) => `---\n${stringify(manifest, { lineWidth: 0, aliasDuplicateObjects: false })}`).join('');
