import { afterEach, describe, expect, it, vi } from 'vitest';
import { pack } from '../../src/krm/diff/packed.js';
import { diffTrees } from '../../src/krm/diff/tree-diff.js';
import { patchTrees } from '../../src/krm/diff/tree-patch.js';
import { parseKrm } from '../../src/krm/parse.js';
import { readKptfile } from '../../src/krm/kptfile.js';
import { AT_ONCE, ParseThread } from '../../src/krm/parse-thread.js';
import { DEFAULT_YAML_LIMITS } from '../../src/krm/yaml-limits.js';

const LIMITS = { ...DEFAULT_YAML_LIMITS, maxBytes: 64 * 1024 * 1024 };

const manifest = (name: string, lines: number): Buffer =>
  Buffer.from(
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  labels: {app: "${name}"}\ndata:\n${Array.from({ length: lines }, (_, index) => `  key-${index}: "value ${index}"\n`).join('')}`,
  );

const upstream = { repo: 'https://git.example/x.git', directory: 'a', ref: 'a/v1', commit: 'f'.repeat(40) };
/** Of about so many bytes, in short items. */
const kptfile = (bytes: number): string =>
  `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: web\ninfo:\n  readinessGates:\n  - conditionType: Ready\n  keywords:\n${'  - a\n'.repeat(bytes / 6)}`;

afterEach(() => void vi.restoreAllMocks());

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

  it('compares two versions as it is done at once, and gives up where that takes too long', async () => {
    const version = (lines: number, name = 'a') => [
      { path: 'a.yaml', mode: '100644', oid: `${name}${lines}`, content: manifest(name, lines), rawPath: null },
    ];
    const options = { limits: LIMITS, definitions: [], secretsKey: null };
    const packed = () => pack(version(2), version(3), options);
    const thread = new ParseThread();
    expect(await thread.diff(packed())).toEqual(diffTrees(version(2), version(3), options));
    expect(await thread.patch(packed())).toBe(patchTrees(version(2), version(3), true));
    const impatient = new ParseThread(1_000);
    const endless = () => pack(version(900_000), version(900_000, 'b'), options);
    expect(await Promise.all([impatient.diff(endless()), impatient.diff(packed())])).toEqual([
      null,
      expect.any(Object),
    ]);
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

  it('does nothing at once with more than 64 KiB of what clients sent, nor with what js-yaml does not take', async () => {
    const atOnce = [vi.spyOn(AT_ONCE, 'parse'), vi.spyOn(AT_ONCE, 'kptfile'), vi.spyOn(AT_ONCE, 'edit')];
    const thread = new ParseThread();
    const large = Buffer.from(kptfile(65 * 1024));
    const renamed = await thread.rename(large, { file: 'Kptfile', name: 'new', upstream });
    await thread.rename(large, { file: 'package-context.yaml', name: 'new' }).catch(() => undefined);
    await thread.parse([large], LIMITS);
    await thread.parse(Array<Buffer>(100).fill(Buffer.from(kptfile(1024))), LIMITS);
    const read = await thread.readKptfiles([large, large]);
    expect(read.map((file) => file?.readinessGates)).toEqual([['Ready'], ['Ready']]);
    expect(atOnce.map((job) => job.mock.calls.length)).toEqual([0, 0, 0]);
    expect(readKptfile(renamed)).toMatchObject({ upstream: { repo: upstream.repo }, readinessGates: ['Ready'] });
    expect(renamed).toContain('  name: new\n');

    const odd = Buffer.from('kind: Kptfile\ninfo: {\n readinessGates: [{conditionType: Ready}]\n}\n');
    expect(await thread.readKptfiles([Buffer.from('a: ['), odd])).toMatchObject([null, { readinessGates: ['Ready'] }]);
  });

  it('changes a small file as a large one, and says why it cannot', async () => {
    const thread = new ParseThread();
    for (const bytes of [60, 60_000]) {
      const text = await thread.rename(Buffer.from(kptfile(bytes)), { file: 'Kptfile', name: 'new', upstream });
      expect(readKptfile(text)?.upstreamLock).toEqual(upstream);
      const list = Buffer.from('- a\n'.repeat(bytes));
      await expect(thread.rename(list, { file: 'Kptfile', name: 'new', upstream })).rejects.toMatchObject({
        code: 'invalidPackage',
        message: expect.stringContaining('exactly one YAML mapping') as string,
      });
    }
  });
});
