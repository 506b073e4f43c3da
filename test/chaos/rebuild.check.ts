import { isDeepStrictEqual } from 'node:util';
import type { Client } from './client.js';
import { draftRefs, type Evidence, byOthers, outlived, tagsByOthers } from './evidence.js';
import { listAll } from './index.check.js';
import { storyOf } from './story.js';
import { register, type World, type WorldRepository } from './world.js';

const ALWAYS = ['path', 'lifecycle', 'revision', 'latest', 'tree', 'commit', 'tag', 'branch', 'fileCount', 'sizeBytes'];
/** What a row keeps of the history that others have changed in Git. */
const UNTOUCHED = ['name', 'workspace', 'publishedAt', 'publishedBy'];

/** Invariant 2: an index made again from Git alone is the same, but for drafts not pushed, labels and operations. */
export async function checkRebuild(
  world: World,
  evidence: readonly Evidence[],
  clients: { kept: Client; fresh: Client },
): Promise<string[]> {
  const again = new Map<string, string>();
  // Clones find their upstreams also when those are indexed later.
  for (const repository of world.repositories.toReversed()) {
    again.set(repository.name, await register(clients.fresh, repository));
  }
  // No index that is made again links to what Git does not have any more.
  const gone = new Set(evidence.flatMap(outlived).map(({ id }) => id));
  const names = { kept: new Map<string, Linked>(), fresh: new Map<string, Linked>() };
  const lists = new Map<string, { kept: Record<string, unknown>[]; fresh: Record<string, unknown>[] }>();
  for (const { id, name } of world.repositories) {
    const kept = await listAll(clients.kept, 'package-revisions', `repositoryId=${id}`);
    const fresh = await listAll(clients.fresh, 'package-revisions', `repositoryId=${again.get(name)}`);
    lists.set(name, { kept, fresh });
    for (const item of kept) if (!gone.has(String(item.id))) names.kept.set(String(item.id), linkedOf(item));
    for (const item of fresh) names.fresh.set(String(item.id), linkedOf(item));
  }
  const faults: string[] = [];
  for (const one of evidence) {
    const { repository } = one;
    const all = lists.get(repository.name) ?? { kept: [], fresh: [] };
    const stay = outlived(one);
    // What only the kept index has, and what Git has in its place.
    const isOf = (item: Record<string, unknown>) =>
      stay.some(
        ({ id, path, tag, workspace }) =>
          item.id === id || item.tag === tag || (item.path === path && item.workspace === workspace),
      );
    const [kept, fresh] = [all.kept, all.fresh].map((items) => items.filter((item) => !isOf(item))) as [Items, Items];
    const isPlain = ({ path }: Record<string, unknown>) => !stay.some((row) => row.path === path);
    faults.push(
      ...differences(
        repository.name,
        kept.map((item) => essence(one, item, names.kept)),
        fresh.map((item) => essence(one, item, names.fresh)),
      ),
      ...kept
        .filter((item) => !fresh.some((other) => placeOf(other) === placeOf(item)))
        .map((item) => one.revisions.get(String(item.id)))
        .map((row) => `2: ${row?.name}:\n    ${row ? storyOf(one, row) : 'came after the checks'}`),
      ...differences(
        `packages of ${repository.name}`,
        (await listAll(clients.kept, 'packages', `repositoryId=${repository.id}`)).filter(isPlain).map(packageEssence),
        (await listAll(clients.fresh, 'packages', `repositoryId=${again.get(repository.name)}`))
          .filter(isPlain)
          .map(packageEssence),
      ),
    );
  }
  await Promise.all([...again.values()].map((id) => unregister(clients.fresh, { id })));
  return faults;
}

export async function unregister(client: Client, { id }: Pick<WorldRepository, 'id'>): Promise<void> {
  await client.once('DELETE', `/repositories/${id}?drafts=discard`, '*');
}

/** What tells a revision apart, whatever its workspace is called. */
const placeOf = (item: Record<string, unknown>): string => String(item.tag ?? item.branch ?? item.name);

/** What an upstream names by its id. */
interface Linked {
  place: string;
  commit: unknown;
}
const linkedOf = (item: Record<string, unknown>): Linked => ({ place: placeOf(item), commit: item.commit });

function essence(evidence: Evidence, item: Record<string, unknown>, names: ReadonlyMap<string, Linked>): Essence {
  const directory = [evidence.repository.directory, String(item.path)].filter(Boolean).join('/');
  const touched =
    tagsByOthers(evidence, directory).length > 0 ||
    byOthers(evidence, draftRefs(directory, String(item.workspace))).length > 0;
  const isLatestKnown = !outlived(evidence).some(({ path }) => path === item.path);
  const fields = (touched ? ALWAYS : [...ALWAYS, ...UNTOUCHED]).filter((field) => field !== 'latest' || isLatestKnown);
  const upstream = item.upstream as { revisionId: string | null; commit: string | null } | null;
  const known = names.get(upstream?.revisionId ?? '');
  // A publication of others has followed its tag, and the clone of what it was before keeps the link: Git does not tell of that.
  const place = known?.commit === upstream?.commit ? known?.place : undefined;
  const linked = upstream && { ...upstream, revisionId: place ?? null };
  return {
    place: placeOf(item),
    ...Object.fromEntries(fields.map((field) => [field, item[field]])),
    // What the creator of a package said about it stands in its Kptfile, and is no longer told apart from that.
    ...(touched ? {} : { upstream: linked, source: (item.source as { type: string }).type }),
  };
}

const packageEssence = ({ path, head, revisionCount, ...item }: Record<string, unknown>): Essence => ({
  place: path,
  realm: item.realm,
  target: item.target,
  head: (head as { tree: string } | null)?.tree ?? null,
  revisionCount,
});

type Essence = Record<string, unknown>;
type Items = Record<string, unknown>[];

function differences(what: string, kept: readonly Essence[], fresh: readonly Essence[]): string[] {
  const index = (items: readonly Essence[]) => new Map(items.map((item) => [String(item.place), item]));
  const [before, after] = [index(kept), index(fresh)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((place) => {
    const [old, now] = [before.get(place), after.get(place)];
    if (!old || !now) return [`2: ${what} rebuilt: ${place} is ${old ? 'missing' : 'new'}`];
    return Object.keys(old)
      .filter((field) => !isDeepStrictEqual(old[field], now[field]))
      .map((field) => `2: ${what} rebuilt: ${place} ${field} is ${show(now[field])}, was ${show(old[field])}`);
  });
}

const show = (value: unknown): string => JSON.stringify(value) ?? 'nothing';
