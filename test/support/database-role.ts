import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** The rows of statements on a connection of their own. */
export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A login role without any right of its own. */
export interface TestRole {
  role: string;
  /** With which it signs in. */
  url: string;
  /** Gives what it owns to whoever made it, and removes it. */
  drop(): Promise<unknown>;
}

export async function createRole(url: string): Promise<TestRole> {
  const role = `role_${randomBytes(4).toString('hex')}`;
  await query(url, `CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
  return {
    role,
    url: Object.assign(new URL(url), { username: role, password: 'secret' }).href,
    drop: () =>
      query(url, `REASSIGN OWNED BY ${role} TO CURRENT_USER; DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`),
  };
}
