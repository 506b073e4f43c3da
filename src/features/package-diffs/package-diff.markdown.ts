import type { ChangeClass } from '../../krm/diff/classes/change-class.js';
import type { FileChange } from '../../krm/diff/file-changes.js';
import type { FieldChange, ObjectChange } from '../../krm/diff/tree-diff.js';
import { isLonger, yamlText } from '../../krm/diff/yaml-text.js';
import { type DiffFilter, isEqual, narrowed, summaryOf } from './diff-filter.js';
import type { PackageDiff } from './package-diff.service.js';
import type { Side } from './diff-sides.js';
import { fieldsPart, LONGEST_VALUE } from './markdown-fields.js';
import { code, fenced, MarkdownPage, nameOf, plain } from './markdown-text.js';

/** A new object of so many lines is folded. */
const FOLDED_FROM = 16;

/** What a reviewer has to know of the classes that break or open something. */
const WARNINGS: Partial<Record<ChangeClass, string>> = {
  immutableField: 'Will fail on apply',
  crdNarrowing: 'What was valid may be refused',
  rbacWidening: 'Somebody may do more',
  securityWidening: 'Pods may do more on their node',
  exposure: 'What can be reached changes',
  removal: 'Something is gone',
};

/** A comparison as one pastes it into a review: first what to look at, then object by object, then the other files. */
export function toMarkdown({ from, to, diff }: PackageDiff, filter: DiffFilter): string {
  const told = narrowed(diff, filter);
  const page = new MarkdownPage(title(from, to));
  const isSame = from.tree === to.tree || isEqual(diff, filter.exact === true);
  page.add(isSame ? 'Nothing differs but how it is written.\n' : sentence(summaryOf(told)));
  const isWhole =
    page.add(warnings(told.objects)) &&
    told.objects.every((object) => page.add(objectPart(object))) &&
    page.add(filesPart(told.files));
  return isWhole && !diff.truncated ? page.text : `${page.text}\nThere is more than this.\n`;
}

function title(from: Side, to: Side): string {
  const place = ({ repository, path }: Side) => code(path === '' ? repository : `${repository}/${path}`);
  if (from.packageId === to.packageId) return `## ${place(to)}: ${code(from.label)} → ${code(to.label)}\n`;
  return `## ${place(from)} ${code(from.label)} → ${place(to)} ${code(to.label)}\n`;
}

function sentence({ objects, files, classes }: ReturnType<typeof summaryOf>): string {
  const listed = (counts: Record<string, number>) =>
    Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `${count} ${what}`)
      .join(', ');
  const parts = [
    ['Objects', listed(objects)],
    ['Files', listed(files)],
    ['Fields', listed(classes)],
  ];
  return `${parts
    .filter(([, list]) => list !== '')
    .map(([what, list]) => `**${what}:** ${list}`)
    .join(' · ')}\n`;
}

/** What a reviewer looks at first; '' where there is nothing of that. */
export function warnings(objects: readonly ObjectChange[]): string {
  const lines = Object.entries(WARNINGS).flatMap(([name, meaning]) => {
    const places = objects.flatMap((object) =>
      object.fields
        .filter((field) => field.class === name)
        .map(({ path }) => `${nameOf(object)}${path === '' ? '' : ` ${code(path)}`}`),
    );
    if (places.length === 0) return [];
    const shown = places.slice(0, 5).join(', ') + (places.length > 5 ? ` and ${places.length - 5} more` : '');
    return [`> - **${meaning}** (${name}): ${shown}`];
  });
  return lines.length === 0 ? '' : `> **Look at**\n>\n${lines.join('\n')}\n`;
}

function objectPart(object: ObjectChange): string {
  const { change, path, fromPath, fields } = object;
  const where = fromPath === null ? code(path) : `${code(fromPath)} → ${code(path)}`;
  const head = `### ${change === 'changed' ? '' : `${change[0]?.toUpperCase()}${change.slice(1)}: `}${nameOf(object)}\n\n${where}\n`;
  const [whole] = fields;
  if (whole?.path === '') return `${head}\n${wholeObject(whole)}`;
  return head + fieldsPart(fields.map((field) => ({ ...field, note: field.equivalent ? 'equivalent' : field.class })));
}

function wholeObject({ change, from, to }: FieldChange): string {
  const value = change === 'removed' ? from : to;
  if (isLonger(value, LONGEST_VALUE)) return 'Too long to be shown here.\n';
  const text = yamlText(value);
  const block = fenced('yaml', text);
  const lines = text.split('\n').length - 1;
  return lines < FOLDED_FROM && change !== 'removed'
    ? block
    : `<details><summary>${lines} lines</summary>\n\n${block}\n</details>\n`;
}

function filesPart(files: readonly FileChange[]): string {
  const others = files.filter(
    ({ krm, fromMode, toMode, fromPath }) =>
      !krm || (fromMode !== toMode && fromMode !== null && toMode !== null) || fromPath !== null,
  );
  if (others.length === 0) return '';
  return `### Files\n${others.map(filePart).join('')}`;
}

function filePart({ change, path, fromPath, binary, parseError, patch, fromMode, toMode }: FileChange): string {
  const notes = [
    binary ? 'binary' : '',
    fromMode !== null && toMode !== null && fromMode !== toMode ? `mode ${fromMode} → ${toMode}` : '',
    parseError === null ? '' : plain(parseError),
  ].filter((note) => note !== '');
  const line = `\n${code(fromPath === null ? path : `${fromPath} → ${path}`)} ${change}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}\n`;
  return patch === null ? line : `${line}\n${fenced('diff', patch)}`;
}
