import { stated } from './condition.js';
import { DomainError } from './errors.js';
import { isoTime } from './iso-time.js';
import type { Condition } from './revision.js';
import { storableText } from './storable-text.js';
import { latestKey } from './version.js';

/** How many paths a refusal lists; the rest is counted. */
const LISTED = 100;

/**
 * What a draft stands on: what the ref held of its package when it was begun or last rebased, and the latest publication
 * of then. Trees are the package's; null: there was none.
 */
export interface DraftBase {
  baseTree: string | null;
  baseRevision: string | null;
}

/** A publication as those see it whose draft is behind it. */
export interface SeenPublication {
  revisionId: string;
  revision: string;
  /** RFC 3339. */
  publishedAt: string | null;
  publishedBy: string | null;
}

/** What is there of a package now. Times are as JSON has them. */
export interface PackageNow {
  headTree: string | null;
  headChangedAt: string | null;
  /** The commit of the ref that the head was read from. */
  commit: string | null;
  latest: (SeenPublication & { tree: string }) | null;
}

/**
 * Of a published revision's package: the tree that the ref holds (`headTree`), those of its other publications (`stays`), and
 * that of the highest version among them.
 */
export interface Beside {
  headTree: string | null;
  stays: string[];
  latestTree: string | null;
}

/**
 * Whether a deletion cannot be carried out yet: the ref holds the revision, other publications stay, and whoever proposed the
 * deletion has not said what the ref is to hold afterwards. Nothing has to be said where it holds what is right anyway.
 */
export const isUndecided = (
  { tree, deletionHead }: { tree: string; deletionHead: string | null },
  { headTree, ...beside }: Beside,
): boolean =>
  headTree === tree && beside.stays.length > 0 && deletionHead === null && !isRightWithout(headTree, beside);

/**
 * Whether the ref is right as it is once the revision is deleted whose content it holds: it is the latest version's, too. That
 * it is an older one's does not do: what is latest then is not delivered.
 */
export const isRightWithout = (headTree: string, { stays, latestTree }: Omit<Beside, 'headTree'>): boolean =>
  latestTree === null ? stays.includes(headTree) : latestTree === headTree;

/** Where a draft and its package stand to each other. */
export interface Standing extends DraftBase {
  tree: string;
  /** Null for what is published: it stands on nothing. */
  packageNow: PackageNow | null;
}

/** Whether `revision`, the latest now, is a later version than `base`. True where one of them is no version: it may be. */
function isLater(revision: string, base: string | null): boolean {
  const [key, before] = [latestKey(revision), base === null ? null : latestKey(base)];
  return key === null || before === null || key > before;
}

/**
 * Another revision was published since, so that this one would undo it; or the one that it stands on was deleted, and the
 * ref set back to another. One with the content that the draft stands on undoes nothing.
 */
export function isOutdated(
  { baseRevision, baseTree }: DraftBase,
  { latest, headTree }: { latest: { revision: string; tree: string } | null; headTree: string | null },
): boolean {
  if (latest === null || latest.revision === baseRevision || latest.tree === baseTree) return false;
  return isLater(latest.revision, baseRevision) || headTree === latest.tree;
}

/**
 * Somebody has changed the package on the ref since, by no publication. That its revisions were all deleted here, and
 * the directory with them, is no such change.
 */
export function hasDrifted({ packageNow: now, ...draft }: Standing): boolean {
  if (now === null || now.headTree === draft.baseTree || now.headTree === draft.tree) return false;
  if (now.headTree === null && now.latest === null && draft.baseRevision !== null) return false;
  return !(isOutdated(draft, now) && now.headTree === now.latest?.tree);
}

