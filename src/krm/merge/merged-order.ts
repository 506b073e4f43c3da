/**
 * The order of what is there after a merge. What both sides have stays as ours has it, unless only theirs has moved it; what
 * one side alone has comes behind what it follows there.
 */
export function mergedOrder<Id>(
  base: readonly Id[],
  ours: readonly Id[],
  theirs: readonly Id[],
  isThere: (id: Id) => boolean,
): Id[] {
  const [inBase, inOurs, inTheirs] = [new Set(base), new Set(ours), new Set(theirs)];
  const common = (ids: readonly Id[]): Id[] => ids.filter((id) => inBase.has(id) && inOurs.has(id) && inTheirs.has(id));
  const before = common(base);
  const keepsOrder = (ids: readonly Id[]): boolean => common(ids).every((id, at) => id === before[at]);
  const followsTheirs = keepsOrder(ours) && !keepsOrder(theirs);
  const [leader, other, led] = followsTheirs ? [theirs, ours, inTheirs] : [ours, theirs, inOurs];
  const behind = new Map<Id | null, Id[]>();
  let last: Id | null = null;
  for (const id of other) {
    if (led.has(id)) last = id;
    else if (isThere(id)) behind.set(last, [...(behind.get(last) ?? []), id]);
  }
  const order = [...(behind.get(null) ?? [])];
  for (const id of leader) {
    if (isThere(id)) order.push(id);
    order.push(...(behind.get(id) ?? []));
  }
  return order;
}
