import { Injectable } from '@nestjs/common';
import { concurrently } from '../../async/concurrently.js';
import type { Repository } from '../../database/generated/client.js';
import { packageDirectory, pathBelowDirectory } from '../../domain/identity.js';
import type { GitObjects } from '../../git/port.js';
import { discoveryOf, hasNewRule } from '../../domain/discovery.js';
import { HeadRule } from './head-rule.js';
import { changedHeads, entriesOf } from './head-walk.js';
import type { IndexChanges } from './index-changes.js';
import { PackageReader } from './package-reader.js';
import { givenNumbers, newCommits } from './ref-history.js';
import { type NamedRevision, SyncStore } from './sync.store.js';

/** Trees that the mirror is asked for at a time. */
const TREES_AT_ONCE = 64;

/** Reads what the repository's ref holds. */
@Injectable()
export class HeadReader {
  constructor(
    private readonly packages: PackageReader,
    private readonly store: SyncStore,
  ) {}

  /**
   * Reads what changes when the ref moves from the indexed commit to `commit`: numbers given out, and heads of packages,
   * which are directories as the repository's rule has them and those that published revisions name. `named` and `gone`
   * are such revisions that come and go at the same time.
   */
  async read(
    git: GitObjects,
    repository: Repository,
    commit: string | null,
    { named, gone }: { named: readonly NamedRevision[]; gone: readonly NamedRevision[] },
  ): Promise<Pick<IndexChanges, 'heads' | 'numbers'>> {
    const isKnown = repository.commit !== null && !hasNewRule(repository) && (await git.has(repository.commit));
    const known = isKnown ? repository.commit : null;
    const treeOf = async (oid: string | null): Promise<string | null> =>
      oid === null ? null : git.treeAt(oid, repository.directory);
    const heads = new Map<string, string | null>();
    // After a lost mirror, a rewritten history and a change of the rule only the index knows which heads there were.
    if (known !== repository.commit)
      for (const path of await this.store.headPaths(repository.id)) heads.set(path, null);
    const rule = this.ruleOf(git, repository);
    const tree = await treeOf(commit);
    const changed = await changedHeads(git, await treeOf(known), tree, repository.directory, rule);
    for (const head of changed.packages) {
      const path = pathBelowDirectory(repository.directory, head.directory);
      if (path !== null) heads.set(path, head.tree);
    }
    if (rule.takesRootLast) {
      const others = new Set(await this.store.headPaths(repository.id));
      for (const [path, head] of heads)
        if (head === null) others.delete(path);
        else others.add(path);
      others.delete('');
      const isLast = tree !== null && others.size === 0;
      heads.set('', isLast && (await rule.isRoot(tree)) ? tree : null);
    }
    // Another rule says by itself what counts, also of what is tagged.
    const byTags = discoveryOf(repository).mode === 'kptfile';
    const pathsOf = (directories: readonly string[]): string[] =>
      directories.flatMap((directory) => pathBelowDirectory(repository.directory, directory) ?? []);
    const touched = byTags ? [...named, ...gone].map(({ path }) => path) : [];
    const candidates = { at: [...pathsOf(changed.others), ...touched], below: pathsOf(changed.unwalked), gone };
    const tagged = new Set(byTags ? await this.store.namedPaths(repository.id, candidates) : []);
    for (const { path } of byTags ? named : []) tagged.add(path);
    const trees = await concurrently([...tagged], TREES_AT_ONCE, async (path) =>
      commit === null ? null : git.treeAt(commit, packageDirectory(repository.directory, path)),
    );
    for (const [index, path] of [...tagged].entries()) heads.set(path, trees[index] ?? null);
    // What lost its last tag is a head where the rule alone makes it one.
    for (const path of touched) {
      if (tagged.has(path) || heads.has(path)) continue;
      heads.set(path, tree === null ? null : await untaggedHead(git, rule, { root: tree, repository, path }));
    }
    const present = [...heads.values()].flatMap((head) => (head === null ? [] : [[head, 'any'] as const]));
    const indexed = await this.packages.read(git, new Map(present));
    const numbers = new Map<string, bigint>();
    for (const [directory, number] of await givenNumbers(newCommits(git, commit, known))) {
      const path = pathBelowDirectory(repository.directory, directory);
      if (path !== null) numbers.set(path, number);
    }
    return {
      heads: [...heads].map(([path, tree]) => ({ path, tree: tree !== null && indexed.has(tree) ? tree : null })),
      numbers,
    };
  }

  /** A tag names a package also where the ref has not moved. Where the ref is read as a whole, the last slice does that. */
  async addTagged(git: GitObjects, repository: Repository, changes: IndexChanges): Promise<void> {
    const { commit } = repository;
    const tags = { named: changes.tags, gone: changes.goneTags };
    const none = tags.named.length + tags.gone.length === 0;
    if (none || hasNewRule(repository) || commit === null || !(await git.has(commit))) return;
    changes.heads = (await this.read(git, repository, commit, tags)).heads;
  }

  /** How many directories of the ref directly hold a KRM document, whatever the repository takes for a package. */
  async countKrm(git: GitObjects, repository: Repository, commit: string): Promise<number> {
    const tree = await git.treeAt(commit, repository.directory);
    return tree === null ? 0 : this.ruleOf(git, repository).count(tree);
  }

  private ruleOf(git: GitObjects, repository: Repository): HeadRule {
    return new HeadRule(git, discoveryOf(repository), repository.directory, (entries) => {
      const files = entries.filter(({ mode }) => mode.startsWith('100')).map(({ name, oid }) => ({ path: name, oid }));
      return this.packages.holdsObjects(git, files);
    });
  }
}

/** The tree of the package at `path`, where no directory above it is one: as the walk over the ref would find it. */
async function untaggedHead(
  git: GitObjects,
  rule: HeadRule,
  { root, repository, path }: { root: string; repository: Repository; path: string },
): Promise<string | null> {
  const segments = path === '' ? [] : path.split('/');
  for (let depth = 0; depth <= segments.length; depth += 1) {
    const below = segments.slice(0, depth).join('/');
    const tree = await git.treeAt(root, below);
    if (tree === null) return null;
    const judged = await rule.judge(packageDirectory(repository.directory, below), tree, await entriesOf(git, tree));
    if (depth === segments.length) return judged === 'package' ? tree : null;
    if (judged !== 'folder') return null;
  }
  return null;
}
