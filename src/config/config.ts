import { z } from 'zod';
import { isLoopback } from './loopback.js';
import { EITHER_CASE } from './network-variables.js';
import type { Variable } from './variable.js';
import { VARIABLES } from './variables.js';

/** A mistake in how pkgserver was started; the message is all that is shown before it exits. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}

type Variables = typeof VARIABLES;
type Environment = { [Name in keyof Variables]: Variables[Name] extends Variable<infer Value> ? Value : never };

const schemas = Object.entries(VARIABLES).map(([name, { reads }]) => [name, reads.schema] as const);
const environment = z.object(Object.fromEntries(schemas)).transform((values) => values as Environment);

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
  for (const name of EITHER_CASE) given[name] = given[name.toLowerCase()] ?? given[name];
  const parsed = environment.safeParse(given);
  const mistakes = parsed.success
    ? contradictions(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`);
  if (!parsed.success || mistakes.length > 0) throw new StartupError([...new Set(mistakes)].join('\n'));
  const entries = Object.entries(parsed.data).map(([name, value]) => [camelCase(name), value]);
  return Config.of(Object.fromEntries(entries) as Settings);
}

export type StorageConfig = Pick<
  Config,
  'databaseUrl' | 'databaseDirectUrl' | 'databaseOwnerUrl' | 'redisUrl' | 'dataDir' | 'credentialsKey'
>;

/** What commands beside the service read, to which its other settings do not matter. */
export function readStorageConfig(): StorageConfig {
  const { DATABASE_URL, DATABASE_DIRECT_URL, DATABASE_OWNER_URL, REDIS_URL, DATA_DIR, CREDENTIALS_KEY } = process.env;
  return readConfig({ DATABASE_URL, DATABASE_DIRECT_URL, DATABASE_OWNER_URL, REDIS_URL, DATA_DIR, CREDENTIALS_KEY });
}

/** Whether the variables of the S3 client itself name another server than Amazon's. */
export const hasOwnS3Endpoint = (): boolean =>
  [process.env.AWS_ENDPOINT_URL_S3, process.env.AWS_ENDPOINT_URL].some((url) => url?.trim());

/** Where programs are looked up. No setting of ours, so it is not among them. */
export const searchPath = (): string => process.env.PATH ?? '';

function contradictions(settings: Environment): string[] {
  const mistakes: string[] = [];
  if (settings.ROLE !== 'all' && settings.DATABASE_URL === undefined) {
    mistakes.push(
      `DATABASE_URL must be set when ROLE is ${settings.ROLE}: the embedded PostgreSQL serves one process only.`,
    );
  }
  if (settings.DATABASE_DIRECT_URL !== undefined && settings.DATABASE_URL === undefined) {
    mistakes.push(
      'DATABASE_DIRECT_URL needs DATABASE_URL beside it: nothing is between the embedded PostgreSQL and us.',
    );
  }
  if (settings.DATABASE_READ_URL.length > 0 && settings.DATABASE_URL === undefined) {
    mistakes.push('DATABASE_READ_URL needs DATABASE_URL beside it: the embedded PostgreSQL has no replicas.');
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
