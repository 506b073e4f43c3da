import type { PackageRevision } from '../../src/database/generated/client.js';
import { directoryOf, draftRefs, type Evidence } from './evidence.js';

/** What is known of a revision that should not be as it is: its row, its operations, its branches and all they held. */
export function storyOf(evidence: Evidence, row: PackageRevision): string {
  const { git, ledger, operations, repository, updates } = evidence;
  const directory = directoryOf(repository, row.path);
  const { id, lifecycle, gitState, gitMessage, branch, tag, commit, tree, pushedTree, baseCommit, source } = row;
  const ours = [...operations.values()].filter(
    ({ revisionId, target }) => revisionId === id || (target as { name?: string } | null)?.name === row.name,
  );
  const refs = draftRefs(directory, row.workspace);
  return [
    JSON.stringify({ id, lifecycle, gitState, gitMessage, branch, tag, commit, tree, pushedTree, baseCommit, source }),
    `created ${row.createdAt.toISOString()} by ${row.createdBy}, updated ${row.updatedAt.toISOString()} by ${row.updatedBy}`,
    ledger.revisions.has(id) ? 'created by a client' : 'found in Git',
    `Git has the tree: ${git.has(tree)}, the commit: ${commit !== null && git.has(commit)}`,
    ...refs.map((ref) => `${ref} is at ${git.refs.get(ref)}`),
    ...refs
      .flatMap((ref) => updates.get(ref) ?? [])
      .map(({ ref, old, next, byPkgserver }) => {
        const held = next === null ? null : git.treeAt(next, directory);
        return `${ref} by ${byPkgserver ? 'pkgserver' : 'others'}: ${old} → ${next} (${held})`;
      }),
    ...ours.map(({ id: operation, revisionId, kind, state, attempts, payload, result, createdAt, finishedAt }) => {
      const end = finishedAt?.toISOString();
      const of = revisionId === id ? '' : ` of ${revisionId}`;
      const data = JSON.stringify({ payload, result });
      return `${kind} ${operation}${of}: ${state} after ${attempts}, ${createdAt.toISOString()} to ${end}: ${data}`;
    }),
  ].join('\n    ');
}

/** What is known of a branch that no draft of the index has: all that it held, the rows of its package, and the work on those. */
export function storyOfBranch(evidence: Evidence, ref: string): string {
  const { git, known, ledger, operations, repository, revisions, updates } = evidence;
  const isOfPackage = (directory: string) => ref.includes(`/${directory}/`);
  const rows = [...revisions.values()].filter(({ path }) => isOfPackage(directoryOf(repository, path)));
  const work = [...operations.values()].filter(
    ({ path }) => path !== null && isOfPackage(directoryOf(repository, path)),
  );
  const tip = git.refs.get(ref);
  return [
    `the index knows of it: ${JSON.stringify(known.get(ref))}; the evidence is of ${new Date().toISOString()}`,
    ...(tip === undefined ? [] : [git.commit(tip).message.replaceAll('\n', ' | ')]),
    ...(updates.get(ref) ?? []).map(
      ({ old, next, byPkgserver, at }) => `by ${byPkgserver ? 'pkgserver' : 'others'} at ${at}: ${old} → ${next}`,
    ),
    ...ledger
      .of(repository.name)
      .filter(({ directory }) => isOfPackage(directory))
      .map((record) => JSON.stringify(record)),
    ...rows.map((row) => JSON.stringify({ ...row, labels: undefined, annotations: undefined })),
    ...work.map((operation) => JSON.stringify(operation)),
  ].join('\n    ');
}
