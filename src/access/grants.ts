import type { PathPattern } from './path-pattern.js';
import { isInstancePermission, type Permission, type Scope } from './permission.js';

/** What one role binding allows. Without a repository: everywhere. Without a path: in the whole repository. */
export interface Grant {
  permissions: ReadonlySet<Permission>;
  repositoryId: string | null;
  path: PathPattern | null;
}

/** The rows that someone may see: all, or those in some repositories and on some paths of others. */
export type Visibility =
  'all' | { repositoryIds: readonly string[]; paths: readonly { repositoryId: string; pattern: PathPattern }[] };

/** Whether a caller with this `Visibility` may see a resource of this repository and path. `visibleSql` asks the same of a table's rows. */
export function isVisible(visibility: Visibility, repositoryId: string | null, path: string | null): boolean {
  if (visibility === 'all') return true;
  if (repositoryId === null) return false;
  const { repositoryIds, paths } = visibility;
  if (repositoryIds.includes(repositoryId)) return true;
  return path !== null && paths.some((seen) => seen.repositoryId === repositoryId && seen.pattern.matches(path));
}

/** A repository is seen by whoever may see something in it. */
const OF_WHOLE_REPOSITORY: ReadonlySet<Permission> = new Set(['repositories.read']);

/** All that one caller may do. */
export class Grants {
  constructor(private readonly grants: readonly Grant[]) {}

  allows(permission: Permission, scope: Scope): boolean {
    return this.grants.some((grant) => grant.permissions.has(permission) && covers(grant, permission, scope));
  }

  /** Whether there is any scope for which the permission is given. */
  allowsSomewhere(permission: Permission): boolean {
    return this.grants.some(
      ({ permissions, repositoryId }) =>
        permissions.has(permission) && (repositoryId === null || !isInstancePermission(permission)),
    );
  }

  /** Where the permission is given, for lists. */
  visibility(permission: Permission): Visibility {
    const giving = this.grants.filter(({ permissions }) => permissions.has(permission));
    if (giving.some(({ repositoryId }) => repositoryId === null)) return 'all';
    const whole = giving.filter(({ path }) => path === null || OF_WHOLE_REPOSITORY.has(permission));
    const repositoryIds = [...new Set(whole.map(({ repositoryId }) => repositoryId as string))];
    const paths = giving.flatMap(({ repositoryId, path: pattern }) =>
      repositoryId === null || pattern === null || repositoryIds.includes(repositoryId)
        ? []
        : [{ repositoryId, pattern }],
    );
    return { repositoryIds, paths };
  }

  /** The permissions given for a scope. */
  permissionsFor(scope: Scope): Permission[] {
    const all = this.grants.flatMap((grant) =>
      [...grant.permissions].filter((permission) => covers(grant, permission, scope)),
    );
    return [...new Set(all)];
  }

  /** The same, without what an API token leaves out. */
  narrowed(permissions: ReadonlySet<Permission> | null, repositoryIds: readonly string[] | null): Grants {
    const kept = this.grants.flatMap((grant) => within(grant, repositoryIds));
    if (permissions === null) return new Grants(kept);
    return new Grants(
      kept.map((grant) => ({
        ...grant,
        permissions: new Set([...grant.permissions].filter((permission) => permissions.has(permission))),
      })),
    );
  }
}

function covers(grant: Grant, permission: Permission, scope: Scope): boolean {
  if (grant.repositoryId === null) return true;
  if (grant.repositoryId !== scope.repositoryId || isInstancePermission(permission)) return false;
  if (grant.path === null || OF_WHOLE_REPOSITORY.has(permission)) return true;
  return typeof scope.path === 'string' && grant.path.matches(scope.path);
}

function within(grant: Grant, repositoryIds: readonly string[] | null): Grant[] {
  if (repositoryIds === null) return [grant];
  if (grant.repositoryId === null) return repositoryIds.map((repositoryId) => ({ ...grant, repositoryId }));
  return repositoryIds.includes(grant.repositoryId) ? [grant] : [];
}
