import { isoTime } from '../../domain/iso-time.js';
import { UPGRADE_PREVIEW_MS } from '../../domain/retention.js';
import { shownUpstream } from '../../domain/revision.js';
import { wellFormed } from '../../domain/storable-text.js';
import { exactJson } from '../../http/exact-json.js';
import type { RawContent } from '../../http/reply.js';
import { summaryOf } from './merge-summary.js';
import type { ListedPreview } from './upgrade-preview-list.store.js';
import type { PreviewItem, PreviewResponse } from './upgrade-preview.schema.js';
import { type Preview, previewEtag } from './upgrade-preview.service.js';
import type { PreviewRow, PreviewSide } from './upgrade-preview.store.js';

/** A preview as callers see it. */
export function toPreviewResponse({ row, merged, changes }: Preview): PreviewResponse | RawContent {
  const { conflicts, taken, kept } = merged;
  const { objects, files, truncated } = changes;
  return exactJson({
    id: row.id,
    packageRevisionId: row.revisionId,
    subpackage: row.subpackage,
    from: toUpstream(row.from),
    to: toUpstream(row.to),
    strategy: row.options.strategy,
    base: row.baseTree,
    ours: row.oursTree,
    result: row.resultTree,
    summary: summaryOf(merged),
    changes: {
      objects,
      files: files.map((file) => ({
        ...file,
        path: wellFormed(file.path),
        fromPath: file.fromPath && wellFormed(file.fromPath),
      })),
      truncated,
    },
    taken: taken.map(wellNamed),
    kept: kept.map(wellNamed),
    truncated: merged.truncated,
    conflicts: conflicts.map(wellNamed),
    defaultResolution: row.defaultResolution,
    warnings: [...row.warnings, ...merged.warnings],
    appliedTo: row.appliedTo,
    ...made(row),
  });
}

/** A preview in a list. */
export function toPreviewItem(row: ListedPreview): PreviewItem {
  const {
    id,
    revisionId: packageRevisionId,
    repositoryId,
    repository,
    path,
    subpackage,
    strategy,
    summary,
    appliedTo,
  } = row;
  return {
    ...{
      id,
      packageRevisionId,
      repositoryId,
      repository,
      path,
      subpackage,
      from: toUpstream(row.from),
      to: toUpstream(row.to),
    },
    ...{ strategy, summary, appliedTo, ...made(row) },
  };
}

const made = (row: Pick<PreviewRow, 'id' | 'createdAt' | 'createdBy' | 'version'>) => ({
  createdAt: isoTime(row.createdAt),
  createdBy: row.createdBy,
  expiresAt: isoTime(new Date(row.createdAt.getTime() + UPGRADE_PREVIEW_MS)),
  etag: previewEtag(row),
});

const toUpstream = ({ upstream, revisionId }: PreviewSide): PreviewResponse['from'] =>
  shownUpstream(upstream, revisionId);

/** Names in Git can be bytes that are no text. */
export const wellNamed = <Told extends { file: string }>(told: Told): Told => ({
  ...told,
  file: wellFormed(told.file),
});
