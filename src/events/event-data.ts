import type { DeliveryHealth, DeliveryState } from '../domain/delivery.js';
import type { CampaignItemState, CampaignState, PauseReason } from '../domain/campaign.js';
import type { DriftKind, DriftResolution, DriftState } from '../domain/drift.js';
import type { Condition } from '../domain/revision.js';
import type { Lifecycle } from '../domain/lifecycle.js';
import type { VariantState } from '../domain/variant.js';
import type { OperationKind, OperationState } from '../domain/operation.js';
import type { EventNoun, EventType } from './event-types.js';

export interface RepositoryFacts {
  id: string;
  name: string;
  /** The fields that were changed. */
  changed?: string[];
  /** The condition that the event is about. */
  condition?: Condition;
  /** How much was found. */
  packages?: number;
  packageRevisions?: number;
}

export interface PackageFacts {
  id: string;
  repositoryId: string;
  path: string;
  changed?: string[];
  /** The OID of the tree on the repository's branch. */
  headTree: string | null;
  /** What a tool observed of its delivery, and of which revision; null where none has that content. */
  delivery?: { tool: string; state: DeliveryState; health: DeliveryHealth; revision: string | null };
  /** What it was made from, as its own record names it. */
  upstream?: { url: string; directory: string; ref: string };
}

export interface TargetFacts {
  id: string;
  name: string;
  /** The fields that were changed. */
  changed?: string[];
}

export interface VariantFacts {
  id: string;
  name: string;
  repositoryId: string;
  /** The path of its package. */
  path: string;
  state: VariantState;
}

export interface CampaignFacts {
  id: string;
  name: string;
  state: CampaignState;
  /** Of a wave or an item: the place of the wave, from 0. */
  wave?: number;
  reason?: PauseReason['code'];
  /** The draft that was made, or the revision that it became. */
  packageRevisionId?: string;
  item?: {
    id: string;
    packageId: string;
    repositoryId: string;
    path: string;
    state: CampaignItemState;
    error?: string;
  };
}

/** What of a revision can be another afterwards. */
interface RevisionContent {
  lifecycle: Lifecycle;
  revision: string | null;
  tree: string;
  commit: string | null;
}

/** As it is then; of one that is gone, as it was. */
export interface PackageRevisionFacts extends RevisionContent {
  id: string;
  name: string;
  repositoryId: string;
  packageId: string;
  path: string;
  workspace: string;
  /** What these were before, where they are others now. */
  previously: { [Key in keyof RevisionContent]?: RevisionContent[Key] };
  conditions?: Condition[];
}

export interface DriftFacts {
  id: string;
  kind: DriftKind;
  state: DriftState;
  repositoryId: string;
  /** The package's path; null: it is about the repository as a whole. */
  path: string | null;
  packageRevisionId: string | null;
  /** The short name of the branch or tag. */
  ref: string;
  /** The commit that the ref is at now, and the commit that the service held before; null where there is none. */
  commit: string | null;
  heldCommit: string | null;
  /** How it ended. */
  resolution?: DriftResolution;
}

export interface OperationFacts {
  id: string;
  kind: OperationKind;
  state: OperationState;
  repositoryId: string | null;
  packageRevisionId: string | null;
  requestedBy: string;
  /** The code of its Problem. */
  error: string | null;
}

export interface WebhookFacts {
  id: string;
  name: string;
  repositoryId: string | null;
  /** Why it was disabled. */
  reason?: DisabledReason;
}

/** It answered that it is gone, it has failed for long, or nobody is left whose rights it had. */
export type DisabledReason = 'gone' | 'failing' | 'ownerLost';

/** What each noun's events tell: ids, names and what changed; never contents, never secrets. */
export interface EventFacts {
  repository: RepositoryFacts;
  package: PackageFacts;
  target: TargetFacts;
  variant: VariantFacts;
  campaign: CampaignFacts;
  packageRevision: PackageRevisionFacts;
  drift: DriftFacts;
  operation: OperationFacts;
  webhook: WebhookFacts;
}

/** The facts stand under their noun's name. */
export type EventData = { [Noun in EventNoun]?: EventFacts[Noun] };

type NounOf<Type extends EventType> = Type extends `${infer Noun extends EventNoun}.${string}` ? Noun : never;

interface OfType<Type extends EventType> {
  type: Type;
  /** The package that readers need to see, where the noun lies on one. */
  path: string | null;
  repositoryId: string | null;
  facts: EventFacts[NounOf<Type>];
  /** Who did it; left out, whoever the work under way is for. Null: nobody who is known. */
  actor?: string | null;
}

/** An event that a change gives birth to. */
export type NewEvent = { [Type in EventType]: OfType<Type> }[EventType];
