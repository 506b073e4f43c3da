import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';

/** A directory: name (bytes, as a Latin-1 string) → mode and object, or a directory of its own. */
export type Folder = Map<string, { mode: string; at: string | Folder }>;

export interface RawCommit {
  tree: string;
  parents?: readonly string[];
  message?: string;
  author?: string;
}

/** Writes loose objects of a bare repository byte by byte, so that they can be as odd as those of any tool ever were. */
export class RawObjects {
  /** All that was written here. */
  readonly written = new Set<string>();
  #clock = 1_704_067_200;

  constructor(private readonly gitDir: string) {}

  blob(content: string | Buffer): string {
    return this.write('blob', Buffer.from(content));
  }

  /** Modes as they are given, in the order of Git. */
  tree(folder: Folder): string {
    const key = (name: string, mode: string) => Buffer.from(isDirectory(mode) ? `${name}/` : name, 'latin1');
    const entries = [...folder].sort(([a, { mode: x }], [b, { mode: y }]) => Buffer.compare(key(a, x), key(b, y)));
    const parts = entries.map(([name, { mode, at }]) =>
      Buffer.concat([
        Buffer.from(`${mode} ${name}\0`, 'latin1'),
        Buffer.from(typeof at === 'string' ? at : this.tree(at), 'hex'),
      ]),
    );
    return this.write('tree', Buffer.concat(parts));
  }

  /** A tree with one entry set, or taken out, as Git itself writes it; `read` gives the entries of a tree that is there. */
  put(
    read: (tree: string) => readonly { mode: string; name: string; oid: string }[],
    tree: string | null,
    [name = '', ...rest]: readonly string[],
    entry: { mode: string; at: string | Folder } | null,
  ): string {
    const entries = tree === null ? [] : read(tree);
    const folder: Folder = new Map(
      entries.map((one) => [one.name, { mode: one.mode.replace(/^0+/, ''), at: one.oid }]),
    );
    const there = folder.get(name);
    if (rest.length === 0) {
      if (entry === null) folder.delete(name);
      else folder.set(name, entry);
      return this.tree(folder);
    }
    const below = there && isDirectory(there.mode) && typeof there.at === 'string' ? there.at : null;
    if (below === null && entry === null) return this.tree(folder);
    const next = this.put(read, below, rest, entry);
    if (next === EMPTY_TREE) folder.delete(name);
    else folder.set(name, { mode: '40000', at: next });
    return this.tree(folder);
  }

  commit({ tree, parents = [], message = 'Change things\n', author = 'Alice Example <alice@example.com>' }: RawCommit) {
    const when = `${this.#tick()} +0000`;
    const head = [`tree ${tree}`, ...parents.map((oid) => `parent ${oid}`)];
    const people = [`author ${author} ${when}`, `committer ${author} ${when}`];
    return this.write('commit', Buffer.from([...head, ...people, '', message].join('\n')));
  }

  tag(name: string, object: string, type: string): string {
    const tagger = `tagger Alice Example <alice@example.com> ${this.#tick()} +0000`;
    return this.write(
      'tag',
      Buffer.from([`object ${object}`, `type ${type}`, `tag ${name}`, tagger, '', name, ''].join('\n')),
    );
  }

  #tick(): number {
    this.#clock += 60;
    return this.#clock;
  }

  private write(type: string, body: Buffer): string {
    const data = Buffer.concat([Buffer.from(`${type} ${body.length}\0`), body]);
    const oid = createHash('sha1').update(data).digest('hex');
    if (this.written.has(oid)) return oid;
    this.written.add(oid);
    const folder = join(this.gitDir, 'objects', oid.slice(0, 2));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, oid.slice(2)), deflateSync(data, { level: 1 }));
    return oid;
  }
}

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

export const isDirectory = (mode: string): boolean => Number.parseInt(mode, 8) === 0o40000;
