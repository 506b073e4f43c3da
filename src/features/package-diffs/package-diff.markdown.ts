import type { ChangeClass } from '../../krm/diff/classes/change-class.js';
import type { FileChange } from '../../krm/diff/file-changes.js';
import type { FieldChange, ObjectChange } from '../../krm/diff/tree-diff.js';
import { isLonger, yamlDiff, yamlText } from '../../krm/diff/yaml-text.js';
import { type DiffFilter, isEqual, narrowed, summaryOf } from './diff-filter.js';
import type { PackageDiff } from './package-diff.service.js';
import type { Side } from './diff-sides.js';

/** A comment of GitHub holds 65,536 characters. */
const MOST_CHARACTERS = 60_000;
const SHORT = 80;
/** What is longer when written is not shown. */
const LONGEST_VALUE = 8 * 1024;
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
  let text = title(from, to);
  const add = (part: string): boolean => {
    if (text.length + part.length > MOST_CHARACTERS) return false;
    if (part !== '') text += `\n${part}`;
    return true;
  };
  const isSame = from.tree === to.tree || isEqual(diff, filter.exact === true);
  add(isSame ? 'Nothing differs but how it is written.\n' : sentence(summaryOf(told)));
  const isWhole =
    add(warnings(told.objects)) &&
    told.objects.every((object) => add(objectPart(object))) &&
    add(filesPart(told.files));
  return isWhole && !diff.truncated ? text : `${text}\nThere is more than this.\n`;
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

function warnings(objects: readonly ObjectChange[]): string {
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

const nameOf = ({ kind, namespace, name }: ObjectChange): string =>
  `${plain(kind)} ${code(name === null ? '(no name)' : namespace === null ? name : `${namespace}/${name}`)}`;

function objectPart(object: ObjectChange): string {
  const { change, path, fromPath, fields } = object;
  const where = fromPath === null ? code(path) : `${code(fromPath)} → ${code(path)}`;
  const head = `### ${change === 'changed' ? '' : `${change[0]?.toUpperCase()}${change.slice(1)}: `}${nameOf(object)}\n\n${where}\n`;
  const [whole] = fields;
  if (whole?.path === '') return `${head}\n${wholeObject(whole)}`;
  const lines = fields.filter(isShort).map(line);
  const list = lines.length === 0 ? '' : `\n${lines.join('')}`;
  return (
    head +
    list +
    fields
      .filter((field) => !isShort(field))
      .map(longField)
      .join('')
  );
}

/** What fits into a line. Lists wrap where tables are cut off. */
const isShort = ({ from, to }: FieldChange): boolean =>
  [from, to].every((value) => typeof value !== 'object' || value === null) &&
  [from, to].every((value) => !/[\n\r]/.test(String(value)) && String(value).length <= SHORT);

const line = ({ path, change, from, to, class: name, equivalent }: FieldChange): string => {
  const values = {
    added: `added ${shown(to)}`,
    removed: `removed, was ${shown(from)}`,
    changed: `${shown(from)} → ${shown(to)}`,
  };
  return `- ${code(path)}: ${values[change]} (${equivalent ? 'equivalent' : name})\n`;
};

/** A string that looks like something else has its quotes. */
function shown(value: unknown): string {
  const isPlain = typeof value === 'string' && value !== '' && yamlText(value).trim() === value;
  return code(isPlain ? value : typeof value === 'string' ? JSON.stringify(value) : String(value));
}

function longField({ path, change, from, to, class: name }: FieldChange): string {
  const what = change === 'changed' ? '' : ` ${change}`;
  if (isLonger([from, to], LONGEST_VALUE)) return `\n${code(path)}${what} (${name}): too long to be shown here\n`;
  return `\n${code(path)}${what} (${name})\n\n${fenced('diff', yamlDiff(change === 'added' ? undefined : from, change === 'removed' ? undefined : to))}`;
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

/** Text in a line, as it is: in more backticks than it holds. */
function code(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  const ticks = '`'.repeat(longestRun(line) + 1);
  const space = ticks.length > 1 ? ' ' : '';
  return `${ticks}${space}${line === '' ? ' ' : line}${space}${ticks}`;
}

function fenced(language: string, text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text}${text.endsWith('\n') ? '' : '\n'}${fence}\n`;
}

const longestRun = (text: string): number => Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));

const plain = (text: string): string => text.replaceAll(/[\\`*_{}[\]<>#|]/g, String.raw`\$&`).replaceAll(/\s+/g, ' ');
