type Components = Record<string, Record<string, unknown>>;

/** The components that the paths refer to, however indirectly. */
export function withoutUnused(paths: unknown, components: Components): Components {
  const used = new Set<string>();
  const follow = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [keyword, child] of Object.entries(value)) {
      if (keyword !== '$ref') follow(child);
      else if (!used.has(child as string)) {
        used.add(child as string);
        const [, , kind = '', name = ''] = (child as string).split('/');
        follow(components[kind]?.[name]);
      }
    }
  };
  follow(paths);
  const kept = Object.entries(components).map(([kind, named]) => [
    kind,
    Object.fromEntries(Object.entries(named).filter(([name]) => used.has(`#/components/${kind}/${name}`))),
  ]);
  return Object.fromEntries(kept) as Components;
}
