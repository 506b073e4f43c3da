import { latestKey } from './version.js';

/**
 * The kinds of difference between Git and what this service wrote there. `headDiffers`: the content of a package on the
 * repository's ref equals no published revision. `tagAdded`, `tagMoved`, `tagDeleted`: somebody else did that to the tag of a
 * published revision. `branchPushed`, `branchDeleted`: to the branch of a draft. `historyRewritten`: the ref does not hold
 * the commit any more at which the last sync found it. `leftoverBranch`: no draft uses the branch any more.
 */
export const DRIFT_KINDS = [
  'headDiffers',
  'tagAdded',
  'tagMoved',
  'tagDeleted',
  'branchPushed',
  'branchDeleted',
  'historyRewritten',
  'leftoverBranch',
] as const;
export type DriftKind = (typeof DRIFT_KINDS)[number];

/** `open` from when a sync finds it; `acknowledged` once a person accepts it; `resolved` once the difference is gone, or a draft has settled it. */
export const DRIFT_STATES = ['open', 'acknowledged', 'resolved'] as const;
export type DriftState = (typeof DRIFT_STATES)[number];

/** `open`: the package has open drift; `acknowledged`: it has drift, and people have acknowledged all of it; `none`: it has no unresolved drift. */
export const PACKAGE_DRIFT_STATES = ['none', 'open', 'acknowledged'] as const;
export type PackageDriftState = (typeof PACKAGE_DRIFT_STATES)[number];

/** How it ended: what Git held, or what was held before, was published; or it is not so any more. */
export const DRIFT_RESOLUTIONS = ['adopted', 'restored', 'gone'] as const;
export type DriftResolution = (typeof DRIFT_RESOLUTIONS)[number];

/** A draft of what Git holds; a draft of what was held before; letting it be. */
export const DRIFT_ACTIONS = ['adopt', 'restore', 'acknowledge'] as const;
export type DriftAction = (typeof DRIFT_ACTIONS)[number];

/** A draft can be made of the content that Git holds (`ADOPTED`), and of the content that the service held before (`RESTORED`). */
const ADOPTED: ReadonlySet<DriftKind> = new Set(['headDiffers', 'tagAdded', 'tagMoved']);
const RESTORED: ReadonlySet<DriftKind> = new Set([...ADOPTED, 'tagDeleted', 'branchPushed', 'branchDeleted']);

/** The actions that a person can take on a drift now. While a draft of it exists, no second one can be begun: the publication of the first resolves the drift. */
export function driftActions(drift: {
  kind: DriftKind;
  state: DriftState;
  gitTree: string | null;
  heldTree: string | null;
  heldRevision: string | null;
  draftId: string | null;
  /** The package's latest revision. */
  latestRevision: string | null;
}): DriftAction[] {
  const { kind, state, gitTree, heldTree, draftId } = drift;
  if (state === 'resolved') return [];
  const mayDraft = draftId === null && heldTree !== gitTree && !isOutdated(drift);
  const actions: [DriftAction, boolean][] = [
    ['adopt', mayDraft && ADOPTED.has(kind) && gitTree !== null],
    ['restore', mayDraft && RESTORED.has(kind) && heldTree !== null],
    ['acknowledge', state === 'open'],
  ];
  return actions.flatMap(([action, isPossible]) => (isPossible ? action : []));
}

/** Whether the tag is that of an older version: a draft of its content would be published as the package's newest one. */
function isOutdated(drift: { kind: DriftKind; heldRevision: string | null; latestRevision: string | null }): boolean {
  const { kind, heldRevision, latestRevision } = drift;
  const keyOf = (revision: string | null) => latestKey(revision ?? '') ?? '';
  return (kind === 'tagMoved' || kind === 'tagDeleted') && keyOf(latestRevision) > keyOf(heldRevision);
}
