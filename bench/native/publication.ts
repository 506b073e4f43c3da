import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from '../../test/support/git-command.js';
import { timed } from '../report/statistics.js';

/** What it takes to publish with native Git alone, in milliseconds. */
export interface PublicationTimes {
  /** The tree of the ref with the package put into it. */
  tree: number;
  /** The merge commit and the annotated tag. */
  commit: number;
  /** The ref, the tag, and the branch deleted: one atomic push. */
  push: number;
}

const PERSON = {
  GIT_AUTHOR_NAME: 'Alice Example',
  GIT_AUTHOR_EMAIL: 'alice@example.com',
  GIT_COMMITTER_NAME: 'Alice Example',
  GIT_COMMITTER_EMAIL: 'alice@example.com',
};

/** A mirror in which proposals are published with Git's plumbing, by somebody who has fetched everything already. */
export class NativePublisher {
  private constructor(
    private readonly mirror: string,
    private readonly url: string,
  ) {}

  static async clone(folder: string, url: string): Promise<NativePublisher> {
    const mirror = await mkdtemp(join(folder, 'publisher-'));
    await git(['clone', '--quiet', '--bare', url, mirror]);
    await git(['config', 'gc.auto', '0'], { gitDir: mirror });
    return new NativePublisher(mirror, url);
  }

  /** Publishes the proposal of a package folder as its first revision. */
  async publish(folder: string): Promise<PublicationTimes> {
    const branch = `refs/heads/proposed/${folder}/first`;
    const tag = `${folder}/v1`;
    let [tree, commit, tagOid] = ['', '', ''];
    const times: PublicationTimes = { tree: 0, commit: 0, push: 0 };
    times.tree = await timed(async () => {
      await this.git(['read-tree', 'refs/heads/main']);
      await this.git(['read-tree', `--prefix=${folder}/`, `${branch}:${folder}`]);
      tree = await this.git(['write-tree']);
    });
    times.commit = await timed(async () => {
      const parents = ['-p', 'refs/heads/main', '-p', branch];
      commit = await this.git(['commit-tree', tree, ...parents, '-m', `Publish ${tag}`]);
      const tagger = `tagger Alice Example <alice@example.com> ${Math.floor(Date.now() / 1000)} +0000`;
      const object = `object ${commit}\ntype commit\ntag ${tag}\n${tagger}\n\n${tag}\n`;
      tagOid = await this.git(['mktag'], object);
    });
    times.push = await timed(() =>
      this.git([
        ...['push', '--quiet', '--atomic', this.url],
        ...[`${commit}:refs/heads/main`, `${tagOid}:refs/tags/${tag}`, `:${branch}`],
      ]),
    );
    await this.git(['update-ref', 'refs/heads/main', commit]);
    return times;
  }

  private async git(args: string[], input?: string): Promise<string> {
    // `read-tree --prefix` wants a work tree, and does not touch it.
    const place = { GIT_INDEX_FILE: join(this.mirror, 'publish.index'), GIT_WORK_TREE: this.mirror };
    const env = { ...PERSON, ...place };
    return (await git(args, { gitDir: this.mirror, input, env })).toString().trim();
  }
}
