import { stated } from './condition.js';
import type { Condition } from './revision.js';

/** The conditions of a draft that a variant has filled: whether conflicts are left in it, so that its approver learns of them. */
export function conditionsFilled(
  conditions: readonly Condition[],
  { variant, conflicts, tree }: { variant: { id: string; name: string }; conflicts: number; tree: string },
): Condition[] {
  const others = conditions.filter(({ type }) => type !== 'Conflicted');
  if (conflicts === 0) return others;
  const message =
    `In ${conflicts === 1 ? 'one place' : `${conflicts} places`} the blueprint and this package have changed the same, and nobody has settled that: ` +
    `there it holds what the package had. See the conflicts of the variant "${variant.name}" (${variant.id}).`;
  return [
    ...others,
    { ...stated('Conflicted', 'NotSettled', message), lastTransitionTime: new Date().toISOString(), tree },
  ];
}
