import type { Package, Repository } from '../database/generated/client.js';
import { packageIdentity, revisionName } from '../domain/identity.js';
import { uuidv7 } from '../domain/uuid.js';

/** The columns that say where a discovered revision belongs; the same for drafts and published ones. */
export function newRevision(repository: Repository, owner: Package, workspace: string) {
  return {
    id: uuidv7(),
    repositoryId: repository.id,
    repositoryName: repository.name,
    packageId: owner.id,
    path: owner.path,
    target: owner.target,
    realm: owner.realm,
    packageName: owner.name,
    name: revisionName(repository, packageIdentity(owner.path, repository), workspace),
    workspace,
  };
}
