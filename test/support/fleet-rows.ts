import type { Database } from '../../src/database/database.js';
import type { PackageDrift, Repository } from '../../src/database/generated/client.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { versionKey } from '../../src/domain/version.js';
import { commitOf } from './index-rows.js';

/** A package as a fleet's views look at it. */
export interface FleetPackage {
  repository: Repository;
  path: string;
  target?: string;
  /** How many versions are published: `v1` to `vN`. */
  versions?: number;
  drafts?: number;
  drift?: PackageDrift;
  /** The id of a row of `upstream`. */
  upstreamId?: string;
  /** The tree of its latest version. */
  tree?: string;
}

const now = new Date();
const made = { createdAt: now, updatedAt: now };

/** The rows of a package and of its revisions, as syncs and publications leave them; gives its id and those of its versions. */
export async function addFleetPackage(
  { client }: Database,
  { repository, path, target, versions = 1, drafts = 0, drift = 'none', upstreamId, tree }: FleetPackage,
): Promise<{ id: string; versions: string[] }> {
  const id = uuidv7();
  const name = path.slice(path.lastIndexOf('/') + 1);
  const place = { repositoryId: repository.id, path, target: target ?? null, realm: '' };
  const treeOf = (version: number) => (version === versions && tree) || commitOf(`${id}/${version}`);
  await client.package.create({
    data: {
      ...{ id, ...place, name, headTree: treeOf(versions), driftState: drift, ...made },
      ...{ upstreamId: versions > 0 ? (upstreamId ?? null) : null },
    },
  });
  const ids: string[] = [];
  for (let number = 1; number <= versions + drafts; number += 1) {
    const isDraft = number > versions;
    const workspace = isDraft ? `draft-${number}` : `v${number}`;
    const revision = uuidv7();
    await client.packageRevision.create({
      data: {
        ...{ id: revision, ...place, packageId: id, repositoryName: repository.name, packageName: name },
        ...{ name: `${target ?? 'catalog'}.${repository.name}..${path.replaceAll('/', ':')}.${workspace}`, workspace },
        ...{
          source: { type: 'init' },
          tree: treeOf(number),
          gitState: 'synced',
          createdBy: 'ada',
          updatedBy: 'ada',
          ...made,
        },
        ...(isDraft
          ? { lifecycle: 'draft' }
          : {
              ...{ lifecycle: 'published', revision: workspace, versionKey: versionKey(workspace), publishedAt: now },
              ...{ publishedBy: 'grace', latest: number === versions, upstreamId: upstreamId ?? null },
            }),
      },
    });
    if (!isDraft) ids.push(revision);
  }
  return { id, versions: ids };
}

/** The row of `upstream` of a version of a package. */
export async function addPin(
  { client }: Database,
  { repository, path }: FleetPackage,
  { id, versions }: { id: string; versions: string[] },
  version: number,
): Promise<string> {
  const pin = uuidv7();
  const newest = versions.length;
  await client.upstreamPin.create({
    data: {
      ...{ id: pin, url: repository.url, directory: path, ref: `${path}/v${version}`, urlKey: repository.urlKey },
      ...{ state: version < newest ? 'behind' : 'upToDate', repositoryId: repository.id, path, packageId: id },
      ...{ behind: newest - version, revisionId: versions[version - 1] ?? null, revision: `v${version}` },
      ...{ newestId: versions[newest - 1] ?? null, newestRevision: `v${newest}` },
    },
  });
  return pin;
}
