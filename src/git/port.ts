/**
 * The Git port: everything the rest of pkgserver knows about Git's remotes and mirrors. Two transports implement
 * {@link GitPort}, native git and JavaScript alone, and pass one contract (`test/integration/git-port`).
 * OIDs are SHA-1 in lower-case hex. Ref names are full (`refs/heads/main`). Paths have `/` and no leading slash.
 */

export interface GitCredential {
  username: string;
  password: string;
}
/** A bearer token is sent as `Authorization: Bearer`. */
export interface GitBearer {
  token: string;
}

/** A deploy key, for `ssh:` URLs (which name the user). */
export interface GitSshKey {
  /** OpenSSH or PEM, without a passphrase. */
  privateKey: string;
  /** Lines of a `known_hosts` file: the only host keys that are accepted. */
  knownHosts: string;
}

export interface GitTarget {
  /** Names the mirror on this machine's disk; the repository's id. */
  key: string;
  url: string;
  credential?: GitCredential | GitBearer | GitSshKey;
  /** Certificates (PEM) that the remote's TLS certificate is checked against instead of the machine's own. */
  caBundle?: string;
}

export abstract class GitPort {
  /** Opens (and creates, where missing) the mirror. Touches no network. The handle is for one visit. */
  abstract open(target: GitTarget): Promise<GitRepository>;
  /** As {@link GitRepository.listRefs}, where nothing else is asked: most transports make no mirror for that. */
  abstract listRefs(target: GitTarget, signal?: AbortSignal): Promise<RemoteRefs>;
  /** The keys of the mirrors on this machine's disk. */
  abstract keys(): Promise<string[]>;
  /** Deletes the mirror of that key, if there is one. */
  abstract remove(key: string): Promise<void>;
  /** Ends pooled connections and helpers. */
  abstract close(): Promise<void>;
}

/** One mirror: a bare object store on disk (no refs in it: those live in the index) and the remote behind it. */
export interface GitRepository extends GitObjects {
  /** All branches and tags of the remote (`ls-refs`); an empty repository gives none. */
  listRefs(signal?: AbortSignal): Promise<RemoteRefs>;
  /** Brings `wants` and all they reach into the mirror. `haves` are commits and tags the mirror already holds. */
  fetch(wants: readonly string[], haves: readonly string[], signal?: AbortSignal): Promise<void>;
  /**
   * Hands over a set of ref changes as one. Each change is compare-and-swap on `expected`; nothing is ever forced.
   * Where the remote cannot do it atomically the changes go one by one in the given order: up to the first that fails,
   * but for deletions of branches, which the others do not need.
   * `objects` are the new objects the changes need (already written to the mirror).
   * Throws GitError `staleRef` when a ref was not at `expected`, `rejected` when the remote refuses; `data.made` names
   * the refs that were changed before or beside the one at fault.
   */
  push(changes: readonly RefChange[], objects: readonly string[], signal?: AbortSignal): Promise<void>;
}

export interface RemoteRefs {
  /** Full ref name → OID (of the tag object, for annotated tags). Only `refs/heads/` and `refs/tags/`. */
  refs: ReadonlyMap<string, string>;
  /** The branch that the remote's HEAD names, as a full ref name; left out where it tells none, as an empty one may. */
  head?: string;
}

export interface RefChange {
  ref: string;
  /** The OID the remote must hold now; null: the ref must not exist. */
  expected: string | null;
  /** The OID to set; null: delete the ref. */
  next: string | null;
  /** Where changes go one by one: a later one of the set, without which this new ref is taken back. */
  needs?: string;
}

export interface GitObjects {
  /** Whether the mirror holds the object. */
  has(oid: string): Promise<boolean>;
  readTree(oid: string): Promise<GitTreeEntry[]>;
  /** The OID of the directory at `path` (`''`: the root) of a commit, tag or tree; null where there is none. */
  treeAt(revision: string, path: string): Promise<string | null>;
  /** The entry of that name directly in the tree; null where there is none. */
  findEntry(tree: string, name: string): Promise<GitTreeEntry | null>;
  /** Bytes of an object; null where that is not known without reading it. Throws as reading does. */
  sizeOf(oid: string): Promise<number | null>;
  readBlob(oid: string): Promise<Uint8Array>;
  readCommit(oid: string): Promise<GitCommit>;
  /** The commit a tag or commit OID leads to, with the tag objects passed on the way (outermost first); null if it leads to none. */
  peel(oid: string): Promise<{ commit: string; tags: GitTag[] } | null>;
  writeBlob(content: Uint8Array): Promise<string>;
  writeTree(entries: readonly GitTreeEntry[]): Promise<string>;
  /**
   * The tree with the directory `name` set to the tree `child`, or taken out (null): as {@link writeTree} would write
   * it, without reading the others. No file of that name may be there. `tree` null: one without entries.
   */
  setDirectory(tree: string | null, name: string, child: string | null): Promise<string>;
  writeCommit(commit: Omit<GitCommit, 'oid'>): Promise<string>;
  writeTag(tag: Omit<GitTag, 'oid'>): Promise<string>;
}

export interface GitTreeEntry {
  /** 100644, 100755, 120000 (symlink), 040000 (directory) or 160000 (submodule). */
  mode: string;
  name: string;
  oid: string;
}

export interface GitSignature {
  name: string;
  email: string;
  /** Seconds since the epoch. */
  timestamp: number;
  /** Minutes west of UTC, as Date#getTimezoneOffset gives. */
  timezoneOffset: number;
}

export interface GitCommit {
  oid: string;
  tree: string;
  parents: string[];
  author: GitSignature;
  committer: GitSignature;
  message: string;
}

export interface GitTag {
  oid: string;
  object: string;
  type: 'commit' | 'tag' | 'tree' | 'blob';
  tag: string;
  /** Absent in very old tags. */
  tagger?: GitSignature;
  message: string;
}

export type GitErrorCode =
  | 'hostRefused'
  | 'unreachable'
  | 'timeout'
  | 'authenticationFailed'
  | 'notFound'
  | 'protocol'
  | 'tooLarge'
  | 'staleRef'
  | 'busy'
  | 'rejected'
  | 'missingObject';

export interface GitErrorData {
  /** The refs at fault, with the remote's reason for each. */
  refs?: { ref: string; reason: string }[];
  /** The refs that were changed all the same. */
  made?: string[];
  /** What the remote says beside its reasons, as hooks do. */
  remarks?: string;
  /** Of HTTP. */
  status?: number;
}

/** What a Git remote or mirror did wrong. `message` is fit for users: no secret, no path of this machine. */
export class GitError extends Error {
  override readonly name = 'GitError';
  constructor(
    readonly code: GitErrorCode,
    message: string,
    readonly data: GitErrorData = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
