import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { type LookedAt, Merges } from '../../content/merges.js';
import { refusal } from '../../domain/errors.js';
import { jsonPointer } from '../../domain/json-pointer.js';
import type { Resolution } from '../../domain/upgrade.js';
import type { VariantRow } from './variant-row.js';

/** What is in conflict in variants, with what each side holds: that is not stored, but follows from the merge. */
@Injectable()
export class VariantConflicts {
  constructor(private readonly merges: Merges) {}

  /** None for a caller who does not see what it is made from: that shows in them. */
  async of(row: VariantRow, caller: Caller): Promise<LookedAt['conflicts']> {
    const isSeen = row.merge?.places.every((place) => caller.allows('packages.read', place)) ?? false;
    return isSeen ? this.look(row) : [];
  }

  /** A mistyped id would settle nothing, without a word. */
  async assertKnown(row: VariantRow, resolutions: Record<string, Resolution | null> = {}): Promise<void> {
    const given = Object.keys(resolutions).filter(
      (id) => resolutions[id] !== null && !Object.hasOwn(row.resolutions, id),
    );
    if (given.length === 0) return;
    const known = new Set((await this.look(row)).map(({ id }) => id));
    const unknown = given.find((id) => !known.has(id));
    if (unknown === undefined) return;
    const pointer = jsonPointer(['resolutions', unknown]);
    throw refusal('invalidBody', pointer, 'notFound', `"${row.name}" has no open conflict with this id.`);
  }

  private async look({ merge, resolutions, defaultResolution }: VariantRow): Promise<LookedAt['conflicts']> {
    if (merge === null) return [];
    const { conflicts } = await this.merges.look(merge.trees, { ...merge.options, resolutions, defaultResolution });
    return conflicts;
  }
}
