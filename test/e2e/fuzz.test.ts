import { afterAll, beforeAll, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import { writeCursor } from '../../src/http/schema/pagination.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { HttpClient } from '../support/http-client.js';
import {
  addCampaign,
  addDrift,
  addUpgradePreview,
  addRepository,
  addVariant,
  addVariantSet,
} from '../support/index-rows.js';
import { at, type Described, type Json, OpenApi } from '../support/openapi.js';
import { Random } from '../support/random.js';
import { signIn } from '../support/sign-in.js';

/**
 * Requests to every operation of the contract, with whatever a client can choose: each is answered, and none by 5xx. A few
 * hundred with each run of the suite; `FUZZ_REQUESTS=20000 FUZZ_SEED=n npx vitest run --project e2e test/e2e/fuzz.test.ts` sends more.
 */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 400);
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);
/** What is there is made anew after so many requests: some of them delete it. */
const ROUND = 200;
const LARGE = 'x'.repeat(10 * 1024 * 1024);

const contract = await OpenApi.committed();
const { operations } = contract;

/** Strings that have been wrong somewhere. */
const STRINGS = [
  ...['', ' ', '\0', 'a\0b', '\ud800', 'a\udc00b', '\ufffd', '\u202e', 'é', '\u0065\u0301', '💥', '\r\n', '\t'],
  ...['__proto__', 'constructor', 'toString', 'null', 'undefined', 'NaN', 'true', '-0', '1e999', '0x10', '١'],
  ...["'", '"', '`', '\\', '%', '_', '*', '**', '?', '$1', '${x}', '{{x}}', '--', '; DROP TABLE x', "' OR 1=1 --"],
  ...[
    '.',
    '..',
    '../..',
    '/',
    '//',
    'a//b',
    '/a',
    'a/',
    '.git',
    'a/.git/b',
    'C:\\x',
    '~',
    '@{',
    'a.lock',
    'refs/heads/x',
  ],
  ...['%00', '%2e%2e', '%ff', '%ud800', '+', '&', '=', '#', ',', ',,', 'a,b', '[]', '{}', '[[[[', '{"a":1}', '<x>'],
  ...['2026-13-45T99:99:99Z', '0000-00-00', '9999-12-31T23:59:59.999Z', '+275760-09-13T00:00:00.000Z', '1', '-1', '0'],
  ...[
    '2147483648',
    '9223372036854775808',
    '1e400',
    '00000000-0000-0000-0000-000000000000',
    'https://[::1',
    'http://a:b@c',
  ],
  ...[
    'ssh://-oProxyCommand=x@h/p',
    'file:///etc/passwd',
    'a=b',
    'a in (',
    '!a,!',
    'a notin (b',
    'W/"x"',
    '"x"',
    '*',
    'x',
  ],
  ...['x'.repeat(64), 'x'.repeat(300), 'x'.repeat(5_000), 'é'.repeat(2_000), '💥'.repeat(600), '/x'.repeat(800)],
];
const NUMBERS = [0, -0, -1, 1, 0.5, 1e308, -1e308, 2 ** 31, 2 ** 53, 2 ** 63, 5e-324, 10, 501];

interface Request {
  method: string;
  url: string;
  headers: Record<string, string>;
  payload?: string;
}

let api: TestApi;
let token: string;
/** Ids of what there is, by the collection of its path, and other strings that are right somewhere. */
let known: Record<string, string> = {};

beforeAll(async () => {
  api = await startTestApi({ AUTH: 'required', GIT_ALLOWED_HOSTS: '127.0.0.1' });
  token = await signIn(api.database, 'root', { role: 'admin' });
});
afterAll(() => api.close());

