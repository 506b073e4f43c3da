import type { DefaultResolution, Resolution } from '../../domain/upgrade.js';
import type { Settlement } from '../package-revisions/upgrades/upgrade-plan.js';

/** A change of a settlement: null removes a resolution, or the default. */
export interface SettlementPatch {
  resolutions?: Record<string, Resolution | null> | undefined;
  defaultResolution?: DefaultResolution | null | undefined;
}

export function patched(row: Settlement, { resolutions = {}, defaultResolution }: SettlementPatch): Settlement {
  const all = Object.entries({ ...row.resolutions, ...resolutions });
  const kept = all.filter((entry): entry is [string, Resolution] => entry[1] !== null);
  const otherwise = defaultResolution === undefined ? row.defaultResolution : (defaultResolution ?? {});
  return { resolutions: Object.fromEntries(kept), defaultResolution: otherwise };
}
