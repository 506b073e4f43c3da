import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytes } from '../../support/git-snapshot.js';
import type { Random } from '../../support/random.js';
import { type Folder, RawObjects } from '../../support/raw-objects.js';

export interface Plan {
  /** Of the registration. */
  directory: string;
  deployment: boolean;
  ref: string;
}

/** Where packages may lie, one in another as well; names in any bytes are made of these. */
const PLACES = ['app', 'app/db', 'app/db/deep', 'net', 'net/fw', 'x.y', 'Up', 'a-b', 'drafts', 'v1', 'main', 'é'];
const LEAVES = [
  ...['v1', 'v2', 'v3', 'v10', 'v1.0.0', 'v1.2.3-rc.1', '2.0.0', 'v2.0.0+build', 'v0', 'v01', 'v99999999999999999999'],
  ...['main', 'latest', 'release-7', 'V4', 'v', 'v1.x', 'é', 'v1-1'],
];
const FILE_MODES = ['100644', '100644', '100644', '100755', '100664', '0100644', '100600', '100775'];
const FOLDER_MODES = ['40000', '40000', '40000', '040000'];
const KPTFILE = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: theirs\n';

export const configMap = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

/** A repository as the world has them, written object by object; what is in it follows from the random numbers alone. */
export class RandomRepository {
  readonly objects: RawObjects;
  readonly plan: Plan;
  readonly #refs = new Map<string, string>();
  readonly #commits: string[] = [];
  readonly #root: Folder = new Map();
  #count = 0;

  constructor(
    private readonly gitDir: string,
    private readonly random: Random,
  ) {
    this.objects = new RawObjects(gitDir);
    const directory = random.pick(['', '', '', 'pkgs', 'pkgs/in', 'drafts', 'é']) ?? '';
    this.plan = {
      directory,
      deployment: random.chance(0.3),
      ref: random.pick(['main', 'main', 'main', 'release/1']) ?? '',
    };
  }

