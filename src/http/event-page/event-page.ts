import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../../config/config.js';
import { EVENT_NOUNS, EVENT_TYPE_NAMES, EVENT_TYPES, fullName, nounOf } from '../../events/event-types.js';

const ADDRESS = '/docs/events';

/** What the page loads: beside this file, here as in `dist`. */
const PARTS: Readonly<Record<string, string>> = {
  'events.css': 'text/css; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'event-line.js': 'text/javascript; charset=utf-8',
  'event-stream.js': 'text/javascript; charset=utf-8',
};

/** Nothing but what this service serves, and nothing that stands in the page itself. */
const HEADERS = {
  'Cache-Control': 'no-cache',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
};

/** The page that shows events as they come. It is public, and shows what the API gives to whoever signs in on it. */
export function addEventPage(fastify: FastifyInstance, { auth }: Pick<Config, 'auth'>): void {
  fastify.get(ADDRESS, async (_request, reply) => {
    const html = (await partOf('events.html')).replace('<!-- types -->', typeFields());
    const page = html.replace('data-auth="required"', `data-auth="${auth}"`);
    return reply.headers(HEADERS).type('text/html; charset=utf-8').send(page);
  });
  for (const [name, mediaType] of Object.entries(PARTS)) {
    fastify.get(`${ADDRESS}/${name}`, async (_request, reply) =>
      reply
        .headers(HEADERS)
        .type(mediaType)
        .send(await partOf(name)),
    );
  }
}

const partOf = async (name: string): Promise<string> => readFile(new URL(name, import.meta.url), 'utf8');

/** A box for each type, by noun. */
function typeFields(): string {
  return EVENT_NOUNS.map((noun) => {
    const boxes = EVENT_TYPE_NAMES.filter((type) => nounOf(type) === noun).map((type) => {
      const name = type.slice(noun.length + 1);
      return `<label title="${EVENT_TYPES[type]}"><input type="checkbox" name="type" value="${fullName(type)}" /> ${name}</label>`;
    });
    return `<fieldset><legend>${noun}</legend>${boxes.join('')}</fieldset>`;
  }).join('');
}
