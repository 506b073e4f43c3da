import { describe, expect, it } from 'vitest';
import type { ToldChange, ToldConflict } from '../../krm/merge/merge-package.js';
import type { PackageBlame } from '../package-blame/package-blame.service.js';
import { toPreviewMarkdown } from './upgrade-preview.markdown.js';
import type { Preview } from './upgrade-preview.service.js';

const OBJECT = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'core', name: 'settings' };
const side = (ref: string) => ({
  upstream: { url: 'u', directory: 'core', ref, commit: null, tree: null },
  revisionId: null,
});

const conflict = (given: Partial<ToldConflict> = {}): ToldConflict => ({
  ...{
    id: '5f0c1a2b3d4e5f60',
    of: 'field',
    file: 'a.yaml',
    class: 'configuration',
    nth: 0,
    object: OBJECT,
    path: 'data.a',
  },
  ...{ base: { value: 'one' }, ours: { value: 'mine' }, theirs: { value: 'theirs' }, resolution: null },
  ...given,
});
const change = (given: Partial<ToldChange> = {}): ToldChange => ({
  ...{ object: OBJECT, file: 'a.yaml', path: 'data.b', from: { value: 'x' }, to: { value: 'z' }, ...given },
});

function markdown(merged: Partial<Preview['merged']>, row: object = {}, blame: PackageBlame | null = null): string {
  const preview = {
    row: {
      ...{ path: 'edge-1/core', from: side('core/v1'), to: side('core/v2'), options: { strategy: 'resource-merge' } },
      ...{ createdBy: 'ada', createdAt: new Date('2026-05-12T08:00:00Z'), appliedTo: null, warnings: [], ...row },
    },
    merged: { conflicts: [], taken: [], kept: [], warnings: [], truncated: false, ...merged },
    changes: { objects: [], files: [], truncated: false, weight: 0 },
  } as unknown as Preview;
  return toPreviewMarkdown(preview, blame);
}

/** Each field of the object was set by a step of the line. */
const blameOf = (fields: Record<string, number[]>): PackageBlame =>
  ({
    blame: {
      objects: [
        {
          ...{ ...OBJECT, path: 'a.yaml' },
          fields: Object.entries(fields).map(([path, setters]) => ({ path, value: 'x', setters })),
        },
      ],
      ...{ truncated: false, weight: 0 },
    },
    steps: ['v1', 'v2', 'v3'].map((revision, at) => ({
      row: { id: revision, revision, repositoryName: 'fleet', path: 'edge-1/core' },
      ...{ commit: null, author: `ada-${at}`, time: new Date(`2026-05-1${at}T08:00:00Z`), isFromElsewhere: false },
    })),
  }) as unknown as PackageBlame;

/** Names that would be Markdown, or HTML, if they were written as they are. */
const HOSTILE = [
  '`code`',
  '<img src=x onerror=alert(1)>',
  '**bold**\n# Title',
  '[click](javascript:x)',
  '\u202Ereversed',
  '```\n- x',
];

