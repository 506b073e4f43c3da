import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { StandingRights } from '../../../access/standing-rights.js';
import type { Approval } from '../../../database/generated/client.js';
import { DomainError } from '../../../domain/errors.js';
import {
  type AuthorKind,
  authorshipOf,
  type Gate,
  gatesOf,
  assertOthersDeletion,
  judgeApprovals,
  type NotCounted,
  policyFor,
  type ReleasePolicy,
  requiredApprovals,
} from '../../../domain/release-policy.js';
import { ContentService } from '../../../content/content.service.js';
import { isPublished } from '../../../domain/lifecycle.js';
import { mayHaveGates } from '../../../krm/kptfile.js';
import { actedOn, Approvals } from '../../../revisions/approvals.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';

/** What a revision has of what it needs. */
export interface ReleaseFacts {
  policy: ReleasePolicy;
  /** How many people have to approve. */
  required: number;
  gates: Gate[];
  /** In the order in which they were given, and why one does not count. */
  approvals: { approval: Approval; notCounted: NotCounted | null }[];
  kptfile: Uint8Array | null;
}

const DEED: Record<AuthorKind, string> = { creator: 'created', editors: 'edited', proposer: 'proposed' };

/** What the policy of a revision's repository says about the revision and whoever asks. */
@Injectable()
export class ReleaseRules {
  constructor(
    private readonly store: PackageRevisionStore,
    private readonly approvals: Approvals,
    private readonly content: ContentService,
    private readonly rights: StandingRights,
  ) {}

  async policyFor(row: RevisionRow): Promise<ReleasePolicy> {
    return policyFor(await this.store.repositoryOf(row), row);
  }

  /** What the revision has of what it needs: `gates` are those of the policy and of the package's Kptfile. */
  async stateOf(row: RevisionRow, verified: boolean): Promise<ReleaseFacts> {
    const { kptfile, approvals, ...repository } = await this.approvals.factsOf(row);
    const policy = policyFor(repository, row);
    const [file] = kptfile !== null && mayHaveGates(kptfile) ? await this.content.readKptfiles([kptfile]) : [];
    const own = file?.readinessGates ?? [];
    const gates = gatesOf([...policy.readinessGates, ...own], row.conditions, row.tree);
    // What was published once stays as it was approved.
    const standing = isPublished(row.lifecycle) ? null : await this.rights.of(approvals.map(actedOn));
    const mayApprove = ({ id }: Approval) => standing?.holds(id, 'packageRevisions.approve', row) ?? true;
    const judged = judgeApprovals(approvals, row, policy, verified, mayApprove);
    return { policy, required: requiredApprovals(policy, row, verified), gates, approvals: judged, kptfile };
  }

  /** Throws `selfApproval` where the policy wants somebody else and the caller is known to be an author. */
  assertNotOwnWork(row: RevisionRow, policy: ReleasePolicy, caller: Caller): void {
    if (policy.selfApproval || !caller.verified) return;
    const authorship = authorshipOf(caller, row, policy);
    if (authorship.length === 0) return;
    const deeds = authorship.map((kind) => DEED[kind]).join(' and ');
    throw new DomainError('selfApproval', `You ${deeds} "${row.name}"; somebody else has to vouch for it.`, {
      authorship,
    });
  }

  /** A condition opens a gate, so it is not set by those who cannot approve; administrators can do without gates. */
  async assertMayCheck(row: RevisionRow, caller: Caller): Promise<void> {
    if (caller.allows('packageRevisions.breakGlass', row)) return;
    this.assertNotOwnWork(row, await this.policyFor(row), caller);
  }

  async assertNotOwnDeletion(row: RevisionRow, caller: Caller): Promise<void> {
    assertOthersDeletion(row, await this.policyFor(row), caller);
  }
}
