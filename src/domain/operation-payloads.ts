import type { BulkParameters } from './bulk.js';
import type { GitPlace } from './git-place.js';
import type { DeletionHead } from './head-state.js';

/** What each kind needs beyond the rows it works on. The handler of the kind reads it from the stored JSON. */
export interface OperationPayloads {
  sync: Record<string, never>;
  push: Record<string, never>;
  /** Full ref name and the tip it had; nothing is removed that moved since. */
  discard: { branches: { ref: string; commit: string }[] };
  /**
   * The tree that was approved, by the last of `approvers`; only while none of the approvals is void, and they are
   * enough and all gates are met or the glass was broken. What is not there was not asked for.
   */
  publish: {
    tree: string;
    approvedBy: string;
    approvers?: string[] | undefined;
    approvalIds?: string[] | undefined;
    gates?: string[] | undefined;
    /** What the last approver said. */
    comment?: string | undefined;
    breakGlass?: { reason: string } | undefined;
    campaign?: CampaignMark | undefined;
  };
  /**
   * Path and revision find what a push that was cut short left behind when the row is gone. `head`: what the ref is to
   * hold where it holds the revision and others stay; `force`: the last one's directory goes whatever is in it.
   */
  delete: {
    tree: string;
    path?: string | undefined;
    revision?: string | undefined;
    head?: DeletionHead | undefined;
    force?: boolean | undefined;
  };
  retention: Record<string, never>;
  /** `dueOnly`: tells what is due; else all that was made from something is looked at first. */
  upstreams: { dueOnly?: true | undefined };
  variants: Record<string, never>;
  /** What is done, and with whose right; the items are rows of their own. */
  bulk: {
    action: string;
    parameters: BulkParameters;
    caller: SignedIn;
    /** Where the request came from. */
    address?: string | undefined;
  };
  campaignPlan: OfCampaign;
  campaign: OfCampaign;
  /** The draft that is to be, or the folder that a draft is to get, the place that its content is at, and with whose right. */
  clone: ({ draft: ClonedDraft } | { subpackage: ClonedFolder }) & {
    place: GitPlace;
    caller: SignedIn;
    /** Where the request came from. */
    address?: string | undefined;
  };
}

/** Which campaign something is done for, and who has approved its plan: commits tell it. */
export type CampaignMark = { id: string; name: string; approvers: string[] };

type OfCampaign = {
  campaignId: string;
  /** With whose right. */
  caller: SignedIn;
  /** Where the request came from. */
  address?: string | undefined;
};

type ClonedDraft = {
  repositoryId: string;
  target?: string | undefined;
  realm?: string | undefined;
  package?: string | undefined;
  workspace: string;
  labels?: Record<string, string> | undefined;
  annotations?: Record<string, string> | undefined;
};

type ClonedFolder = {
  /** The draft. */
  revisionId: string;
  path: string;
  /** As the request had it: what its caller has seen of the draft's content. */
  ifMatch: string;
};

/** Who has asked for something, so that their rights can be looked up when it is done. */
export type SignedIn = {
  user: string;
  email: string | null;
  groups: string[];
  /** The API token that was shown. */
  tokenId?: string | undefined;
};
