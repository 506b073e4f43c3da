import { expect, it } from 'vitest';
import { hrefOf, routeOf } from './route.js';

it('finds the view, its id and its query', () => {
  expect(routeOf('')).toEqual({ view: 'fleet', id: undefined, query: {} });
  expect(routeOf('#/fleet?groupBy=label.a%2Fb&blueprint=x')).toMatchObject({
    view: 'fleet',
    query: { groupBy: 'label.a/b', blueprint: 'x' },
  });
  expect(routeOf('#/campaigns').view).toBe('campaigns');
  expect(routeOf('#/campaigns/7?state=failed')).toEqual({ view: 'campaign', id: '7', query: { state: 'failed' } });
  expect(routeOf('#/packages/7')).toMatchObject({ view: 'package', id: '7' });
});

it.each(['#/nobody', '#/packages', '#/constructor', '#/__proto__/x', '#/%E0%A4%A'])('knows no view of %s', (hash) => {
  expect(routeOf(hash).view).toBe('unknown');
});

it('writes links that it reads again, whatever is in them', () => {
  const [id, diff] = ['a/b?c#d %', 'x&y=z?#'];
  expect(routeOf(hrefOf('packages', id, { diff, cursor: undefined, state: '' }))).toEqual({
    view: 'package',
    id,
    query: { diff },
  });
  expect(hrefOf('campaigns')).toBe('#/campaigns');
});
