import { Injectable } from '@nestjs/common';
import type { ItemCount } from '../campaign-item.store.js';
import type { WaveRow } from '../campaign-row.js';
import type { WaveHealth } from './run.store.js';

/** Says whether the gate of a wave is open. */
@Injectable()
export class WaveEnd {
  /** Why not; null: it is open. */
  closedBy(
    { position, settings: { gate }, conditions }: WaveRow,
    counts: readonly ItemCount[],
    health: readonly WaveHealth[],
  ): string | null {
    const unsaid = gate.conditions.filter((type) => conditions[type]?.status !== 'True');
    if (unsaid.length > 0) return `Its gate waits for ${unsaid.join(', ')}.`;
    const published = counts
      .filter(({ wave, state }) => wave === position && (state === 'published' || state === 'done'))
      .reduce((sum, { count }) => sum + count, 0);
    const healthy = health.find(({ wave }) => wave === position)?.healthy ?? 0;
    if (published === 0 || healthy * 100 >= gate.minHealthyPercent * published) return null;
    return `Its gate waits until ${gate.minHealthyPercent} % of what it published are reported healthy.`;
  }
}
