import type { PackageRevision } from '../database/generated/client.js';
import type { ReleasePolicy } from '../domain/release-policy.js';
import type { BreakGlass, Condition, Decision, RevisionSource, Upstream } from '../domain/revision.js';

/** The JSON columns of a revision as what they hold: no other folder writes them. */
interface JsonColumns {
  source: RevisionSource;
  upstream: Upstream | null;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  conditions: Condition[];
  lastDecision: Decision | null;
  breakGlass: BreakGlass | null;
  proposedPolicy: ReleasePolicy | null;
}

/** Every column of a revision, and the size of the tree that readers see. */
export type RevisionRow = Omit<PackageRevision, keyof JsonColumns> &
  JsonColumns & { fileCount: number; sizeBytes: number };
