import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from './git-command.js';

export interface Person {
  name: string;
  email: string;
}

export const ALICE: Person = { name: 'Alice Example', email: 'alice@example.com' };
export const BOB: Person = { name: 'Bob Example', email: 'bob@example.com' };

/** 2024-01-01T00:00:00Z; each commit and tag of a fixture is one minute after the one before. */
const FIRST_DATE = 1_704_067_200;

export interface CommitOptions {
  /** Default `main`. */
  branch?: string;
  /** What changes: path → content, null deletes. All else stays as in the branch. */
  files?: Record<string, string | Buffer | null>;
  /** Those of `files` that are executable. */
  executable?: readonly string[];
  /** Path → target. */
  symlinks?: Record<string, string>;
  /** Path → commit of another repository. */
  submodules?: Record<string, string>;
  message?: string;
  author?: Person;
  /** Seconds since the epoch. */
  date?: number;
}

export interface TagOptions {
  /** Any revision; default `main`. */
  at?: string;
  /** Default true. */
  annotated?: boolean;
  message?: string;
  tagger?: Person;
  date?: number;
}

/** Writes history straight into a bare repository with native git: other people's work, as pkgserver finds it. */
export class GitFixture {
  #clock = FIRST_DATE;

  private constructor(readonly path: string) {}

  /** `barePath` is a repository that exists. */
  static create(barePath: string): GitFixture {
    return new GitFixture(barePath);
  }

  /** Commits on a branch, which is made where it is missing. Gives the commit. */
  async commit(options: CommitOptions): Promise<string> {
    const ref = `refs/heads/${options.branch ?? 'main'}`;
    const parent = await this.#tip(ref);
    const person = options.author ?? ALICE;
    const who = `${person.name} <${person.email}> ${options.date ?? this.#tick()} +0000`;
    const parts = [
      `commit ${ref}\nmark :1\nauthor ${who}\ncommitter ${who}\n`,
      ...data(options.message ?? 'Change things\n'),
      parent === null ? '' : `from ${parent}\n`,
      ...Object.entries(options.files ?? {}).flatMap(([path, content]) =>
        content === null
          ? [`D ${quote(path)}\n`]
          : [`M ${options.executable?.includes(path) ? '100755' : '100644'} inline ${quote(path)}\n`, ...data(content)],
      ),
      ...Object.entries(options.symlinks ?? {}).flatMap(([path, target]) => [
        `M 120000 inline ${quote(path)}\n`,
        ...data(target),
      ]),
      ...Object.entries(options.submodules ?? {}).map(([path, oid]) => `M 160000 ${oid} ${quote(path)}\n`),
      'get-mark :1\ndone\n',
    ];
    const input = Buffer.concat(parts.map((part) => Buffer.from(part)));
    return (await this.#git(['fast-import', '--quiet', '--done', '--date-format=raw'], input)).toString().trim();
  }

  /** Gives the OID of the tag object, or of the commit for a lightweight tag. */
  async tag(name: string, options: TagOptions = {}): Promise<string> {
    const at = options.at ?? 'main';
    if (options.annotated === false) await this.#git(['tag', name, at]);
    else await this.#annotate(name, at, options);
    return this.revParse(`refs/tags/${name}`);
  }

  /** Sets many tags at once, without messages. */
  async tagMany(names: readonly string[], at = 'main'): Promise<void> {
    await this.#refer(
      names.map((name) => `refs/tags/${name}`),
      at,
    );
  }

