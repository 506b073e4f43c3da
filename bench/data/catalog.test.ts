import { describe, expect, it } from 'vitest';
import { type CatalogShape, catalogStream } from './catalog.js';

const shape: CatalogShape = { seed: 7, packages: 30, tags: 3, proposals: 2 };

const count = (text: string, line: RegExp): number => [...text.matchAll(line)].length;

describe('the generator', () => {
  it('writes the same for the same seed, and something else for another', () => {
    expect(catalogStream(shape).input).toBe(catalogStream({ ...shape }).input);
    expect(catalogStream({ ...shape, seed: 8 }).input).not.toBe(catalogStream(shape).input);
  });

  it('writes every revision as a commit and a tag, and every proposal as a branch', () => {
    const { input, proposals } = catalogStream(shape);
    expect(count(input, /^tag area-\d+\/package-\d+\/v[123]$/gm)).toBe(90);
    expect(count(input, /^commit refs\/heads\/main$/gm)).toBe(91);
    expect(count(input, /^commit refs\/heads\/proposed\//gm)).toBe(2);
    expect(proposals).toHaveLength(2);
  });

  it('writes packages of 4 to 8 files of a realistic size', () => {
    const sizes = [...catalogStream(shape).input.matchAll(/^M 100644 inline (area-\S+)\ndata (\d+)$/gm)];
    const kilobytes = sizes.map(([, , size]) => Number(size) / 1024);
    expect(Math.min(...kilobytes)).toBeGreaterThan(0.2);
    expect(Math.max(...kilobytes)).toBeLessThan(5);
    const first = sizes.filter(([, path]) => path?.startsWith('area-000/proposal-00000/')).length;
    expect(first).toBeGreaterThanOrEqual(4);
    expect(first).toBeLessThanOrEqual(8);
  });
});
