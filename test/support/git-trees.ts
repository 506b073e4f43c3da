import { join } from 'node:path';
import type { TreeEntry } from '../../src/krm/diff/tree-files.js';
import { git } from './git-command.js';

/** A bare repository that trees are written to and read from. */
export class GitTrees {
  private constructor(private readonly gitDir: string) {}

  static async make(folder: string, name: string, bundle?: string): Promise<GitTrees> {
    const gitDir = join(folder, name);
    await (bundle ? git(['clone', '--quiet', '--mirror', bundle, gitDir]) : git(['init', '--quiet', '--bare', gitDir]));
    return new GitTrees(gitDir);
  }

  async run(args: string[], input: Buffer | string = ''): Promise<string> {
    const env = { GIT_INDEX_FILE: join(this.gitDir, 'diff-index') };
    return (await git(args, { gitDir: this.gitDir, env, input })).toString();
  }

  async entries(tree: string): Promise<TreeEntry[]> {
    const listed = (await this.run(['ls-tree', '-r', '-z', tree])).split('\0').filter((line) => line !== '');
    const entries: TreeEntry[] = [];
    for (const line of listed) {
      const [, mode = '', oid = '', path = ''] = /^(\d+) \w+ ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
      const content = mode === '160000' ? null : await this.blob(oid);
      entries.push({ path, mode, oid, content, rawPath: null });
    }
    return entries;
  }

  private readonly blobs = new Map<string, Buffer>();

  private async blob(oid: string): Promise<Buffer> {
    const known = this.blobs.get(oid) ?? (await git(['cat-file', 'blob', oid], { gitDir: this.gitDir }));
    this.blobs.set(oid, known);
    return known;
  }

  async tree(entries: readonly Omit<TreeEntry, 'oid' | 'rawPath'>[]): Promise<string> {
    await this.run(['read-tree', '--empty']);
    for (const { path, mode, content } of entries) {
      const oid =
        content === null
          ? '1'.repeat(40)
          : (await this.run(['hash-object', '-w', '--stdin'], Buffer.from(content))).trim();
      await this.run(['update-index', '--add', '--cacheinfo', `${mode},${oid},${path}`]);
    }
    return (await this.run(['write-tree'])).trim();
  }

  /** The published versions of each package, oldest first, as `tag:path`. */
  async versions(): Promise<string[][]> {
    const tags = (await this.run(['tag', '--list', '*/v*', '--sort=version:refname'])).trim().split('\n');
    const versions = new Map<string, string[]>();
    for (const tag of tags) {
      const path = tag.slice(0, tag.lastIndexOf('/'));
      versions.set(path, [...(versions.get(path) ?? []), `${tag}:${path}`]);
    }
    return [...versions.values()];
  }

  async treeOf(ref: string): Promise<string> {
    return (await this.run(['rev-parse', ref])).trim();
  }

  /** The tree that a unified diff makes of another. */
  async applied(tree: string, patch: string): Promise<string> {
    await this.run(['read-tree', tree]);
    if (patch !== '') await this.run(['apply', '--cached', '--whitespace=nowarn', '-'], patch);
    return (await this.run(['write-tree'])).trim();
  }
}
