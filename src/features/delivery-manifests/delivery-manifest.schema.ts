import { z } from 'zod';
import { choice } from '../../http/schema/choice.js';
import { exactly } from '../../http/schema/query.js';
import { text } from '../../http/schema/text.js';
import { DELIVERY_TOOLS, DELIVERY_TRACKS } from '../../krm/delivery/delivered-package.js';

const tool = choice('DeliveryTool', DELIVERY_TOOLS, 'A tool that delivers packages to clusters.');

const track = choice(
  'DeliveryTrack',
  DELIVERY_TRACKS,
  'What the tool follows. `tag`: the latest published revision, and no other. `ref`: whatever the ref of the repository holds.',
);

/** What Kubernetes takes for a namespace or a Secret (RFC 1123). */
const kubernetesLabel = (description: string, example: string) =>
  text(63)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, { error: 'Lower-case letters, digits and `-` are expected.' })
    .optional()
    .meta({ description, examples: [example] });

const choices = {
  tool: tool.meta({ description: 'For which tool.', examples: ['flux'] }),
  track: track.default('tag').meta({ description: 'What it follows.', examples: ['tag'] }),
  namespace: kubernetesLabel(
    "Where the manifests live; else the tool's own namespace. Config Sync delivers from any other one to that one alone.",
    'flux-system',
  ),
  secretName: kubernetesLabel(
    'The Secret of the cluster that holds the credential of the repository; else, where it has one here, a name made of its own.',
    'fleet-git',
  ),
  destinationNamespace: kubernetesLabel(
    'For objects that name no namespace: the `destination.namespace` of Argo CD and the `targetNamespace` of Flux, which takes it for all.',
    'shop',
  ),
};

export const deliveryManifestQuery = z.strictObject(choices);

export const deliveryManifestsQuery = z.strictObject({
  ...choices,
  target: exactly('target; empty: without one', 'edge-1'),
});

export type DeliveryManifestQuery = z.output<typeof deliveryManifestQuery>;
export type DeliveryManifestsQuery = z.output<typeof deliveryManifestsQuery>;
