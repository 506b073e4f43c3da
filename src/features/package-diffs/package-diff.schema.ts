import { z } from 'zod';
import { CHANGE_CLASSES } from '../../krm/diff/classes/change-class.js';
import { CHANGES } from '../../krm/diff/file-changes.js';
import { choice, openChoice } from '../../http/schema/choice.js';
import { EXAMPLE_ID, identifier, nullableText } from '../../http/schema/fields.js';
import { flag, listOf, paging, textFilter } from '../../http/schema/query.js';
import { AGAINST } from './diff-sides.js';

export const changeClass = openChoice('ChangeClass', CHANGE_CLASSES, 'What it means, the gravest first.');
const change = choice('Change', CHANGES, 'What became of it.');

const filters = {
  class: listOf(z.enum(CHANGE_CLASSES)).meta({
    description: 'Only of these classes.',
    examples: [['image']],
    openapi: { type: 'array', items: { type: 'string' } },
  }),
  kind: textFilter(255, 'Only of this kind.', 'ConfigMap'),
  name: textFilter(255, 'Only of this name.', 'settings'),
  path: textFilter(4096, 'Only this file or folder.', 'web.yaml'),
  exact: flag().describe('With `equivalent` changes.'),
  ...paging,
};

const isUuid = (text: string): boolean => z.uuid().safeParse(text).success;

export const diffQuery = z.strictObject({
  against: z
    .string()
    .refine((text) => isUuid(text) || (AGAINST as readonly string[]).includes(text), {
      error: `An id, or one of ${AGAINST.join(', ')}.`,
    })
    .optional()
    .meta({
      description:
        `With what: an id, ${AGAINST.map((word) => `\`${word}\``).join(', ')}. ` +
        'Else a draft with `base`, a publication with `previous`.',
      examples: ['latest'],
      openapi: { type: 'string' },
    }),
  ...filters,
});

export const diffBetweenQuery = z.strictObject({
  from: identifier('A revision.'),
  to: identifier('Another.'),
  ...filters,
});

const text = (description: string) => z.string().meta({ description });
const textOrNull = (description: string) => z.string().nullable().meta({ description });
const number = (description: string) => z.int().min(0).meta({ description });
const truth = (description: string) => z.boolean().meta({ description });

const side = z
  .strictObject({
    revisionId: textOrNull('`null`: no revision.'),
    label: text('Its revision, workspace, `head`, …'),
    repository: text("Its repository's name."),
    path: text("Its package's path."),
    tree: textOrNull('Its Git tree; `null`: nothing.'),
  })
  .meta({
    id: 'DiffSide',
    description: 'One side.',
    examples: [{ revisionId: EXAMPLE_ID, label: 'v1', repository: 'blueprints', path: 'nf/core', tree: '9d1f3c5b' }],
  });

const counts = z
  .strictObject({
    added: number('New.'),
    removed: number('Gone.'),
    changed: number('With other content.'),
    moved: number('Only elsewhere.'),
  })
  .meta({ id: 'ChangeCounts', description: 'How many.', examples: [{ added: 0, removed: 0, changed: 1, moved: 0 }] });

const field = z
  .strictObject({
    path: text('Where; empty: the whole object.'),
    change,
    from: z.unknown().meta({ description: 'What it was.' }),
    to: z.unknown().meta({ description: 'What it is.' }),
    class: changeClass,
    equivalent: truth('Only written in another way.'),
  })
  .meta({
    id: 'FieldChange',
    description: 'A field. Values of Secrets are hashes for who may not edit both sides.',
    examples: [
      {
        path: 'spec.containers[name=a].image',
        change: 'changed',
        from: 'a:1',
        to: 'a:2',
        class: 'image',
        equivalent: false,
      },
    ],
  });

export const objectChange = z
  .strictObject({
    change,
    apiVersion: text('Its apiVersion.'),
    kind: text('Its kind.'),
    namespace: textOrNull('Its namespace.'),
    name: textOrNull('Its name.'),
    path: text('Its file.'),
    fromPath: textOrNull('The file it was in, if another.'),
    fields: z.array(field).meta({ description: 'What differs.' }),
  })
  .meta({
    id: 'ObjectChange',
    description: 'An object.',
    examples: [
      {
        change: 'moved',
        apiVersion: 'v1',
        kind: 'Service',
        namespace: 'a',
        name: 'a',
        path: 'b',
        fromPath: 'a',
        fields: [],
      },
    ],
  });

export const fileChange = z
  .strictObject({
    change,
    path: text('Its path.'),
    fromPath: textOrNull('Where it was, if elsewhere.'),
    binary: truth('Compared as bytes.'),
    krm: truth('Compared as objects.'),
    fromMode: textOrNull('Its mode in Git.'),
    toMode: textOrNull('Its mode now.'),
    parseError: textOrNull('Why it is compared as text.'),
    patch: textOrNull('Hunks of text, if not too long.'),
  })
  .meta({
    id: 'FileChange',
    description: 'A file, if any byte differs.',
    examples: [
      {
        ...{
          change: 'changed',
          path: 'a',
          fromPath: 'b',
          binary: false,
          krm: false,
          fromMode: '100644',
          toMode: '100755',
        },
        ...{ parseError: 'Why.', patch: '@@ -1 +0,0 @@\n-a\n' },
      },
    ],
  });

export const diffResponse = z
  .strictObject({
    from: side,
    to: side,
    equal: z.boolean().meta({ description: 'Nothing differs but the writing.', examples: [false] }),
    summary: z
      .strictObject({
        objects: counts,
        files: counts,
        classes: z.record(z.string(), z.int()).meta({ description: 'Fields by class.', examples: [{ image: 1 }] }),
      })
      .meta({ id: 'DiffSummary', description: 'Of what the filter takes.' }),
    objects: z.array(objectChange).meta({ description: 'A page of objects.' }),
    files: z.array(fileChange).meta({ description: 'The files.' }),
    truncated: z.boolean().meta({ description: 'There is more than this.', examples: [false] }),
    nextCursor: nullableText('The `cursor` of the next page.', 'WyJ6cWo0VjFvN3dQeFQiLCJibHVlcHJpbnRzIl0'),
  })
  .meta({ id: 'PackageDiff', description: 'What differs.' });

export type DiffResponse = z.output<typeof diffResponse>;
export type DiffQuery = z.output<typeof diffQuery>;
export type DiffBetweenQuery = z.output<typeof diffBetweenQuery>;
