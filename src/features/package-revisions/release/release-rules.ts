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
    const state = (await this.statesOf([row], verified)).get(row.id);
    if (!state) throw new Error(`Package revision ${row.id} is missing`);
    return state;
  }

  /** The same of many at once, by their ids. Those that are gone meanwhile are left out. */
  async statesOf(rows: readonly RevisionRow[], verified: boolean): Promise<Map<string, ReleaseFacts>> {
    const facts = await this.approvals.factsOf(rows.map(({ id }) => id));
    const own = await this.ownGates([...facts].map(([id, { kptfile }]) => ({ id, kptfile })));
    // What was published once stays as it was approved.
    const open = rows.filter(({ lifecycle }) => !isPublished(lifecycle));
    const given = open.flatMap(({ id }) => facts.get(id)?.approvals ?? []);
    const standing = await this.rights.of(given.map(actedOn));
    const states = rows.flatMap((row): [string, ReleaseFacts][] => {
      const found = facts.get(row.id);
      if (!found) return [];
      const { kptfile, approvals, ...repository } = found;
      const policy = policyFor(repository, row);
      const gates = gatesOf([...policy.readinessGates, ...(own.get(row.id) ?? [])], row.conditions, row.tree);
      const mayApprove = ({ id }: Approval) =>
        isPublished(row.lifecycle) || standing.holds(id, 'packageRevisions.approve', row);
      const required = requiredApprovals(policy, row, verified);
      const judged = judgeApprovals(approvals, row, policy, verified, mayApprove);
      return [[row.id, { policy, required, gates, approvals: judged, kptfile }]];
    });
    return new Map(states);
  }

  /** The gates that the packages themselves ask for, of those that ask for any. */
  private async ownGates(packages: { id: string; kptfile: Uint8Array | null }[]): Promise<Map<string, string[]>> {
    const asking = packages.flatMap(({ id, kptfile }) => (kptfile && mayHaveGates(kptfile) ? [{ id, kptfile }] : []));
    if (asking.length === 0) return new Map();
    const files = await this.content.readKptfiles(asking.map(({ kptfile }) => kptfile));
    return new Map(asking.map(({ id }, index) => [id, files[index]?.readinessGates ?? []]));
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
