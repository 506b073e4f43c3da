export interface Comparison {
  key: string;
  label: string;
  path: string;
  query: Record<string, string>;
}

interface Version {
  revisionId: string;
  revision: string;
}

export interface ShownValue {
  text: string;
  isLong: boolean;
}

export function comparisonsOf(known: {
  latest: { id: string; revision: string | null } | null;
  upstreamStatus: { current: Version | null; newest: Version | null };
  drafts: readonly { id: string; workspace: string; lifecycle: string }[];
  previews: readonly { id: string; to: { ref: string } }[];
}): Comparison[];
export function chosenOf(comparisons: readonly Comparison[], key?: string): Comparison | undefined;
export function diffRows(diff: {
  objects: readonly {
    kind: string;
    namespace: string | null;
    name: string | null;
    path: string;
    fromPath: string | null;
    change: string;
    fields: readonly { path: string; change: string; class: string; from?: unknown; to?: unknown }[];
  }[];
  files: readonly {
    path: string;
    fromPath: string | null;
    change: string;
    krm: boolean;
    binary: boolean;
    patch: string | null;
  }[];
}): {
  objects: {
    name: string;
    change: string;
    file: string;
    fields: {
      path: string;
      change: string;
      meaning: string;
      before: ShownValue | undefined;
      after: ShownValue | undefined;
    }[];
  }[];
  files: { path: string; change: string; patch: string | null }[];
};
export function valueOf(value: unknown): ShownValue | undefined;
