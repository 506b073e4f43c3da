import { packageDirectory } from '../../../domain/identity.js';
import { nameOfDelivered } from '../../../krm/delivery/delivered-package.js';

/** A package that an object of a delivery tool may stand for. */
export interface NamedPackage {
  id: string;
  path: string;
  /** Of its repository. */
  url: string;
  directory: string;
}

/** What the manifests of a package bear behind its name, so that no two have the same. */
const DIGITS = /-[0-9a-f]{8}$/;

/** `edge-1/web` as a name of Kubernetes. */
const dashed = (path: string): string =>
  path
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');

/** Patterns of LIKE that the paths of all packages match which this name may be of, in repositories with these directories. */
export function pathsLike(name: string, directories: readonly string[]): string[] {
  const readable = DIGITS.test(name) ? [`${dashed(name.replace(DIGITS, ''))}-`] : [];
  const inside = [dashed(name), ...readable].flatMap((whole) =>
    directories.flatMap((directory) => {
      const prefix = directory === '' ? '' : `${dashed(directory)}-`;
      return `${whole}-`.startsWith(prefix) ? [whole, whole.slice(prefix.length)] : [whole];
    }),
  );
  return [...new Set(inside)].map((words) => words.replaceAll('-', '%'));
}

/**
 * Those that an object of this name delivers: the one whose manifests bear it, else those whose path, with or without the
 * directory of the repository, is written so. `exactly`: the first alone.
 */
export function packagesNamed<Named extends NamedPackage>(
  name: string,
  packages: readonly Named[],
  { exactly }: { exactly: boolean },
): Named[] {
  const placed = packages.map((one) => ({ one, directory: packageDirectory(one.directory, one.path) }));
  const own = placed.filter(({ one: { url }, directory }) => nameOfDelivered({ url, directory }) === name);
  if (own.length > 0 || exactly) return own.map(({ one }) => one);
  return placed
    .filter(({ one, directory }) => [directory, one.path].some((path) => dashed(path) === name))
    .map(({ one }) => one);
}
