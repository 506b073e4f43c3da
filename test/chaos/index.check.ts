import type { Database } from '../../src/database/database.js';
import type { PackageRevision } from '../../src/database/generated/client.js';
import type { Client } from './client.js';
import { directoryOf, draftRefs, type Evidence, MAIN, outlived } from './evidence.js';
import { storyOf, storyOfBranch } from './story.js';
import { blobOid, type FileContent } from './tree-hash.js';

/** Invariants 7 and 8: at the end the index is what Git holds, whole, and whoever lists or reads it gets all of it. */
export async function checkIndex(evidence: Evidence, database: Database, client: Client): Promise<string[]> {
  return [
    ...(await checkRefs(evidence, database)),
    ...(await checkHeads(evidence, database)),
    ...checkTags(evidence),
    ...checkBranches(evidence),
    ...checkStates(evidence),
    ...(await checkLists(evidence, client)),
    ...(await checkContents(evidence, client)),
  ];
}

async function checkRefs({ git, repository }: Evidence, database: Database): Promise<string[]> {
  const rows = await database.client.remoteRef.findMany({ where: { repositoryId: repository.id } });
  const known = new Map(rows.map(({ name, oid }) => [name, oid]));
  const names = new Set([...known.keys(), ...git.refs.keys()]);
  return [...names]
    .filter((name) => known.get(name) !== git.refs.get(name))
    .map((name) => `7: ${repository.name} ${name}: index ${known.get(name)}, Git ${git.refs.get(name)}`);
}

async function checkHeads({ git, repository, row, revisions }: Evidence, database: Database): Promise<string[]> {
  const head = git.refs.get(MAIN) ?? '';
  const faults = row.commit === head ? [] : [`7: ${repository.name} is at ${row.commit}, its ref at ${head}`];
  const packages = await database.client.package.findMany({ where: { repositoryId: repository.id } });
  for (const { id, path, headTree, headState } of packages) {
    const directory = git.treeAt(head, directoryOf(repository, path));
    const published = [...revisions.values()].filter((one) => one.packageId === id && one.tag !== null);
    // Without a Kptfile it is a package where it is tagged only.
    const isPackage = directory !== null && (published.length > 0 || git.files(directory).has('Kptfile'));
    const tree = isPackage ? directory : null;
    if (tree !== headTree) faults.push(`7: the head of ${path} is ${headTree} in the index and ${tree} in Git`);
    const others = published.length > 0 ? 'differs' : 'unpublished';
    const state = tree === null ? 'absent' : published.some((one) => one.tree === tree) ? 'published' : others;
    if (state !== headState) faults.push(`7: the head of ${path} is ${headState} in the index and ${state} in Git`);
  }
  const counters = await database.client.revisionCounter.findMany({ where: { repositoryId: repository.id } });
  const highest = new Map(counters.map((counter) => [counter.path, Number(counter.highest)]));
  for (const { path } of packages) {
    const tags = [...git.refs.keys()].filter((ref) => ref.startsWith(`refs/tags/${directoryOf(repository, path)}/v`));
    const number = Math.max(0, ...tags.map((ref) => Number(/\/v(\d+)$/.exec(ref)?.[1] ?? 0)));
    if ((highest.get(path) ?? 0) < number)
      faults.push(`4: ${path} counts to ${highest.get(path)}, tagged is v${number}`);
  }
  return faults;
}

function checkTags(evidence: Evidence): string[] {
  const { git, repository, revisions } = evidence;
  const stay = new Set(outlived(evidence).map(({ tag }) => tag));
  const rows = new Map([...revisions.values()].map((row) => [`refs/tags/${row.tag}`, row]));
  const faults = [...rows.values()]
    .filter(({ tag }) => tag !== null && !stay.has(tag) && !git.refs.has(`refs/tags/${tag}`))
    .map(({ name, tag }) => `7: ${name} is listed, but its tag ${tag} is gone`);
  for (const [ref, oid] of git.refs) {
    if (!ref.startsWith('refs/tags/')) continue;
    const directory = ref.slice('refs/tags/'.length).replace(/\/[^/]+$/, '');
    const inside = repository.directory === '' || directory.startsWith(`${repository.directory}/`);
    const commit = git.peel(oid);
    const tree = commit === null ? null : git.treeAt(commit, directory);
    // A tag whose directory is not there is no revision.
    if (!inside || tree === null || stay.has(ref.slice('refs/tags/'.length))) continue;
    const row = rows.get(ref);
    if (row?.commit !== commit || row.tree !== tree) {
      faults.push(`7: ${ref} is ${commit} ${tree}; the index has ${row?.commit} ${row?.tree}`);
    }
  }
  return faults;
}

