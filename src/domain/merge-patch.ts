/** Changes of an object whose members may all be missing: null removes one, or all; what is left out stays. */
export type MergePatch<Values> = { [Name in keyof Values]?: Values[Name] | null | undefined } | null;

/** The object after a merge patch (RFC 7386) that reaches no deeper than its members. */
export function mergePatch<Values extends object>(values: Values, patch: MergePatch<Values> | undefined): Values {
  if (patch === null) return {} as Values;
  const merged = Object.entries({ ...values, ...patch });
  return Object.fromEntries(merged.filter(([, value]) => value !== null && value !== undefined)) as Values;
}
