import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { StandingRights } from '../../access/standing-rights.js';
import { DomainError } from '../../domain/errors.js';
import { isSameName, missingApprovals, policyOf, type ReleasePolicy, stricterOf } from '../../domain/release-policy.js';
import { CampaignItemStore } from './campaign-item.store.js';
import type { CampaignRow, PlanApprovalRow } from './campaign-row.js';
import { CampaignStore } from './campaign.store.js';
import { CampaignPolicyStore } from './campaign-policy.store.js';

/** What a plan has of the approvals that it needs. */
export interface PlanStanding {
  digest: string;
  required: number;
  missing: number;
  /** In the order in which they were given, those that count. */
  approvals: PlanApprovalRow[];
}

const LEAST: ReleasePolicy = { requiredApprovals: 1, selfApproval: true, authors: [], readinessGates: [] };

/** Judges approvals of plans by the strictest policy of all repositories in it. */
@Injectable()
export class CampaignApprovals {
  constructor(
    private readonly campaigns: CampaignStore,
    private readonly items: CampaignItemStore,
    private readonly policies: CampaignPolicyStore,
    private readonly rights: StandingRights,
  ) {}

  async policyOf(campaignId: string): Promise<ReleasePolicy> {
    return (await this.policies.of(campaignId)).map(policyOf).reduce(stricterOf, LEAST);
  }

  /** Only those count whose givers may approve in every place of the plan now. `but`: somebody whose approval does not count. */
  async standing(campaign: CampaignRow, digest: string, but?: string): Promise<PlanStanding> {
    const given = await this.campaigns.approvals(campaign.id, digest);
    const { requiredApprovals: required } = await this.policyOf(campaign.id);
    if (given.length === 0) return { digest, required, missing: required, approvals: [] };
    const deeds = given.map(({ id, approvedBy: user, groups }) => ({ id, user, groups }));
    const standing = await this.rights.of(deeds);
    const places = await this.items.places(campaign.id);
    const approvals = given.filter(
      ({ id, approvedBy }) =>
        !(but !== undefined && isSameName(approvedBy, but)) &&
        places.every((place) => standing.holds(id, 'packageRevisions.approve', place)),
    );
    return { digest, required, missing: missingApprovals(approvals.length, required), approvals };
  }

  /** Whether whoever has begun or planned it is the caller: names prove nothing where nobody signs in. */
  assertNotOwn({ name, createdBy, plannedBy }: CampaignRow, { user, verified }: Caller): void {
    if (!verified) return;
    const deeds = [
      ...(isSameName(createdBy, user) ? ['created'] : []),
      ...(plannedBy !== null && isSameName(plannedBy, user) ? ['planned'] : []),
    ];
    if (deeds.length === 0) return;
    const message = `You ${deeds.join(' and ')} the campaign "${name}"; somebody else has to vouch for it.`;
    throw new DomainError('selfApproval', message);
  }
}
