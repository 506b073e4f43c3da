import type { GitCommit, GitRepository, GitTreeEntry } from '../../git/port.js';

/** What is remembered at most: entries of trees, and commits. */
const MAX_WEIGHT = 50_000;

/**
 * The same repository, remembering the trees and commits that were read or written last. A thousand publications read
 * the same base, and each reads the tree that the one before it wrote (whose entries come in the order written).
 */
export function remembering(git: GitRepository): GitRepository {
  const trees = new Recent<GitTreeEntry[]>((entries) => 1 + entries.length);
  const commits = new Recent<GitCommit>(() => 1);
  return {
    listRefs: (signal) => git.listRefs(signal),
    fetch: (wants, haves, signal) => git.fetch(wants, haves, signal),
    push: (changes, objects, signal) => git.push(changes, objects, signal),
    pushesAsOne: (signal) => git.pushesAsOne(signal),
    has: (oid) => git.has(oid),
    peel: (oid) => git.peel(oid),
    sizeOf: (oid) => git.sizeOf(oid),
    readBlob: (oid) => git.readBlob(oid),
    treeAt: (revision, path) => git.treeAt(revision, path),
    findEntry: (tree, name) => git.findEntry(tree, name),
    readTree: (oid) => trees.get(oid, () => git.readTree(oid)),
    readCommit: (oid) => commits.get(oid, () => git.readCommit(oid)),
    writeBlob: (content) => git.writeBlob(content),
    setDirectory: (tree, name, child) => git.setDirectory(tree, name, child),
    writeTree: async (entries) => {
      const oid = await git.writeTree(entries);
      trees.set(oid, [...entries]);
      return oid;
    },
    writeCommit: (commit) => git.writeCommit(commit),
    writeTag: (tag) => git.writeTag(tag),
  };
}

/** Values by OID, the oldest of which go when they weigh too much together. */
class Recent<Value> {
  private readonly values = new Map<string, Value>();
  private weight = 0;

  constructor(private readonly weigh: (value: Value) => number) {}

  async get(oid: string, read: () => Promise<Value>): Promise<Value> {
    const known = this.values.get(oid);
    if (known !== undefined) return known;
    const value = await read();
    this.set(oid, value);
    return value;
  }

  set(oid: string, value: Value): void {
    if (this.values.has(oid)) return;
    this.values.set(oid, value);
    this.weight += this.weigh(value);
    for (const [oldest, old] of this.values) {
      if (this.weight <= MAX_WEIGHT) return;
      this.values.delete(oldest);
      this.weight -= this.weigh(old);
    }
  }
}