/** What follows from that, as conditions that nobody has to write down. */
export function standingConditions(draft: Standing): Condition[] {
  const { packageNow: now, baseRevision } = draft;
  const conditions: Condition[] = [];
  if (now?.latest && isOutdated(draft, now)) {
    const { revision, publishedAt, publishedBy } = now.latest;
    const isNewer = isLater(revision, baseRevision);
    conditions.push({
      ...stated(
        'BaseOutdated',
        'PublishedSince',
        (isNewer
          ? `${revision} was published${publishedBy === null ? '' : ` by ${publishedBy}`} since this draft was begun` +
            `${baseRevision === null ? '' : ` on ${baseRevision}`}.`
          : `${baseRevision}, on which this draft was begun, was deleted, and the ref holds ${revision} again.`) +
          ' Rebase it, or set overwriteHead.',
      ),
      lastTransitionTime: timeOf(isNewer ? publishedAt : now.headChangedAt),
    });
  }
  if (now !== null && hasDrifted(draft)) {
    conditions.push({
      ...stated(
        'HeadDiffers',
        'ChangedOnRef',
        'The package was changed directly on the ref since this draft was begun. Rebase it, or set overwriteHead.',
      ),
      lastTransitionTime: timeOf(now.headChangedAt),
    });
  }
  return conditions;
}

/** The refusal of a publication that would undo these, the newest first. */
export const baseOutdated = (
  name: string,
  { baseRevision }: DraftBase,
  publishedSince: readonly SeenPublication[],
): DomainError =>
  new DomainError(
    'baseOutdated',
    `"${name}" was begun ${baseRevision === null ? 'before anything was published' : `on ${baseRevision}`}, and ` +
      `${publishedSince[0]?.revision ?? 'another revision'} is the latest now: publishing would undo what came since. Rebase ` +
      'the draft (after its proposal is withdrawn or rejected), or set `overwriteHead` to undo it on purpose.',
    { publishedSince: publishedSince.map(({ revision }) => revision) },
  );

/** The refusal of a publication that would undo direct changes of the package on the ref. */
export const drift = (directory: string, files: readonly string[]): DomainError =>
  new DomainError(
    'drift',
    `"${directory}" was changed directly on the ref since this draft was begun (${files.length} files). ` +
      'Nothing was published. Rebase the draft (after its proposal is withdrawn or rejected), or set `overwriteHead` to undo it on purpose.',
    { files: listed(files) },
  );

/** The refusal of a publication that would remove what lies in its directory of the ref, and is part of no known package. */
export const noPackage = (directory: string, files: readonly string[]): DomainError =>
  new DomainError(
    'drift',
    `The ref holds ${files.length} files in "${directory}", which is no package yet, that the draft does not have as they are. Nothing was ` +
      'published. Put them into the draft (after its proposal is withdrawn or rejected), or set `overwriteHead` to remove them on purpose.',
    { files: listed(files) },
  );

/** The refusal of what would undo commits that somebody made on the ref; `waysOn` says what to do instead. */
export const headDiffers = (directory: string, files: readonly string[], waysOn: string): DomainError =>
  new DomainError(
    'headDiffers',
    `The ref holds something else of "${directory}" than what was published (${files.length} files). ${waysOn}`,
    { files: listed(files) },
  );

/** The refusal to delete the last revision of a package that somebody has changed on the ref. */
export const lastDiffers = (directory: string, files: readonly string[]): DomainError =>
  headDiffers(
    directory,
    files,
    'With its last revision all of that would go. Repeat with `?force=true` where it shall, or publish it first.',
  );

/** The refusal to delete what the ref holds without a word on what it is to hold then. */
export const undecided = ({ name, lifecycle }: { name: string; lifecycle: string }): DomainError =>
  new DomainError(
    'stateConflict',
    `The ref holds the content of "${name}", and its deletion does not say what it is to hold then. Reject the deletion, ` +
      'and propose it again with `head`.',
    { lifecycle },
  );

export const rebaseConflict = (name: string, files: readonly string[]): DomainError =>
  new DomainError(
    'rebaseConflict',
    `"${name}" and the ref have changed the same ${files.length} files since it was begun; nothing was changed now. Give them ` +
      "the ref's content in the draft and rebase, or set `overwriteHead` to keep the draft's.",
    { files: listed(files) },
  );

/** That somebody wants a draft published over what was there, whoever made it. */
export function overwriting(actor: string, what: string): Condition {
  return {
    ...stated('OverwritesHead', 'AskedFor', `${actor} asked to publish it over ${what}.`),
    lastTransitionTime: new Date().toISOString(),
  };
}

/** Names in Git can be bytes that are no text. */
const listed = (files: readonly string[]): string[] => files.slice(0, LISTED).map(storableText);

const timeOf = (text: string | null): string => isoTime(new Date(text ?? 0));
