import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { nodeTooOld } from './node-version.js';

it.each(['20.19.0', '20.20.2', '22.0.0', '26.1.3'])('runs on Node.js %s', (version) => {
  expect(nodeTooOld(version)).toBeNull();
});

it.each(['18.20.4', '20.18.3', '4.0.0'])('names what it needs on Node.js %s', (version) => {
  expect(nodeTooOld(version)).toBe(
    `pkgserver needs Node.js 20.19 or newer, and this is ${version}: install a newer one, or use the image.`,
  );
});

it('says what package.json says', () => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
  const [, oldest = ''] = /^>=(\d+\.\d+)$/.exec(engines.node) ?? [];
  expect(nodeTooOld(`${oldest}.0`)).toBeNull();
  expect(nodeTooOld('0.1.0')).toContain(`Node.js ${oldest} or newer`);
});
