import { isIP } from 'node:net';
import { z } from 'zod';
import { isLoopback } from './loopback.js';

/** How a variable's text becomes a value, with the words in which docs/configuration.md tells of it. */
export interface Reader<Value> {
  schema: z.ZodType<Value, string | undefined>;
  /** The value of a variable that is not set, as it would be written; `null`: none. */
  fallback: string | null;
  /** What may be written, with its unit: "seconds, 1 to 3600". */
  form: string;
}

const reader = <Value>(schema: Reader<Value>['schema'], fallback: string | null, form: string): Reader<Value> => ({
  schema,
  fallback,
  form,
});

export const MIB = 1024 * 1024;

export const whole = (fallback: number, minimum: number, maximum: number, unit: string): Reader<number> =>
  reader(
    z
      .string()
      .default(String(fallback))
      .refine((text) => /^\d+$/.test(text) && Number(text) >= minimum && Number(text) <= maximum, {
        error: `must be a whole number from ${minimum} to ${maximum}`,
      })
      .transform(Number),
    String(fallback),
    `${unit}, ${written(minimum)} to ${written(maximum)}`,
  );

export const flag: Reader<boolean> = reader(
  z
    .string()
    .default('false')
    .refine((text) => ['true', 'false', '1', '0'].includes(text), { error: 'must be true or false' })
    .transform((text) => text === 'true' || text === '1'),
  'false',
  '`true` or `false`',
);

export const text = (fallback: string, form = 'text'): Reader<string> =>
  reader(z.string().default(fallback), fallback, form);

export const optionalText = (form: string): Reader<string | undefined> => reader(z.string().optional(), null, form);

export const list = (form: string): Reader<string[]> =>
  reader(z.string().default('').transform(readList), null, `${form}, behind commas`);

/** A list of what `isItem` takes. */
const listIf = (isItem: (item: string) => boolean, form: string, example: string): Reader<string[]> =>
  reader(
    z
      .string()
      .default('')
      .transform(readList)
      .refine((items) => items.every(isItem), { error: `must be a list of ${form} behind commas, such as ${example}` }),
    null,
    `${form}, behind commas`,
  );

const HOST = /^(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?::\d{1,5})?$/i;
export const hosts = listIf((item) => HOST.test(item) || isIP(item) === 6, '`host` or `host:port`', 'git.example.com');

/** Names of ranges that the HTTP server knows. */
const RANGES = ['loopback', 'linklocal', 'uniquelocal'];
export const addresses = listIf(
  (item) => RANGES.includes(item) || isRange(item),
  'addresses or CIDR ranges',
  '10.0.0.7, 192.0.2.0/24',
);

export const origins = listIf(
  (item) => URL.canParse(item) && new URL(item).origin === item,
  'origins',
  'https://portal.example.com',
);

export const address = (fallback: string): Reader<string> =>
  reader(
    z
      .string()
      .default(fallback)
      .refine((text) => /^[^\s<>@]+@[^\s<>@]+$/.test(text), { error: `must be an e-mail address such as ${fallback}` }),
    fallback,
    'an e-mail address',
  );

/** A list whose items must all be among `names`, and which may not be empty. */
export const listOf = (names: readonly string[], fallback: string): Reader<string[]> =>
  reader(
    z
      .string()
      .default(fallback)
      .transform(readList)
      .refine((items) => items.length > 0 && items.every((item) => names.includes(item)), {
        error: `must be a list of ${names.join(', ')}`,
      }),
    fallback,
    `some of ${names.map((name) => `\`${name}\``).join(', ')}, behind commas`,
  );

export const url = (protocols: readonly string[], example: string): Reader<string | undefined> =>
  reader(
    z
      .string()
      .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
        error: `must be a URL such as ${example}`,
      })
      .optional(),
    null,
    `a URL such as \`${example}\``,
  );

export const urls = (protocols: readonly string[], example: string): Reader<string[]> =>
  listIf((item) => URL.canParse(item) && protocols.includes(new URL(item).protocol), 'URLs', example);

/** Without the slash at its end. */
export const publicUrl: Reader<string | undefined> = reader(
  z
    .string()
    .trim()
    .refine(isFront, { error: 'must be an http(s):// URL without user and query, such as https://example.com/pkg' })
    .transform((value) => new URL(value).href.replace(/\/$/, ''))
    .optional(),
  null,
  'a URL with the path in front of ours, such as `https://example.com/pkg`',
);

/** `host:port` alone is a proxy that is spoken to in plain HTTP, as other programs take it. */
export const proxy: Reader<string | undefined> = reader(
  z
    .string()
    .trim()
    .transform((value) => (value.includes('://') ? value : `http://${value}`))
    .refine(
      (value) =>
        URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) && /^\/?$/.test(new URL(value).pathname),
      { error: 'must be the http(s):// URL of a proxy, such as http://proxy.example.com:3128' },
    )
    .optional(),
  null,
  'a URL such as `http://user:password@proxy.example.com:3128`',
);

export const issuer: Reader<string | undefined> = reader(
  z
    .string()
    .refine(isIssuer, {
      error: 'must be an https:// URL without query (http:// on loopback only), such as https://id.example.com',
    })
    .optional(),
  null,
  'an `https://` URL without query (`http://` on loopback only)',
);

export const oneOf = <const Values extends readonly [string, ...string[]]>(
  values: Values,
  fallback: Values[number],
  /** Earlier names of values; they are taken, and not told of. */
  synonyms: Readonly<Record<string, Values[number]>> = {},
): Reader<Values[number]> =>
  reader<Values[number]>(
    z
      .string()
      .default(fallback)
      .transform((given) => (Object.hasOwn(synonyms, given) ? synonyms[given] : given))
      .pipe(z.enum(values, { error: `must be one of ${values.join(', ')}` })),
    fallback,
    `one of ${values.map((value) => `\`${value}\``).join(', ')}`,
  );

/** Keys of 32 bytes in base64, behind commas. They stay text here; `sealing-key.ts` decodes them. */
export const keys: Reader<string | undefined> = reader(
  z
    .string()
    .refine((given) => given.split(',').every((key) => /^[A-Za-z0-9+/]{43}=?$/.test(key.trim())), {
      error: 'must be 32 bytes in base64, as `openssl rand -base64 32` prints them; older keys follow behind commas',
    })
    .optional(),
  null,
  '32 bytes in base64, as `openssl rand -base64 32` prints them; older keys behind commas',
);

/** The value passed on through `change`. */
export const changed = <Value, Result>(
  { schema, fallback, form }: Reader<Value>,
  change: (value: Value) => Result,
): Reader<Result> => reader(schema.transform(change), fallback, form);

const written = (number: number): string => number.toLocaleString('en-US');

function readList(items: string): string[] {
  return items
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function isRange(text: string): boolean {
  const [, host = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(host);
  return family !== 0 && (bits === undefined || Number(bits) <= (family === 4 ? 32 : 128));
}

/** A path that begins with two slashes, in a `Location`, would lead to another host. */
function isFront(value: string): boolean {
  if (!URL.canParse(value) || /[?#\s]/.test(value)) return false;
  const { protocol, username, password, pathname } = new URL(value);
  return (
    /^https?:$/.test(protocol) &&
    username === '' &&
    password === '' &&
    /^(?:\/[\w.~%!$&'()*+,;=:@-]+)*\/?$/.test(pathname)
  );
}

function isIssuer(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, username, password } = new URL(value);
  if (/[?#\s]/.test(value) || username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}
