import type { BindingRow } from './access.store.js';
import { Grants } from './grants.js';
import { PathPattern } from './path-pattern.js';
import { permissionsOf } from './permission.js';

/** What role bindings allow together. */
export const grantsOf = (bindings: readonly BindingRow[]): Grants =>
  new Grants(
    bindings.map(({ role, repositoryId, path }) => ({
      permissions: permissionsOf(role),
      repositoryId,
      path: path === null ? null : PathPattern.parse(path),
    })),
  );
