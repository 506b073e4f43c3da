import { directoryOf, type Evidence, MAIN, publishCommits } from './evidence.js';
import { trailer } from '../support/git-snapshot.js';
import type { Update } from './update-log.js';

/** Invariant 5: commits of others are never overwritten, and nothing is forced or removed that nobody asked for. */
export function checkOthers(evidence: Evidence): string[] {
  const faults: string[] = [];
  const { git, updates } = evidence;
  for (const changes of updates.values()) {
    for (const update of changes) {
      const fault = update.byPkgserver ? ofPkgserver(evidence, update) : null;
      if (fault !== null) faults.push(`5: ${fault}: ${update.ref} ${update.old} → ${update.next}`);
    }
  }
  const head = git.refs.get(MAIN);
  const history = head === undefined ? new Set<string>() : git.history(head);
  for (const { next, byPkgserver } of updates.get(MAIN) ?? []) {
    if (next === null || !history.has(next)) {
      faults.push(`5: the ref lost ${next}, pushed by ${byPkgserver ? 'pkgserver' : 'others'}`);
    }
  }
  return [...faults, ...checkDrift(evidence)];
}

/** What others put into a package's directory on the ref is replaced only by a draft that was begun after it. */
function checkDrift(evidence: Evidence): string[] {
  const { git } = evidence;
  const published = [...publishCommits(evidence).values()].flat();
  return published.flatMap(({ oid, directory }) => {
    const [head, draft] = git.commit(oid).parents;
    if (head === undefined || draft === undefined) return [];
    const before = git.treeAt(head, directory);
    const base = trailer(git.commit(draft).message, 'Base');
    const known = [
      base === null ? null : git.treeAt(base, directory),
      git.treeAt(oid, directory),
      ...published.filter((other) => other.directory === directory).map((other) => git.treeAt(other.oid, directory)),
      ...taggedTrees(evidence, directory),
    ];
    if (before === null || known.includes(before)) return [];
    return [`5: the publication ${oid} of ${directory} replaced ${before}, which others had put there`];
  });
}

function taggedTrees({ git, updates }: Evidence, directory: string): (string | null)[] {
  return [...updates]
    .filter(([ref]) => ref.replace(/\/[^/]+$/, '') === `refs/tags/${directory}`)
    .flatMap(([, changes]) => changes.flatMap(({ next }) => (next === null ? [] : (git.peel(next) ?? []))))
    .map((commit) => git.treeAt(commit, directory));
}

function ofPkgserver(evidence: Evidence, update: Update): string | null {
  const { git } = evidence;
  const { ref, old, next } = update;
  const kind = /^refs\/(?:heads\/(main$|drafts\/|proposed\/|deletionProposed\/)|tags\/)/.exec(ref);
  if (!kind) return 'pkgserver changed a ref that is not its own';
  if (next !== null && old !== null) {
    if (ref.startsWith('refs/tags/')) return 'pkgserver moved a tag';
    return git.history(next).has(old) ? null : 'pkgserver forced a branch';
  }
  if (next !== null) return null;
  if (old === null || ref === MAIN) return 'pkgserver removed the ref';
  if (ref.startsWith('refs/tags/')) return wasDeletionAsked(evidence, ref) ? null : 'pkgserver removed a tag';
  if (wasDiscardAsked(evidence, ref, old) || isElsewhere(evidence, ref, old)) return null;
  return 'pkgserver removed a branch whose commit is nowhere else';
}

function wasDeletionAsked({ operations, repository }: Evidence, ref: string): boolean {
  return [...operations.values()].some(({ kind, payload }) => {
    const { path = '', revision = '' } = payload as { path?: string; revision?: string };
    return kind === 'delete' && ref === `refs/tags/${directoryOf(repository, path)}/${revision}`;
  });
}

function wasDiscardAsked({ operations }: Evidence, ref: string, commit: string): boolean {
  return [...operations.values()].some(({ kind, payload }) => {
    const { branches = [] } = payload as { branches?: { ref: string; commit: string }[] };
    return kind === 'discard' && branches.some((branch) => branch.ref === ref && branch.commit === commit);
  });
}

/** A renamed branch, or a published one: another ref was made to hold the commit. */
function isElsewhere({ git, updates }: Evidence, ref: string, commit: string): boolean {
  for (const [other, changes] of updates) {
    if (other === ref) continue;
    for (const { next } of changes) {
      const tip = next === null ? null : git.peel(next);
      if (tip !== null && git.history(tip).has(commit)) return true;
    }
  }
  return false;
}
