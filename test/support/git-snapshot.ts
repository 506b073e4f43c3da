import { isDeepStrictEqual } from 'node:util';
import { git } from '../support/git-command.js';

export interface Commit {
  oid: string;
  tree: string;
  parents: string[];
  message: string;
}

/**
 * All objects and refs of a bare repository, read by native git in one go. The checks look at Git through this and
 * through nothing of pkgserver's. Names are bytes (Latin-1 strings), as Git has them; directories are given as text.
 */
export class GitSnapshot {
  readonly #ancestors = new Map<string, ReadonlySet<string>>();

  private constructor(
    readonly refs: ReadonlyMap<string, string>,
    private readonly objects: ReadonlyMap<string, { type: string; data: Buffer }>,
  ) {}

  /** `before` is given again where no ref has changed since. */
  static async read(gitDir: string, before?: GitSnapshot): Promise<GitSnapshot> {
    const lines = (await git(['for-each-ref', '--format=%(refname) %(objectname)'], { gitDir })).toString();
    const refs = new Map(
      lines
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split(' ') as [string, string]),
    );
    if (before && isDeepStrictEqual(before.refs, refs)) return before;
    const all = await git(['cat-file', '--batch-all-objects', '--batch', '--unordered'], { gitDir });
    const objects = new Map<string, { type: string; data: Buffer }>();
    for (let at = 0; at < all.length;) {
      const end = all.indexOf('\n', at);
      const [oid = '', type = '', size = '0'] = all.toString('latin1', at, end).split(' ');
      const start = end + 1;
      objects.set(oid, { type, data: all.subarray(start, start + Number(size)) });
      at = start + Number(size) + 1;
    }
    return new GitSnapshot(refs, objects);
  }

  has(oid: string): boolean {
    return this.objects.has(oid);
  }

  /** The commit that an OID of a commit or annotated tag leads to; null for other objects. */
  peel(oid: string): string | null {
    const object = this.objects.get(oid);
    if (object?.type === 'commit') return oid;
    if (object?.type !== 'tag') return null;
    return this.peel(/^object ([0-9a-f]{40})/.exec(object.data.toString())?.[1] ?? '');
  }

  commit(oid: string): Commit {
    const object = this.objects.get(oid);
    if (object?.type !== 'commit') throw new Error(`${oid} is no commit`);
    const text = object.data.toString();
    const gap = text.indexOf('\n\n');
    const head = text.slice(0, gap).split('\n');
    return {
      oid,
      tree: head[0]?.slice('tree '.length) ?? '',
      parents: head.filter((line) => line.startsWith('parent ')).map((line) => line.slice('parent '.length)),
      message: text.slice(gap + 2),
    };
  }

  /** What an annotated tag says; empty for a lightweight one. */
  tagMessage(oid: string): string {
    const object = this.objects.get(oid);
    return object?.type === 'tag' ? object.data.toString().split('\n\n').slice(1).join('\n\n') : '';
  }

  entries(tree: string): { mode: string; name: string; oid: string }[] {
    const data = this.objects.get(tree)?.data;
    if (!data) throw new Error(`There is no tree ${tree}`);
    const entries = [];
    for (let at = 0; at < data.length;) {
      const space = data.indexOf(' ', at);
      const zero = data.indexOf(0, space);
      const mode = data.toString('latin1', at, space).padStart(6, '0');
      entries.push({
        mode,
        name: data.toString('latin1', space + 1, zero),
        oid: data.toString('hex', zero + 1, zero + 21),
      });
      at = zero + 21;
    }
    return entries;
  }

  /** The tree at a directory of a commit; null where there is none. */
  treeAt(commit: string, directory: string): string | null {
    let tree = this.commit(commit).tree;
    for (const segment of directory === '' ? [] : bytes(directory).split('/')) {
      const entry = this.entries(tree).find(({ mode, name }) => name === segment && kindOf(mode) === 'tree');
      if (!entry) return null;
      tree = entry.oid;
    }
    return tree;
  }

  /** Path → blob OID of everything below a tree. */
  files(tree: string, prefix = ''): Map<string, string> {
    const files = new Map<string, string>();
    for (const { mode, name, oid } of this.entries(tree)) {
      if (kindOf(mode) === 'tree') for (const pair of this.files(oid, `${prefix}${name}/`)) files.set(...pair);
      else files.set(`${prefix}${name}`, oid);
    }
    return files;
  }

  /** The paths below a directory in which two trees differ, whatever the modes of old tools; null: no tree. */
  changes(before: string | null, after: string | null, prefix = ''): string[] {
    if (before === after) return [];
    const named = (tree: string | null) =>
      new Map((tree === null ? [] : this.entries(tree)).map((entry) => [entry.name, entry]));
    const [old, now] = [named(before), named(after)];
    return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
      const sides = [old.get(name), now.get(name)] as const;
      const trees = sides.map((side) => (side && kindOf(side.mode) === 'tree' ? side.oid : null)) as [Side, Side];
      const leaves = sides.map((side) => (side && kindOf(side.mode) !== 'tree' ? kindOf(side.mode) + side.oid : null));
      return [...(leaves[0] === leaves[1] ? [] : [prefix + name]), ...this.changes(...trees, `${prefix}${name}/`)];
    });
  }

  /** Every commit that a commit reaches, itself included. */
  history(oid: string): ReadonlySet<string> {
    const known = this.#ancestors.get(oid);
    if (known) return known;
    const reached = new Set<string>();
    for (let queue = [oid]; queue.length > 0;) {
      const next = queue.pop() as string;
      if (reached.has(next)) continue;
      reached.add(next);
      queue = queue.concat(this.commit(next).parents);
    }
    this.#ancestors.set(oid, reached);
    return reached;
  }

  /** Every commit that some ref reaches. */
  reachable(): Set<string> {
    const reached = new Set<string>();
    for (const oid of this.refs.values()) {
      const commit = this.peel(oid);
      if (commit !== null) for (const one of this.history(commit)) reached.add(one);
    }
    return reached;
  }
}

type Side = string | null;

/** What an entry is, whatever mode an old tool gave it. */
export function kindOf(mode: string): 'tree' | 'link' | 'commit' | 'executable' | 'file' {
  const number = Number.parseInt(mode, 8);
  const type = number & 0o170000;
  if (type === 0o040000) return 'tree';
  if (type === 0o120000) return 'link';
  if (type === 0o160000) return 'commit';
  return (number & 0o100) === 0 ? 'file' : 'executable';
}

/** A text as the bytes that Git has of it. */
export const bytes = (text: string): string => Buffer.from(text).toString('latin1');

/** The value of a trailer in a commit message; null without one. */
export function trailer(message: string, name: string): string | null {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(message)?.[1] ?? null;
}
