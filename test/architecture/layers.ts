/**
 * What the files of each folder of src may import besides their own folder: folders, or parts of folders. A folder that
 * has no row here may not exist. The files directly in src put the program together: they import all, and none of the
 * folders imports them.
 */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  async: [],
  logging: [],
  config: [],
  'rate-limit': [],
  net: ['async', 'domain'],
  krm: ['domain'],
  search: ['domain', 'krm/plain-scalar'],
  database: ['config', 'domain'],
  queue: ['config', 'database'],
  tracing: ['config', 'logging'],
  git: ['async', 'domain', 'net'],
  vault: ['database', 'domain'],
  remotes: ['domain', 'git', 'jobs', 'vault'],
  content: ['async', 'config', 'database', 'domain', 'git/objects', 'krm'],
  audit: ['async', 'database', 'domain', 'logging'],
  access: ['config', 'database', 'domain', 'net'],
  events: ['access', 'async', 'database', 'domain', 'logging', 'tracing'],
  revisions: [
    'access',
    'audit',
    'content',
    'database',
    'domain',
    'events',
    'jobs/outbox',
    'jobs/work-scope',
    'krm',
    'logging',
  ],
  jobs: ['async', 'audit', 'config', 'database', 'domain', 'events', 'logging', 'queue', 'tracing'],
  webhooks: [...['access', 'async', 'config', 'database', 'domain', 'events', 'jobs', 'net', 'tracing', 'vault']],
  upstreams: ['domain', 'jobs', 'revisions/upstreams'],
  retention: ['config', 'content', 'database', 'domain', 'jobs', 'logging'],
  operations: [
    ...['access', 'async', 'audit', 'config', 'content', 'database', 'domain', 'events', 'git', 'jobs', 'krm'],
    ...['logging', 'queue', 'remotes', 'revisions', 'tracing', 'vault'],
  ],
  http: [
    'access',
    'audit',
    'config',
    'database/database',
    'database/database-error',
    'domain',
    'events/event-clock',
    'events/event-types',
    'logging',
    'rate-limit',
    'tracing',
  ],
  features: [
    ...[
      'access',
      'async',
      'audit',
      'config',
      'content',
      'database',
      'domain',
      'events',
      'http',
      'jobs',
      'krm',
      'logging',
    ],
    ...['net', 'remotes', 'revisions', 'search', 'vault'],
  ],
  health: ['config', 'content/blob-store', 'database', 'domain', 'http', 'jobs', 'logging', 'queue', 'vault'],
  commands: [
    ...[
      'access/oidc',
      'audit',
      'config',
      'content/blob-store',
      'database',
      'domain',
      'git/native/git-version',
      'http/pages/events/event-line',
    ],
    ...['net', 'queue', 'vault'],
  ],
};

/** What a file may never import because of the role that its name states, whatever its folder may. */
export const ROLES: readonly { readonly files: RegExp; readonly never: readonly RegExp[] }[] = [
  {
    files: /\.controller\.ts$/,
    never: [/\.store\.ts$/, /\.sql\.ts$/, /^src\/(database|git|jobs|operations|queue|revisions|vault)\//],
  },
  { files: /\.service\.ts$/, never: [/\.schema\.ts$/, /\.controller\.ts$/, /^src\/http\//] },
  { files: /^(?!src\/http\/).*\.store\.ts$/, never: [/\.(controller|schema|service|view)\.ts$/, /^src\/http\//] },
  {
    files: /\.schema\.ts$/,
    never: [
      /\.(controller|service|store)\.ts$/,
      /^src\/(database|git|jobs|operations|queue|vault)\/(?!.*\.filter\.ts$)/,
    ],
  },
  { files: /\.view\.ts$/, never: [/\.controller\.ts$/, /^src\/(git|jobs|operations|queue|vault)\//] },
];

/** The only places that import each package. A package that nobody here names has no place yet: give it one. */
export const OWNERS: readonly { readonly packages: readonly string[]; readonly files: RegExp }[] = [
  { packages: ['bullmq'], files: /^src\/queue\// },
  { packages: ['ioredis'], files: /^src\/(queue|rate-limit)\// },
  { packages: ['isomorphic-git'], files: /^src\/git\// },
  { packages: ['undici'], files: /^src\/(git|net)\// },
  { packages: ['pg', '@prisma/adapter-pg', '@prisma/client'], files: /^src\/database\// },
  { packages: ['@nestjs/swagger'], files: /^src\/(http\/|openapi\.ts$)|\.schema\.ts$/ },
  { packages: ['fastify'], files: /^src\/http\// },
  { packages: ['@nestjs/platform-fastify'], files: /^src\/(http\/|(service|drain)\.ts$)/ },
  { packages: ['zod'], files: /^src\/(access\/oidc|config|http)\/|\.(schema|controller|handler)\.ts$/ },
  { packages: ['rxjs'], files: /^src\/http\// },
  { packages: ['js-yaml'], files: /^src\/krm\// },
  { packages: ['diff'], files: /^src\/krm\/diff\// },
  { packages: ['yaml'], files: /^src\/(krm|http\/openapi)\// },
  { packages: ['jose'], files: /^src\/access\/oidc\// },
  { packages: ['pino', 'prom-client'], files: /^src\/logging\// },
  {
    packages: [
      ...['@opentelemetry/api', '@opentelemetry/resources', '@opentelemetry/sdk-trace-base'],
      ...['@opentelemetry/exporter-trace-otlp-http', '@opentelemetry/exporter-trace-otlp-proto'],
    ],
    files: /^src\/tracing\/otlp-tracer\.ts$/,
  },
  { packages: ['rate-limiter-flexible'], files: /^src\/rate-limit\// },
  { packages: ['eventsource'], files: /^src\/commands\/event-follower\.ts$/ },
  { packages: ['@aws-sdk/client-s3'], files: /^src\/content\/blob-store\/s3-bucket\.ts$/ },
  { packages: ['tar-stream'], files: /^src\/features\/package-contents\// },
  { packages: ['@cyclonedx/cyclonedx-library'], files: /^src\/krm\/sbom\// },
  { packages: ['prettier'], files: /^src\/docs\.(test\.)?ts$/ },
  { packages: ['reflect-metadata'], files: /^src\/(program|openapi)\.ts$/ },
  { packages: ['node:child_process'], files: /^src\/(database|git)\// },
  { packages: ['node:worker_threads'], files: /^src\/krm\// },
  { packages: ['node:http', 'node:https'], files: /^src\/(git|http|net)\// },
  { packages: ['@nestjs/common', '@nestjs/core'], files: /^src\/(?!domain\/|krm\/|git\/|config\/|net\/)/ },
  { packages: ['node:crypto'], files: /^src\// },
  {
    packages: ['node:fs', 'node:net', 'node:os', 'node:path', 'node:stream', 'node:zlib'],
    files: /^src\/(?!domain\/)/,
  },
  {
    packages: ['node:async_hooks', 'node:buffer', 'node:events', 'node:timers', 'node:url'],
    files: /^src\/(?!domain\/)/,
  },
  { packages: ['node:dns', 'node:module', 'node:util', 'node:v8'], files: /^src\/(?!domain\/)/ },
];

/** What only these files take out of the generated database client; types of rows are free. */
export const CLIENT_VALUES: readonly { readonly values: readonly string[]; readonly files: RegExp }[] = [
  { values: ['PrismaClient', '*'], files: /^src\/database\// },
  { values: ['Prisma'], files: /^src\/(content|database|jobs|revisions)\/|\.(filter|store|sql)\.ts$/ },
];
