import { wellFormed } from '../../domain/storable-text.js';
import { exactJson } from '../../http/exact-json.js';
import { RawContent } from '../../http/reply.js';
import { readCursor, writeCursor } from '../../http/schema/pagination.js';
import type { PageRequest } from '../../http/schema/query.js';
import type { DiffFilter } from './diff-filter.js';
import { isEqual, narrowed, summaryOf } from './diff-filter.js';
import type { Side } from './diff-sides.js';
import type { DiffResponse } from './package-diff.schema.js';
import type { PackageDiff } from './package-diff.service.js';

/** A page of a comparison. A cursor belongs to the trees that it was given for. */
export function toDiffResponse(
  { from, to, diff }: PackageDiff,
  { cursor, pageSize, ...filter }: DiffFilter & PageRequest,
): DiffResponse | RawContent {
  const scope = ['package-diff', from.tree, to.tree, filter];
  const [start = '0'] = readCursor(cursor, scope) ?? [];
  const end = Number(start) + pageSize;
  const told = narrowed(diff, filter);
  return exactJson({
    from: toSide(from),
    to: toSide(to),
    equal: from.tree === to.tree || isEqual(diff, filter.exact === true),
    summary: summaryOf(told),
    objects: told.objects.slice(Number(start), end),
    // Names in Git can be bytes that are no text.
    files: told.files.map((file) => ({
      ...file,
      path: wellFormed(file.path),
      fromPath: file.fromPath && wellFormed(file.fromPath),
    })),
    truncated: diff.truncated,
    nextCursor: end < told.objects.length ? writeCursor([String(end)], scope) : null,
  });
}

function toSide({ label, repository, path, revision, tree }: Side): DiffResponse['from'] {
  return { revisionId: revision?.id ?? null, label, repository, path, tree };
}

export const toPatchContent = (patch: string): RawContent =>
  new RawContent(Buffer.from(patch), { mediaType: 'text/x-diff; charset=utf-8' });

export const toMarkdownContent = (markdown: string): RawContent =>
  new RawContent(Buffer.from(markdown), { mediaType: 'text/markdown; charset=utf-8' });
