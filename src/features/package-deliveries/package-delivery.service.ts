import { Injectable } from '@nestjs/common';
import { noteChange } from '../../audit/noted-change.js';
import { Database } from '../../database/database.js';
import type { PackageDelivery } from '../../database/generated/client.js';
import { type DeliveryReport, isAhead, isKnown, isNews } from '../../domain/delivery.js';
import { DomainError, refusal } from '../../domain/errors.js';
import { found, notFound } from '../../domain/found.js';
import { EventLog } from '../../events/event-log.js';
import { type PackageRow, PackageStore } from '../../revisions/package.store.js';
import { CampaignBell } from '../campaigns/campaign-bell.js';
import { PackageDeliveryStore, type StoredContent } from './package-delivery.store.js';
import { toPackageDelivery } from './package-delivery.view.js';

/** Of which content the report is: by its commit, or by the revision that was published. */
export type Delivered = { commit: string } | { revision: string };

/** What delivery tools observed: the last report about each package. */
@Injectable()
export class PackageDeliveryService {
  constructor(
    private readonly database: Database,
    private readonly store: PackageDeliveryStore,
    private readonly packages: PackageStore,
    private readonly events: EventLog,
    private readonly campaigns: CampaignBell,
  ) {}

  async get(packageId: string): Promise<PackageDelivery> {
    const { path } = await this.package(packageId);
    const row = await this.store.find(packageId);
    if (!row) throw new DomainError('notFound', `Nobody has reported a delivery of the package "${path}".`);
    return row;
  }

  /** Gives the report that counts then: a newer one that is known stays. */
  async report(packageId: string, what: Delivered, report: DeliveryReport, actor: string): Promise<PackageDelivery> {
    if (isAhead(report, new Date())) {
      throw refusal('invalidBody', '/observedAt', 'inFuture', 'It was observed at a time that is not here yet.');
    }
    return this.database.transaction(async () => {
      if (!(await this.store.lock(packageId))) throw notFound('package', packageId);
      const row = await this.package(packageId);
      const { repositoryId, path } = row;
      const known = await this.store.find(packageId);
      noteChange(packageId, { before: known && toPackageDelivery(known).etag, repositoryId, path });
      return (
        (await this.take(row, known, await this.contentOf(row, what), report, actor)) ?? (known as PackageDelivery)
      );
    });
  }

  /**
   * As {@link report}, for a tool that may be ahead of the index: a commit that is not known yet counts as well, only that nobody
   * can tell which revision it holds. It joins the transaction around it, and tells what came of it.
   */
  async observe(
    packageId: string,
    commit: string,
    report: DeliveryReport,
    reportedBy: string,
  ): Promise<'counts' | 'known' | 'nothing' | 'gone'> {
    const row = (await this.store.lock(packageId)) ? await this.packages.find(packageId) : null;
    if (!row) return 'gone';
    const content = await this.store.contentOf(packageId, commit);
    if (content === null) return 'nothing';
    const held = content === 'unknown' ? { commit, revisionId: null, revision: null } : content;
    const taken = await this.take(row, await this.store.find(packageId), held, report, reportedBy);
    return taken ? 'counts' : 'known';
  }

  /** Null: what is known counts. */
  private async take(
    row: PackageRow,
    known: PackageDelivery | null,
    content: StoredContent,
    report: DeliveryReport,
    reportedBy: string,
  ): Promise<PackageDelivery | null> {
    const deliveredId = report.state === 'delivered' ? content.revisionId : (known?.deliveredId ?? null);
    const said = { packageId: row.id, ...content, deliveredId, ...report };
    if (known && isKnown(known, said)) return null;
    const next = { ...said, reportedAt: new Date(), reportedBy };
    await this.store.put(next);
    if (!isNews(known, next)) return next;
    await this.tell(row, next);
    await this.campaigns.reported(row.id);
    return next;
  }

  private async contentOf({ id, path }: PackageRow, what: Delivered): Promise<StoredContent> {
    if ('revision' in what) {
      const published = await this.store.publication(id, what.revision);
      const message = `The package "${path}" has no published revision "${what.revision}".`;
      if (!published) throw refusal('invalidBody', '/revision', 'notFound', message);
      return published;
    }
    const content = await this.store.contentOf(id, what.commit);
    if (content !== null && content !== 'unknown') return content;
    const message =
      content === null
        ? `The commit ${what.commit} holds nothing of the package "${path}".`
        : `The commit ${what.commit} is not known to be one of the package's repository.`;
    throw refusal('invalidBody', '/commit', 'notFound', message);
  }

  private async package(id: string): Promise<PackageRow> {
    return found(await this.packages.find(id), 'package', id);
  }

  private async tell(
    { id, repositoryId, path, headTree }: PackageRow,
    { tool, state, health, revision, reportedBy: actor }: PackageDelivery,
  ): Promise<void> {
    const facts = { id, repositoryId, path, headTree, delivery: { tool, state, health, revision } };
    await this.events.record([{ type: 'package.delivered', repositoryId, path, facts, actor }]);
  }
}
