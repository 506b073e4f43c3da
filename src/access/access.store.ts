import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Prisma } from '../database/generated/client.js';
import type { Identity } from './caller.js';
import type { Role } from './role.js';

export interface BindingRow {
  role: Role;
  repositoryId: string | null;
  path: string | null;
}

export interface TokenRow extends Identity {
  secretHash: Buffer;
  roles: Role[];
  repositoryIds: string[] | null;
  expiresAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  bindings: BindingRow[];
}

/** The group of whoever is signed in, by whatever means; no provider or token has to name it. */
const EVERYONE = 'everyone';

const BINDINGS = Prisma.sql`b.role::text AS role, b.repository_id AS "repositoryId", b.path FROM role_binding b`;

const subjects = (user: Prisma.Sql, groups: Prisma.Sql) => Prisma.sql`
  (b.subject_type = 'user' AND b.subject = ${user}
    OR b.subject_type = 'group' AND b.subject = ANY(${groups} || ${EVERYONE}::text))`;

/** Reads the bindings and the token of every request, in one statement: what is revoked counts at once in every process. */
@Injectable()
export class AccessStore {
  constructor(private readonly database: Database) {}

  async bindingsOf({ user, groups }: Identity): Promise<BindingRow[]> {
    const condition = subjects(Prisma.sql`${user}`, Prisma.sql`${[...groups]}::text[]`);
    return this.database.readByKey<BindingRow>(Prisma.sql`SELECT ${BINDINGS} WHERE ${condition}`);
  }

  /** The token with its user's bindings. */
  async findToken(id: string): Promise<TokenRow | null> {
    const rows = await this.database.readByKey<TokenRow>(Prisma.sql`
      SELECT t.user, t.email, t.groups, t.secret_hash AS "secretHash", t.roles::text[] AS roles,
        t.repository_ids AS "repositoryIds", t.expires_at AS "expiresAt", t.last_used_at AS "lastUsedAt",
        t.revoked_at AS "revokedAt",
        (SELECT COALESCE(json_agg(x), '[]') FROM (
          SELECT ${BINDINGS} WHERE ${subjects(Prisma.sql`t.user`, Prisma.sql`t.groups`)}) x) AS bindings
      FROM api_token t WHERE t.id = ${id}::uuid`);
    return rows[0] ?? null;
  }

  async noteUse(id: string, time: Date): Promise<void> {
    await this.database.write(Prisma.sql`UPDATE api_token SET last_used_at = ${time} WHERE id = ${id}::uuid`);
  }
}
