import type { Operation, PackageRevision } from '../../../src/database/generated/client.js';
import { packageDirectory } from '../../../src/domain/identity.js';
import { bytes, type GitSnapshot, trailer } from '../../support/git-snapshot.js';

/** What is known of the repository besides Git when a visit has ended. */
export interface Knowledge {
  /** Of the registration. */
  directory: string;
  mainRef: string;
  operations: ReadonlyMap<string, Operation>;
  revisions: ReadonlyMap<string, PackageRevision>;
  /** What those who work on a draft here were told that the ref holds. */
  known: ReadonlyMap<string, readonly (string | null)[]>;
  /** The drafts that were made here; others know of the ref by what is below their branch as well. */
  own: ReadonlySet<string>;
  /** Packages that the ref held before, and that it holds now, as the index says. */
  paths: { before: readonly string[]; now: readonly string[] };
}

interface Branch {
  ref: string;
  commit: string;
}

/** What a visit of ours has done to the remote: only what was asked for, and nothing that undoes the work of others. */
export function checkVisit(before: GitSnapshot, after: GitSnapshot, knowledge: Knowledge): string[] {
  const names = new Set([...before.refs.keys(), ...after.refs.keys()]);
  return [...names].flatMap((name) => {
    const [old, next] = [before.refs.get(name) ?? null, after.refs.get(name) ?? null];
    if (old === next) return [];
    const fault =
      name === knowledge.mainRef ? checkMain(old, next, after, knowledge) : checkRef(name, old, next, after, knowledge);
    return fault.map((text) => `${text} (${name} ${old} → ${next})`);
  });
}

function checkRef(
  name: string,
  old: string | null,
  next: string | null,
  git: GitSnapshot,
  { operations, directory }: Knowledge,
): string[] {
  if (name.startsWith('refs/tags/')) {
    if (old !== null && next !== null) return ['a tag was moved'];
    const asked = [...operations.values()].some(({ kind, payload }) => {
      const { path, revision } = payload as { path?: string; revision?: string };
      return kind === 'delete' && name === `refs/tags/${packageDirectory(directory, path ?? '')}/${revision}`;
    });
    return next === null && !asked ? ['a tag was deleted that nobody wanted deleted'] : [];
  }
  if (name.startsWith('refs/heads/deletionProposed/'))
    return old !== null && next !== null ? ['a proposal was moved'] : [];
  if (!/^refs\/heads\/(drafts|proposed)\//.test(name) && !(next === null && operations.size > 0))
    return ['a ref of others was changed'];
  if (old === null) return [];
  // With its branch goes the other half of a rename.
  const leaf = (ref: string) => ref.replace(/^refs\/heads\/(drafts|proposed)\//, '');
  const discarded = [...operations.values()]
    .flatMap(({ kind, payload }) => (kind === 'discard' ? (payload as unknown as { branches: Branch[] }).branches : []))
    .some(({ ref, commit }) => leaf(ref) === leaf(name) && git.history(commit).has(old));
  // A draft that was deleted may be followed by another one of its name: one push deletes its branch, the next makes it anew.
  if (next !== null) return discarded || git.history(next).has(git.peel(old) ?? '') ? [] : ['a branch was forced'];
  return discarded || git.reachable().has(git.peel(old) ?? '')
    ? []
    : ['a branch was removed whose commits are nowhere else'];
}

function checkMain(old: string | null, next: string | null, git: GitSnapshot, knowledge: Knowledge): string[] {
  if (next === null) return ['the ref is gone'];
  const faults: string[] = [];
  // From the newest down: what was published after a deletion was no package yet when that was made.
  const publishedLater = new Set<string>();
  for (let at: string | null = next; at !== null && at !== old;) {
    const { message, parents } = git.commit(at);
    const operation = knowledge.operations.get(trailer(message, 'Operation') ?? '');
    const isOurs = operation?.kind === 'publish' || operation?.kind === 'delete';
    if (!isOurs)
      return old === null ? faults : [...faults, `the ref lost the work of others, ${old} is not below ${at}`];
    const first: string | null = operation.kind === 'publish' && parents.length < 2 ? null : (parents[0] ?? null);
    const there = [...knowledge.paths.before, ...knowledge.paths.now.filter((path) => !publishedLater.has(path))];
    faults.push(...checkCommit(at, first, operation, git, { ...knowledge, there: [...new Set(there)] }));
    if (operation.kind === 'publish')
      publishedLater.add(knowledge.revisions.get(operation.revisionId ?? '')?.path ?? '');
    at = first;
  }
  return faults;
}

function checkCommit(
  oid: string,
  first: string | null,
  operation: Operation,
  git: GitSnapshot,
  knowledge: Knowledge & { there: readonly string[] },
): string[] {
  const { message, parents, tree } = git.commit(oid);
  const directory = trailer(message, 'Package') ?? '';
  const what = `${operation.kind} of ${directory}`;
  const changed = git.changes(first === null ? null : git.commit(first).tree, tree);
  const outside = changed.filter((path) => !path.startsWith(`${bytes(directory)}/`));
  const faults = outside.map((path) => `${what} changed ${JSON.stringify(path)}, outside`);
  const [before, now] = [first === null ? null : git.treeAt(first, directory), git.treeAt(oid, directory)];
  const { tree: approved, force } = operation.payload as { tree: string; force?: boolean };
  if (operation.kind === 'publish') {
    if (now !== approved) faults.push(`${what} published ${now}, approved was ${approved}`);
    const known = [now, ...(knowledge.known.get(operation.revisionId ?? '') ?? [])];
    const draft = parents.at(-1) ?? '';
    const knows = () => [...git.history(draft)].some((commit) => git.treeAt(commit, directory) === before);
    if (before !== null && !known.includes(before) && !(!knowledge.own.has(operation.revisionId ?? '') && knows()))
      faults.push(`${what} undid ${before}, which its author had not seen; seen were ${known.join(', ')}`);
    return faults;
  }
  const inside = knowledge.there
    .map((path) => packageDirectory(knowledge.directory, path))
    .filter((path) => path.startsWith(`${directory}/`));
  for (const path of inside)
    if (first !== null && git.treeAt(first, path) !== git.treeAt(oid, path))
      faults.push(`${what} changed the package ${path} inside`);
  if (
    before !== approved &&
    force !== true &&
    !git
      .changes(approved, before)
      .every((path) => inside.some((one) => `${bytes(directory)}/${path}`.startsWith(`${bytes(one)}/`)))
  )
    faults.push(`${what} undid ${before}, which is not what was to be deleted, ${approved}`);
  return faults;
}
