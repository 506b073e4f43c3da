import { describe, expect, it } from 'vitest';
import type { FieldChange, ObjectChange, TreeDiff } from '../../krm/diff/tree-diff.js';
import type { Side } from './diff-sides.js';
import { toMarkdown } from './package-diff.markdown.js';

const side = (label: string): Side => ({
  ...{
    label,
    packageId: 'p',
    repositoryId: 'r',
    repository: 'blueprints',
    path: 'nf/core',
    revision: null,
    tree: label,
  },
});
const field = (given: Partial<FieldChange>): FieldChange => ({
  ...{ path: 'spec.a', change: 'changed', from: 'x', to: 'z', class: 'other', equivalent: false, ...given },
});
const object = (...fields: FieldChange[]): ObjectChange => ({
  ...{
    change: 'changed',
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: null,
    name: 'it',
    path: 'a.yaml',
    fromPath: null,
  },
  fields,
});
const markdown = (diff: Partial<TreeDiff>): string =>
  toMarkdown(
    { from: side('v1'), to: side('v2'), diff: { objects: [], files: [], truncated: false, weight: 0, ...diff } },
    {},
  );

describe('toMarkdown', () => {
  it.each([
    [{ from: 'yes', to: true }, '`"yes"` → `true`'],
    [{ from: '0644', to: 420 }, '`"0644"` → `420`'],
    [{ from: '', to: 'plain text' }, '`""` → `plain text`'],
    [{ from: 'a`b', to: 'c``' }, '`` a`b `` → ``` c`` ```'],
    [{ from: null, to: '~', change: 'added' as const }, 'added `"~"`'],
    [{ from: '<b>', to: null, change: 'removed' as const }, 'removed, was `<b>`'],
    [{ from: 9007199254740993n, to: 1 }, '`9007199254740993` → `1`'],
  ])('writes a short change on a line: %#', (given, expected) => {
    expect(markdown({ objects: [object(field(given))] })).toContain(`- \`spec.a\`: ${expected} (other)\n`);
  });

  it('shows in what lines longer values differ, and nothing of the longest', () => {
    expect(markdown({ objects: [object(field({ from: 'a\nb\n', to: 'a\nc\n' }))] })).toContain(
      '```diff\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n```\n',
    );
    expect(markdown({ objects: [object(field({ from: ['a'], to: ['a', '```'] }))] })).toContain(
      '````diff\n@@ -1 +1,2 @@\n - a\n+- "```"\n````\n',
    );
    expect(markdown({ objects: [object(field({ from: 'a', to: 'b'.repeat(10_000) }))] })).toContain(
      'too long to be shown',
    );
  });

  it('ends before a comment of GitHub does', () => {
    const objects = Array.from({ length: 2_000 }, () => object(field({ from: 'a'.repeat(60), to: 'b'.repeat(60) })));
    const text = markdown({ objects });
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/There is more than this\.\n$/);
  });

  it('says where nothing differs', () => {
    expect(markdown({})).toContain('Nothing differs but how it is written.');
  });
});