  /** Makes many branches at once. */
  async branchMany(names: readonly string[], at: string): Promise<void> {
    await this.#refer(
      names.map((name) => `refs/heads/${name}`),
      at,
    );
  }

  async #refer(refs: readonly string[], at: string): Promise<void> {
    const commit = await this.revParse(`${at}^{commit}`);
    const input = refs.map((ref) => `create ${ref} ${commit}\n`).join('');
    await this.#git(['update-ref', '--stdin'], Buffer.from(input));
  }

  /** Points an existing tag elsewhere, as careless people do. */
  async moveTag(name: string, at: string, options: Omit<TagOptions, 'at'> = {}): Promise<string> {
    await this.deleteRef(`refs/tags/${name}`);
    return this.tag(name, { ...options, at });
  }

  /** Sets a branch, existing or not, whatever it held before. */
  async branch(name: string, at: string): Promise<void> {
    await this.#git(['update-ref', `refs/heads/${name}`, await this.revParse(`${at}^{commit}`)]);
  }

  /** A tree as old or careless tools write one: entries in this order, modes as they are, names in any bytes (Latin-1). */
  async rawTree(entries: readonly (readonly [mode: string, name: string, oid: string])[]): Promise<string> {
    const parts = entries.flatMap(([mode, name, oid]) => [
      Buffer.from(`${mode} ${name}\0`, 'latin1'),
      Buffer.from(oid, 'hex'),
    ]);
    const args = ['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'];
    return (await this.#git(args, Buffer.concat(parts))).toString().trim();
  }

  /** Commits a whole tree on a branch. Gives the commit. */
  async commitTree(tree: string, branch = 'main'): Promise<string> {
    const who = `${ALICE.name} <${ALICE.email}> ${this.#tick()} +0000`;
    const parent = await this.#tip(`refs/heads/${branch}`);
    const head = `tree ${tree}\n${parent === null ? '' : `parent ${parent}\n`}author ${who}\ncommitter ${who}\n\nOdd\n`;
    const args = ['hash-object', '-t', 'commit', '-w', '--literally', '--stdin'];
    const oid = (await this.#git(args, Buffer.from(head))).toString().trim();
    await this.branch(branch, oid);
    return oid;
  }

  /** The entries of one tree as its bytes have them, names in Latin-1. */
  async rawEntries(tree: string): Promise<string[]> {
    const bytes = await this.#git(['cat-file', 'tree', tree]);
    const entries: string[] = [];
    for (let start = 0; start < bytes.length;) {
      const end = bytes.indexOf(0, start);
      entries.push(bytes.toString('latin1', start, end));
      start = end + 21;
    }
    return entries;
  }

  /** `ref` is a full name. */
  async deleteRef(ref: string): Promise<void> {
    await this.#git(['update-ref', '-d', ref]);
  }

  async revParse(revision: string): Promise<string> {
    return (await this.#git(['rev-parse', '--verify', '--end-of-options', revision])).toString().trim();
  }

  /** All branches and tags: full name → OID (of the tag object, for annotated tags). */
  async refs(): Promise<Map<string, string>> {
    const lines = await this.#lines(['for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads', 'refs/tags']);
    return new Map(lines.map((line) => line.split(' ') as [string, string]));
  }

  /** The commits that a revision reaches, newest first. */
  async log(revision = 'main'): Promise<{ oid: string; parents: string[]; author: string; message: string }[]> {
    const text = (await this.#git(['log', '-z', '--format=%H%x01%P%x01%an <%ae>%x01%B', revision])).toString();
    return text.split('\0').map((record) => {
      const [oid = '', parents = '', author = '', message = ''] = record.split('\x01');
      return { oid, parents: parents.split(' ').filter(Boolean), author, message };
    });
  }

  tags(): Promise<string[]> {
    return this.#lines(['tag', '--list']);
  }

  /** Everything below a path of a revision that is no directory. */
  async lsTree(revision = 'main', path = ''): Promise<{ mode: string; oid: string; path: string }[]> {
    const tree = path === '' ? revision : `${revision}:${path}`;
    const text = (await this.#git(['ls-tree', '-r', '-z', tree])).toString();
    return text
      .split('\0')
      .filter(Boolean)
      .map((line) => {
        const [head = '', name = ''] = line.split('\t');
        const [mode = '', , oid = ''] = head.split(' ');
        return { mode, oid, path: name };
      });
  }

  /** The bytes of a blob, e.g. `main:README.md`, or of any other object as `git show` prints it. */
  show(revision: string): Promise<Buffer> {
    return this.#git(['show', revision]);
  }

  config(name: string, value: string): Promise<Buffer> {
    return this.#git(['config', name, value]);
  }

  /** Settings that the repository does not have yet, without asking git once for each. */
  async configure(settings: Record<string, string>): Promise<void> {
    const lines = Object.entries(settings).map(([name, value]) => {
      const [section, variable] = name.split('.');
      return `[${section}]\n\t${variable} = ${value}\n`;
    });
    await appendFile(join(this.path, 'config'), lines.join(''));
  }

  /** Packs everything, with deltas, as servers do now and then. */
  repack(): Promise<Buffer> {
    return this.#git(['repack', '-a', '-d', '-q', '--depth=50', '--window=50']);
  }

  /** Throws unless every object of the repository is whole and well-formed. */
  async check(): Promise<void> {
    await this.#git(['fsck', '--strict', '--full', '--no-dangling']);
  }

  async #annotate(name: string, at: string, options: TagOptions): Promise<void> {
    const tagger = options.tagger ?? ALICE;
    const env = {
      GIT_COMMITTER_NAME: tagger.name,
      GIT_COMMITTER_EMAIL: tagger.email,
      GIT_COMMITTER_DATE: `${options.date ?? this.#tick()} +0000`,
    };
    await git(['tag', '--annotate', '--file=-', name, at], { gitDir: this.path, input: options.message ?? name, env });
  }

  async #tip(ref: string): Promise<string | null> {
    // Git writes a ref to a file of its own; only when it has packed its refs, or there is none, is it asked.
    const file = (await readFile(join(this.path, ref), 'utf8').catch(() => '')).trim();
    if (/^[0-9a-f]{40}$/.test(file)) return file;
    const [line] = await this.#lines(['for-each-ref', '--format=%(objectname)', ref]);
    return line ?? null;
  }

  #tick(): number {
    this.#clock += 60;
    return this.#clock;
  }

  async #lines(args: readonly string[]): Promise<string[]> {
    return (await this.#git(args)).toString().split('\n').filter(Boolean);
  }

  #git(args: readonly string[], input?: Buffer): Promise<Buffer> {
    return git(args, { gitDir: this.path, input });
  }
}

function data(content: string | Buffer): (string | Buffer)[] {
  return [`data ${Buffer.byteLength(content)}\n`, content, '\n'];
}

function quote(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n')}"`;
}
