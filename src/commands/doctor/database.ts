import { connect, type DatabaseVariable, serverOf } from '../../database/connect.js';
import { missingMigrations } from '../../database/migrate.js';
import { directOf } from '../../database/prepare.js';
import { assertOtherRole, assertRestricted, roleOf } from '../../database/service-role.js';
import { assertTakesSchema } from '../../queue/queue-backend.js';
import { assertKeepsSession, assertSameDatabase } from '../../database/sessions.js';
import { type Check, type Finding, failed, mistakesOf, ok, type Reached, warning } from './check.js';

/** The first row of a statement, on a connection of its own. */
async function rowOf<Row extends object>(
  url: string,
  variable: DatabaseVariable,
  statement: string,
): Promise<Row | undefined> {
  const client = await connect(url, variable);
  try {
    return (await client.query<Row>(statement)).rows[0];
  } finally {
    await client.end();
  }
}

export const database: Check = {
  name: 'database',
  needs: 'nothing',
  look: async ({ config, urls }) => {
    if (urls === null) {
      return [
        warning(
          `The embedded PostgreSQL in ${config.dataDir} does not run, and is not started for a look.`,
          'Start the service and look again, or set DATABASE_URL.',
        ),
      ];
    }
    const url = urls.databaseUrl;
    const found: Finding[] = [];
    const mistakes = await mistakesOf(async () => {
      const row = await rowOf<{ version: string }>(
        url,
        'DATABASE_URL',
        `SELECT current_setting('server_version') AS version`,
      );
      found.push(ok(`PostgreSQL ${row?.version ?? ''} at ${serverOf(url)} answers.`));
    });
    return [...found, ...mistakes];
  },
};

export const writes: Check = {
  name: 'database writes',
  needs: 'database',
  look: async ({ urls }) => {
    const row = await rowOf<{ standby: boolean; closed: boolean }>(
      urls.databaseUrl,
      'DATABASE_URL',
      `SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') = 'on' AS closed`,
    );
    if (row?.standby)
      return [failed('The database is a standby and takes no changes.', 'Set DATABASE_URL to the primary.')];
    if (!row?.closed) return [ok('The database takes changes.')];
    return [
      failed(
        'The database is read-only.',
        'Set default_transaction_read_only of the database and of the role of DATABASE_URL to off.',
      ),
    ];
  },
};

export const ways: Check = {
  name: 'database URLs',
  needs: 'database',
  look: async ({ config, urls }) => {
    const { databaseUrl, directUrl, ownerUrl } = urls;
    const others: [string | undefined, DatabaseVariable][] = [
      [directUrl, 'DATABASE_DIRECT_URL'],
      [ownerUrl, 'DATABASE_OWNER_URL'],
    ];
    const given = others.flatMap(([url, name]) => (url === undefined ? [] : [[url, name] as const]));
    const looked = await Promise.all(
      given.map(([url, name]) => mistakesOf(() => assertSameDatabase(databaseUrl, url, name))),
    );
    const mistakes = looked.flat();
    if (mistakes.length > 0) return mistakes;
    const sessions = [directOf(urls), ...given.filter(([, name]) => name === 'DATABASE_OWNER_URL')];
    const pooled = await Promise.all(sessions.map(([url, name]) => mistakesOf(() => assertKeepsSession(url, name))));
    if (pooled.flat().length > 0) return pooled.flat();
    const schemas = config.redisUrl === undefined ? await mistakesOf(() => assertTakesSchema(...directOf(urls))) : [];
    if (schemas.length > 0) return schemas;
    const names = ['DATABASE_URL', ...given.map(([, name]) => name)];
    const same = names.length > 1 ? `${names.join(', ')} lead to one database, and` : 'DATABASE_URL';
    return [ok(`${same} ${names.length > 1 ? 'sessions are kept' : 'keeps sessions'}.`)];
  },
};

interface Connections {
  most: number;
  others: number;
  ours: number;
}

/** Connections of other programs are taken from what the server allows; those of pkgserver are not, since the pool size counts them. */
const CONNECTIONS = `
  SELECT least(
      current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
      (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()),
      (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user)
    ) AS most,
    count(*) FILTER (WHERE application_name NOT LIKE 'pkgserver%')::int AS others,
    count(*) FILTER (WHERE application_name LIKE 'pkgserver%' AND pid <> pg_backend_pid())::int AS ours
  FROM pg_stat_activity WHERE usesysid IS NOT NULL AND datid IS NOT NULL`;

export const connections: Check = {
  name: 'database connections',
  needs: 'database',
  look: async ({ config, urls }) => {
    const row = await rowOf<Connections>(urls.databaseUrl, 'DATABASE_URL', CONNECTIONS);
    const { most = 0, others = 0, ours = 0 } = row ?? {};
    const size = config.databasePoolSize;
    const found = `${most} connections are allowed, others hold ${others}, those of pkgserver are ${ours}; DATABASE_POOL_SIZE is ${size}.`;
    if (most - others >= size) return [ok(found)];
    return [
      warning(
        found,
        'Raise max_connections, lower DATABASE_POOL_SIZE, or put a pooler in front (DATABASE_DIRECT_URL).',
      ),
    ];
  },
};

export const migrations: Check = {
  name: 'migrations',
  needs: 'database',
  look: async ({ urls }) => {
    const found: Finding[] = [];
    const mistakes = await mistakesOf(async () => {
      const client = await connect(urls.databaseUrl);
      try {
        const missing = await missingMigrations(client);
        const [first] = missing;
        if (first === undefined) found.push(ok('The database has all migrations.'));
        else {
          const named =
            missing.length === 1 ? `the migration ${first}` : `${missing.length} migrations, from ${first} on`;
          found.push(
            failed(
              `The database lacks ${named}.`,
              'Run "npm run migrate" (in the image: "node dist/commands/migrate.js"), or start the service with a role that may migrate.',
            ),
          );
        }
      } finally {
        await client.end();
      }
    });
    return [...found, ...mistakes];
  },
};

export const auditLog: Check = {
  name: 'audit log',
  needs: 'tables',
  look: async ({ urls }: Reached) => {
    const { databaseUrl, ownerUrl } = urls;
    if (ownerUrl === undefined) {
      return [ok('DATABASE_OWNER_URL is not set: nothing is asked of who could change the audit log.')];
    }
    const role = await roleOf(databaseUrl, 'DATABASE_URL');
    const mistakes = await mistakesOf(async () => {
      const client = await connect(databaseUrl);
      try {
        await assertRestricted(client, role);
        await assertOtherRole(databaseUrl, ownerUrl);
      } finally {
        await client.end();
      }
    });
    return mistakes.length > 0 ? mistakes : [ok(`The role "${role}" cannot change the audit log.`)];
  },
};