async function populate(): Promise<void> {
  const client = new HttpClient(api.url, { Authorization: `Bearer ${token}` });
  const made = async (path: string, body: object) => (await client.expect(201, 'POST', path, body)).body;
  const name = `r${uuidv7().replaceAll('-', '')}`;
  const { id: repositoryId } = await addRepository(api.database, { name });
  const draft = await made('/package-revisions', {
    ...{ repositoryId, package: 'core', workspace: 'one', source: { type: 'init' } },
  });
  const credential = await made('/credentials', { name, type: 'token', token: 'hunter2' });
  const subject = { type: 'user', name: 'bob' };
  const binding = await made('/role-bindings', { role: 'viewer', subject, repositoryId });
  const receiver = await made('/receivers', { name, type: 'generic', repositoryIds: [repositoryId] });
  const webhook = await made('/webhooks', { name, url: 'http://127.0.0.1:9/', filter: { repositoryId } });
  const drift = await addDrift(api.database, { repositoryId, path: 'core' });
  const preview = await addUpgradePreview(api.database, { revisionId: draft.id, repositoryId, path: 'core' });
  const target = await made('/targets', { name });
  const variant = await addVariant(api.database, { repositoryId, path: 'core' });
  const set = await addVariantSet(api.database, repositoryId);
  const { id: revisionId, packageId } = draft;
  const campaigns = await addCampaign(api.database, { revisionId, packageId, repositoryId, path: 'core' });
  const apiToken = await made('/api-tokens', { description: 'x', user: 'bob' });
  const { items: operationItems } = (await client.call('GET', '/operations?pageSize=1')).body;
  const { items: entries } = (await client.call('GET', '/audit-entries?pageSize=1')).body;
  known = {
    ...{ repositories: repositoryId, packages: draft.packageId, 'package-revisions': draft.id },
    ...{ credentials: credential.id, 'role-bindings': binding.id, 'api-tokens': apiToken.id },
    ...{ receivers: receiver.id, webhooks: webhook.id, drift, 'upgrade-previews': preview, targets: target.id },
    ...{ variants: variant, 'variant-sets': set },
    campaigns,
    ...{ operations: operationItems[0].id, 'audit-entries': entries[0].id, name, etag: draft.etag, tree: draft.tree },
  };
}

class Fuzzer {
  constructor(private readonly random: Random) {}

  request(): Request {
    const operation = this.pick(operations);
    const { method } = operation;
    const url = `${this.path(operation)}${this.query(operation)}`;
    const headers = this.headers(operation);
    const body = at(operation.operation, 'requestBody');
    const payload = method === 'get' ? undefined : this.payload(contract.resolve(body));
    if (payload !== undefined) headers['content-type'] = this.pick(TYPES[method === 'patch' ? 'patch' : 'other']);
    return { method: method.toUpperCase(), url, headers, ...(payload !== undefined && { payload }) };
  }

  private path({ path }: Described): string {
    const collection = path.split('/')[3] ?? '';
    return path.replaceAll(/\{(\w+)\}/g, (_, slot: string) => {
      const right =
        slot === 'id' ? (known[collection] ?? uuidv7()) : slot === 'type' ? 'example.com/scanned' : uuidv7();
      if (this.chance(0.8)) return slot === 'type' ? encodeURIComponent(right) : right;
      return this.chance(0.8)
        ? encoded(this.string())
        : this.pick(['%', '%zz', '%ff', '%00', '%2f', right.toUpperCase()]);
    });
  }

  private query({ operation, path }: Described): string {
    const parts: string[] = [];
    for (const parameter of contract.parametersOf(operation)) {
      if (String(parameter.in) !== 'query') continue;
      const name = String(parameter.name);
      // What is asked to wait would wait for a worker, of which there is none.
      if (name === 'wait') continue;
      if (!this.chance(name === 'dryRun' ? 0.5 : 0.25)) continue;
      const value = this.queryValue(name, parameter, path);
      parts.push(`${name}=${this.chance(0.95) ? encoded(value) : this.pick(['%', '%ff', '%00', 'a=b'])}`);
    }
    if (this.chance(0.03)) parts.push(`${encoded(this.string())}=${encoded(this.string())}`);
    if (parts.length > 0 && this.chance(0.05)) parts.push(this.pick(parts));
    return parts.length === 0 ? '' : `?${parts.join('&')}`;
  }