function checkBranches(evidence: Evidence): string[] {
  const { git, repository, revisions } = evidence;
  const rows = [...revisions.values()];
  const gone = rows
    .filter(({ tag, gitState }) => tag === null && gitState === 'synced')
    .filter(({ branch, commit }) => branch === null || git.refs.get(branch) !== commit)
    .map((row) => `7: ${row.name} is in no branch:\n    ${storyOf(evidence, row)}`);
  const unknown = [...git.refs]
    .filter(([ref]) => /^refs\/heads\/(drafts|proposed)\//.test(ref))
    .filter(
      ([ref, oid]) => !rows.some((row) => row.branch === ref && (row.commit === oid || row.conflictCommit === oid)),
    )
    .filter(([ref]) => !isPublishedBeside(rows, repository, ref))
    .map(([ref, oid]) => `7: ${ref} at ${oid} is no draft in the index:\n    ${storyOfBranch(evidence, ref)}`);
  return [...gone, ...unknown];
}

/** A branch that somebody left, or made again, beside the tag that published it says nothing new. */
function isPublishedBeside(
  rows: Evidence['revisions'] extends Map<string, infer Row> ? Row[] : never,
  repository: Evidence['repository'],
  ref: string,
): boolean {
  return rows.some(
    (row) =>
      (row.lifecycle === 'published' || row.lifecycle === 'deletionProposed') &&
      ref.replace(/^refs\/heads\/(drafts|proposed)\//, '') === `${directoryOf(repository, row.path)}/${row.workspace}`,
  );
}

function checkStates({ repository, revisions, row, updates }: Evidence): string[] {
  const faults: string[] = [];
  const [ready] = row.conditions as { type: string; status: string; message: string }[];
  if (ready?.status !== 'True') faults.push(`7: ${repository.name} is not Ready: ${ready?.message}`);
  for (const revision of revisions.values()) {
    const { name, gitState, gitMessage, branch, commit, pushedTree, tree } = revision;
    if (gitState === 'synced') continue;
    const history = draftRefs(directoryOf(repository, revision.path), revision.workspace).flatMap((ref) =>
      (updates.get(ref) ?? []).map(
        ({ byPkgserver, old, next }) => `${ref} ${byPkgserver ? 'ours' : 'theirs'} ${old} → ${next}`,
      ),
    );
    const here = JSON.stringify({ branch, commit, tree, pushedTree });
    faults.push(`7: ${name} is stuck in ${gitState}: ${gitMessage}; ${here}; ${history.join('; ')}`);
  }
  return faults;
}

/** All of the repository's revisions, read page by page. */
export async function listAll(client: Client, noun: string, query: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  for (let cursor = ''; ;) {
    const page = await client.get(`/${noun}?${query}&pageSize=20${cursor}`);
    if (page.status !== 200)
      throw new Error(`The list of ${noun} ended with ${page.status}: ${JSON.stringify(page.body)}`);
    items.push(...page.body.items);
    if (page.body.nextCursor === null) return items;
    cursor = `&cursor=${encodeURIComponent(page.body.nextCursor)}`;
  }
}

async function checkLists({ repository, revisions }: Evidence, client: Client): Promise<string[]> {
  const listed = (await listAll(client, 'package-revisions', `repositoryId=${repository.id}`)).map(({ id }) =>
    String(id),
  );
  const missing = [...revisions.keys()].filter((id) => !listed.includes(id));
  if (missing.length === 0 && listed.length === revisions.size) return [];
  return [
    `7: ${repository.name} lists ${listed.length} of ${revisions.size} revisions; missing: ${missing.join(', ')}`,
  ];
}

/** Byte for byte: the bytes that GET gives, hashed here, are the blobs of the tree in Git. */
async function checkContents(evidence: Evidence, client: Client): Promise<string[]> {
  const { git, revisions } = evidence;
  const check = async ([id, row]: [string, PackageRevision]) => {
    const { name, tree } = row;
    if (!git.has(tree)) return [`8: the content of ${name} is not in Git:\n    ${storyOf(evidence, row)}`];
    const { body, status } = await client.get(`/package-revisions/${id}/resources`);
    if (status !== 200) return [`8: the content of ${name} cannot be read: ${status}`];
    const read = Object.entries(body.files as Record<string, FileContent>);
    const files = git.files(tree);
    const wrong = read.filter(([path, file]) => files.get(path) !== blobOid(file)).map(([path]) => path);
    if (wrong.length === 0 && read.length === files.size) return [];
    return [`8: ${name} is read with ${read.length} files, Git has ${files.size}; different: ${wrong.join(', ')}`];
  };
  return (await Promise.all([...revisions].map(check))).flat();
}
