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
  if (isSameOrder(ours, theirs)) return ours.filter(isThere);
  const [inBase, inOurs, inTheirs] = [new Set(base), new Set(ours), new Set(theirs)];
  const common = (ids: readonly Id[]): Id[] => ids.filter((id) => inBase.has(id) && inOurs.has(id) && inTheirs.has(id));
  const before = common(base);
  const keepsOrder = (ids: readonly Id[]): boolean => common(ids).every((id, at) => id === before[at]);
  const followsTheirs = keepsOrder(ours) && !keepsOrder(theirs);
  const [leader, other, led] = followsTheirs ? [theirs, ours, inTheirs] : [ours, theirs, inOurs];
  const behind = new Followers<Id | null, Id>();
  let last: Id | null = null;
  for (const id of other) {
    if (led.has(id)) last = id;
    else if (isThere(id)) behind.add(last, id);
  }
  const inOrder = leader.flatMap((id) => [...(isThere(id) ? [id] : []), ...behind.of(id)]);
  return [...behind.of(null), ...inOrder];
}

export const isSameOrder = <Id>(one: readonly Id[], other: readonly Id[]): boolean =>
  one.length === other.length && one.every((id, at) => id === other[at]);

/** What comes behind something, in its order. */
export class Followers<Leader, Follower> {
  private readonly lists = new Map<Leader, Follower[]>();

  add(leader: Leader, follower: Follower): void {
    const list = this.lists.get(leader);
    if (list) list.push(follower);
    else this.lists.set(leader, [follower]);
  }

  of(leader: Leader): readonly Follower[] {
    return this.lists.get(leader) ?? [];
  }
}
