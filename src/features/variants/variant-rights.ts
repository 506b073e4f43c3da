import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import type { Permission } from '../../access/permission.js';
import { Database } from '../../database/database.js';
import type { Repository } from '../../database/generated/client.js';
import { refusal } from '../../domain/errors.js';
import { UpstreamService } from '../package-revisions/authoring/upstream.service.js';
import type { VariantRules } from './variant-row.js';

/** What whoever makes or changes variants has to be allowed: it is done with their rights later. */
@Injectable()
export class VariantRights {
  constructor(
    private readonly database: Database,
    private readonly upstreams: UpstreamService,
  ) {}

  /** `path`: of the package; null: of any in the repository. */
  assertMay(rules: VariantRules, repositoryId: string, path: string | null, caller: Caller): void {
    for (const permission of permissionsFor(rules)) caller.assertAllowed(permission, { repositoryId, path });
  }

  /** The repository that packages are to be in. What the caller may not see is not there. */
  async repository(id: string, caller: Caller): Promise<Repository> {
    const row = await this.database.client.repository.findUnique({ where: { id } });
    if (row && caller.allows('repositories.read', { repositoryId: id })) return row;
    throw refusal('invalidBody', '/downstream/repositoryId', 'notFound', `There is no repository with the id ${id}.`);
  }

  async assertUpstream({ upstream }: VariantRules, caller: Caller): Promise<void> {
    await this.upstreams.assertPackage(upstream.packageId, '/upstream/packageId', caller);
  }
}

const permissionsFor = ({ updatePolicy, deletion }: VariantRules): Permission[] => [
  ...(['variants.manage', 'packageRevisions.create', 'packageRevisions.edit'] as const),
  ...(updatePolicy === 'propose' ? (['packageRevisions.propose'] as const) : []),
  ...(deletion === 'proposeDeletion' ? (['packageRevisions.proposeDeletion'] as const) : []),
];
