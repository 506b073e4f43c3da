import { describe, expect, it } from 'vitest';
import { hashBlob } from '../../git/objects/git-hash.js';
import type { TreeEntry } from '../diff/tree-files.js';
import { DEFAULT_YAML_LIMITS as limits } from '../yaml-limits.js';
import { mergePackage, type MergedPackage, type PackageMergeRequest } from './merge-package.js';

type Files = Record<string, string>;

const entriesOf = (files: Files): TreeEntry[] =>
  Object.entries(files).map(([path, text]) => {
    const content = Buffer.from(text);
    return { path, mode: '100644', oid: hashBlob(content), content, rawPath: null };
  });

const UPSTREAM = { repo: 'https://git.example.com/a.git', directory: 'core', ref: 'core/v2', commit: 'b'.repeat(40) };

function merged(base: Files, ours: Files, theirs: Files, request: Partial<PackageMergeRequest> = {}): MergedPackage {
  return mergePackage(
    { base: entriesOf(base), ours: entriesOf(ours), theirs: entriesOf(theirs) },
    {
      ...{ strategy: 'resource-merge', origin: null, trees: 'trees', resolutions: {}, defaultResolution: {} },
      secretsKey: 'key',
      ...request,
    },
    { limits, definitions: [] },
  );
}

const secret = (password: string): Files => ({
  'secret.yaml': `apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  password: ${password}\n`,
});
const kptfile = (lines: string): Files => ({
  Kptfile: `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: core # ours\n${lines}`,
});

describe('what is told of a merge', () => {
  it('is nothing of what Secrets hold', () => {
    const told = merged(secret('first'), secret('second'), secret('third'));
    expect(told.conflicts).toMatchObject([{ path: 'stringData.password', class: 'configuration' }]);
    expect(JSON.stringify(told)).not.toMatch(/first|second|third/);
    const [conflict] = told.conflicts;
    const own = merged(secret('first'), secret('second'), secret('third'), {
      resolutions: { [conflict?.id ?? '']: { take: 'value', value: 'fourth' } },
    });
    expect(JSON.stringify({ ...own, entries: [] })).not.toMatch(/first|second|third|fourth/);
    expect(Buffer.from(own.entries[0]?.content ?? []).toString()).toContain('password: fourth');
  });

  it('is nothing of it either where the file cannot be read', () => {
    const [base, ours, theirs] = ['first', 'second', 'third'].map((password) => ({
      'secret.yaml': `${secret(password)['secret.yaml'] ?? ''}  broken: [\n`,
    }));
    const told = merged(base ?? {}, ours ?? {}, theirs ?? {});
    expect(told.conflicts).toMatchObject([{ of: 'lines' }]);
    expect(JSON.stringify({ ...told, entries: [] })).not.toMatch(/first|second|third/);
  });

  it('is each conflict, with the default that settles it', () => {
    const config = (a: string, image: string): Files => ({
      'a.yaml': `apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  hostname: ${a}\n  containers:\n  - name: c\n    image: ${image}\n`,
    });
    const told = merged(config('one', 'i:1'), config('ours', 'i:2'), config('theirs', 'i:3'), {
      defaultResolution: { all: 'ours', classes: { image: 'theirs' } },
    });
    expect(told.conflicts.map(({ path, resolution }) => [path, resolution?.take])).toEqual([
      ['spec.hostname', 'ours'],
      ['spec.containers[name=c].image', 'theirs'],
    ]);
  });
});

describe('a merged package', () => {
  it('names its new upstream in the Kptfile, and nothing else changes there', () => {
    const lines = 'upstream:\n  type: git # by kpt\n  git:\n    repo: x\n    directory: core\n    ref: core/v1\n';
    const told = merged(kptfile(''), kptfile(`${lines}info:\n  site: a # stays\n`), kptfile(''), {
      origin: { name: 'core', upstream: UPSTREAM, strategy: 'resource-merge' },
    });
    expect(Buffer.from(told.entries[0]?.content ?? []).toString()).toBe(
      kptfile(
        'upstream:\n  type: git # by kpt\n  git:\n    repo: https://git.example.com/a.git\n    directory: core\n    ref: core/v2\n' +
          '  updateStrategy: resource-merge\ninfo:\n  site: a # stays\nupstreamLock:\n  type: git\n  git:\n' +
          `    repo: https://git.example.com/a.git\n    directory: core\n    ref: core/v2\n    commit: ${'b'.repeat(40)}\n`,
      ).Kptfile,
    );
  });

  it('is none where a path would be a file and a folder', () => {
    expect(() => merged({}, { a: 'x' }, { 'a/b': 'y' })).toThrow(/"a" would be a file/);
  });
});
