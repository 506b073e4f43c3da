/**
 * Why one package needs another. `definition`: it uses a kind that the other defines. `namespace`: its objects go into a namespace
 * of the other. `reference`: an object names one of the other. `role`: a binding gives a role, or binds an account, of the other.
 * `serviceHost`: some text has the host name of a Service of the other. `package`: a `PackageDependency` says so. `upstream`: it
 * was made from the other.
 */
export const NEED_KINDS = [
  'definition',
  'namespace',
  'reference',
  'role',
  'serviceHost',
  'package',
  'upstream',
] as const;
export type NeedKind = (typeof NEED_KINDS)[number];

/** What an object is called. Without a namespace: it has none, or its files do not say it. */
export interface ObjectName {
  apiVersion: string;
  kind: string;
  namespace: string | null;
  name: string | null;
}

/** An object of a package as the index has it: its body without the values of secrets. */
export interface IndexedBody extends ObjectName {
  file: string;
  /** It is for tools alone, and is not applied to a cluster. */
  isLocal: boolean;
  body: unknown;
}

/** Something that a package needs and does not bring itself. Of a definition `object` is the kind alone, of a package its name. */
export interface Need {
  kind: NeedKind;
  object: ObjectName;
  /** The object that needs it first, and the field of it. */
  by: (ObjectName & { file: string }) | null;
  path: string;
  /** Kubernetes, or who wrote it, does without. */
  optional: boolean;
  /** How many fields of the package need it. */
  uses: number;
}

export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';

/** What two objects have in common that may be the same: all but the version and the namespace. */
export const keyOf = ({ apiVersion, kind, name }: ObjectName): string =>
  JSON.stringify([groupOf(apiVersion), kind, name]);

/** A namespace that is not written is not known before the package is delivered, and may be any. */
export const mayBeSame = (one: string | null, other: string | null): boolean =>
  one === null || other === null || one === other;
