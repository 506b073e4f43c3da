export const SBOM_FORMATS = ['cyclonedx', 'spdx'] as const;
export type SbomFormat = (typeof SBOM_FORMATS)[number];

/** Content of a package in Git. */
export interface SbomPackage {
  name: string;
  version: string;
  /** The Git repository, and in it the directory; null where there is no URL that others could follow. */
  url: string | null;
  directory: string;
  /** The commit, or the ref while no commit is known; null: it is in no commit yet. */
  commit: string | null;
  tree: string | null;
}

/** In hexadecimal. */
export interface FileDigests {
  sha1: string;
  sha256: string;
}

export interface SbomFile extends FileDigests {
  path: string;
  /** What it names, as the index writes images. */
  images: string[];
}

/** What an SBOM tells. The files are sorted by path. */
export interface SbomFacts extends SbomPackage {
  /** The name of the repository that it is registered in here. */
  repository: string;
  /** RFC 3339 UTC: when this content came to be. */
  time: string;
  upstream: SbomPackage | null;
  files: SbomFile[];
}

export interface Sbom {
  /** A UUID that is of these facts in this format alone. */
  id: string;
  text: string;
}
