interface Placed {
  id: string;
  repositoryId: string;
  path: string;
}

/**
 * Which of several packages meets a need of one: the nearest in the tree of folders. One that holds it in a folder comes
 * last, since it holds what is needed as a part of itself; then the path decides.
 */
export function nearest<Row extends Placed>(needer: Placed, others: readonly Row[]): Row | null {
  const [first] = others
    .filter(({ id }) => id !== needer.id)
    .map((row) => ({ row, isOuter: isOuter(row, needer), shared: shared(row, needer) }))
    .sort(
      (one, other) =>
        Number(one.isOuter) - Number(other.isOuter) ||
        other.shared - one.shared ||
        compare(one.row.path, other.row.path) ||
        compare(one.row.id, other.row.id),
    );
  return first?.row ?? null;
}

const isOuter = (outer: Placed, inner: Placed): boolean =>
  outer.repositoryId === inner.repositoryId && inner.path.startsWith(`${outer.path}/`);

/** How many folders both lie in. */
function shared(one: Placed, other: Placed): number {
  if (one.repositoryId !== other.repositoryId) return 0;
  const [ours, theirs] = [one.path.split('/'), other.path.split('/')];
  const at = ours.findIndex((segment, index) => segment !== theirs[index]);
  return at === -1 ? ours.length : at;
}

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
