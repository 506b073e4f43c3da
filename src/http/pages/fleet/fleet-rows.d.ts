import type { Part } from './segments.js';

export type Counts = Record<'packages' | 'published' | 'behind' | 'drifted' | 'unhealthy' | 'openDrafts', number>;

export interface UsedRevision {
  revisionId: string;
  revision: string;
  packages: number;
}

export interface MatrixColumn {
  revisionId: string;
  revision: string;
  publishedAt: string | null;
}

export interface MatrixPackage {
  packageId: string;
  path: string;
  folder: string;
}

export interface MatrixRow {
  target: string;
  targetId: string | null;
  cells: readonly {
    revisionId: string | null;
    revision: string | null;
    behind: number | null;
    packages: readonly MatrixPackage[];
  }[];
}

export function totalsOf(groups: readonly Counts[]): Counts;
export function revisionParts(
  group: { packages: number; upstreamRevisions: readonly UsedRevision[] },
  columns?: readonly MatrixColumn[],
): Part[];
export function matrixOf(matrix: { columns: readonly MatrixColumn[]; items: readonly MatrixRow[] }): {
  columns: { revisionId: string | null; revision: string; publishedAt: string | null; behind: number | null }[];
  rows: {
    target: string;
    targetId: string | null;
    cells: (MatrixPackage & { revision: string | null; label: string })[][];
  }[];
  left: number;
  hasFolders: boolean;
};
