import { hash } from 'node:crypto';

/** The tools that deliver packages to clusters. */
export const DELIVERY_TOOLS = ['argocd', 'flux', 'config-sync'] as const;
export type DeliveryTool = (typeof DELIVERY_TOOLS)[number];

/** What a tool follows: one published revision, or the repository's ref. */
export const DELIVERY_TRACKS = ['tag', 'ref'] as const;
export type DeliveryTrack = (typeof DELIVERY_TRACKS)[number];

/** A package as a delivery tool is told of it. */
export interface DeliveredPackage {
  id: string;
  /** Of the repository that it is in. */
  repository: string;
  url: string;
  /** In the Git tree, without a slash at its ends; empty: the whole tree. */
  directory: string;
  target: string | null;
  /** Without `refs/…/` before them. */
  follows: { tag: string } | { branch: string };
  /** The name of a Secret of the cluster that holds the credential; null: it is public. */
  secret: string | null;
  /** For objects that name no namespace; null: the tool decides. */
  into: string | null;
}

/** A document of Kubernetes, as plain values. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string; annotations?: Record<string, string> };
  spec: object;
}

/** Where the manifests of a tool live, unless told otherwise. */
export const TOOL_NAMESPACES: Readonly<Record<DeliveryTool, string>> = {
  argocd: 'argocd',
  flux: 'flux-system',
  'config-sync': 'config-management-system',
};

/** Names of Kubernetes have 63 characters at most where they become labels, as all tools make of theirs. */
const LONGEST = 63;
const DIGITS = 8;

/**
 * A name that Kubernetes takes (RFC 1123), readable, and the same for the same parts only: `edge1/web` and `edge1-web` differ
 * in the digits behind it. It depends on nothing but the parts, so that it outlives the index.
 */
export function kubernetesName(readable: string, ...parts: readonly string[]): string {
  const digits = hash('sha256', JSON.stringify([readable, ...parts]), 'hex').slice(0, DIGITS);
  const words = readable
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST - DIGITS - 1)
    .replaceAll(/^-+|-+$/g, '');
  return words === '' ? `p-${digits}` : `${words}-${digits}`;
}

/** Of the manifests that deliver a package: by where it is, whatever it was registered as. */
export const nameOfDelivered = ({ url, directory }: Pick<DeliveredPackage, 'url' | 'directory'>): string =>
  kubernetesName(directory, url);
