import type { Operation } from '../../src/database/generated/client.js';
import { type Evidence, publishCommits, tagsByOthers } from './evidence.js';
import { trailer } from '../support/git-snapshot.js';

/** Invariants 3, 4 and 6: what was approved is what is published, under a number of its own, once. */
export function checkPublished(evidence: Evidence): string[] {
  const commits = publishCommits(evidence);
  const publications = [...evidence.operations.values()].filter(({ kind }) => kind === 'publish');
  return [
    ...publications.flatMap((operation) => checkPublication(evidence, operation, commits.get(operation.id) ?? [])),
    ...[...commits.keys()]
      .filter((id) => evidence.operations.get(id)?.kind !== 'publish')
      .map((id) => `6: there is a publish commit of the unknown operation ${id}`),
    ...checkNumbers(evidence),
    ...checkLedger(evidence),
  ];
}

function checkPublication(
  evidence: Evidence,
  operation: Operation,
  commits: { oid: string; directory: string; revision: string }[],
): string[] {
  const { git, ledger, revisions, updates } = evidence;
  const what = `publication ${operation.id} (${operation.state})`;
  const [commit] = commits;
  if (commits.length > 1) return [`6: ${what} has ${commits.length} commits on the ref`];
  if (operation.state !== 'succeeded') return commit ? [`6: ${what} has a commit on the ref, ${commit.oid}`] : [];
  if (!commit) return [`1: ${what} has no commit on the ref`];
  const { oid, directory, revision } = commit;
  const faults: string[] = [];

  const [before, draft] = git.commit(oid).parents;
  const base = draft === undefined ? null : trailer(git.commit(draft).message, 'Base');
  if (before !== undefined && base !== null) {
    const [there, known] = [git.treeAt(before, directory), git.treeAt(base, directory)];
    // What the last deletion took away undoes nothing; what the publication brings again neither.
    if (there !== null && there !== known && there !== git.treeAt(oid, directory)) {
      faults.push(`5: ${what} undid ${there} of ${directory}; its draft was begun on ${known}`);
    }
  }
  const { tree } = ledger.operations.get(operation.id) ?? (operation.payload as { tree: string });
  const published = git.treeAt(oid, directory);
  if (published !== tree) faults.push(`3: ${what} published ${published}; approved was ${tree}`);
  const made = (updates.get(`refs/tags/${directory}/${revision}`) ?? []).filter(
    ({ byPkgserver, next }) => byPkgserver && next !== null,
  );
  if (!made.some(({ next }) => next !== null && git.peel(next) === oid)) {
    faults.push(`3: ${what} made no tag ${directory}/${revision} at ${oid}`);
  }
  const now = revisions.get(operation.revisionId ?? '');
  // Whatever others do to its tag.
  if (now && !now.external && now.tree !== tree)
    faults.push(`3: ${what}: the index says ${now.tree}, approved was ${tree}`);
  if (tagsByOthers(evidence, directory).length > 0) return faults;

  const result = operation.result as { revision?: string; commit?: string; tag?: string };
  if (result.revision !== revision || result.commit !== oid) {
    faults.push(`3: ${what} answered ${result.revision} ${result.commit}; Git has ${revision} ${oid}`);
  }
  const row = now;
  if (!row) return faults;
  if (row.revision !== revision || row.commit !== oid || row.tree !== tree) {
    faults.push(`3: ${what}: the index says ${row.revision} ${row.commit} ${row.tree}; Git ${revision} ${oid} ${tree}`);
  }
  const tag = git.refs.get(`refs/tags/${directory}/${revision}`);
  if (tag === undefined || git.peel(tag) !== oid) faults.push(`3: the tag of ${what} is gone or moved: ${tag}`);
  return faults;
}

/** Over all tags that were ever set by pkgserver, whatever became of them. */
function checkNumbers({ git, updates }: Evidence): string[] {
  const faults: string[] = [];
  const byOperation = new Map<string, Set<string>>();
  for (const [ref, changes] of updates) {
    if (!ref.startsWith('refs/tags/')) continue;
    const made = new Set(changes.flatMap(({ byPkgserver, next }) => (byPkgserver && next !== null ? next : [])));
    const owners = [...made].map((oid) => trailer(git.tagMessage(oid), 'Operation') ?? 'nobody');
    if (made.size > 1) faults.push(`4: ${ref} was given out ${made.size} times, by ${owners.join(', ')}`);
    for (const owner of owners) byOperation.set(owner, (byOperation.get(owner) ?? new Set()).add(ref));
  }
  for (const [owner, refs] of byOperation) {
    if (refs.size > 1) faults.push(`6: operation ${owner} made ${refs.size} tags: ${[...refs].join(', ')}`);
  }
  return faults;
}

/** Every operation that was accepted is there, and none that nobody asked for. */
function checkLedger({ ledger, operations, repository }: Evidence): string[] {
  return [...ledger.operations.values()]
    .filter(({ revision, id }) => revision.repository === repository.name && !operations.has(id))
    .map(({ id, kind }) => `1: the accepted ${kind} operation ${id} is gone`);
}
