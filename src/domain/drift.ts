import { latestKey } from './version.js';

/**
 * What Git can hold that the service did not write: the ref's content of a package that equals no publication; a tag that
 * somebody else has set, moved or deleted; a draft's branch that somebody has pushed to or deleted; a ref whose history
 * does not hold what it held; a branch that nobody needs any more.
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

/** Nobody has said anything of it; somebody knows of it, and lets it be; it is over. */
export const DRIFT_STATES = ['open', 'acknowledged', 'resolved'] as const;
export type DriftState = (typeof DRIFT_STATES)[number];

/** Of a package: the worst of what is not resolved. */
export const PACKAGE_DRIFT_STATES = ['none', 'open', 'acknowledged'] as const;
export type PackageDriftState = (typeof PACKAGE_DRIFT_STATES)[number];

/** How it ended: what Git held, or what was held before, was published; or it is not so any more. */
export const DRIFT_RESOLUTIONS = ['adopted', 'restored', 'gone'] as const;
export type DriftResolution = (typeof DRIFT_RESOLUTIONS)[number];

/** A draft of what Git holds; a draft of what was held before; letting it be. */
export const DRIFT_ACTIONS = ['adopt', 'restore', 'acknowledge'] as const;
export type DriftAction = (typeof DRIFT_ACTIONS)[number];

/** Of these, what Git holds is content that no draft has yet, and what was held before is content of a package. */
const ADOPTED: ReadonlySet<DriftKind> = new Set(['headDiffers', 'tagAdded', 'tagMoved']);
const RESTORED: ReadonlySet<DriftKind> = new Set([...ADOPTED, 'tagDeleted', 'branchPushed', 'branchDeleted']);

/** What can be done about it. Once a draft is at it, its publication resolves it, and so there is one at a time. */
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
  const isFree = draftId === null;
  const actions: [DriftAction, boolean][] = [
    ['adopt', isFree && ADOPTED.has(kind) && gitTree !== null && heldTree !== gitTree && !isOutdated(drift)],
    ['restore', isFree && RESTORED.has(kind) && heldTree !== null && heldTree !== gitTree && !isOutdated(drift)],
    ['acknowledge', state === 'open'],
  ];
  return actions.flatMap(([action, isPossible]) => (isPossible ? action : []));
}

/** A draft of it would be published as the newest version, over a higher one. */
function isOutdated(drift: { kind: DriftKind; heldRevision: string | null; latestRevision: string | null }): boolean {
  const { kind, heldRevision, latestRevision } = drift;
  const keyOf = (revision: string | null) => latestKey(revision ?? '') ?? '';
  return (kind === 'tagMoved' || kind === 'tagDeleted') && keyOf(latestRevision) > keyOf(heldRevision);
}
