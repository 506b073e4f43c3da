import { etagOf } from '../../domain/etag.js';
import { isoTime } from '../../domain/iso-time.js';
import { VARIANT_STATES } from '../../domain/variant.js';
import type { MemberChanges, MemberFields } from './member-changes.js';
import type { VariantRow } from './variant-row.js';
import type { SetPreviewResponse, VariantSetResponse } from './variant-set.schema.js';
import type { CountedSet } from './variant-set.store.js';

/** A set as callers see it. What becomes of its members makes nobody's change stale. */
export function toVariantSetResponse(row: CountedSet): VariantSetResponse {
  const { id, name, description, targets, template, owner, counts, createdAt, createdBy, updatedAt } = row;
  return {
    ...{ id, name, description, targets, ...template, owner },
    counts: Object.fromEntries(
      VARIANT_STATES.map((state) => [state, counts[state] ?? 0]),
    ) as VariantSetResponse['counts'],
    ...{ createdAt: isoTime(createdAt), createdBy, updatedAt: isoTime(updatedAt) },
    etag: etagOf([id, description, targets, template, isoTime(updatedAt)]),
  };
}

/** Members that a preview shows of each kind. */
const SHOWN = 1_000;

export function toSetPreviewResponse({
  made,
  changed,
  retired,
  unchanged,
}: MemberChanges<VariantRow>): SetPreviewResponse {
  const members = (rows: readonly MemberFields[]) =>
    rows.slice(0, SHOWN).map(({ name, target, path }) => ({ name, target: target ?? '', path }));
  return {
    made: members(made),
    changed: members(changed.map(({ fields }) => fields)),
    retired: members(retired),
    counts: { made: made.length, changed: changed.length, retired: retired.length, unchanged: unchanged.length },
  };
}
