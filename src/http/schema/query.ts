import { z } from 'zod';
import { EXAMPLE_TIME, identifier } from './fields.js';
import { text } from './text.js';

const MAX_PAGE_SIZE = 500;

/** The parts of a value that arrives as a string, or as an array where the name is repeated; a body's may be anything. */
const split = (value: unknown): unknown =>
  value === undefined
    ? undefined
    : [value].flat().flatMap((part: unknown) => (typeof part === 'string' ? part.split(',') : [part]));

/** A list: `?x=a&x=b` and `?x=a,b` alike. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.preprocess(split, z.array(item).min(1).max(100).optional());

/** A filter by a text that is not empty, of at most so many characters. */
export const textFilter = (maximum: number, description: string, example: string) =>
  text(maximum)
    .min(1)
    .optional()
    .meta({ description, examples: [example] });

/** A filter by the exact value of something; the empty one may mean that there is none. */
export const exactly = (what: string, example: string) =>
  text(1024)
    .optional()
    .meta({ description: `Only with this ${what}.`, examples: [example] });

/** The filters by where a package is. */
export const packagePlace = {
  repository: exactly('repository (its name)', 'blueprints'),
  repositoryId: identifier('Only in this repository.').optional(),
  target: exactly('target; empty: without one', 'edge-1'),
  realm: exactly('realm; may be empty', 'nf'),
  package: exactly('package name', 'core'),
  path: exactly('path', 'nf/core'),
};

/** A bound in time, as RFC 3339 has it. */
export const moment = (description: string) =>
  z.iso
    .datetime({ offset: true, error: `A time with a time zone is expected, as in ${EXAMPLE_TIME}.` })
    .optional()
    .transform((value) => (value === undefined ? undefined : new Date(value)))
    .meta({ description, examples: [EXAMPLE_TIME], openapi: { type: 'string', format: 'date-time' } });

/** A list as it was at a moment. */
export const asOf = moment('Only what was published then; the latest is that of then.');

/** A filter by labels. */
export const selector = (description: string) =>
  text(4096)
    .optional()
    .meta({ description, examples: ['team=network,tier in (gold, silver)'] });

/** A filter by the user who did something. */
export const person = (deed: string) => textFilter(512, `Only what this user ${deed}.`, 'ada');

/** `true` or `false`. */
export const flag = () =>
  z
    .enum(['true', 'false'])
    .optional()
    .transform((value) => (value === undefined ? undefined : value === 'true'))
    .meta({ openapi: { type: 'boolean' }, examples: [true] });

export const wholeNumber = z.string().regex(/^[1-9]\d{0,8}$/, { error: 'A whole number from 1 on is expected.' });

/** What every list takes. `listQuery` adds it to the filters. */
export const paging = {
  pageSize: wholeNumber
    .optional()
    .transform((value) => Math.min(Number(value ?? 50), MAX_PAGE_SIZE))
    .meta({
      description: `How many items a page holds at most. More than ${MAX_PAGE_SIZE} is taken as ${MAX_PAGE_SIZE}.`,
      openapi: { type: 'integer', minimum: 1, default: 50 },
      examples: [50],
    }),
  cursor: z
    .string()
    .min(1)
    .max(8192)
    .optional()
    .describe('Where the page begins: `nextCursor` of the page before, with the same filter and order.')
    .meta({ examples: ['WyJ6cWo0VjFvN3dQeFQiLCJibHVlcHJpbnRzIl0'] }),
};

export interface PageRequest {
  pageSize: number;
  cursor?: string | undefined;
  sort?: string | undefined;
}

/** The order of a list. What is in no order of this name, such as what has no such time, is left out. */
const order = (names: readonly string[]) =>
  z
    .string()
    .refine((text) => names.includes(text.replace(/^-/, '')), { error: `An order is one of ${names.join(', ')}.` })
    .optional()
    .meta({
      description: `The order: ${names.map((name) => `\`${name}\``).join(', ')}; with \`-\` before it the other way round.${
        names.includes('publishedAt') ? ' By `publishedAt` only what was published is listed.' : ''
      }`,
      examples: [`-${names.at(-1)}`],
      openapi: { type: 'string' },
    });

/**
 * What a list takes in its query: its filters, each of them and no other, its orders, and what every list takes. The
 * filters are those of the list's `Filters` table; one that is missing here, or there, does not compile.
 */
export const listQuery = <Filter>(fields: { [Name in keyof Filter]-?: z.ZodType<Filter[Name]> }, sorts: object) =>
  z.strictObject({ ...fields, sort: order(Object.keys(sorts)), ...paging });
