import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { PackageRevision, Repository } from '../../../src/database/generated/client.js';
import { git } from '../../support/git-command.js';
import type { GitSnapshot } from '../../support/git-snapshot.js';
import type { TestEngine } from '../../support/engine.js';

type Index = Map<string, Record<string, unknown>>;

/**
 * The index that has followed everything step by step says what one says that is made from Git at once; but for what was
 * published here under tags that others have moved or deleted since, which only the first one has.
 */
export async function checkIndex(engine: TestEngine, kept: Repository): Promise<string[]> {
  const { name, url, deployment, directory, ref } = kept;
  const fresh = await engine.register({ name: `${name}-again`, url, deployment, directory, ref });
  // On a machine that is busy a visit may come too late for its lease; the next one goes on.
  const due = { nextSyncAt: new Date(0), blockedUntil: null };
  for (let visits = 0; visits < 3 && !(await isRead(engine, fresh.id)); visits += 1) {
    await engine.database.client.repositoryPolling.update({ where: { repositoryId: fresh.id }, data: due });
    await engine.visit(fresh.id);
  }
  const outlived = await outlivedTags(engine, kept.id);
  const left = await leftBranches(engine, kept.id);
  const [before, after] = [await indexOf(engine, kept.id, outlived), await indexOf(engine, fresh.id, outlived)];
  await engine.database.client.repository.delete({ where: { id: fresh.id } });
  await engine.dropMirror(fresh.id);
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((place) => {
    const [old, now] = [before.get(place), after.get(place)];
    if (!old && left.has(String(now?.branch))) return [];
    if (!now && isTaggedSince(old, after)) return [];
    if (!old || !now)
      return [`${place} is ${old ? 'in the index alone' : 'not in the index'}: ${JSON.stringify(old ?? now)}`];
    return Object.keys(old)
      .filter((field) => !isDeepStrictEqual(old[field], now[field]))
      .map(
        (field) =>
          `${place}: ${field} is ${JSON.stringify(old[field])}, of a fresh index ${JSON.stringify(now[field])}`,
      );
  });
}

/**
 * Branches that have gone on after somebody's tag had published their draft: that draft is not taken back, and drift tells of
 * them. An index that is made from Git alone has seen no draft before, and takes them for one.
 */
async function leftBranches({ database: { client } }: TestEngine, repositoryId: string): Promise<Set<string>> {
  const found = await client.drift.findMany({
    where: { repositoryId, kind: 'leftoverBranch', state: { not: 'resolved' } },
  });
  return new Set(found.map(({ ref }) => ref));
}

/** Publications of ours whose tags are not theirs any more: by what was approved, each is as it was. */
async function outlivedTags({ database: { client } }: TestEngine, repositoryId: string): Promise<PackageRevision[]> {
  const found = await client.drift.findMany({
    where: { repositoryId, kind: { in: ['tagMoved', 'tagDeleted'] }, state: { not: 'resolved' } },
  });
  const ids = found.flatMap(({ revisionId }) => revisionId ?? []);
  const rows = await client.packageRevision.findMany({ where: { id: { in: ids }, external: false } });
  const publications = await client.operation.findMany({
    where: { kind: 'publish', state: 'succeeded', revisionId: { in: rows.map(({ id }) => id) } },
  });
  for (const { revisionId, payload } of publications) {
    const row = rows.find(({ id }) => id === revisionId);
    if (row) expect(row.tree, `what was approved of ${row.name}`).toBe((payload as { tree: string }).tree);
  }
  return rows;
}

/**
 * A draft whose content somebody's tag, which was another's before, has come to hold: the one that followed shows both, and
 * one that is made from Git alone takes the draft for published by that tag. Their content is the same.
 */
const isTaggedSince = (draft: Record<string, unknown> | undefined, fresh: Index): boolean =>
  draft?.revision === null &&
  [...fresh.values()].some(
    ({ path, revision, tree }) => path === draft.path && revision != null && tree === draft.tree,
  );

async function isRead({ database }: TestEngine, id: string): Promise<boolean> {
  const { lastSyncedAt } = await database.client.repositoryPolling.findUniqueOrThrow({ where: { repositoryId: id } });
  return lastSyncedAt !== null;
}

async function indexOf(
  { database: { client } }: TestEngine,
  repositoryId: string,
  outlived: readonly PackageRevision[],
): Promise<Index> {
  // What follows from them for their packages is another as well.
  const isOutlived = (path: string) => outlived.some((row) => row.path === path);
  const index: Index = new Map();
  const where = { repositoryId };
  const { commit, ignoredTags } = await client.repository.findUniqueOrThrow({ where: { id: repositoryId } });
  index.set('the repository', { commit, ignoredTags });
  for (const { path, target, realm, name, headTree, headState } of await client.package.findMany({ where }))
    if (!isOutlived(path)) index.set(`package ${path}`, { target, realm, name, headTree, headState });
  for (const row of await client.packageRevision.findMany({ where })) {
    const { path, workspace, revision, lifecycle, latest, tag, branch } = row;
    const isDraft = lifecycle === 'draft' || lifecycle === 'proposed';
    // A tag of theirs is another revision, whatever workspace it was given.
    const isOf = (one: PackageRevision) => one.tag === tag || (isDraft && one.workspace === workspace);
    if (outlived.some((one) => one.path === path && isOf(one))) continue;
    // In a conflict both sides are kept; Git has the other one.
    const inConflict = row.gitState === 'conflict';
    const [tree, at] = inConflict ? [row.conflictTree, row.conflictCommit] : [row.tree, row.commit];
    const common = { path, revision, ...(!isOutlived(path) && { latest }), tree, commit: at };
    index.set(isDraft ? `draft ${path}/${workspace}` : `tag ${tag}`, {
      ...common,
      ...(inConflict ? {} : { lifecycle, ...(isDraft && { branch }) }),
    });
  }
  return index;
}

/** The index knows each ref as it is. */
export async function checkRefs({ database }: TestEngine, repositoryId: string, there: GitSnapshot): Promise<string[]> {
  const rows = await database.client.remoteRef.findMany({ where: { repositoryId, oid: { not: '' } } });
  const known = new Map(rows.map(({ name, oid }) => [name, oid]));
  const refs = new Map([...there.refs].filter(([name]) => /^refs\/(heads|tags)\//.test(name)));
  return [...new Set([...known.keys(), ...refs.keys()])]
    .filter((name) => known.get(name) !== refs.get(name))
    .map((name) => `${name} is ${known.get(name)} in the index, ${refs.get(name)} in Git`);
}

/** What `git fsck --strict` says of objects, but for those of others. */
export async function complaints(gitDir: string, theirs: ReadonlySet<string>): Promise<string[]> {
  const said = await git(['fsck', '--strict', '--full', '--no-dangling'], { gitDir }).then(
    () => '',
    (error: unknown) => String(error),
  );
  return said.split('\n').filter((line) => {
    const [, oid] = /^(?:.*: )?(?:error|warning) in \w+ ([0-9a-f]{40})/.exec(line) ?? [];
    return line !== '' && (oid === undefined || !theirs.has(oid)) && !line.startsWith('notice:');
  });
}