  private queryValue(name: string, parameter: Json, path: string): string {
    if (name === 'cursor') return this.cursor(path.split('/')[3] ?? '');
    if (name === 'dryRun' && this.chance(0.9)) return 'true';
    const value = this.value(at(parameter, 'schema'), 0);
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  /** Bound to the list as its own are, with places that no list has; and other texts. */
  private cursor(list: string): string {
    const parts = Array.from({ length: this.below(4) }, () => (this.chance(0.3) ? uuidv7() : this.string()));
    if (this.chance(0.7)) return writeCursor(parts, [list, {}]);
    return this.chance(0.5) ? Buffer.from(JSON.stringify(this.junk(0))).toString('base64url') : this.string();
  }

  private headers({ operation }: Described): Record<string, string> {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (this.chance(0.02)) headers.authorization = `${this.pick(['Bearer', 'Basic', ''])} ${header(this.string())}`;
    const takesWork = 'x-accepted' in operation || JSON.stringify(operation.responses ?? {}).includes('"202"');
    const names = [
      'if-match',
      'if-none-match',
      'idempotency-key',
      'x-request-id',
      'accept',
      'x-remote-user',
      'x-forwarded-for',
    ];
    if (!takesWork) names.push('prefer');
    for (const name of names) {
      const isUsual = name === 'if-match' && this.chance(0.8);
      if (isUsual) headers[name] = this.pick(['*', `"${known.etag}"`, `"${known.tree}"`, '*']);
      else if (this.chance(0.06)) headers[name] = header(this.string());
    }
    return headers;
  }

  private payload(body: Json): string | undefined {
    const schema = Object.values(at(body, 'content'))[0]?.schema;
    if (this.chance(0.002)) return JSON.stringify({ description: LARGE });
    if (this.chance(0.03))
      return this.pick(['', '{', '[]', 'null', '"x"', '1e999', '{"a":1,"a":2}', '\ud800', '{"__proto__":{}}']);
    if (schema === undefined) return this.chance(0.2) ? JSON.stringify(this.junk(0)) : undefined;
    return this.chance(0.03) ? nested(this.below(200)) : JSON.stringify(this.value(schema, 0));
  }

  /** A value as the schema says, but for some parts of it. */
  private value(given: Json, depth: number): unknown {
    const schema = contract.resolve(given);
    if (this.chance(depth === 0 ? 0.02 : 0.12)) return this.junk(depth);
    const choices = Object.values(schema.oneOf ?? schema.anyOf ?? {});
    if (choices.length > 0) return this.value(this.pick(choices), depth);
    if ('const' in schema) return schema.const;
    if (schema.enum !== undefined) return this.pick(Object.values(schema.enum));
    const extensible = schema['x-extensible-enum'];
    if (extensible !== undefined) return this.pick(Object.values(extensible));
    const types: string[] =
      typeof schema.type === 'string' ? [schema.type] : Object.values(schema.type ?? {}).map(String);
    return this.ofType(this.pick(types.length > 0 ? types : ['string']), schema, depth);
  }

  private ofType(type: string, schema: Json, depth: number): unknown {
    if (type === 'null') return null;
    if (type === 'boolean') return this.chance(0.5);
    if (type === 'integer' || type === 'number') return this.chance(0.7) ? 1 + this.below(20) : this.pick(NUMBERS);
    if (type === 'array') {
      return Array.from({ length: this.below(4) }, () => this.value(at(schema, 'items'), depth + 1));
    }
    if (type === 'string') return this.text(schema);
    const required = Object.values(schema.required ?? {}).map(String);
    const fields = Object.entries(at(schema, 'properties')).filter(
      ([name]) => required.includes(name) || this.chance(0.4),
    );
    const entries = fields.map(([name, property]): [string, unknown] => [name, this.value(property, depth + 1)]);
    if (typeof schema.additionalProperties === 'object') {
      for (let count = this.below(3); count > 0; count -= 1) {
        entries.push([this.string(), this.value(at(schema, 'additionalProperties'), depth + 1)]);
      }
    }
    if (this.chance(0.02)) entries.push([this.string(), this.junk(depth + 1)]);
    return Object.fromEntries(entries);
  }

  private text(schema: Json): unknown {
    if (this.chance(0.3)) return this.string();
    const format = String(schema.format ?? '');
    if (format === 'uuid') return this.chance(0.8) ? this.pick(Object.values(known)) : uuidv7();
    const examples = Object.values(schema.examples ?? {});
    return examples.length > 0 && this.chance(0.8) ? this.pick(examples) : known.name;
  }

  private junk(depth: number): unknown {
    const kinds = [() => this.string(), () => this.pick(NUMBERS), () => null, () => this.chance(0.5)];
    const deep = [() => [this.junk(depth + 1)], () => ({ [this.string()]: this.junk(depth + 1) })];
    return this.pick(depth < 4 ? [...kinds, ...deep] : kinds)();
  }

  private string(): string {
    const one = this.pick(STRINGS);
    return this.chance(0.7) ? one : one + this.pick(STRINGS);
  }

  private pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }

