import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { DomainError } from '../../../domain/errors.js';
import type { Upstream } from '../../../domain/revision.js';
import { urlKeyOf } from '../../../domain/upstream-pin.js';
import { isPreRelease, versionKey } from '../../../domain/version.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { type PinnedRevision, type ReadRevisions, UpstreamService } from '../authoring/upstream.service.js';
import type { UpgradeChoice, UpgradeSubject } from './upgrade-plan.js';

/** Finds what a package is brought to. What the caller may not see is not there. */
@Injectable()
export class UpgradeTargets {
  constructor(
    private readonly revisions: PackageRevisionStore,
    private readonly upstreams: UpstreamService,
  ) {}

  /** Where `read` is given, the new revision is taken from it and not locked; else it is locked, and stays published until the transaction ends. */
  async find(
    subject: UpgradeSubject,
    { upstream, allowOtherPackage }: Pick<UpgradeChoice, 'upstream' | 'allowOtherPackage'>,
    pointer: string,
    caller: Caller,
    read?: ReadRevisions,
  ): Promise<{ to: PinnedRevision; warnings: string[] }> {
    const { name, upstream: from, madeFrom } = subject;
    // Of one that was read in Git nobody is told that it is here, not by what is refused either.
    const isHidden = from.fromGit === true && madeFrom !== null && !caller.allows('packages.read', madeFrom);
    const current = isHidden ? null : madeFrom;
    const id = upstream === 'newest' ? await this.newest(name, current, caller) : upstream.revisionId;
    const place = upstream === 'newest' ? pointer : `${pointer}/revisionId`;
    const to = read
      ? await this.upstreams.shownRevision(id, place, caller, read)
      : await this.upstreams.pinnedRevision(id, place, caller);
    const isSame = isSamePackage(to, from, current);
    const warnings = isSame ? [] : [this.otherPackage(subject, to, allowOtherPackage)];
    if (isSame && to.upstream.commit === from.commit) {
      throw new DomainError('upToDate', `"${name}" was made from ${from.ref} already: there is nothing to upgrade.`);
    }
    if (isSame && urlKeyOf(to.upstream.url) !== urlKeyOf(from.url)) warnings.push(elsewhere(from, to));
    const [before, after] = [current?.revision ?? null, to.row.revision];
    if (after !== null && isSame) warnings.push(...remarks(before, after));
    return { to, warnings };
  }

  private async newest(name: string, current: RevisionRow | null, caller: Caller): Promise<string> {
    const { latest } =
      current && caller.allows('packages.read', current)
        ? await this.revisions.packageNow(current.packageId)
        : { latest: null };
    if (latest) return latest.revisionId;
    throw new DomainError(
      'baseGone',
      `The package that "${name}" was made from is not here any more, so nobody knows what is the newest. Name a revision by its id.`,
    );
  }

  private otherPackage(
    { name, upstream: from }: UpgradeSubject,
    { upstream }: PinnedRevision,
    isAllowed: boolean,
  ): string {
    const what = `"${name}" was made from "${from.directory}" of ${from.url}, and this is "${upstream.directory}" of ${upstream.url}`;
    if (isAllowed) return `${what}.`;
    throw new DomainError('otherPackage', `${what}. Set \`allowOtherPackage\` if that is meant.`);
  }
}

/** The same package, also where its repository was registered at another URL meanwhile, or what it was made from is known by a mirror. */
function isSamePackage({ row, upstream }: PinnedRevision, from: Upstream, current: RevisionRow | null): boolean {
  const isSameDirectory = upstream.directory === from.directory;
  if (isSameDirectory && urlKeyOf(upstream.url) === urlKeyOf(from.url)) return true;
  if (current !== null) return current.packageId === row.packageId;
  return isSameDirectory && upstream.ref === from.ref;
}

/** The same commit may be in several repositories: mirrors, forks, and one that has moved. */
const elsewhere = ({ url }: Upstream, { upstream }: PinnedRevision): string =>
  `What it was made from is known here by another repository: the new revision is of ${upstream.url}, and not of ${url}, and becomes its upstream.`;

function remarks(before: string | null, after: string): string[] {
  const [old, fresh] = [before, after].map((revision) => (revision === null ? null : versionKey(revision)));
  const found: string[] = [];
  if (old != null && fresh != null && fresh < old) found.push(`${after} is older than ${before}: this is a downgrade.`);
  if (isPreRelease(after) && !(before !== null && isPreRelease(before))) found.push(`${after} is a pre-release.`);
  return found;
}
