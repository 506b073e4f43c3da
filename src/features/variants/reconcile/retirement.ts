import { Injectable } from '@nestjs/common';
import { Authenticator } from '../../../access/authenticator.js';
import { PackageRevisionStore } from '../../../revisions/package-revision.store.js';
import { HeadRules } from '../../package-revisions/head-rules.js';
import { LifecycleService } from '../../package-revisions/lifecycle/lifecycle.service.js';
import { ownerOf, type VariantRow } from '../variant-row.js';
import { ReconcileStore } from './reconcile.store.js';
import { VariantDrafts } from './variant-drafts.js';

/** What becomes of a variant that nobody wants any more. */
@Injectable()
export class Retirement {
  constructor(
    private readonly store: ReconcileStore,
    private readonly revisions: PackageRevisionStore,
    private readonly drafts: VariantDrafts,
    private readonly lifecycle: LifecycleService,
    private readonly heads: HeadRules,
    private readonly authenticator: Authenticator,
  ) {}

  /**
   * Takes its draft away, where nobody has worked on that, and proposes to delete what it has published, where that is
   * meant. True: nothing of it is left to be known. A member of a set is known while its package is there, so that one whose
   * target comes back takes up its own package again.
   */
  async retire(variant: VariantRow): Promise<boolean> {
    const { setId, packageId, made, deletion, repositoryId, path } = variant;
    await this.store.wakeNeighbours(variant);
    const caller = await this.authenticator.again(ownerOf(variant));
    const open = await this.drafts.openOf(variant);
    if (open && open.tree === made?.tree) {
      caller.assertAllowed('packageRevisions.edit', { repositoryId, path });
      await this.drafts.drop(variant, open, caller);
    }
    if (packageId === null || !(await this.store.isPackage(packageId))) return true;
    if (deletion === 'proposeDeletion') {
      for (const id of await this.store.publishedOf(packageId)) {
        const row = await this.revisions.find(id);
        if (!row) continue;
        caller.assertAllowed('packageRevisions.proposeDeletion', row);
        const { isHead, isLast } = await this.heads.holds(row);
        const comment = `The variant "${variant.name}" is retired.`;
        const head = isHead && !isLast ? 'restore' : undefined;
        await this.lifecycle.proposeDeletion(id, { head, comment }, caller);
      }
    }
    return setId === null;
  }
}
