import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../../config/config.js';
import { EVENT_NOUNS, EVENT_TYPE_NAMES, EVENT_TYPES, fullName, nounOf } from '../../events/event-types.js';

/** A page of this service: `FOLDER/FOLDER.html` beside this file, and what it loads from its folder and from `shared`. */
interface Page {
  address: string;
  folder: string;
  /** What the server writes into the page, by the text in whose place it stands. */
  marks: Readonly<Record<string, () => string>>;
}

const PAGES: readonly Page[] = [
  { address: '/docs/events', folder: 'events', marks: { '<!-- types -->': typeFields } },
  { address: '/fleet', folder: 'fleet', marks: { CAMPAIGN_EVENTS: campaignTypes } },
];

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** Nothing but what this service serves, and nothing that stands in the page itself. */
const HEADERS = {
  'Cache-Control': 'no-cache',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
};

/**
 * The pages for people: public, and without data. They show what the API gives to whoever signs in on them. The parts of a page
 * are below its address, in folders as here, so that their imports hold in browsers and in Node alike.
 */
export function addPages(fastify: FastifyInstance, { auth }: Pick<Config, 'auth'>): void {
  const serve = (address: string, mediaType: string, read: () => Promise<string>) =>
    fastify.get(address, async (_request, reply) =>
      reply
        .headers(HEADERS)
        .type(mediaType)
        .send(await read()),
    );
  for (const page of PAGES) {
    serve(page.address, 'text/html; charset=utf-8', () => htmlOf(page, auth));
    for (const folder of [page.folder, 'shared']) {
      for (const name of readdirSync(new URL(`${folder}/`, import.meta.url))) {
        const mediaType = MEDIA_TYPES[extname(name)];
        if (mediaType) serve(`${page.address}/${folder}/${name}`, mediaType, () => partOf(`${folder}/${name}`));
      }
    }
  }
}

const partOf = async (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8');

async function htmlOf({ folder, marks }: Page, auth: Config['auth']): Promise<string> {
  const [html, signIn] = await Promise.all([partOf(`${folder}/${folder}.html`), partOf('shared/sign-in.html')]);
  const all = { ...marks, '<!-- sign-in -->': () => signIn };
  const filled = Object.entries(all).reduce((text, [mark, write]) => text.replace(mark, write), html);
  return filled.replace('data-auth="required"', `data-auth="${auth}"`);
}

function campaignTypes(): string {
  const own = EVENT_TYPE_NAMES.filter((type) => nounOf(type) === 'campaign');
  return own.map(fullName).join();
}

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