  private below(limit: number): number {
    return Math.floor(this.random.next() * limit);
  }

  private chance(probability: number): boolean {
    return this.random.next() < probability;
  }
}

const TYPES = {
  patch: ['application/json', 'application/merge-patch+json', 'application/json; charset=utf-8'],
  other: [
    'application/json',
    'application/json',
    'application/json; charset="utf-8"',
    'text/plain',
    'application/json;;',
  ],
};

/** As any client could write it; a half of a surrogate pair is three bytes that are no UTF-8. */
const encoded = (text: string): string =>
  [...Buffer.from(text.replaceAll(/\p{Surrogate}/gu, '\ufffd'), 'utf8')]
    .map((byte) => `%${byte.toString(16).padStart(2, '0')}`)
    .join('');

/** What HTTP lets through in a header. */
const header = (text: string): string =>
  [...Buffer.from(text, 'utf8').toString('latin1')]
    .filter((char) => char === '\t' || (char >= ' ' && char !== '\x7f'))
    .join('');

const nested = (depth: number): string => `${'{"a":['.repeat(depth)}1${']}'.repeat(depth)}`;

it(`answers whatever it is asked, and never by 5xx (seed ${SEED})`, { timeout: 60_000 + REQUESTS * 100 }, async () => {
  const fuzzer = new Fuzzer(new Random(SEED));
  const faults: string[] = [];
  const statuses = new Map<number, number>();
  for (let sent = 0; sent < REQUESTS && faults.length < 20; sent += 1) {
    if (sent % ROUND === 0) await populate();
    const request = fuzzer.request();
    const { statusCode, body } = await api.app.inject({ ...request, method: request.method as 'GET' });
    statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
    if (statusCode >= 200 && statusCode < 500) continue;
    const { payload = '', ...rest } = request;
    faults.push(`${statusCode} ${body.slice(0, 300)}\n${JSON.stringify(rest)}\n${payload.slice(0, 2_000)}`);
  }
  expect(faults, `seed ${SEED}`).toEqual([]);
  // A fuzzer that gets past no check finds nothing.
  const good = [...statuses].reduce((sum, [status, count]) => (status < 300 ? sum + count : sum), 0);
  expect(good).toBeGreaterThan(REQUESTS / 10);
});

/** What a query can carry and no database stores, or no parser of lists, numbers or times takes. */
const HOSTILE = ['%00', 'a%00b', '%ff', '%2C', '%2C%00', '-', '%E2%80%AE', '9'.repeat(400), 'x'.repeat(9_000)];

it(
  'answers each hostile value of each parameter of a query by itself, and never by 5xx',
  { timeout: 120_000 },
  async () => {
    await populate();
    const faults: string[] = [];
    let sent = 0;
    for (const { method, path, operation } of operations) {
      if (method !== 'get') continue;
      const url = path.replaceAll('{id}', known[path.split('/')[3] ?? ''] ?? uuidv7());
      const inQuery = contract.parametersOf(operation).filter((parameter) => String(parameter.in) === 'query');
      const needed = inQuery.filter(({ required }) => String(required) === 'true');
      for (const { name } of inQuery) {
        const others = needed.filter((parameter) => parameter.name !== name);
        const rest = others.map((parameter) => `&${String(parameter.name)}=${uuidv7()}`).join('');
        for (const value of HOSTILE) {
          sent += 1;
          const target = `${url}?${String(name)}=${value}${rest}`;
          const { statusCode } = await api.app.inject({
            method: 'GET',
            url: target,
            headers: { authorization: `Bearer ${token}` },
          });
          if (statusCode >= 500) faults.push(`${statusCode} ${target.slice(0, 200)}`);
        }
      }
    }
    expect(faults).toEqual([]);
    expect(sent).toBeGreaterThan(1_000);
  },
);
