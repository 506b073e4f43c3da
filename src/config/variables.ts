import { resolve } from 'node:path';
import {
  address,
  changed,
  flag,
  hosts,
  issuer,
  list,
  listOf,
  MIB,
  oneOf,
  optionalText,
  text,
  url,
  whole,
} from './reader.js';
import { network } from './network-variables.js';
import { storage } from './storage-variables.js';
import { api, everywhere, worker } from './variable.js';

/** Those of public keys; a shared secret (HS*) or `none` would let whoever verifies tokens, or anyone, write them. */
const SIGNATURE_ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

const instance = {
  ROLE: everywhere(
    oneOf(['all', 'api', 'worker'], 'all'),
    'What this process does. Of `api` and `worker` any number may run on one `DATABASE_URL`.',
  ),
  HOST: everywhere(text('127.0.0.1', 'an address of this machine'), 'Where HTTP listens.'),
  PORT: everywhere(
    whole(8080, 0, 65_535, 'a port'),
    'Where HTTP listens; 0 takes a free one. A worker serves `/health` and `/metrics` there.',
  ),
  DRAIN_SECONDS: everywhere(
    whole(0, 0, 3600, 'seconds'),
    'So long a process that was told to stop goes on serving, while `/health/ready` says 503 and load balancers learn of it. Its ' +
      'supervisor has to wait for ten seconds more.',
  ),
  DATA_DIR: everywhere(
    changed(text('./data', 'a folder'), (folder) => resolve(folder)),
    'Holds the mirrors of repositories, the embedded database, the key that seals credentials, and the first token.',
  ),
  LOG_LEVEL: everywhere(
    oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'info'),
    'The least severe lines that are logged. Requests of probes and scrapes are `debug`.',
  ),
  LOG_FORMAT: everywhere(
    oneOf(['auto', 'json', 'pretty'], 'auto'),
    '`json`: an object a line. `pretty`: lines for people, an error on one as well; its stack is in `json`. `auto`: `pretty` on a terminal.',
  ),
};

const access = {
  AUTH: everywhere(
    oneOf(['required', 'none'], 'required'),
    'With `none` everybody may do everything, under the name that they give in `X-Remote-User`.',
  ),
  ALLOW_UNAUTHENTICATED: api(flag, 'Accepts `AUTH=none` on a `HOST` that other machines can reach.'),
  OIDC_ISSUER: everywhere(issuer, 'The identity provider whose tokens are taken. See [access.md](access.md).'),
  OIDC_AUDIENCE: everywhere(list('names'), 'A token has to be meant for one of these. Needed with `OIDC_ISSUER`.'),
  OIDC_CLIENT_ID: api(optionalText('text'), 'The client as which Swagger UI signs people in.'),
  OIDC_ALGORITHMS: everywhere(
    listOf(SIGNATURE_ALGORITHMS, 'RS256,PS256,ES256,EdDSA'),
    'The signatures that are taken; those with public keys only.',
  ),
  OIDC_USER_CLAIM: everywhere(text('sub', 'the name of a claim'), 'The claim that names the user.'),
  OIDC_EMAIL_CLAIM: everywhere(
    text('email', 'the name of a claim'),
    'The claim with the user’s e-mail address, which commits and tags then bear.',
  ),
  OIDC_NAME_CLAIM: everywhere(
    text('name', 'the name of a claim'),
    'The claim with the user’s full name, which commits and tags then bear.',
  ),
  OIDC_GROUPS_CLAIM: everywhere(
    text('groups', 'the name of a claim'),
    'The claim with the user’s groups, to which roles can be given.',
  ),
  RATE_LIMIT_IDENTITY: everywhere(
    whole(6000, 0, 1_000_000_000, 'requests a minute'),
    'What each user or token may ask; 0 sets no limit.',
  ),
  WEBHOOKS_PER_OWNER: api(
    whole(100, 1, 1_000_000, 'webhooks'),
    'How many webhooks each user may own. See [webhooks.md](webhooks.md#who-may).',
  ),
  EVENT_STREAMS_PER_IDENTITY: api(
    whole(50, 1, 1_000_000, 'streams'),
    'How many streams of events each user or token may have open in a process.',
  ),
  RATE_LIMIT_ADDRESS: everywhere(
    whole(12_000, 0, 1_000_000_000, 'requests a minute'),
    'What may come from each address; 0 sets no limit.',
  ),
};