describe('a preview as Markdown', () => {
  it('is this document', () => {
    const text = markdown(
      {
        conflicts: [
          conflict({ id: 'b000000000000000', path: 'data.r', resolution: { take: 'theirs' } }),
          conflict(),
          conflict({
            id: 'c000000000000000',
            path: 'data.long',
            ours: { value: 'a\nc\n' },
            base: { value: 'a\nb\n' },
            theirs: null,
          }),
          conflict({
            id: 'd000000000000000',
            of: 'lines',
            object: null,
            file: 'README.md',
            path: '',
            nth: 1,
            class: 'other',
          }),
        ],
        taken: [
          change(),
          change({ path: 'data.c', from: null, to: { value: 3 } }),
          change({ object: null, file: 'x.bin', path: '', to: null }),
        ],
        kept: [change({ path: 'data.list', to: { value: ['a'] } })],
        warnings: ['The ConfigMap "x" is written anew.'],
      },
      {},
      blameOf({ 'data.a': [1, 0], 'data.r': [2], 'data.long.x': [0], 'data.long.y': [2] }),
    );
    expect(text).toMatchInlineSnapshot(`
      "## \`edge-1/core\`: \`core/v1\` → \`core/v2\`

      **Taken:** 3 · **Kept:** 1 · **Conflicts:** 4, 3 open · **Strategy:** resource-merge

      Made by \`ada\`, 2026-05-12T08:00:00.000Z.

      > - The ConfigMap "x" is written anew.

      ### Conflicts

      #### ConfigMap \`core/settings\` \`data.a\` (configuration, open)

      \`a.yaml\` · \`5f0c1a2b3d4e5f60\`

      - base: \`one\`
      - ours, set by \`ada-1\` in \`v2\` at 2026-05-11T08:00:00.000Z, from \`fleet/edge-1/core\` \`v1\` by \`ada-0\`: \`mine\`
      - theirs: \`theirs\`

      **Open:** stays as it is here until somebody resolves it.

      #### ConfigMap \`core/settings\` \`data.long\` (configuration, open)

      \`a.yaml\` · \`c000000000000000\`

      - base:

        \`\`\`yaml
        a
        b
        \`\`\`

      - ours, set by \`ada-2\` in \`v3\` at 2026-05-12T08:00:00.000Z:

        \`\`\`diff
        @@ -1,2 +1,2 @@
         a
        -b
        +c
        \`\`\`

      - theirs: nothing

      **Open:** stays as it is here until somebody resolves it.

      #### Place 2 in \`README.md\` (other, open)

      \`d000000000000000\`

      - base: \`one\`
      - ours: \`mine\`
      - theirs: \`theirs\`

      **Open:** stays as it is here until somebody resolves it.

      #### ConfigMap \`core/settings\` \`data.r\` (configuration, resolved)

      \`a.yaml\` · \`b000000000000000\`

      - base: \`one\`
      - ours, set by \`ada-2\` in \`v3\` at 2026-05-12T08:00:00.000Z: \`mine\`
      - theirs: \`theirs\`

      **Resolved:** takes \`theirs\`.

      ### Taken from the upstream

      ConfigMap \`core/settings\` in \`a.yaml\`

      - \`data.b\`: \`x\` → \`z\`
      - \`data.c\`: added \`3\`

      \`x.bin\`

      - All of it: removed, was \`x\`

      ### Kept

      ConfigMap \`core/settings\` in \`a.yaml\`

      \`data.list\`

      \`\`\`diff
      @@ -1 +1 @@
      -x
      +- a
      \`\`\`
      "
    `);
  });

  it.each(HOSTILE)('shows a hostile name or value as it is, and as nothing else: %j', (hostile) => {
    const object = { ...OBJECT, kind: hostile, name: hostile, namespace: hostile };
    const held = { value: hostile };
    const text = markdown(
      {
        conflicts: [
          conflict({
            object,
            file: hostile,
            path: hostile,
            base: held,
            ours: held,
            theirs: null,
            resolution: { take: 'value', value: hostile },
          }),
        ],
        taken: [change({ object, file: hostile, path: hostile, from: held, to: null })],
        kept: [change({ object: null, file: hostile, path: '', from: null, to: held })],
        warnings: [`The ${hostile} is "${hostile}".`],
      },
      { path: hostile, createdBy: hostile, from: side(hostile) },
    );
    const prose = withoutCode(text);
    expect(prose).not.toMatch(/(?<!\\)[<[]|\u202E|(?<!\\)`/);
    expect(prose.match(/^#+ .*$/gm)?.map((title) => title.replace(/ .*/, ''))).toEqual([
      '##',
      '###',
      '####',
      '###',
      '###',
    ]);
    expect(prose).not.toMatch(/^\s*- x/m);
    expect(prose).not.toMatch(/(?<!\\)\*\*bold/);
    expect(text).not.toContain('\u202E');
  });

  it('ends before a comment of GitHub does, and says so', () => {
    const conflicts = Array.from({ length: 5_000 }, () => conflict());
    for (const text of [
      markdown({ conflicts }),
      markdown({ taken: Array.from({ length: 3_000 }, (_, at) => change({ file: `f-${at}` })) }),
    ]) {
      expect(text.length).toBeLessThan(65_536);
      expect(text).toMatch(/There is more than this: read the preview as JSON\.\n$/);
    }
    expect(markdown({ truncated: true })).toMatch(/There is more than this/);
    const huge = { value: 'x'.repeat(100_000) };
    const short = markdown({ conflicts: [conflict({ ours: huge })], taken: [change({ to: huge })] });
    expect(short.length).toBeLessThan(2_000);
    expect(short.match(/too long to be shown/g)).toHaveLength(2);
    expect(short).not.toContain('There is more');
  });

  it('says nothing of who set what nobody knows', () => {
    const blame = blameOf({ 'data.other': [0] });
    for (const text of [markdown({ conflicts: [conflict()] }), markdown({ conflicts: [conflict()] }, {}, blame)]) {
      expect(text).toContain('- ours: `mine`\n');
    }
    expect(markdown({ conflicts: [conflict({ ours: null })] }, {}, blameOf({ 'data.a': [0] }))).toContain(
      '- ours: nothing\n',
    );
  });
});

/** Without what stands in fences and in backticks: what a renderer reads as Markdown. */
function withoutCode(text: string): string {
  const prose: string[] = [];
  let fence: string | null = null;
  for (const line of text.split('\n')) {
    const mark: string | undefined = /^\s*(`{3,})/.exec(line)?.[1];
    if (fence !== null) {
      if (mark !== undefined && line.trim() === mark && mark.length >= fence.length) fence = null;
    } else if (mark !== undefined && !line.slice(line.indexOf(mark) + mark.length).includes('`')) fence = mark;
    else prose.push(line.replaceAll(/(?<![\\`])(`+)(?!`)(.*?)(?<!`)\1(?!`)/g, ''));
  }
  return prose.join('\n');
}
