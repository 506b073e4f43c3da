import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Prisma } from '../database/generated/client.js';
import type { Identity, NamedIdentity } from './caller.js';
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
  seen: string | null;
}

/** What the database says of a caller who has signed in without an API token. */
export interface StandingRow {
  bindings: BindingRow[];
  /** Up to where in the primary's log the user was told what it holds, for `Replicas.read`. */
  seen: string | null;
}

/** The group of whoever is signed in, by whatever means; no provider or token has to name it. */
const EVERYONE = 'everyone';

const BINDINGS = Prisma.sql`b.role::text AS role, b.repository_id AS "repositoryId", b.path FROM role_binding b`;

const subjects = (user: Prisma.Sql, groups: Prisma.Sql) => Prisma.sql`
  (b.subject_type = 'user' AND b.subject = ${user}
    OR b.subject_type = 'group' AND b.subject = ANY(${groups} || ${EVERYONE}::text))`;

/** The groups of a row's user now, where the identity provider has ever named them; else those in the row. */
const present = (alias: string) =>
  Prisma.raw(`
  COALESCE((SELECT k.groups FROM known_user k WHERE k."user" = ${alias}."user"), ${alias}.groups)`);

/** Something that a user did, with the groups that they had. */
export interface Deed {
  id: string;
  user: string;
  groups: readonly string[];
}

/** Reads the bindings and the token of every request, in one statement: what is revoked counts at once in every process. */
@Injectable()
export class AccessStore {
  constructor(private readonly database: Database) {}

  async standingOf({ user, groups }: Identity): Promise<StandingRow> {
    const condition = subjects(Prisma.sql`${user}`, Prisma.sql`${[...groups]}::text[]`);
    const [row] = await this.database.readByKey<StandingRow>(Prisma.sql`
      SELECT (SELECT COALESCE(json_agg(x), '[]') FROM (SELECT ${BINDINGS} WHERE ${condition}) x) AS bindings,
        ${this.database.replicas.seenBy(Prisma.sql`${user}`)} AS seen`);
    if (!row) throw new Error('A statement without FROM has given no row');
    return row;
  }

  /** The token with its user's bindings. */
  async findToken(id: string): Promise<TokenRow | null> {
    const rows = await this.database.readByKey<TokenRow>(Prisma.sql`
      SELECT t."user", t.email, t.groups, t.secret_hash AS "secretHash", t.roles::text[] AS roles,
        t.repository_ids AS "repositoryIds", t.expires_at AS "expiresAt", t.last_used_at AS "lastUsedAt",
        t.revoked_at AS "revokedAt",
        (SELECT COALESCE(json_agg(x), '[]') FROM (
          SELECT ${BINDINGS} WHERE ${subjects(Prisma.sql`t.user`, Prisma.sql`t.groups`)}) x) AS bindings,
        ${this.database.replicas.seenBy(Prisma.sql`t.user`)} AS seen
      FROM (SELECT "user", email, ${present('a')} AS groups, secret_hash, roles, repository_ids, expires_at, last_used_at,
        revoked_at FROM api_token a WHERE a.id = ${id}::uuid) t`);
    return rows[0] ?? null;
  }

  /**
   * The bindings of those who did something, by its id: those of their groups as the identity provider has last named them, or
   * as they were then.
   */
  async bindingsOfAll(deeds: readonly Deed[]): Promise<Map<string, BindingRow[]>> {
    const rows = await this.database.readByKey<BindingRow & { deed: string }>(Prisma.sql`
      SELECT d.id AS deed, ${BINDINGS} JOIN (
        SELECT g.id, g."user", ${present('g')} AS groups
        FROM jsonb_to_recordset(${JSON.stringify(deeds)}::jsonb) AS g(id text, "user" text, groups text[])
      ) d ON ${subjects(Prisma.sql`d."user"`, Prisma.sql`d.groups`)}`);
    const found = new Map<string, BindingRow[]>();
    for (const { deed, ...binding } of rows) found.set(deed, [...(found.get(deed) ?? []), binding]);
    return found;
  }

  /** Keeps what an identity provider said of someone, unless it has said something since. */
  async noteIdentity({ user, email, name, groups }: NamedIdentity, statedAt: Date): Promise<void> {
    await this.database.write(Prisma.sql`
      INSERT INTO known_user ("user", email, name, groups, stated_at)
      VALUES (${user}, lower(${email}), ${name}, ${[...groups]}::text[], ${statedAt})
      ON CONFLICT ("user") DO UPDATE SET email = EXCLUDED.email, name = EXCLUDED.name, groups = EXCLUDED.groups, stated_at = EXCLUDED.stated_at
      WHERE known_user.stated_at < EXCLUDED.stated_at`);
  }

  /** The full name and the verified address of somebody whom the identity provider has told of; null what it has not said. */
  async statedOf(user: string): Promise<{ name: string | null; email: string | null }> {
    const known = await this.database.client.knownUser.findUnique({
      where: { user },
      select: { name: true, email: true },
    });
    return known ?? { name: null, email: null };
  }

  async noteUse(id: string, time: Date): Promise<void> {
    await this.database.write(Prisma.sql`UPDATE api_token SET last_used_at = ${time} WHERE id = ${id}::uuid`);
  }
}
