import { isoTime } from '../../domain/iso-time.js';
import { yamlDiff, yamlText, isLonger } from '../../krm/diff/yaml-text.js';
import type { Held, ToldChange, ToldConflict } from '../../krm/merge/merge-package.js';
import type { PackageBlame } from '../package-blame/package-blame.service.js';
import { fieldsPart, isShort, LONGEST_VALUE, type NotedChange, shown } from '../package-diffs/markdown-fields.js';
import { code, fenced, MarkdownPage, nameOf, plain } from '../package-diffs/markdown-text.js';
import { warnings as lookAt } from '../package-diffs/package-diff.markdown.js';
import { type Setter, setterOf } from './conflict-setters.js';
import type { Preview } from './upgrade-preview.service.js';

/** A preview as one pastes it into a review: what to know, each conflict with who set ours, what is taken, and what is kept. */
export function toPreviewMarkdown({ row, merged, changes }: Preview, blame: PackageBlame | null): string {
  const { conflicts, taken, kept } = merged;
  const [open, resolved] = [false, true].map((isResolved) =>
    conflicts.filter(({ resolution }) => (resolution !== null) === isResolved),
  );
  const page = new MarkdownPage(
    `## ${code(row.subpackage ? `${row.path}/${row.subpackage}` : row.path)}: ${code(row.from.upstream.ref)} → ${code(row.to.upstream.ref)}\n`,
  );
  page.add(summary({ row, merged, changes }));
  const conflict = (each: ToldConflict): boolean => page.add(conflictPart(each, blame && setterOf(each, blame)));
  const isWhole =
    page.add(warningsPart([...row.warnings, ...merged.warnings])) &&
    page.add(lookAt(changes.objects)) &&
    (conflicts.length === 0 || page.add('### Conflicts\n')) &&
    [...(open ?? []), ...(resolved ?? [])].every(conflict) &&
    changesPart(page, '### Taken from the upstream\n', taken) &&
    changesPart(page, '### Kept\n', kept);
  return isWhole && !merged.truncated
    ? page.text
    : `${page.text}\nThere is more than this: read the preview as JSON.\n`;
}

function summary({ row, merged: { conflicts, taken, kept } }: Preview): string {
  const open = conflicts.filter(({ resolution }) => resolution === null).length;
  const counts = [
    `**Taken:** ${taken.length}`,
    `**Kept:** ${kept.length}`,
    `**Conflicts:** ${conflicts.length}${conflicts.length === 0 ? '' : `, ${open} open`}`,
    `**Strategy:** ${row.options.strategy}`,
  ];
  const made = `Made by ${code(row.createdBy)}, ${isoTime(row.createdAt)}.`;
  return `${counts.join(' · ')}\n\n${made}${row.appliedTo === null ? '' : ` Applied: its draft is ${code(row.appliedTo)}.`}\n`;
}

const warningsPart = (sentences: readonly string[]): string =>
  sentences.length === 0 ? '' : `${sentences.map((sentence) => `> - ${plain(sentence)}`).join('\n')}\n`;

function conflictPart(conflict: ToldConflict, setter: Setter | null): string {
  const { id, object, file, path, of, nth, class: name, base, ours, theirs, resolution } = conflict;
  const where = path === '' ? '' : ` ${code(path)}`;
  const what =
    object === null ? `${of === 'lines' ? `Place ${nth + 1} in` : `The ${of}`} ${code(file)}` : nameOf(object);
  const state = resolution === null ? 'open' : 'resolved';
  return [
    `#### ${what}${where} (${name}, ${state})\n\n${object === null ? '' : `${code(file)} · `}${code(id)}\n\n`,
    valuePart('base', base, base),
    valuePart(`ours${setter === null ? '' : `, ${setText(setter)}`}`, ours, base),
    valuePart('theirs', theirs, base),
    `\n${resolutionText(resolution)}\n`,
  ].join('');
}

/** A value in a line, or as lines that differ from what it was made from. */
function valuePart(what: string, held: Held, base: Held): string {
  if (held === null) return `- ${what}: nothing\n`;
  if (isShort(held.value)) return `- ${what}: ${shown(held.value)}\n`;
  if (isLonger([held.value, base?.value], LONGEST_VALUE)) return `- ${what}: too long to be shown here\n`;
  const text = typeof held.value === 'string' ? held.value : yamlText(held.value);
  const block =
    held === base || base === null ? fenced('yaml', text) : fenced('diff', yamlDiff(base.value, held.value));
  // In the list item: a fence that is not indented would end the list.
  return `- ${what}:\n\n${block.replaceAll(/^(?=.)/gm, '  ')}\n`;
}

/** Who set it and when, with the upstream that it came from at last. */
function setText({ author, revision, time, upstream }: Setter): string {
  const by = author === null ? '' : ` by ${code(author)}`;
  const [first] = upstream.slice(-1);
  const from = first && ` from ${code(`${first.repository}/${first.path}`)} ${code(first.revision ?? '')}`;
  const source = first?.author == null ? '' : ` by ${code(first.author)}`;
  return `set${by} in ${revision === null ? 'a draft' : code(revision)} at ${time}${from ? `,${from}${source}` : ''}`;
}

function resolutionText(resolution: ToldConflict['resolution']): string {
  if (resolution === null) return '**Open:** stays as it is here until somebody resolves it.';
  if (resolution.take === 'absent') return '**Resolved:** it is not to be there.';
  if (resolution.take !== 'value') return `**Resolved:** takes ${code(resolution.take)}.`;
  if (!isShort(resolution.value)) return '**Resolved:** takes another value.';
  return `**Resolved:** takes ${shown(resolution.value)}.`;
}

/** Object by object; false: there was no room for all. */
function changesPart(page: MarkdownPage, title: string, changes: readonly ToldChange[]): boolean {
  if (changes.length === 0) return true;
  const groups = new Map<string, ToldChange[]>();
  for (const change of changes) {
    const key = JSON.stringify([change.file, change.object]);
    const group = groups.get(key);
    if (group) group.push(change);
    else groups.set(key, [change]);
  }
  return page.add(title) && [...groups.values()].every((group) => page.add(groupPart(group)));
}

function groupPart(changes: readonly ToldChange[]): string {
  const [first] = changes;
  if (!first) return '';
  const head = first.object === null ? code(first.file) : `${nameOf(first.object)} in ${code(first.file)}`;
  return `${head}\n${fieldsPart(changes.map(noted))}`;
}

const noted = ({ path, from, to }: ToldChange): NotedChange => ({
  path,
  change: from === null ? 'added' : to === null ? 'removed' : 'changed',
  from: from?.value ?? null,
  to: to?.value ?? null,
  note: '',
});
