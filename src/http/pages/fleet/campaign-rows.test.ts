import { expect, it } from 'vitest';
import { CAMPAIGN_ITEM_STATES } from '../../../domain/campaign.js';
import { Changes, lookOf, sentenceOf, STATES, stateParts } from './campaign-rows.js';

const event = (what: string, campaign: object) => ({ type: `dev.pkgserver.campaign.${what}`, data: { campaign } });

it('knows each state of items, and shows others as they are called', () => {
  expect(STATES.map(({ state }) => state).sort()).toEqual([...CAMPAIGN_ITEM_STATES].sort());
  expect(lookOf('setAside')).toMatchObject({ label: 'set aside', tone: 'warn' });
  expect(stateParts({ planned: 2, sleeping: 1, done: 3, failed: 0 }).map(({ label, count }) => [label, count])).toEqual(
    [
      ['done', 3],
      ['planned', 2],
      ['sleeping', 1],
    ],
  );
});

it('says in a sentence how far a campaign is', () => {
  const waves = [{ name: 'canary' }, { name: 'rest' }];
  const counts = { done: 3, skipped: 1, failed: 1, setAside: 2, planned: 4 };
  expect(sentenceOf({ state: 'running', progress: { wave: 1, counts }, waves })).toBe(
    'Running, wave 2 of 2 (rest): 7 of 11 ended, 1 failed, 2 set aside.',
  );
  expect(sentenceOf({ state: 'draft', progress: { wave: null, counts: {} }, waves })).toBe('Draft: 0 of 0 ended.');
});

it('reads again what events tell of, once', () => {
  const changes = new Changes('c');
  const view = { shown: ['i1'], filtered: false };
  expect(changes.take([event('itemEnded', { id: 'other', item: { id: 'i1' } }), { type: 'x', data: {} }])).toBe(false);
  expect(changes.due(view)).toEqual({ campaign: false, items: false });
  expect(changes.take([event('itemEnded', { id: 'c', item: { id: 'i1' } }), event('waiting', { id: 'c' })])).toBe(true);
  expect(changes.due(view)).toEqual({ campaign: true, items: true });
  expect(changes.due(view)).toEqual({ campaign: false, items: false });
});

it('reads items again where one that is shown has changed, or where any may be shown now', () => {
  const changes = new Changes('c');
  const take = (what: string, item?: object) => changes.take([event(what, { id: 'c', item })]);
  const due = (filtered: boolean) => changes.due({ shown: ['i1'], filtered }).items;
  take('itemStarted', { id: 'i9' });
  expect(due(false)).toBe(false);
  take('itemStarted', { id: 'i9' });
  expect(due(true)).toBe(true);
  take('paused');
  expect(due(true)).toBe(false);
  take('planned');
  expect(due(false)).toBe(true);
});
