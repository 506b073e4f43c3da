import { git } from '../../support/git-command.js';
import { bytes, type GitSnapshot } from '../../support/git-snapshot.js';
import type { Random } from '../../support/random.js';
import type { Folder, RawObjects } from '../../support/raw-objects.js';
import { configMap, type Plan } from './random-repository.js';

const WEIGHTS = {
  editOnRef: 30,
  removeOnRef: 8,
  newPackage: 8,
  putBack: 5,
  mergeDraft: 3,
  forceRef: 2,
  tagByHand: 12,
  moveTag: 5,
  deleteTag: 5,
  pushOnDraft: 10,
  mergeRefIntoDraft: 3,
  forceDraft: 5,
  makeDraft: 4,
  renameDraft: 4,
  deleteBranch: 5,
  proposeDeletion: 3,
} as const;

/** Somebody with native Git and a right to everything, who knows nothing of pkgserver. */
export class Outsider {
  #count = 0;

  constructor(
    private readonly gitDir: string,
    private readonly objects: RawObjects,
    private readonly plan: Plan,
    private readonly random: Random,
  ) {}

  /** Does one thing, on what there is; gives it in words, null where there is nothing to do it with. */
  async act(there: GitSnapshot): Promise<string | null> {
    this.#count += 1;
    const action = this.random.weighted(WEIGHTS);
    const update = this[action](there);
    if (update === null) return null;
    const [ref, next] = update;
    const old = there.refs.get(ref);
    const args = next === null ? ['update-ref', '-d', ref, ...(old ? [old] : [])] : ['update-ref', ref, next];
    // A name that Git cannot hold beside the others is refused, to them as to everybody.
    const done = await git(args, { gitDir: this.gitDir }).then(
      () => true,
      () => false,
    );
    return done ? `they: ${action} ${ref} ${old?.slice(0, 8)} → ${next?.slice(0, 8)}` : null;
  }

  private editOnRef(there: GitSnapshot): Update {
    const directory = this.random.pick(packagesOf(there, this.main(there)));
    if (directory === undefined) return null;
    const name = this.random.pick(['config.yaml', 'theirs.yaml', 'more/t.yaml', 'b\xe9.yaml', 'Kptfile', '']) ?? '';
    const kptfile = `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: t${this.#count}\n`;
    const at = this.objects.blob(name === 'Kptfile' ? kptfile : configMap(`t${this.#count}`));
    const path = [...directory.split('/'), ...(name || `t${this.#count}.yaml`).split('/')];
    return this.onRef(there, path, { mode: this.random.pick(['100644', '100755']) ?? '', at });
  }

  private removeOnRef(there: GitSnapshot): Update {
    const main = this.main(there);
    const directory = this.random.pick(packagesOf(there, main));
    if (directory === undefined || main === null) return null;
    if (this.random.chance(0.4)) return this.onRef(there, directory.split('/'), null);
    const tree = there.treeAt(main, text(directory));
    const file = tree === null ? undefined : this.random.pick([...there.files(tree).keys()]);
    return file === undefined ? null : this.onRef(there, `${directory}/${file}`.split('/'), null);
  }

  private newPackage(there: GitSnapshot): Update {
    const inside = this.random.chance(0.3) ? this.random.pick(packagesOf(there, this.main(there))) : undefined;
    const path = [inside ?? bytes(this.plan.directory), `their-${this.#count}`].filter(Boolean).join('/').split('/');
    const folder: Folder = new Map([
      ['a.yaml', { mode: '100644', at: this.objects.blob(configMap('a')) }],
      ...(this.random.chance(0.7)
        ? [['Kptfile', { mode: '100644', at: this.objects.blob('apiVersion: kpt.dev/v1\nkind: Kptfile\n') }] as const]
        : []),
    ]);
    return this.onRef(there, path, { mode: '40000', at: folder });
  }

  /** As `git revert` does: an older tree again, on top. */
  private putBack(there: GitSnapshot): Update {
    const main = this.main(there);
    const older = main === null ? undefined : this.random.pick([...there.history(main)]);
    if (main === null || older === undefined) return null;
    return [
      this.mainRef,
      this.objects.commit({ tree: there.commit(older).tree, parents: [main], message: 'Revert\n' }),
    ];
  }

  private mergeDraft(there: GitSnapshot): Update {
    const [main, draft] = [this.main(there), this.random.pick(this.drafts(there))];
    const commit = draft === undefined ? null : there.peel(draft[1]);
    if (main === null || commit === null) return null;
    const { tree } = there.commit(commit);
    return [this.mainRef, this.objects.commit({ tree, parents: [main, commit], message: 'Merge\n' })];
  }

  private forceRef(there: GitSnapshot): Update {
    const main = this.main(there);
    const [parent] = main === null ? [] : there.commit(main).parents;
    if (main === null || parent === undefined) return null;
    if (this.random.chance(0.5)) return [this.mainRef, parent];
    return [
      this.mainRef,
      this.objects.commit({ tree: there.commit(main).tree, parents: [parent], message: 'Again\n' }),
    ];
  }

  private tagByHand(there: GitSnapshot): Update {
    const main = this.main(there);
    const at = this.random.chance(0.7) || main === null ? main : this.random.pick([...there.history(main)]);
    const directory = this.random.pick(packagesOf(there, at ?? null));
    if (directory === undefined || !at) return null;
    const name = `${text(directory)}/${this.random.pick(['v1', 'v2', 'v3', 'v4', 'v1.0.0', 'main', 'rc']) ?? ''}`;
    if (there.refs.has(`refs/tags/${name}`)) return null;
    return [`refs/tags/${name}`, this.random.chance(0.5) ? at : this.objects.tag(name, at, 'commit')];
  }

