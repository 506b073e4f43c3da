import { isIPv4 } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';

/** A mistake in how pkgserver was started; the message is all that is shown before it exits. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}

const MIB = 1024 * 1024;

const whole = (fallback: number, minimum: number, maximum: number) =>
  z
    .string()
    .default(String(fallback))
    .refine((text) => /^\d+$/.test(text) && Number(text) >= minimum && Number(text) <= maximum, {
      error: `must be a whole number from ${minimum} to ${maximum}`,
    })
    .transform(Number);

const flag = z
  .string()
  .default('false')
  .refine((text) => ['true', 'false', '1', '0'].includes(text), { error: 'must be true or false' })
  .transform((text) => text === 'true' || text === '1');

const text = (fallback: string) => z.string().default(fallback);

const list = (fallback = '') =>
  z
    .string()
    .default(fallback)
    .transform((items) =>
      items
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    );

const url = (protocols: readonly string[], example: string) =>
  z
    .string()
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
      error: `must be a URL such as ${example}`,
    })
    .optional();

const issuer = z
  .string()
  .refine(isIssuer, {
    error: 'must be an https:// URL without query (http:// on loopback only), such as https://id.example.com',
  })
  .optional();

const oneOf = <Value extends string>(values: readonly [Value, ...Value[]], fallback: Value) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` }).default(fallback as never);

/** Those of public keys; a shared secret (HS*) or `none` would let whoever verifies tokens, or anyone, write them. */
const SIGNATURE_ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

const environment = z.object({
  DATABASE_URL: url(['postgres:', 'postgresql:'], 'postgresql://user:password@host:5432/pkgserver'),
  DATABASE_OWNER_URL: url(['postgres:', 'postgresql:'], 'postgresql://owner:password@host:5432/pkgserver'),
  DATABASE_POOL_SIZE: whole(10, 2, 1000),
  REDIS_URL: url(['redis:', 'rediss:'], 'redis://host:6379'),
  ROLE: oneOf(['all', 'api', 'worker'], 'all'),
  HOST: text('127.0.0.1'),
  PORT: whole(8080, 0, 65_535),
  PUBLIC_URL: url(['http:', 'https:'], 'https://pkgserver.example.com'),
  DATA_DIR: text('./data').transform((folder) => resolve(folder)),
  AUTH: oneOf(['required', 'none'], 'required'),
  ALLOW_UNAUTHENTICATED: flag,
  RATE_LIMIT_IDENTITY: whole(6000, 0, 1_000_000_000),
  RATE_LIMIT_ADDRESS: whole(12_000, 0, 1_000_000_000),
  TRUSTED_PROXIES: list(),
  CORS_ORIGINS: list(),
  OIDC_ISSUER: issuer,
  OIDC_AUDIENCE: list(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_ALGORITHMS: list('RS256,PS256,ES256,EdDSA').refine(
    (names) => names.length > 0 && names.every((name) => SIGNATURE_ALGORITHMS.includes(name)),
    { error: `must be a list of ${SIGNATURE_ALGORITHMS.join(', ')}` },
  ),
  OIDC_USER_CLAIM: text('sub'),
  OIDC_EMAIL_CLAIM: text('email'),
  OIDC_GROUPS_CLAIM: text('groups'),
  CREDENTIALS_KEY: z
    .string()
    .refine((keys) => keys.split(',').every((key) => /^[A-Za-z0-9+/]{43}=?$/.test(key.trim())), {
      error: 'must be 32 bytes in base64, as `openssl rand -base64 32` prints them; older keys follow behind commas',
    })
    .optional(),
  GIT_TRANSPORT: oneOf(['auto', 'native', 'isomorphic'], 'auto'),
  GIT_ALLOWED_HOSTS: list().transform((hosts) => hosts.map((host) => host.toLowerCase())),
  GIT_ALLOW_HTTP: flag,
  GIT_COMMITTER_NAME: text('pkgserver'),
  GIT_COMMITTER_EMAIL: text('pkgserver@localhost'),
  GIT_TIMEOUT_SECONDS: whole(60, 1, 3600),
  GIT_CONNECT_TIMEOUT_SECONDS: whole(10, 1, 600),
  GIT_MAX_PACK_BYTES: whole(1024 * MIB, MIB, Number.MAX_SAFE_INTEGER),
  MAX_FILE_BYTES: whole(4 * MIB, 1024, 512 * MIB),
  MAX_PACKAGE_BYTES: whole(64 * MIB, 1024, 1024 * MIB),
  SYNC_INTERVAL_SECONDS: whole(60, 1, 86_400),
  SYNC_SLICE_SECONDS: whole(10, 1, 3600),
  WORKER_CONCURRENCY: whole(4, 1, 256),
  LEASE_SECONDS: whole(10, 1, 3600),
  SWEEP_INTERVAL_MS: whole(1000, 10, 3_600_000),
  RETRY_MAX_SECONDS: whole(30, 1, 3600),
  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'info'),
});

