import { describe, expect, it } from 'vitest';
import { type DeliveredContent, type DeliveryReport, isAhead, isKnown, isNews } from './delivery.js';

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 20, 10, 0, seconds));
const report: DeliveryReport & DeliveredContent = {
  ...{ tool: 'flux', state: 'delivered', health: 'healthy', message: 'Applied.', observedAt: at(10) },
  ...{ commit: 'c1', revision: 'v1' },
};

describe('a report', () => {
  it('is known where it was observed before, or is the same again', () => {
    expect(isKnown(report, { ...report })).toBe(true);
    expect(isKnown(report, { ...report, observedAt: at(9), state: 'failed' })).toBe(true);
    expect(isKnown(report, { ...report, observedAt: at(11) })).toBe(false);
    for (const other of [{ state: 'failed' }, { health: 'degraded' }, { message: '' }, { commit: 'c2' }] as const)
      expect(isKnown(report, { ...report, ...other }), JSON.stringify(other)).toBe(false);
  });

  it('of the way to an outcome of the same second is overtaken by that, of another commit it is not', () => {
    const progress = { ...report, state: 'progressing' } as const;
    expect(isKnown(report, progress)).toBe(true);
    expect(isKnown(progress, report)).toBe(false);
    expect(isKnown(report, { ...progress, commit: 'c2' })).toBe(false);
    expect(isKnown(report, { ...progress, observedAt: at(11) })).toBe(false);
  });

  it('is news where state, health or content are others', () => {
    expect(isNews(null, report)).toBe(true);
    expect(isNews(report, { ...report, message: 'Again.', observedAt: at(20), commit: 'c2' })).toBe(false);
    expect(isNews(report, { ...report, revision: 'v2' })).toBe(true);
    expect(isNews(report, { ...report, health: 'degraded' })).toBe(true);
    const unknown = { ...report, revision: null };
    expect(isNews(unknown, { ...unknown, commit: 'c2' })).toBe(true);
    expect(isNews(unknown, { ...unknown })).toBe(false);
  });

  it('may be ahead by a clock that is a little wrong', () => {
    expect(isAhead(report, at(0))).toBe(false);
    expect(isAhead(report, new Date(at(10).getTime() - 300_001))).toBe(true);
  });
});