  async write(): Promise<void> {
    const { random } = this;
    if (random.chance(0.05)) return;
    const packages = PLACES.filter(() => random.chance(0.3)).map((place) => this.under(place));
    if (this.plan.directory !== '' && random.chance(0.3)) packages.push(this.plan.directory);
    for (let count = random.between(1, 4); count > 0; count -= 1) {
      if (random.chance(0.7)) this.set([bytes(random.pick(['README.md', 'é', 'docs']) ?? '')], this.file(`${count}`));
      for (const one of packages) if (random.chance(0.7)) this.fill(one.split('/').map(bytes));
      this.#commits.push(
        this.objects.commit({
          tree: this.objects.tree(this.#root),
          parents: this.#commits.slice(-1),
          message: `${count}`,
        }),
      );
    }
    this.ref(`refs/heads/${this.plan.ref}`, this.#commits.at(-1) ?? '');
    const tagged = [...packages, 'ghost', this.under('ghost'), ''];
    for (let count = random.between(0, 8); count > 0; count -= 1) this.tag(random.pick(tagged) ?? '');
    for (let count = random.between(0, 4); count > 0; count -= 1) this.branch(random.pick(packages) ?? 'ghost');
    const lines = [...this.#refs].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    await writeFile(join(this.gitDir, 'packed-refs'), lines.map(([name, oid]) => `${oid} ${name}\n`).join(''));
  }

  private under(place: string): string {
    return [this.plan.directory, place].filter(Boolean).join('/');
  }

  private fill(segments: readonly string[]): void {
    const { random } = this;
    const put = (name: string, entry: { mode: string; at: string | Folder }) =>
      this.set([...segments, ...name.split('/')], entry);
    this.#count += 1;
    if (random.chance(0.85)) put('Kptfile', { mode: '100644', at: this.objects.blob(KPTFILE) });
    put('config.yaml', this.file(configMap(`c${this.#count}`)));
    const more: (() => void)[] = [
      () => put('run.sh', { mode: '100755', at: this.objects.blob('#!/bin/sh\n') }),
      () => put(bytes(random.pick(['ä.yaml', 'more/ä.yaml']) ?? ''), this.file(configMap('a'))),
      () =>
        put(
          random.pick(['caf\xe9.yaml', 'd\xe9/in.yaml', 'line\nbreak', 'back\\slash', 'tab\t']) ?? '',
          this.file('x: 1\n'),
        ),
      () => put('link', { mode: '120000', at: this.objects.blob('../elsewhere') }),
      () => put('sub', { mode: '160000', at: '1'.repeat(40) }),
      () => put('more/deep/f.yaml', this.file(configMap(`d${this.#count}`))),
      () => put('bad.yaml', this.file('{[')),
      () => put('binary', this.file(Buffer.from([0, 255, 0, 1]))),
      () => put('crlf.yaml', this.file('a: 1\r\nb: 2\r\n')),
      () => put('empty', this.file('')),
      () => put('none', { mode: '40000', at: new Map() }),
      () =>
        put('lfs.bin', this.file(`version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 1\n`)),
    ];
    for (const add of more) if (random.chance(0.2)) add();
  }

  private file(content: string | Buffer): { mode: string; at: string } {
    return { mode: this.random.pick(FILE_MODES) ?? '', at: this.objects.blob(content) };
  }

  private set(segments: readonly string[], entry: { mode: string; at: string | Folder }): void {
    let folder = this.#root;
    for (const name of segments.slice(0, -1)) {
      const there = folder.get(name);
      const next: Folder = there && typeof there.at !== 'string' ? there.at : new Map();
      if (next !== there?.at) folder.set(name, { mode: this.random.pick(FOLDER_MODES) ?? '', at: next });
      folder = next;
    }
    folder.set(segments.at(-1) ?? '', entry);
  }

  private tag(directory: string): void {
    const { random } = this;
    const name = [directory, random.pick(LEAVES) ?? ''].filter(Boolean).join('/');
    let [oid, type] = [random.pick(this.#commits) ?? '', 'commit'];
    if (random.chance(0.05)) [oid, type] = [this.objects.blob('tagged'), 'blob'];
    if (random.chance(0.05)) [oid, type] = [this.objects.tree(this.#root), 'tree'];
    for (let chain = random.pick([0, 0, 1, 1, 2]) ?? 0; chain > 0; chain -= 1)
      [oid, type] = [this.objects.tag(name, oid, type), 'tag'];
    this.ref(`refs/tags/${name}`, oid);
  }

  private branch(directory: string): void {
    const { random } = this;
    const workspace = random.pick(['w', 'left', 'Odd_Name', 'v1', 'main', 'é']) ?? '';
    const kind = random.pick(['drafts/', 'drafts/', 'proposed/', 'deletionProposed/', '', 'feature/']) ?? '';
    const parents = random.chance(0.9) ? [random.pick(this.#commits) ?? ''] : [];
    const kpt = `kpt:${JSON.stringify({ package: directory, revision: random.pick(['v1', '0', '']), workspaceName: workspace })}`;
    const message =
      random.pick(['Draft\n', `Draft\n\n${kpt}\n`, 'pkg-server:{"package":"x"}\n', 'kpt:{broken\n']) ?? '';
    if (random.chance(0.7)) this.fill(directory.split('/').map(bytes));
    const draft = this.objects.commit({ tree: this.objects.tree(this.#root), parents, message });
    const at = kind === 'deletionProposed/' ? (random.pick(this.#commits) ?? '') : draft;
    const leaf = kind === 'deletionProposed/' ? (random.pick(LEAVES) ?? '') : workspace;
    this.ref(`refs/heads/${kind}${directory}/${leaf}`, at);
  }

  /** Unless Git cannot hold it beside the others. */
  private ref(name: string, oid: string): void {
    if (name.includes('//') || name.endsWith('/')) return;
    // Beside a branch `drafts/a` no draft of `a` can be pushed; the remote says so on the draft.
    if (/^refs\/heads\/(drafts|proposed|deletionProposed)\/[^/]+$/.test(name)) return;
    const clashes = [...this.#refs.keys()].some(
      (other) => other.startsWith(`${name}/`) || name.startsWith(`${other}/`),
    );
    if (!clashes) this.#refs.set(name, oid);
  }
}
