import type { BindingRow } from './access.store.js';
import { Grants } from './grants.js';
import { PathPattern } from './path-pattern.js';
import { permissionsOf } from './permission.js';

/** Patterns that were read before: those of one caller come with every request of theirs. */
const patterns = new Map<string, PathPattern>();
const MOST_PATTERNS = 10_000;

function patternOf(text: string): PathPattern {
  const known = patterns.get(text);
  if (known) return known;
  if (patterns.size >= MOST_PATTERNS) patterns.clear();
  const pattern = PathPattern.parse(text);
  patterns.set(text, pattern);
  return pattern;
}

/** The sum of the permissions that these role bindings give, each in its own scope. */
export const grantsOf = (bindings: readonly BindingRow[]): Grants =>
  new Grants(
    bindings.map(({ role, repositoryId, path }) => ({
      permissions: permissionsOf(role),
      repositoryId,
      path: path === null ? null : patternOf(path),
    })),
  );