type Environment = z.output<typeof environment>;

type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<CamelCase<Tail>>}`
  : Lowercase<Name>;

/** Every setting under its variable's name in camelCase: `DATABASE_URL` is `databaseUrl`. */
export type Settings = { readonly [Name in keyof Environment as CamelCase<Name>]: Environment[Name] };

/** The settings, and the token under which Nest injects them. */
export class Config {
  /** Copies and freezes; `Config` is never changed after the start. */
  static of(settings: Settings): Config {
    return Object.freeze(Object.assign(new Config(), settings));
  }
}
export interface Config extends Settings {}

export type Role = Settings['role'];

/** Reads all variables; throws one {@link StartupError} that names every mistake. An empty variable counts as unset. */
export function readConfig(variables: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value?.trim()));
  const parsed = environment.safeParse(given);
  const mistakes = parsed.success
    ? contradictions(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`);
  if (!parsed.success || mistakes.length > 0) throw new StartupError([...new Set(mistakes)].join('\n'));
  const entries = Object.entries(parsed.data).map(([name, value]) => [camelCase(name), value]);
  return Config.of(Object.fromEntries(entries) as Settings);
}

/** What commands beside the service read, to which its other settings do not matter. */
export function readStorageConfig(
  variables: Record<string, string | undefined> = process.env,
): Pick<Config, 'databaseUrl' | 'dataDir' | 'credentialsKey'> {
  const { DATABASE_URL, DATA_DIR, CREDENTIALS_KEY } = variables;
  return readConfig({ DATABASE_URL, DATA_DIR, CREDENTIALS_KEY });
}

/** Where programs are looked up. No setting of ours, so it is not among them. */
export const searchPath = (): string => process.env.PATH ?? '';

/** Hosts that only this machine can reach. */
export const isLoopback = (host: string): boolean =>
  ['localhost', '::1', '[::1]'].includes(host) || (isIPv4(host) && host.startsWith('127.'));

function isIssuer(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, username, password } = new URL(value);
  if (/[?#\s]/.test(value) || username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

function contradictions(settings: Environment): string[] {
  const mistakes: string[] = [];
  if (settings.ROLE !== 'all' && settings.DATABASE_URL === undefined) {
    mistakes.push(
      `DATABASE_URL must be set when ROLE is ${settings.ROLE}: the embedded PostgreSQL serves one process only.`,
    );
  }
  if (settings.DATABASE_OWNER_URL !== undefined && settings.DATABASE_URL === undefined) {
    mistakes.push(
      'DATABASE_OWNER_URL needs DATABASE_URL beside it: the embedded PostgreSQL makes its roles by itself.',
    );
  }
  if (
    settings.AUTH === 'none' &&
    settings.ROLE !== 'worker' &&
    !isLoopback(settings.HOST) &&
    !settings.ALLOW_UNAUTHENTICATED
  ) {
    mistakes.push(
      `HOST ${settings.HOST} is reachable from other machines, and with AUTH=none whoever reaches it may do anything: ` +
        'leave AUTH at required, leave HOST at 127.0.0.1, or accept it with ALLOW_UNAUTHENTICATED=true.',
    );
  }
  if (settings.OIDC_ISSUER !== undefined && settings.OIDC_AUDIENCE.length === 0) {
    mistakes.push(
      'OIDC_AUDIENCE must be set with OIDC_ISSUER: a token that was issued for another service is no good here.',
    );
  }
  if (settings.OIDC_ISSUER === undefined && (settings.OIDC_AUDIENCE.length > 0 || settings.OIDC_CLIENT_ID)) {
    mistakes.push('OIDC_ISSUER must be set where OIDC_AUDIENCE or OIDC_CLIENT_ID is.');
  }
  return mistakes;
}

const camelCase = (name: string): string =>
  name.toLowerCase().replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
