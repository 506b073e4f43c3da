import type { Caller } from '../../access/caller.js';
import type { MergedTrees } from '../../content/merges.js';
import type { Variant, VariantSet } from '../../database/generated/client.js';
import type { Mutation, Mutations } from '../../domain/mutation.js';
import type { SignedIn } from '../../domain/operation-payloads.js';
import type { DefaultResolution, Resolution, UpgradeStrategy } from '../../domain/upgrade.js';
import type { Adoption, Deletion, UpdatePolicy } from '../../domain/variant.js';
import type { UpgradePlan } from '../package-revisions/upgrades/upgrade-plan.js';

/** Why a variant is as it is: a code of a Problem, or one of its own, and a sentence. */
export interface VariantReason {
  code: string;
  message: string;
}

/** What both sides have changed, as refusals show it. */
export interface OpenConflict {
  id: string;
  file: string;
  path: string;
  class: string;
}

/** The merge that has left conflicts: from it their values are told. */
export interface ConflictedMerge {
  trees: MergedTrees;
  options: UpgradePlan['options'];
  /** Where what it shows of the blueprint is: whoever may not see all of these sees no values. */
  places: readonly { repositoryId: string; path: string }[];
}

/** What a state was found for. */
export interface Made {
  /** Of all that what is wanted follows from. */
  inputs: string;
  /** What the draft, or the publication, was to hold; null: nothing was made of it. */
  tree: string | null;
  /** What was changed of the blueprint for that. */
  mutations: Mutations;
  /** What was changed of the blueprint for what is published. */
  published: Mutations;
}

export const NO_MUTATIONS: Mutations = { mutations: [], packageContext: {} };

/** How a member of a set, or a variant by itself, is kept. */
export interface VariantRules {
  upstream: { packageId: string; follow: string };
  mutations: Mutation[];
  packageContext: Record<string, string>;
  labels: Record<string, string>;
  updatePolicy: UpdatePolicy;
  strategy: UpgradeStrategy;
  adoption: Adoption;
  deletion: Deletion;
}

/** What a set makes its members of. */
export interface VariantTemplate extends VariantRules {
  downstream: { repositoryId: string; realm: string; package: string };
}

/** The targets that a set has members for. */
export type TargetChoice = { labelSelector: string } | { names: string[] };

interface JsonColumns {
  mutations: Mutation[];
  packageContext: Record<string, string>;
  labels: Record<string, string>;
  updatePolicy: UpdatePolicy;
  strategy: UpgradeStrategy;
  resolutions: Record<string, Resolution>;
  defaultResolution: DefaultResolution;
  adoption: Adoption;
  deletion: Deletion;
  reason: VariantReason | null;
  conflicts: OpenConflict[];
  merge: ConflictedMerge | null;
  made: Made | null;
}

export type VariantRow = Omit<Variant, keyof JsonColumns> & JsonColumns;

export type VariantSetRow = Omit<VariantSet, 'targets' | 'template'> & {
  targets: TargetChoice;
  template: VariantTemplate;
};

type Owned = Pick<Variant, 'owner' | 'ownerEmail' | 'ownerGroups'>;

/** Whoever made or changed it last: it is kept in step with the rights that they have then. */
export const ownedBy = ({ user, email, groups }: Caller): Owned => ({
  ...{ owner: user, ownerEmail: email, ownerGroups: [...groups] },
});

export const ownerOf = ({ owner: user, ownerEmail: email, ownerGroups: groups }: Owned): SignedIn => ({
  ...{ user, email, groups },
});