const git = {
  GIT_TRANSPORT: everywhere(
    oneOf(['auto', 'native', 'javascript'], 'auto', { isomorphic: 'javascript' }),
    'How Git is spoken: `native` needs git 2.37 or newer, `javascript` (`isomorphic` of old) none at all; `auto` uses what it finds.',
  ),
  GIT_ALLOWED_HOSTS: everywhere(
    changed(hosts, (names) => names.map((host) => host.toLowerCase())),
    'Hosts that repositories and webhooks may be on although they are private, on loopback, or speak plain `http`.',
  ),
  GIT_ALLOW_HTTP: everywhere(flag, 'Takes `http://` URLs of any public host.'),
  GIT_COMMITTER_NAME: worker(text('pkgserver'), 'The committer of its commits; authors are the acting users.'),
  GIT_COMMITTER_EMAIL: worker(address('pkgserver@localhost'), 'The committer’s address.'),
  GIT_TIMEOUT_SECONDS: worker(
    whole(60, 1, 3600, 'seconds'),
    'A remote that sends nothing for so long has failed; the work is tried again.',
  ),
  GIT_CONNECT_TIMEOUT_SECONDS: worker(
    whole(10, 1, 600, 'seconds'),
    'A remote that takes no connection for so long has failed.',
  ),
  GIT_MAX_PACK_BYTES: worker(
    whole(1024 * MIB, MIB, Number.MAX_SAFE_INTEGER, 'bytes'),
    'A fetch that would bring more is broken off.',
  ),
};

const packages = {
  MAX_FILE_BYTES: everywhere(
    whole(4 * MIB, 1024, 512 * MIB, 'bytes'),
    'Larger YAML is kept as it is, and not indexed.',
  ),
  MAX_PACKAGE_BYTES: everywhere(
    whole(64 * MIB, 1024, 1024 * MIB, 'bytes'),
    'A larger package is refused, and left out where it is discovered.',
  ),
};

const work = {
  SYNC_INTERVAL_SECONDS: worker(
    whole(60, 1, 86_400, 'seconds'),
    'How often a repository is looked at that names no interval of its own.',
  ),
  SYNC_INTERVAL_WITH_RECEIVER_SECONDS: worker(
    whole(600, 1, 86_400, 'seconds'),
    'The same of one whose Git host has said within a day, by a webhook, that something changed. See [receivers.md](receivers.md).',
  ),
  SYNC_SLICE_SECONDS: worker(whole(10, 1, 3600, 'seconds'), 'After so long a sync lets other repositories go first.'),
  WORKER_CONCURRENCY: worker(
    whole(4, 1, 256, 'repositories'),
    'How many repositories one process works on at a time. Each may take a connection of `DATABASE_POOL_SIZE`.',
  ),
  LEASE_SECONDS: everywhere(
    whole(10, 1, 3600, 'seconds'),
    'So long after a worker has died another one takes over its repository. It is renewed three times as often.',
  ),
  SWEEP_INTERVAL_MS: worker(
    whole(1000, 10, 3_600_000, 'milliseconds'),
    'How often a worker looks for work whose ring was lost, and for repositories whose sync is due.',
  ),
  RETRY_MAX_SECONDS: worker(
    whole(30, 1, 3600, 'seconds'),
    'The longest pause between attempts at a remote that fails; the first pauses are shorter.',
  ),
  WEBHOOK_TIMEOUT_SECONDS: worker(
    whole(15, 1, 60, 'seconds'),
    'A webhook whose answer takes longer has failed; it is tried again. See [webhooks.md](webhooks.md).',
  ),
  RETENTION_OPERATIONS_DAYS: worker(whole(30, 1, 36_500, 'days'), 'Operations that have ended are kept for so long.'),
  RETENTION_EVENTS_DAYS: worker(whole(7, 1, 36_500, 'days'), 'Events are kept for so long.'),
  RETENTION_DELIVERIES_DAYS: worker(
    whole(7, 1, 36_500, 'days'),
    'Deliveries to webhooks are kept for so long; those that wait for another attempt, longer.',
  ),
  RETENTION_INTERVAL_SECONDS: worker(
    whole(21_600, 1, 86_400, 'seconds'),
    'How often what is not needed any more is removed. See [operating.md](operating.md#retention).',
  ),
};

const traces = {
  OTEL_EXPORTER_OTLP_ENDPOINT: everywhere(
    url(['http:', 'https:'], 'http://collector:4318'),
    'Sends traces to this collector, at `/v1/traces` below it. Unset: none, and the SDK of OpenTelemetry is not loaded. See ' +
      '[operating.md](operating.md#traces), also for other variables of OpenTelemetry.',
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: everywhere(
    oneOf(['http/protobuf', 'http/json'], 'http/protobuf'),
    'How they are sent; `grpc` is not spoken.',
  ),
  OTEL_SERVICE_NAME: everywhere(optionalText('text'), 'The name of the service in traces; `pkgserver` without it.'),
};

/** All variables, as docs/configuration.md shows them. */
export const SECTIONS = [
  { title: 'The process', variables: instance },
  { title: 'Where things are kept', variables: storage },
  { title: 'Who may use it', variables: access },
  { title: 'The network around it', variables: network },
  { title: 'Git', variables: git },
  { title: 'Packages', variables: packages },
  { title: 'Work in the background', variables: work },
  { title: 'Traces', variables: traces },
] as const;

export const VARIABLES = { ...instance, ...storage, ...access, ...network, ...git, ...packages, ...work, ...traces };
