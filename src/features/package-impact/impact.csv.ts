import type { Caller } from '../../access/caller.js';
import { RawContent } from '../../http/reply.js';
import { shownUpstreamStatus } from '../package-revisions/upstream-status.view.js';
import type { ImpactRow } from './impact.store.js';

const HEADER = [
  'depth',
  'repository',
  'path',
  'target',
  'package',
  'revision',
  'state',
  'behind',
  'current',
  'newest',
  'openDrafts',
];

/** RFC 4180, one line a package. */
export function toCsvContent(rows: readonly ImpactRow[], caller: Caller): RawContent {
  const lines = rows.map((row) => {
    const { state, behind, current, newest } = shownUpstreamStatus(row, caller);
    return [
      ...[row.depth, row.repository, row.path, row.target, row.package, row.latestRevision],
      ...[state, behind, current?.revision, newest?.revision, row.drafts.length],
    ];
  });
  const text = [HEADER, ...lines].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
  return new RawContent(Buffer.from(text), { mediaType: 'text/csv; charset=utf-8; header=present' });
}

/** A text that a spreadsheet would take for a formula gets an apostrophe before it. */
export function csvCell(value: string | number | null | undefined): string {
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r\n]/.test(value ?? '') ? `'${value}` : (value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
