import type { Repository } from '../../database/generated/client.js';
import { pathBelowDirectory } from '../../domain/identity.js';
import { type RefMeaning, branchRef, draftRef, proposedRef, readRef } from '../../domain/ref-layout.js';

/** A ref that is not what it was at the last sync. */
export interface ChangedRef {
  name: string;
  oid: string | null;
}

/** A changed ref that names a package of the repository. */
export interface PackageRef extends ChangedRef {
  path: string;
  meaning: RefMeaning & { directory: string };
}

export function changedRefs(known: ReadonlyMap<string, string>, refs: ReadonlyMap<string, string>): ChangedRef[] {
  const changed: ChangedRef[] = [];
  for (const [name, oid] of refs) if (known.get(name) !== oid) changed.push({ name, oid });
  for (const name of known.keys()) if (!refs.has(name)) changed.push({ name, oid: null });
  return changed;
}

/** Selects the refs that may name a package. */
export function packageRefs(repository: Repository, changed: readonly ChangedRef[]): PackageRef[] {
  const found: PackageRef[] = [];
  for (const ref of changed) {
    const meaning = ref.name === branchRef(repository.ref) ? null : readRef(ref.name);
    if (meaning === null || meaning.directory === null) continue;
    const path = pathBelowDirectory(repository.directory, meaning.directory);
    if (path !== null) found.push({ ...ref, path, meaning: { ...meaning, directory: meaning.directory } });
  }
  return found;
}

/**
 * The changes in slices of about `size`, each written in a transaction of its own. All refs of one package are in one
 * slice, so that a reader never sees half of what changed about it. There is at least one slice, which may be empty.
 */
export function sliceByPackage(repository: Repository, changed: readonly ChangedRef[], size: number): ChangedRef[][] {
  if (changed.length <= size) return [[...changed]];
  const paths = new Map(packageRefs(repository, changed).map(({ name, path }) => [name, path]));
  const groups = new Map<string | undefined, ChangedRef[]>();
  for (const ref of changed) {
    const path = paths.get(ref.name);
    const group = groups.get(path);
    if (group) group.push(ref);
    else groups.set(path, [ref]);
  }
  const slices: ChangedRef[][] = [[]];
  for (const group of groups.values()) {
    if ((slices.at(-1)?.length ?? 0) >= size) slices.push([]);
    slices.at(-1)?.push(...group);
  }
  return slices;
}

/** OIDs that have to be in the mirror before the changes can be read. */
export function neededObjects(
  repository: Repository,
  refs: ReadonlyMap<string, string>,
  changed: readonly ChangedRef[],
): string[] {
  const names = new Set([branchRef(repository.ref)]);
  for (const { name, meaning } of packageRefs(repository, changed)) {
    if (meaning.kind === 'tag') names.add(name);
    else if ('workspace' in meaning) draftRefs(meaning.directory, meaning.workspace).forEach((ref) => names.add(ref));
  }
  return [...new Set([...names].flatMap((name) => refs.get(name) ?? []))];
}

/**
 * Lists the branches that can hold a draft, the one that counts first: after a rename that was cut short the proposed one
 * does; the other dialect's branch comes last.
 */
export const draftRefs = (directory: string, workspace: string): string[] => [
  proposedRef(directory, workspace),
  draftRef(directory, workspace),
  branchRef(`${directory}/${workspace}`),
];
