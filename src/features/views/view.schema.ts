import { z } from 'zod';
import { etag, identifier, pageOf, timestamp } from '../../http/schema/fields.js';
import { flag, listQuery, textFilter } from '../../http/schema/query.js';
import { text } from '../../http/schema/text.js';
import { VIEW_SORTS, type ViewFilter } from './view.filter.js';

const name = text(255)
  .min(1)
  .meta({ description: 'Its name, one of its owner.', examples: ['Busy deployments'] });
const query = text(8192).meta({
  description: 'The query, as `searchObjects` takes it.',
  examples: ['spec.replicas > 3'],
});
const shared = z.boolean().meta({ description: 'Whether everybody sees it.', examples: [true] });

export const viewResponse = z
  .strictObject({
    id: identifier('The id of the view.'),
    name,
    query,
    shared,
    owner: z.string().meta({ description: 'Whose it is.', examples: ['ada'] }),
    createdAt: timestamp('When it was made.'),
    updatedAt: timestamp('When it last changed.'),
    etag: etag('the view'),
  })
  .meta({ id: 'View', description: 'A saved search.' });

export type ViewResponse = z.output<typeof viewResponse>;

export const viewPage = pageOf('ViewPage', 'views', viewResponse);

export const viewCreateRequest = z
  .strictObject({ name, query, shared: shared.default(false) })
  .meta({ id: 'ViewCreateRequest', description: 'A search to save.' });

export type ViewCreateRequest = z.output<typeof viewCreateRequest>;

export const viewPatchRequest = z
  .strictObject({ name: name.optional(), query: query.optional(), shared: shared.optional() })
  .meta({ id: 'ViewPatchRequest', description: 'What is to change.' });

export type ViewPatchRequest = z.output<typeof viewPatchRequest>;

export const viewQuery = listQuery<ViewFilter>(
  {
    owner: textFilter(512, 'Only those of this user.', 'ada'),
    shared: flag().describe('Only those that are shared, or are not.'),
    name: textFilter(255, 'Only with this name.', 'Busy deployments'),
  },
  VIEW_SORTS,
);

export type ViewQuery = z.output<typeof viewQuery>;
