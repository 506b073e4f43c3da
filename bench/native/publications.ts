import { git } from '../../test/support/git-command.js';
import { timed } from '../report/statistics.js';

/** What it takes to publish many proposals at once with native Git alone, in milliseconds. */
export interface PublicationsTimes {
  /** The merge commits and the annotated tags: one `git fast-import`. */
  import: number;
  /** The ref, all tags, and all branches deleted: one atomic push. */
  push: number;
}

/** Publishes the proposals of package folders as their first revisions, in a mirror that has fetched everything already. */
export async function publishTogether(
  mirror: string,
  url: string,
  folders: readonly string[],
): Promise<PublicationsTimes> {
  const times: PublicationsTimes = { import: 0, push: 0 };
  times.import = await timed(async () => {
    const questions = folders.map((folder) => `refs/heads/proposed/${folder}/first:${folder}\n`).join('');
    const answers = await git(['cat-file', '--batch-check=%(objectname)'], { gitDir: mirror, input: questions });
    const trees = answers.toString().trim().split('\n');
    const script = folders.map((folder, index) => publication(folder, trees[index] as string, index + 1));
    const input = `${script.join('')}done\n`;
    await git(['fast-import', '--quiet', '--done', '--force'], { gitDir: mirror, input });
  });
  times.push = await timed(() =>
    git(
      [
        ...['push', '--quiet', '--atomic', url, 'refs/heads/main'],
        ...folders.map((folder) => `refs/tags/${folder}/v1`),
        ...folders.map((folder) => `:refs/heads/proposed/${folder}/first`),
      ],
      { gitDir: mirror },
    ),
  );
  return times;
}

function publication(folder: string, tree: string, mark: number): string {
  const person = `Alice Example <alice@example.com> ${Math.floor(Date.now() / 1000)} +0000`;
  const message = `Publish ${folder}/v1\n`;
  return (
    `commit refs/heads/main\nmark :${mark}\ncommitter ${person}\ndata ${message.length}\n${message}` +
    `${mark === 1 ? 'from refs/heads/main^0\n' : ''}merge refs/heads/proposed/${folder}/first^0\n` +
    `M 040000 ${tree} ${folder}\n` +
    `tag ${folder}/v1\nfrom :${mark}\ntagger ${person}\ndata ${message.length}\n${message}`
  );
}
