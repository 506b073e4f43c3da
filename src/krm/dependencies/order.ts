/** An order in which each comes behind what it needs, and what needs itself through others. */
export interface Ordering {
  order: string[];
  /** Each with at least two members, in the order of `order`. */
  cycles: string[][];
}

interface Node {
  index: number;
  low: number;
  isOpen: boolean;
}

/**
 * Orders nodes by what each needs, by Tarjan's strongly connected components; those of a cycle stand together. Nodes that
 * nothing orders keep the order that they are given in. It does not recurse: chains are as long as there are packages.
 */
export function ordered(ids: readonly string[], needs: ReadonlyMap<string, readonly string[]>): Ordering {
  const nodes = new Map<string, Node>();
  const open: string[] = [];
  const groups: string[][] = [];
  const enter = (id: string): { id: string; node: Node; rest: Iterator<string> } => {
    const node = { index: nodes.size, low: nodes.size, isOpen: true };
    nodes.set(id, node);
    open.push(id);
    return { id, node, rest: (needs.get(id) ?? [])[Symbol.iterator]() };
  };
  for (const start of ids) {
    if (nodes.has(start)) continue;
    const path = [enter(start)];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.next();
      if (next.done !== true) {
        const known = nodes.get(next.value);
        if (known === undefined) path.push(enter(next.value));
        else if (known.isOpen) top.node.low = Math.min(top.node.low, known.index);
        continue;
      }
      path.pop();
      const above = path.at(-1);
      if (above !== undefined) above.node.low = Math.min(above.node.low, top.node.low);
      if (top.node.low !== top.node.index) continue;
      const group = open.splice(open.lastIndexOf(top.id));
      for (const id of group) (nodes.get(id) as Node).isOpen = false;
      groups.push(group);
    }
  }
  const place = new Map(ids.map((id, at) => [id, at]));
  const sorted = groups.map((group) => group.sort((one, other) => (place.get(one) ?? 0) - (place.get(other) ?? 0)));
  return { order: sorted.flat(), cycles: sorted.filter((group) => group.length > 1) };
}
