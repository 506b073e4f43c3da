/**
 * Identity of a package: (repository, path). Everything else here is derived from the path.
 * `path` is relative to the repository's `directory`; it is empty when that directory itself is the package.
 */
export interface PackageIdentity {
  path: string;
  /** First segment in a deployment repository; null in a catalog and for a path of one segment. */
  target: string | null;
  realm: string;
  package: string;
}

/** Where a package is, whether its row is there or gone. */
export interface PackagePlace {
  repositoryId: string;
  path: string;
}

/**
 * Splits a package path the way the repository's type reads it.
 * The empty path (the directory itself is the package) takes the directory's last segment as its package name.
 */
export function packageIdentity(path: string, repository: { deployment: boolean; directory: string }): PackageIdentity {
  const segments = path === '' ? [repository.directory.split('/').pop() ?? ''] : path.split('/');
  const name = segments[segments.length - 1] ?? '';
  if (repository.deployment && segments.length >= 2) {
    return { path, target: segments[0] ?? null, realm: segments.slice(1, -1).join('/'), package: name };
  }
  return {
    path,
    target: null,
    realm: repository.deployment ? '' : segments.slice(0, -1).join('/'),
    package: name,
  };
}

/** The path that `target`, `realm` and `package` name; the inverse of {@link packageIdentity}. */
export function packagePath(identity: { target?: string | null; realm?: string | null; package: string }): string {
  return [identity.target, identity.realm, identity.package].filter((part) => part).join('/');
}

/** The package's directory in the Git tree: `directory` and `path`. */
export function packageDirectory(directory: string, path: string): string {
  return [directory, path].filter((part) => part !== '').join('/');
}

/** The path of the package at `folder` of the Git tree, or null when it lies outside the repository's directory. */
export function pathBelowDirectory(directory: string, folder: string): string | null {
  if (directory === '') return folder === '' ? null : folder;
  if (folder === directory) return '';
  return folder.startsWith(`${directory}/`) ? folder.slice(directory.length + 1) : null;
}

/**
 * The revision's name `TARGET.REPOSITORY.REALM.PACKAGE.WORKSPACE`. A `/` in the realm is written `:`, a `.` inside a
 * part `~`; Git refs can hold neither `:` nor `~`, so two revisions never share a name. A package that is called as the
 * repository's directory, and lies right below it, has `:` for its realm: that directory may be a package itself. Never
 * parsed back.
 */
export function revisionName(
  repository: { name: string; deployment: boolean; directory: string },
  identity: PackageIdentity,
  workspace: string,
): string {
  const target = repository.deployment ? (identity.target ?? '') : 'catalog';
  const isNamesake = identity.path !== '' && identity.path === repository.directory.split('/').pop();
  const realm = isNamesake ? ':' : identity.realm.replaceAll('/', ':');
  return [target, repository.name, realm, identity.package, workspace]
    .map((part) => part.replaceAll('.', '~').replaceAll('/', ':'))
    .join('.');
}

/** A published revision as people write it: `REPOSITORY/PATH@REVISION`. */
export interface RevisionPlace {
  repository: string;
  path: string;
  revision: string;
}

/** Null where the text is no place. A package that is its repository's directory itself has no path: `REPOSITORY@REVISION`. */
export function parseRevisionPlace(text: string): RevisionPlace | null {
  const [, repository, path = '', revision] = /^([^/@]+)(?:\/(.+))?@([^/@]+)$/su.exec(text) ?? [];
  return repository === undefined || revision === undefined ? null : { repository, path, revision };
}
