import type { ItemOrder } from '../../../domain/campaign.js';
import { ordered } from '../../../krm/dependencies/order.js';

/** An item by its package, with the others behind which it should go. */
export interface WavedItem {
  id: string;
  wave: number;
  behind: readonly string[];
}

/** How each item goes with those behind which it should go: by the ids of packages, where there are any. */
export function itemOrder(items: readonly WavedItem[]): Map<string, { id: string; order: ItemOrder }[]> {
  const waves = new Map(items.map(({ id, wave }) => [id, wave]));
  const known = items.map((item) => ({ ...item, behind: item.behind.filter((id) => waves.has(id) && id !== item.id) }));
  const isSame = (id: string, wave: number) => waves.get(id) === wave;
  const within = new Map(known.map(({ id, wave, behind }) => [id, behind.filter((each) => isSame(each, wave))]));
  const { cycles } = ordered([...waves.keys()], within);
  const cycleOf = new Map(cycles.flatMap((cycle) => cycle.map((id): [string, string[]] => [id, cycle])));
  const orderOf = (id: string, wave: number, needed: string): ItemOrder => {
    if ((waves.get(needed) ?? 0) > wave) return 'laterWave';
    return cycleOf.get(id)?.includes(needed) ? 'cycle' : 'ordered';
  };
  return new Map(
    known
      .filter(({ behind }) => behind.length > 0)
      .map(({ id, wave, behind }) => [id, behind.map((each) => ({ id: each, order: orderOf(id, wave, each) }))]),
  );
}
