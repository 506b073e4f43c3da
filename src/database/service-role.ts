import type { Client } from 'pg';
import { StartupError } from '../config/config.js';
import { connect, type DatabaseVariable } from './connect.js';
import { ADVISORY_LOCK } from './migrate.js';

/** Written once, and never changed by the service. */
const APPEND_ONLY = ['audit_entry', 'audit_link'];

/**
 * Gives the service's role what it needs of the tables that the owner's migrations made: to change all of them, and only
 * to add to the audit log. Throws where that role could change the log in spite of it. Safe to run many at once.
 */
export async function grantToService(ownerUrl: string, serviceUrl: string): Promise<void> {
  const role = await roleOf(serviceUrl);
  await asOwner(ownerUrl, async (owner) => {
    const { rows } = await owner.query<{ schema: string }>('SELECT current_schema() AS schema');
    const schema = rows[0]?.schema ?? 'public';
    const [name, place] = [owner.escapeIdentifier(role), owner.escapeIdentifier(schema)];
    const log = APPEND_ONLY.map((table) => `${place}.${table}`).join(', ');
    await owner.query(`
      GRANT USAGE ON SCHEMA ${place} TO ${name};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ${await ownedIn(owner, schema, ['r', 'p'])} TO ${name};
      REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON ${log} FROM ${name};
      REVOKE INSERT, UPDATE, DELETE ON ${place}._prisma_migrations FROM ${name}`);
    await grantSequences(owner, schema, name);
    await assertRestricted(owner, role);
  });
}

/**
 * Gives the service's role the use of all that is in a schema of the owner's, such as the queue's, and lets it add to it:
 * each queue makes a sequence of its own there when it is first used.
 */
export async function grantSchemaToService(
  ownerUrl: string,
  service: [url: string, variable: DatabaseVariable],
  schema: string,
): Promise<void> {
  const role = await roleOf(...service);
  await asOwner(ownerUrl, async (owner) => {
    const [name, place] = [owner.escapeIdentifier(role), owner.escapeIdentifier(schema)];
    await owner.query(`
      GRANT USAGE, CREATE ON SCHEMA ${place} TO ${name};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ${await ownedIn(owner, schema, ['r', 'p'])} TO ${name}`);
    await grantSequences(owner, schema, name);
  });
}

async function grantSequences(owner: Client, schema: string, name: string): Promise<void> {
  const sequences = await ownedIn(owner, schema, ['S']);
  if (sequences !== '') await owner.query(`GRANT USAGE, SELECT, UPDATE ON SEQUENCE ${sequences} TO ${name}`);
}

/** Whether the role may make the schema, or change it: what an owner prepared is not for the service's role to change. */
export async function mayChangeSchema(client: Client, schema: string): Promise<boolean> {
  const { rows } = await client.query<{ allowed: boolean }>(
    `SELECT CASE WHEN n.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE')
       ELSE pg_has_role(n.nspowner, 'USAGE') END AS allowed
     FROM (SELECT 1) one LEFT JOIN pg_namespace n ON n.nspname = $1`,
    [schema],
  );
  return rows[0]?.allowed === true;
}

/** Throws a {@link StartupError} where both URLs have the same role: an owner is one that the service is not. */
export async function assertOtherRole(serviceUrl: string, ownerUrl: string): Promise<void> {
  const role = await roleOf(serviceUrl);
  if (role !== (await roleOf(ownerUrl, 'DATABASE_OWNER_URL'))) return;
  throw new StartupError(
    `DATABASE_OWNER_URL and DATABASE_URL have the same role "${role}": give DATABASE_URL a role of its own, ` +
      'or leave DATABASE_OWNER_URL out.',
  );
}

export async function roleOf(...service: [url: string, variable?: DatabaseVariable]): Promise<string> {
  const client = await connect(...service);
  try {
    return (await client.query<{ role: string }>('SELECT current_user AS role')).rows[0]?.role ?? '';
  } finally {
    await client.end();
  }
}

/** All grants come together or not at all, and from one process after the other: two at once would get in their way. */
async function asOwner(ownerUrl: string, work: (owner: Client) => Promise<void>): Promise<void> {
  const owner = await connect(ownerUrl, 'DATABASE_OWNER_URL');
  try {
    await owner.query('BEGIN');
    await owner.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    await work(owner);
    await owner.query('COMMIT');
  } finally {
    // Ends a transaction that was not committed, too.
    await owner.end();
  }
}

/**
 * What the owner may grant, as a list. "ALL TABLES" would fail where there is one of somebody else: a view of an
 * extension, or a sequence that the service's role has made itself.
 */
async function ownedIn(owner: Client, schema: string, kinds: string[]): Promise<string> {
  const { rows } = await owner.query<{ name: string }>(
    `SELECT format('%I.%I', $1::text, relname) AS name FROM pg_class
     WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1::text) AND relkind = ANY($2::"char"[])
     AND pg_has_role(relowner, 'USAGE') ORDER BY relname`,
    [schema, kinds],
  );
  return rows.map(({ name }) => name).join(', ');
}

/** Throws a {@link StartupError} where the role could change the audit log; any role may ask. */
export async function assertRestricted(client: Client, role: string): Promise<void> {
  const { rows } = await client.query<{ free: boolean }>(
    `SELECT bool_or(has_table_privilege(r.oid, c.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
       OR pg_has_role(r.oid, c.relowner, 'MEMBER')) AS free
     FROM pg_roles r, pg_class c WHERE r.rolname = $1 AND c.oid = ANY($2::regclass[])`,
    [role, APPEND_ONLY],
  );
  if (rows[0]?.free !== true) return;
  throw new StartupError(
    `The role "${role}" of DATABASE_URL could change the audit log: it is a superuser, owns its tables, or is a member of ` +
      'their owner. Give DATABASE_URL a role of its own, and let the tables belong to the role of DATABASE_OWNER_URL ' +
      '(REASSIGN OWNED).',
  );
}
