/** Which objects of a package are meant: those that have all that is given. */
export interface ObjectMatch {
  apiVersion?: string | undefined;
  kind?: string | undefined;
  namespace?: string | undefined;
  name?: string | undefined;
  labels?: Record<string, string> | undefined;
}

/** One field of objects, set to any YAML, or taken away. `path`: as diffs write it, such as `spec.containers[name=web].image`. */
export interface Mutation {
  objects: ObjectMatch;
  path: string;
  value?: unknown;
  remove?: true | undefined;
}

/** Everything that is changed of a package's content. */
export interface Mutations {
  mutations: readonly Mutation[];
  /** What the `data` of its `package-context.yaml` is to hold. */
  packageContext: Readonly<Record<string, string>>;
}

export const changesNothing = ({ mutations, packageContext }: Mutations): boolean =>
  mutations.length === 0 && Object.keys(packageContext).length === 0;
