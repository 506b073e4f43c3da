import { byOthers, draftRefs, type Evidence, tagsByOthers } from './evidence.js';
import { possible, type RevisionRecord, type State, successor, type Write } from './ledger.js';

/** Invariant 1: nothing accepted is lost. What others did to a draft's branch or tag may have superseded it. */
export function checkAccepted(evidence: Evidence): string[] {
  return evidence.records.flatMap((record) => checkRecord(evidence, record));
}

function checkRecord(evidence: Evidence, record: RevisionRecord): string[] {
  const { git, revisions } = evidence;
  const name = `${record.repository} ${record.directory}/${record.workspace} (${record.id})`;
  const row = revisions.get(record.id);
  const foreign = byOthers(evidence, draftRefs(record.directory, record.workspace));
  const foreignTags = tagsByOthers(evidence, record.directory);
  const touched = foreign.length + foreignTags.length > 0;
  const faults: string[] = [];

  const state: State = row?.lifecycle ?? 'gone';
  const states = possible([...record.states, ...outcomes(evidence, record)]);
  const removed = [...foreign, ...foreignTags].some(({ next }) => next === null);
  if (!states.includes(state) && !(touched && (state !== 'gone' || removed))) {
    faults.push(`1: ${name} is ${state}; what was accepted leaves ${states.join(' or ')}`);
  }
  if (!row) return faults;

  const theirs = foreign.flatMap(({ next }) => {
    const commit = next === null ? null : git.peel(next);
    return commit === null ? [] : (git.treeAt(commit, record.directory) ?? []);
  });
  const trees = [...possible(record.trees), ...theirs];
  if (!trees.includes(row.tree) && foreignTags.length === 0) {
    faults.push(`1: ${name} holds the tree ${row.tree}; what was accepted leaves ${trees.join(' or ')}`);
  }
  const { chaos } = row.labels as { chaos?: string };
  const labels = possible(record.labels);
  if (!labels.includes(chaos)) faults.push(`1: ${name} has the label ${chaos}, not ${labels.join(' or ')}`);

  for (const read of touched ? [] : record.reads) {
    const newer = successor(record.trees, read.tree, read.start);
    if (newer !== undefined) faults.push(`1: ${name} was read as ${read.tree} after ${newer} had been accepted`);
  }
  const twice = record.editedFrom.filter((tree, index) => record.editedFrom.indexOf(tree) !== index);
  if (twice.length > 0 && foreign.length === 0) {
    faults.push(`1: ${name}: two edits were accepted on top of the same content ${twice.join(', ')}`);
  }
  if ((row.lifecycle === 'draft' || row.lifecycle === 'proposed') && row.gitState === 'synced') {
    const tip = row.branch === null ? undefined : git.refs.get(row.branch);
    const pushed = tip === undefined ? null : git.treeAt(tip, record.directory);
    if (pushed !== row.tree) faults.push(`1: ${name} is synced, but its branch holds ${pushed} and not ${row.tree}`);
  }
  return faults;
}

/** What publications and deletions that succeeded made of the revision. */
function outcomes({ operations }: Evidence, { id }: RevisionRecord): Write<State>[] {
  return [...operations.values()].flatMap((operation) => {
    const { revisionId, state, kind, createdAt, finishedAt } = operation;
    if (revisionId !== id || state !== 'succeeded' || (kind !== 'publish' && kind !== 'delete')) return [];
    const value: State = kind === 'publish' ? 'published' : 'gone';
    return [{ value, start: createdAt.getTime(), end: (finishedAt ?? createdAt).getTime(), sure: true }];
  });
}
