import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import type { Approval } from '../../../database/generated/client.js';
import { DomainError } from '../../../domain/errors.js';
import {
  type AuthorKind,
  authorshipOf,
  type Gate,
  gatesOf,
  isSameName,
  policyOf,
  type ReleasePolicy,
} from '../../../domain/release-policy.js';
import { ContentService } from '../../../content/content.service.js';
import { mayHaveGates } from '../../../krm/kptfile.js';
import { Approvals } from '../../../revisions/approvals.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';

const DEED: Record<AuthorKind, string> = { creator: 'created', editors: 'edited', proposer: 'proposed' };

/** What the policy of a revision's repository says about the revision and whoever asks. */
@Injectable()
export class ReleaseRules {
  constructor(
    private readonly store: PackageRevisionStore,
    private readonly approvals: Approvals,
    private readonly content: ContentService,
  ) {}

  async policyFor(row: RevisionRow): Promise<ReleasePolicy> {
    return policyOf(await this.store.repositoryOf(row));
  }

  /** What the revision has of what it needs: `gates` are those of the policy and of the package's Kptfile. */
  async stateOf(row: RevisionRow): Promise<{ policy: ReleasePolicy; gates: Gate[]; approvals: Approval[] }> {
    const { kptfile, approvals, ...repository } = await this.approvals.factsOf(row);
    const policy = policyOf(repository);
    const [file] = kptfile !== null && mayHaveGates(kptfile) ? await this.content.readKptfiles([kptfile]) : [];
    const own = file?.readinessGates ?? [];
    const gates = gatesOf([...policy.readinessGates, ...own], row.conditions, row.tree);
    return { policy, gates, approvals };
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

  /** A deletion takes two as well. Where the proposal came by Git alone, nobody can tell whose it was. */
  async assertNotOwnDeletion(row: RevisionRow, caller: Caller): Promise<void> {
    if (!caller.verified || (await this.policyFor(row)).selfApproval) return;
    const { proposedBy } = row;
    if (proposedBy === null) {
      throw new DomainError(
        'selfApproval',
        `Nobody knows who proposed to delete "${row.name}". Reject that, and have somebody else propose it again.`,
        { authorship: [] },
      );
    }
    const own = [caller.user, ...(caller.email === null ? [] : [caller.email])];
    if (!own.some((name) => isSameName(name, proposedBy))) return;
    throw new DomainError('selfApproval', `You proposed to delete "${row.name}"; somebody else has to do it.`, {
      authorship: ['proposer'],
    });
  }
}
