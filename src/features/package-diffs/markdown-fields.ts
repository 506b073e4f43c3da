import { isLonger, yamlDiff, yamlText } from '../../krm/diff/yaml-text.js';
import type { FieldChange } from '../../krm/diff/tree-diff.js';
import { code, fenced } from './markdown-text.js';

const SHORT = 80;
/** What is longer when written is not shown. */
export const LONGEST_VALUE = 8 * 1024;

/** A field that has changed (of path '': all of something), and in a word or two what that means; '' where nobody says. */
export interface NotedChange extends Pick<FieldChange, 'path' | 'change' | 'from' | 'to'> {
  note: string;
}

/** Changes of fields: the short ones as a list, and behind it the others in lines that differ. */
export function fieldsPart(changes: readonly NotedChange[]): string {
  const short = changes.filter(({ from, to }) => isShort(from) && isShort(to));
  const long = changes.filter((change) => !short.includes(change));
  const list = short.length === 0 ? '' : `\n${short.map(line).join('')}`;
  return list + long.map(longField).join('');
}

/** What fits into a line. Lists wrap where tables are cut off. */
export const isShort = (value: unknown): boolean =>
  (typeof value !== 'object' || value === null) && !/[\n\r]/.test(String(value)) && String(value).length <= SHORT;

const line = ({ path, change, from, to, note }: NotedChange): string => {
  const values = {
    added: `added ${shown(to)}`,
    removed: `removed, was ${shown(from)}`,
    changed: `${shown(from)} → ${shown(to)}`,
  };
  return `- ${at(path)}: ${values[change]}${noted(note)}\n`;
};

/** A short value. A string that looks like something else has its quotes. */
export function shown(value: unknown): string {
  const isPlain = typeof value === 'string' && value !== '' && yamlText(value).trim() === value;
  return code(isPlain ? value : typeof value === 'string' ? JSON.stringify(value) : String(value));
}

function longField({ path, change, from, to, note }: NotedChange): string {
  const what = change === 'changed' ? '' : ` ${change}`;
  if (isLonger([from, to], LONGEST_VALUE)) return `\n${at(path)}${what}${noted(note)}: too long to be shown here\n`;
  return `\n${at(path)}${what}${noted(note)}\n\n${fenced('diff', yamlDiff(change === 'added' ? undefined : from, change === 'removed' ? undefined : to))}`;
}

const at = (path: string): string => (path === '' ? 'All of it' : code(path));

const noted = (note: string): string => (note === '' ? '' : ` (${note})`);
