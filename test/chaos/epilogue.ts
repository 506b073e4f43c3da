import { git } from '../support/git-command.js';
import type { Random } from '../support/random.js';
import type { Author } from './author.js';
import { GitSnapshot } from './git-snapshot.js';
import type { Ledger } from './ledger.js';
import type { World } from './world.js';

/**
 * What comes after the storm, and tells whether anything was forgotten in it: somebody removes the newest tags of a few
 * packages, and one more revision of each is published.
 */
export async function epilogue(world: World, ledger: Ledger, author: Author, random: Random): Promise<void> {
  for (const { id, name, path } of world.repositories) {
    const { refs } = await GitSnapshot.read(path);
    const tagged = ledger.of(name).filter(({ directory }) => refs.has(`refs/tags/${directory}/v1`));
    const chosen = [random.pick(tagged), random.pick(tagged)].filter((record) => record !== undefined);
    for (const { directory } of new Set(chosen)) {
      const [newest] = [...refs.keys()]
        .filter((ref) => ref.startsWith(`refs/tags/${directory}/v`))
        .sort((a, b) => Number(b.split('/v').at(-1)) - Number(a.split('/v').at(-1)));
      if (newest !== undefined) await git(['update-ref', '-d', newest], { gitDir: path });
    }
    await author.sync(id);
    for (const record of new Set(chosen)) await author.publishAgain(record);
  }
}
