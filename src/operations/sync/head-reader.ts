import { Injectable } from '@nestjs/common';
import type { Repository } from '../../database/generated/client.js';
import { pathBelowDirectory } from '../../domain/identity.js';
import type { GitObjects } from '../../git/port.js';
import { changedHeads } from './head-walk.js';
import type { IndexChanges } from './index-changes.js';
import { PackageReader } from './package-reader.js';
import { givenNumbers, newCommits } from './ref-history.js';
import { SyncStore } from './sync.store.js';

/** Reads what the repository's ref holds. */
@Injectable()
export class HeadReader {
  constructor(
    private readonly packages: PackageReader,
    private readonly store: SyncStore,
  ) {}

  /** Reads what changes when the ref moves from the indexed commit to `commit`: packages' heads, numbers given out. */
  async read(
    git: GitObjects,
    repository: Repository,
    commit: string | null,
  ): Promise<Pick<IndexChanges, 'heads' | 'numbers'>> {
    const known = repository.commit !== null && (await git.has(repository.commit)) ? repository.commit : null;
    const treeOf = async (oid: string | null): Promise<string | null> =>
      oid === null ? null : git.treeAt(oid, repository.directory);
    const heads = new Map<string, string | null>();
    // After a lost mirror and a rewritten history only the index knows which heads there were.
    if (known !== repository.commit)
      for (const path of await this.store.headPaths(repository.id)) heads.set(path, null);
    for (const head of await changedHeads(git, await treeOf(known), await treeOf(commit), repository.directory)) {
      const path = pathBelowDirectory(repository.directory, head.directory);
      if (path !== null) heads.set(path, head.tree);
    }
    const trees = [...heads.values()].flatMap((tree) => (tree === null ? [] : [[tree, 'any'] as const]));
    const indexed = await this.packages.read(git, new Map(trees));
    const numbers = new Map<string, number>();
    for (const [directory, number] of await givenNumbers(newCommits(git, commit, known))) {
      const path = pathBelowDirectory(repository.directory, directory);
      if (path !== null) numbers.set(path, number);
    }
    return {
      heads: [...heads].map(([path, tree]) => ({ path, tree: tree !== null && indexed.has(tree) ? tree : null })),
      numbers,
    };
  }
}
