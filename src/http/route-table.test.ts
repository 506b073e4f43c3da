import { expect, it } from 'vitest';
import { RouteTable } from './route-table.js';

it('knows the methods of a path, and no path that only looks like one', () => {
  const routes = new RouteTable();
  routes.add('GET', '/a/:id');
  routes.add('DELETE', '/a/:id');
  routes.add('GET', '/a.b');
  expect(routes.methodsOf('/a/1')).toEqual(['DELETE', 'GET']);
  for (const path of ['/a', '/a/', '/a/1/2', '/axb', '/b/1']) expect(routes.methodsOf(path)).toEqual([]);
});
