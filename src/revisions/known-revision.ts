import type { PackageRevision } from '../database/generated/client.js';

/** The columns of a revision that a sync compares with what Git says. */
export const KNOWN_REVISION = {
  id: true,
  packageId: true,
  workspace: true,
  revision: true,
  lifecycle: true,
  tree: true,
  pushedTree: true,
  commit: true,
  tag: true,
} as const;

export type KnownRevision = Pick<PackageRevision, keyof typeof KNOWN_REVISION>;
