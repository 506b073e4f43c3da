import { z } from 'zod';
import { choice } from '../../http/schema/choice.js';
import { EXAMPLE_ID, EXAMPLE_TIME, identifier, nullableText, timestamp } from '../../http/schema/fields.js';
import { paging, textFilter } from '../../http/schema/query.js';

/** `Kind/namespace/name`; without a namespace `Kind//name` or `Kind/name`. */
const OBJECT = /^([^/]+)\/(?:([^/]*)\/)?([^/]+)$/;

export const blameQuery = z.strictObject({
  object: textFilter(1024, 'Only this: `Kind/namespace/name`; `Kind/name` without a namespace.', 'Service/shop/web')
    .refine((text) => text === undefined || OBJECT.test(text), { error: 'Kind/namespace/name is expected.' })
    .transform((text) => {
      const [, kind = '', namespace = '', name = ''] = (text && OBJECT.exec(text)) || [];
      return text === undefined ? undefined : { kind, namespace: namespace === '' ? null : namespace, name };
    })
    .meta({ openapi: { type: 'string' } }),
  path: textFilter(4096, 'Only this file or folder.', 'web.yaml'),
  ...paging,
});

export type BlameQuery = z.output<typeof blameQuery>;

const text = (description: string) => z.string().meta({ description });

const setter = {
  revisionId: identifier('The first revision that has it.'),
  revision: nullableText('Its number.', 'v2'),
  commit: nullableText('The commit; `null`: not known, or one of several.', '5b0e'),
  author: nullableText('Who wrote that.', 'Ada <ada@example.com>'),
  time: timestamp('When.'),
  origin: choice(
    'BlameOrigin',
    ['local', 'upstream', 'unknown'],
    '`unknown`: as cloned, from an upstream you cannot see, or set here.',
  ),
};

const STEP = { revisionId: EXAMPLE_ID, revision: 'v1', commit: '5b0e', author: 'ada', time: EXAMPLE_TIME };

const step = z
  .strictObject({ repository: text("Its repository's name."), path: text("Its package's path."), ...setter })
  .meta({
    id: 'BlameStep',
    description: 'Who set a field upstream.',
    examples: [{ repository: 'blueprints', path: 'web', ...STEP, origin: 'local' }],
  });

const field = z
  .strictObject({
    path: text('Where.'),
    value: z.unknown().meta({ description: 'Its value; of a Secret a hash for who may not edit it.' }),
    ...setter,
    upstream: z.array(step).meta({ description: 'Where that had it from, the nearest first.' }),
  })
  .meta({
    id: 'FieldBlame',
    description: 'A field, and who set it.',
    examples: [{ path: 'spec.replicas', value: 3, ...STEP, origin: 'local', upstream: [] }],
  });

const object = z
  .strictObject({
    apiVersion: text('Its apiVersion.'),
    kind: text('Its kind.'),
    namespace: nullableText('Its namespace.', 'shop'),
    name: nullableText('Its name.', 'web'),
    path: text('Its file.'),
    fields: z.array(field).meta({ description: 'Its fields.' }),
  })
  .meta({
    id: 'ObjectBlame',
    description: 'An object.',
    examples: [{ apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'web', path: 'web.yaml', fields: [] }],
  });

export const blameResponse = z
  .strictObject({
    objects: z.array(object).meta({ description: 'A page of objects.' }),
    truncated: z.boolean().meta({ description: 'Not all was looked at.', examples: [false] }),
    nextCursor: nullableText('The `cursor` of the next page.', 'WyJ6cWo0VjFvN3dQeFQiLCJibHVlcHJpbnRzIl0'),
  })
  .meta({ id: 'PackageBlame', description: 'Who set what.' });

export type BlameResponse = z.output<typeof blameResponse>;
