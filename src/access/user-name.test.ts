import { expect, it } from 'vitest';
import { isUserName } from './user-name.js';

it.each(['m', 'mara', 'mara.lind@example.com', 'Mara Lind', 'ci-bot+prod_2', '0', 'a'.repeat(128)])(
  'takes %j',
  (name) => {
    expect(isUserName(name)).toBe(true);
  },
);

it.each([
  ...['', ' ', ' mara', 'mara ', '-mara', '@mara', 'mara@', 'mara\n', 'ma\nra', 'mara <x@y.z>', 'auth0|1', 'mära'],
  ...['a'.repeat(129), 'system:sync'],
])('refuses %j', (name) => {
  expect(isUserName(name)).toBe(false);
});
