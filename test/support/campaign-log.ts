import { expect } from 'vitest';
import type { HttpClient } from './http-client.js';

/** An event of a campaign, as `/events` has it. */
export interface Told {
  type: string;
  data: { campaign: { id: string; wave?: number; item?: { path: string; state: string; error?: string } } };
}

const NAMES = ['waveStarted', 'itemStarted', 'itemHeldBack', 'itemPublished', 'itemEnded', 'paused', 'resumed'];

/** What was told of a campaign, in its order. */
export async function toldOf(by: HttpClient, campaignId: string): Promise<Told[]> {
  const type = NAMES.map((name) => `campaign.${name}`).join(',');
  const told: Told[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const { body } = await by.expect(200, 'GET', `/events?pageSize=500&sort=sequence&type=${type}${from}`);
    told.push(...(body.items as Told[]));
    cursor = body.nextCursor as string | null;
  }
  return told.filter(({ data }) => data.campaign.id === campaignId);
}

/**
 * Follows the budget through the log: once more than `maxFailures` items have failed, no item begins before somebody has skipped
 * some of them, and what fails still was at work by then. Gives how often it was spent, and the most that failed beyond it.
 */
export function followBudget(told: readonly Told[], maxFailures: number): { spent: number; mostBeyond: number } {
  const [atWork, failed] = [new Set<string>(), new Set<string>()];
  const isSpent = () => failed.size > maxFailures;
  let late = new Set<string>();
  let [spent, mostBeyond] = [0, 0];
  for (const { type, data } of told) {
    const { path, state } = data.campaign.item ?? { path: '', state: '' };
    if (type.endsWith('itemStarted')) {
      expect(isSpent(), `${path} began although ${[...failed].join(', ')} had failed`).toBe(false);
      atWork.add(path);
    } else if (type.endsWith('itemHeldBack') || type.endsWith('itemPublished')) atWork.delete(path);
    else if (type.endsWith('itemEnded') && state === 'failed') {
      if (isSpent()) expect(late, `${path} was not at work when the budget was spent`).toContain(path);
      failed.add(path);
      atWork.delete(path);
      if (failed.size === maxFailures + 1) [late, spent] = [new Set(atWork), spent + 1];
      mostBeyond = Math.max(mostBeyond, failed.size - maxFailures - 1);
    } else if (type.endsWith('itemEnded')) for (const set of [atWork, failed]) set.delete(path);
  }
  return { spent, mostBeyond };
}
