import { groupVersion } from '../diff/object-shape.js';
import { isMapping, isSame, type Mapping } from '../diff/values.js';
import { byName, type FoundObject, type ObjectPair, pairObjects } from '../diff/object-pairs.js';

/** An object in the three versions; undefined: it is not in that one. */
export interface ObjectTrio {
  base: FoundObject | undefined;
  ours: FoundObject | undefined;
  theirs: FoundObject | undefined;
}

/**
 * Matches the objects of three versions of one package: as a comparison does, and those besides that one side has given
 * another namespace, or another name in the same file, where there can be no doubt which they are.
 */
export function matchObjects(
  base: readonly FoundObject[],
  ours: readonly FoundObject[],
  theirs: readonly FoundObject[],
): ObjectTrio[] {
  const pairs = [followed(base, ours), followed(base, theirs)] as const;
  const [toOurs, toTheirs] = [withoutClashes(pairs[0], pairs[1]), withoutClashes(pairs[1], pairs[0])];
  const there = new Map(toTheirs.flatMap(({ from, to }) => (from && to ? [[from, to] as const] : [])));
  const known = toOurs.flatMap(({ from, to }): ObjectTrio[] =>
    from ? [{ base: from, ours: to, theirs: there.get(from) }] : [],
  );
  const added = pairObjects(newOnes(toOurs), newOnes(toTheirs));
  return [...known, ...added.map(({ from, to }) => ({ base: undefined, ours: from, theirs: to }))];
}

const newOnes = (pairs: readonly ObjectPair[]): FoundObject[] =>
  pairs.flatMap(({ from, to }) => (from === undefined && to ? [to] : []));

/** An object that has a name now which the other side has given to another one is taken for new: there are no two of one name. */
function withoutClashes(pairs: readonly ObjectPair[], others: readonly ObjectPair[]): ObjectPair[] {
  const there = new Map(others.flatMap(({ from, to }) => (to ? [[byName(to), from] as const] : [])));
  return pairs.flatMap(({ from, to }) => {
    const name = from && to ? byName(to) : null;
    const isClash = from && name !== null && name !== byName(from) && there.has(name) && there.get(name) !== from;
    return isClash
      ? [
          { from, to: undefined },
          { from: undefined, to },
        ]
      : [{ from, to }];
  });
}

/** How an object is found again that has another name, and how alike it has to be then. */
const RENAMES: [identity: (object: FoundObject) => string, isSame: (one: Mapping, other: Mapping) => boolean][] = [
  [byNameAlone, (one, other) => isAlike(shared(one, other))],
  [byPlace, (one, other) => [shared(one, other), shared(other, one)].every((part) => part.same > 0 && isAlike(part))],
];

/** What became of each object of the base on one side. */
function followed(base: readonly FoundObject[], side: readonly FoundObject[]): ObjectPair[] {
  let pairs = pairObjects(base, side);
  for (const [identity, isSameObject] of RENAMES) {
    const gone = onlyOnes(pairs, (pair) => (pair.to ? undefined : pair.from), identity);
    const come = onlyOnes(pairs, (pair) => (pair.from ? undefined : pair.to), identity);
    const renamed = [...gone].flatMap(([id, from]) => {
      const to = come.get(id);
      return to && isSameObject(from.value, to.value) ? [{ from, to }] : [];
    });
    const settled = new Set(renamed.flatMap(({ from, to }) => [from, to]));
    const isOpen = ({ from, to }: ObjectPair): boolean => (from && to) !== undefined || !settled.has((from ?? to)!);
    pairs = [...renamed, ...pairs.filter(isOpen)];
  }
  return pairs;
}

/** The namespace of an object is what people set first of all. */
function byNameAlone({ apiVersion, kind, name, path, nth }: FoundObject): string {
  return [groupVersion(apiVersion).group, kind, name ?? `${path} ${nth}`].join('\0');
}

function byPlace({ apiVersion, kind, path }: FoundObject): string {
  return [path, groupVersion(apiVersion).group, kind].join('\0');
}

/** How many values an object holds, its names aside, and how many of them another one holds too. */
interface Shared {
  same: number;
  all: number;
}

function shared(one: Mapping, other: Mapping): Shared {
  const counts = { same: 0, all: 0 };
  count(new Map([...one].filter(([key]) => key !== 'apiVersion' && key !== 'kind')), other, counts);
  return counts;
}

/** At least half of it. */
const isAlike = ({ same, all }: Shared): boolean => same * 2 >= all;

function count(one: unknown, other: unknown, counts: Shared): void {
  if (isMapping(one)) {
    for (const [key, value] of one) {
      if (key === 'name' || key === 'namespace') continue;
      count(value, isMapping(other) ? other.get(key) : undefined, counts);
    }
    return;
  }
  counts.all += 1;
  if (other !== undefined && isSame(one, other)) counts.same += 1;
}

/** Those unpaired objects that nothing else on their side can be taken for. */
function onlyOnes(
  pairs: readonly ObjectPair[],
  of: (pair: ObjectPair) => FoundObject | undefined,
  identity: (object: FoundObject) => string,
): Map<string, FoundObject> {
  const found = new Map<string, FoundObject>();
  const several = new Set<string>();
  for (const pair of pairs) {
    const object = of(pair);
    if (!object) continue;
    const id = identity(object);
    if (found.has(id)) several.add(id);
    found.set(id, object);
  }
  for (const id of several) found.delete(id);
  return found;
}
