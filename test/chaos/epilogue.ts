import { git } from '../support/git-command.js';
import { GitFixture } from '../support/git-fixture.js';
import type { Random } from '../support/random.js';
import type { Author } from './author.js';
import { GitSnapshot } from '../support/git-snapshot.js';
import type { Ledger, RevisionRecord } from './ledger.js';
import type { World, WorldRepository } from './world.js';

/**
 * What comes after the storm, and tells whether anything was forgotten in it: one more revision of a few packages is
 * published; somebody changes the packages on the ref while another waits for its approval, which must not replace that;
 * somebody removes the tags, and the next ones are published. `settle` waits for the end of all work.
 */
export async function epilogue(
  world: World,
  ledger: Ledger,
  author: Author,
  random: Random,
  settle: () => Promise<string[]>,
): Promise<string[]> {
  const chosen: { repository: WorldRepository; record: RevisionRecord }[] = [];
  const taggedIn = async ({ path, name }: WorldRepository): Promise<RevisionRecord[]> => {
    const { refs } = await GitSnapshot.read(path);
    return ledger.of(name).filter(({ directory }) => newestTag(refs, directory) !== undefined);
  };
  // A storm on a slow machine may publish nothing, and all that is promised of publications would hold of none.
  for (const repository of world.repositories) {
    if ((await taggedIn(repository)).length === 0) await author.publishFirst(repository);
  }
  const unborn = await settle();
  if (unborn.length > 0) return unborn;
  for (const repository of world.repositories) {
    const tagged = await taggedIn(repository);
    if (tagged.length === 0) return [`nothing was published in ${repository.name}, so that nothing can be told of it`];
    const picked = new Map([random.pick(tagged), random.pick(tagged)].map((record) => [record?.directory, record]));
    for (const record of picked.values()) if (record) chosen.push({ repository, record });
  }
  for (const { record } of chosen) await author.publishAgain(record);
  const stuck = await settle();
  if (stuck.length > 0) return stuck;
  const proposals: RevisionRecord[] = [];
  for (const { repository, record } of chosen) {
    const proposal = await author.proposeAgain(record);
    if (proposal) proposals.push(proposal);
    const files = { [`${record.directory}/theirs.yaml`]: 'theirs: true\n' };
    await GitFixture.create(repository.path).commit({ files });
  }
  for (const proposal of proposals) await author.approveNow(proposal);
  const waiting = await settle();
  if (waiting.length > 0) return waiting;
  for (const { repository, record } of chosen) {
    const newest = newestTag((await GitSnapshot.read(repository.path)).refs, record.directory);
    if (newest !== undefined) await git(['update-ref', '-d', newest], { gitDir: repository.path });
  }
  for (const { id } of world.repositories) await author.sync(id);
  for (const { record } of chosen) await author.publishAgain(record);
  return settle();
}

function newestTag(refs: ReadonlyMap<string, string>, directory: string): string | undefined {
  const number = (ref: string) => Number(ref.split('/v').at(-1));
  const tags = [...refs.keys()].filter((ref) => ref.startsWith(`refs/tags/${directory}/v`));
  return tags.sort((a, b) => number(b) - number(a))[0];
}
