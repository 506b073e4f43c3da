import { DomainError, type FieldError } from '../../../domain/errors.js';
import { packageDirectory, type PackageIdentity, packageIdentity, packagePath } from '../../../domain/identity.js';
import { checkPackagePath, refsClash } from '../../../domain/naming.js';

/** Where a package is, as a request says it. */
export interface PackageLocation {
  target?: string | undefined;
  realm?: string | undefined;
  package?: string | undefined;
}

interface Place {
  deployment: boolean;
  directory: string;
}

/** The identity of a package to be made; `below`: where the body says its place. Throws `invalidBody` or `invalidName`. */
export function newIdentity(location: PackageLocation, repository: Place, below = ''): PackageIdentity {
  const { target, realm = '', package: name } = location;
  if (name === undefined)
    throw refusal('invalidBody', [fault(`${below}/package`, 'required', 'A new package needs a name.')]);
  if (target !== undefined && !repository.deployment) {
    const message = 'A catalog delivers to nothing; targets are for deployment repositories.';
    throw refusal('invalidBody', [fault(`${below}/target`, 'notAllowed', message)]);
  }
  if (realm !== '' && target === undefined && repository.deployment) {
    const message = 'In a deployment repository the first directory is the target: a realm needs one.';
    throw refusal('invalidBody', [fault(`${below}/target`, 'required', message)]);
  }
  const { directory } = repository;
  const errors = [
    ...(target === undefined ? [] : checkSegment(target, `${below}/target`)),
    ...(realm === '' ? [] : checkPackagePath(realm, { directory, pointer: `${below}/realm` })),
    ...checkSegment(name, `${below}/package`),
  ];
  const path = packagePath({ target, realm, package: name });
  if (errors.length === 0) errors.push(...checkPackagePath(path, { directory }));
  if (errors.length > 0) throw refusal('invalidName', errors);
  return packageIdentity(path, repository);
}

/** A copy stays in its package: what a request says of the place must be what the source says. */
export function assertSamePackage(
  request: PackageLocation & { repositoryId: string },
  source: PackageIdentity & { repositoryId: string },
): void {
  const errors = (['repositoryId', 'target', 'realm', 'package'] as const).flatMap((field) => {
    const same = request[field] === undefined || request[field] === (source[field] ?? '');
    const message = 'A copy or an upgrade is the next revision of the same package; to begin another one, clone.';
    return same ? [] : [fault(`/${field}`, 'differentPackage', message)];
  });
  if (errors.length > 0) throw refusal('invalidBody', errors);
}

/** A revision's refs, by the package's path and the last segment: its workspace while a draft, then its revision. */
export interface NamedRef {
  path: string;
  leaf: string;
}

/**
 * Throws `nameConflict` when Git could not hold the refs of `next` beside one of `existing`, and names that one where
 * whoever asks may see the package at its path.
 */
export function assertNoClash(
  next: NamedRef,
  existing: readonly NamedRef[],
  repository: Place,
  maySee: (path: string) => boolean,
): void {
  const place = ({ path, leaf }: NamedRef) => ({ directory: packageDirectory(repository.directory, path), leaf, path });
  const other = refsClash(existing.map(place), place(next));
  if (!other) return;
  if (!maySee(other.path)) throw nameTaken(next.path);
  throw new DomainError(
    'nameConflict',
    `Git cannot hold the package "${next.path}" in workspace "${next.leaf}" beside "${other.leaf}" of the package ` +
      `"${other.path}": one name would be both a ref and a directory of refs. Choose another name.`,
    { conflictsWith: { path: other.path, name: other.leaf } },
  );
}

/** The refusal that says nothing of what stands in the way. */
export const nameTaken = (path: string): DomainError =>
  new DomainError('nameConflict', `The name "${path}" is taken; choose another one.`);

function checkSegment(segment: string, pointer: string): FieldError[] {
  if (!segment.includes('/')) return checkPackagePath(segment, { pointer });
  return [
    fault(pointer, 'invalidName', 'This is one directory: it has no "/". The directories between are the realm.'),
  ];
}

const fault = (pointer: string, code: string, message: string): FieldError => ({ pointer, code, message });

const refusal = (code: 'invalidBody' | 'invalidName', errors: FieldError[]): DomainError =>
  new DomainError(code, errors.map((error) => error.message).join(' '), { errors });
