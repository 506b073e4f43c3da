import { hashOf, newSecret, writeToken } from '../../src/access/api-token.js';
import type { Role } from '../../src/access/role.js';
import type { Database } from '../../src/database/database.js';
import { Prisma } from '../../src/database/generated/client.js';
import { uuidv7 } from '../../src/domain/uuid.js';

export interface GivenRole {
  role: Role;
  repositoryId?: string;
  path?: string;
}

/** Gives a user roles, as an administrator would. */
export async function giveRoles(database: Database, user: string, roles: readonly GivenRole[]): Promise<void> {
  const given = { subjectType: 'user', subject: user, createdAt: new Date(), createdBy: 'test' } as const;
  await database.client.roleBinding.createMany({ data: roles.map((role) => ({ id: uuidv7(), ...role, ...given })) });
}

/** Longer than any run of tests. */
const DAY_MS = 24 * 3_600_000;

export interface GivenToken {
  user: string;
  email?: string;
  groups?: string[];
  /** What the token is narrowed to. */
  roles?: Role[];
  repositoryIds?: string[];
  expiresAt?: Date;
  revokedAt?: Date;
}

/** A new API token of a user: what goes behind `Bearer`. */
export async function makeToken(database: Database, given: GivenToken): Promise<string> {
  const id = uuidv7();
  const secret = newSecret();
  const { repositoryIds, expiresAt = new Date(Date.now() + DAY_MS), ...columns } = given;
  await database.client.apiToken.create({
    data: {
      id,
      description: 'test',
      secretHash: new Uint8Array(hashOf(secret)),
      createdAt: new Date(),
      createdBy: 'test',
      expiresAt,
      repositoryIds: repositoryIds ?? Prisma.DbNull,
      ...columns,
    },
  });
  return writeToken({ id, secret });
}

/** A user who has these roles, and a token of theirs. */
export async function signIn(database: Database, user: string, ...roles: GivenRole[]): Promise<string> {
  await giveRoles(database, user, roles);
  return makeToken(database, { user });
}
