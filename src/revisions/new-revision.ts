import type { Package, PackageRevision, Repository } from '../database/generated/client.js';
import { revisionName } from '../domain/identity.js';
import type { RevisionSource, Upstream } from '../domain/revision.js';
import { pinId } from '../domain/upstream-pin.js';
import { uuidv7 } from '../domain/uuid.js';

/** What every new revision says of itself, whoever makes it. */
export interface Beginning {
  workspace: string;
  /** OID of the package's tree. */
  tree: string;
  source: RevisionSource;
  upstream: Upstream | null;
  at: Date;
  by: string;
}

/** Columns whose first value is up to whoever makes the row: how far it is in its life. */
type Own = 'lifecycle' | 'gitState';

/** A whole row but for {@link Own}: a column that is missing here does not compile. */
export function newRevision(
  repository: Pick<Repository, 'id' | 'name' | 'deployment' | 'directory'>,
  owner: Pick<Package, 'id' | 'path' | 'target' | 'realm' | 'name'>,
  { workspace, tree, source, upstream, at, by }: Beginning,
): Omit<PackageRevision, Own> {
  return {
    id: uuidv7(),
    repositoryId: repository.id,
    repositoryName: repository.name,
    packageId: owner.id,
    path: owner.path,
    target: owner.target,
    realm: owner.realm,
    packageName: owner.name,
    name: revisionName(repository, { ...owner, package: owner.name }, workspace),
    workspace,
    revision: null,
    versionKey: null,
    latest: false,
    source,
    upstream: upstream === null ? null : { ...upstream },
    upstreamRevisionId: null,
    upstreamCommit: upstream?.commit ?? null,
    upstreamId: upstream && pinId(upstream),
    baseCommit: null,
    baseTree: null,
    baseRevision: null,
    tree,
    tag: null,
    branch: null,
    commit: null,
    pushedTree: null,
    pushedBase: null,
    gitMessage: null,
    conflictCommit: null,
    conflictTree: null,
    labels: {},
    annotations: {},
    conditions: [],
    version: 1,
    createdAt: at,
    createdBy: by,
    updatedAt: at,
    updatedBy: by,
    publishedAt: null,
    publishedBy: null,
    external: false,
    editors: [],
    gitAuthors: [],
    proposedBy: null,
    lastDecision: null,
    proposedPolicy: null,
    deletionHead: null,
    breakGlass: null,
    asFound: false,
  };
}
