import { etagOf } from '../../domain/etag.js';
import { isoTime } from '../../domain/iso-time.js';
import type { TargetResponse } from './target.schema.js';
import type { TargetRow } from './target.store.js';

/** A target as callers see it. Packages that come and go make nobody's change stale. */
export function toTargetResponse(row: TargetRow): TargetResponse {
  const { id, name, description, labels, repositoryIds, packageCount, createdAt, createdBy, updatedAt } = row;
  const own = { id, name, description, labels, repositoryIds };
  const times = { createdAt: isoTime(createdAt), createdBy, updatedAt: isoTime(updatedAt) };
  return { ...own, packageCount, ...times, etag: etagOf({ ...own, ...times }) };
}