  private moveTag(there: GitSnapshot): Update {
    const [name, main] = [this.random.pick(named(there, 'refs/tags/'))?.[0], this.main(there)];
    const at = main === null ? undefined : this.random.pick([...there.history(main)].slice(0, 5));
    return name === undefined || at === undefined ? null : [name, at];
  }

  private deleteTag(there: GitSnapshot): Update {
    const name = this.random.pick(named(there, 'refs/tags/'))?.[0];
    return name === undefined ? null : [name, null];
  }

  private pushOnDraft(there: GitSnapshot): Update {
    const draft = this.random.pick(this.drafts(there));
    const commit = draft === undefined ? null : there.peel(draft[1]);
    return draft === undefined || commit === null ? null : this.onDraft(there, draft[0], commit, [commit]);
  }

  private mergeRefIntoDraft(there: GitSnapshot): Update {
    const [draft, main] = [this.random.pick(this.drafts(there)), this.main(there)];
    const commit = draft === undefined ? null : there.peel(draft[1]);
    if (draft === undefined || commit === null || main === null) return null;
    return this.onDraft(there, draft[0], this.random.chance(0.5) ? main : commit, [commit, main]);
  }

  private forceDraft(there: GitSnapshot): Update {
    const [draft, main] = [this.random.pick(this.drafts(there)), this.main(there)];
    return draft === undefined || main === null ? null : this.onDraft(there, draft[0], main, [main]);
  }

  private makeDraft(there: GitSnapshot): Update {
    const main = this.main(there);
    const directory = this.random.pick(packagesOf(there, main));
    if (main === null || directory === undefined) return null;
    const kind = this.random.pick(['drafts', 'drafts', 'proposed']) ?? '';
    const ref = `refs/heads/${kind}/${text(directory)}/their${this.random.between(1, 3)}`;
    return there.refs.has(ref) ? null : this.onDraft(there, ref, main, [main]);
  }

  /** Half of a rename: the other half they forget, now and then for ever. */
  private renameDraft(there: GitSnapshot): Update {
    const draft = this.random.pick(this.drafts(there));
    if (draft === undefined) return null;
    const other = draft[0].startsWith('refs/heads/drafts/')
      ? draft[0].replace('refs/heads/drafts/', 'refs/heads/proposed/')
      : draft[0].replace('refs/heads/proposed/', 'refs/heads/drafts/');
    return there.refs.has(other) ? [draft[0], null] : [other, draft[1]];
  }

  private deleteBranch(there: GitSnapshot): Update {
    const ours = [...this.drafts(there), ...named(there, 'refs/heads/deletionProposed/')];
    const name = this.random.pick(ours)?.[0];
    return name === undefined ? null : [name, null];
  }

  private proposeDeletion(there: GitSnapshot): Update {
    const tag = this.random.pick(named(there, 'refs/tags/'));
    const commit = tag === undefined ? null : there.peel(tag[1]);
    if (tag === undefined || commit === null) return null;
    return [tag[0].replace('refs/tags/', 'refs/heads/deletionProposed/'), commit];
  }

  private onRef(there: GitSnapshot, path: readonly string[], entry: Parameters<RawObjects['put']>[3]): Update {
    const main = this.main(there);
    const before = main === null ? null : there.commit(main).tree;
    const tree = this.objects.put((oid) => there.entries(oid), before, path, entry);
    const author = this.random.pick(['Alice Example <alice@example.com>', 'Bob <bob@example.com>']);
    const parents = main === null ? [] : [main];
    return [
      this.mainRef,
      this.objects.commit({ tree, parents, ...(author && { author }), message: `Theirs ${this.#count}\n` }),
    ];
  }

  /** What a commit holds, with one file of the draft's package changed. */
  private onDraft(there: GitSnapshot, ref: string, onto: string, parents: readonly string[]): Update {
    const directory = ref.replace(/^refs\/heads\/(drafts|proposed)\//, '').replace(/\/[^/]+$/, '');
    const path = [...bytes(directory).split('/'), this.random.pick(['config.yaml', 'draft.yaml']) ?? ''];
    const entry = { mode: '100644', at: this.objects.blob(configMap(`t${this.#count}`)) };
    const tree = this.objects.put((oid) => there.entries(oid), there.commit(onto).tree, path, entry);
    return [ref, this.objects.commit({ tree, parents, message: `Theirs ${this.#count}\n` })];
  }

  private get mainRef(): string {
    return `refs/heads/${this.plan.ref}`;
  }

  private main(there: GitSnapshot): string | null {
    return there.refs.get(this.mainRef) ?? null;
  }

  private drafts(there: GitSnapshot): [string, string][] {
    return [...named(there, 'refs/heads/drafts/'), ...named(there, 'refs/heads/proposed/')].filter(
      ([name]) => name !== this.mainRef && name.split('/').length > 4,
    );
  }
}

/** The ref and what it is to hold; null: it goes. */
type Update = [string, string | null] | null;

const named = ({ refs }: GitSnapshot, prefix: string): [string, string][] =>
  [...refs].filter(([name]) => name.startsWith(prefix));

/** Directories (bytes) of a commit that directly hold a Kptfile or a config.yaml. */
function packagesOf(there: GitSnapshot, commit: string | null): string[] {
  if (commit === null) return [];
  const files = [...there.files(there.commit(commit).tree).keys()];
  const folders = files.filter((path) => /\/(Kptfile|config\.yaml)$/.test(path));
  return [...new Set(folders.map((path) => path.replace(/\/[^/]+$/, '')))].sort();
}

const text = (name: string): string => Buffer.from(name, 'latin1').toString();
