import { describe, expect, it } from 'vitest';
import { parseKrm } from '../../src/krm/parse.js';
import { ParseThread } from '../../src/krm/parse-thread.js';
import { DEFAULT_YAML_LIMITS } from '../../src/krm/yaml-limits.js';

const LIMITS = { ...DEFAULT_YAML_LIMITS, maxBytes: 64 * 1024 * 1024 };

const manifest = (name: string, lines: number): Buffer =>
  Buffer.from(
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  labels: {app: "${name}"}\ndata:\n${Array.from({ length: lines }, (_, index) => `  key-${index}: "value ${index}"\n`).join('')}`,
  );

describe('ParseThread', () => {
  it('gives what parsing at once gives, in the order of the files, and keeps nobody waiting', async () => {
    const thread = new ParseThread();
    const files = [
      manifest('a', 2_000),
      Buffer.from('a: [\n'),
      Buffer.alloc(0),
      manifest('b', 50_000),
      Buffer.from([0xff]),
    ];
    const expected = files.map((file) => parseKrm(file, LIMITS));
    let done = false;
    const parsing = Promise.all([
      thread.parse(files, LIMITS),
      thread.parse(files.toReversed(), LIMITS),
      thread.parse([manifest('c', 1)], LIMITS),
    ]).finally(() => (done = true));
    let turns = 0;
    for (; !done; turns += 1) await new Promise((resolve) => setTimeout(resolve, 1));
    const [all, reversed, small] = await parsing;
    expect(all).toEqual(expected);
    expect(reversed).toEqual(expected.toReversed());
    expect(small).toMatchObject([{ objects: [{ name: 'c' }], parseError: null }]);
    expect(turns).toBeGreaterThan(5);
  });

  it('gives up on a file that takes too long, and on no other', async () => {
    const thread = new ParseThread(1_000);
    // Far more than a second's work, however fast the machine; the other files take milliseconds.
    const endless = manifest('endless', 1_800_000);
    const parsed = await Promise.all([
      thread.parse([manifest('a', 2_000), endless, manifest('b', 2_000)], LIMITS),
      thread.parse([manifest('c', 2_000)], LIMITS),
    ]);
    expect(parsed.flat()).toMatchObject([
      { objects: [{ name: 'a' }], parseError: null },
      { objects: [], parseError: 'The file takes too long, or too much memory, to read.' },
      { objects: [{ name: 'b' }], parseError: null },
      { objects: [{ name: 'c' }], parseError: null },
    ]);
  });
});
