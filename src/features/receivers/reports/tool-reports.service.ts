import { Injectable } from '@nestjs/common';
import { isAhead } from '../../../domain/delivery.js';
import type { Part, Rows } from '../../../domain/list.js';
import { RECEIVER } from '../../../domain/operation.js';
import { PackageDeliveryService } from '../../package-deliveries/package-delivery.service.js';
import { readArgocdNotification } from './argocd-notification.js';
import { packagesNamed, pathsLike } from './delivered-name.js';
import { readFluxEvent } from './flux-event.js';
import type { ReceivedFilter } from './received-report.filter.js';
import { type ReceivedRow, ReceivedReportStore, type TakenReport } from './received-report.store.js';
import type { Ignored, ToolReport } from './tool-report.js';

/** What reads the calls of each delivery tool. */
const READERS = { flux: readFluxEvent, argocd: readArgocdNotification };

export type ReportingTool = keyof typeof READERS;

export const isReporting = (type: string): type is ReportingTool => Object.hasOwn(READERS, type);

/** Why a report that tells of a package does not count. */
const REASONS = {
  known: 'What is known is newer, or says the same.',
  nothing: 'The commit that it names holds nothing of the package.',
  gone: 'The package is gone.',
} as const;

/** Takes what delivery tools say by their receivers: of packages in the receiver's own repositories, and of no others. */
@Injectable()
export class ToolReports {
  constructor(
    private readonly store: ReceivedReportStore,
    private readonly deliveries: PackageDeliveryService,
  ) {}

  async list(receiverId: string, filter: ReceivedFilter, part: Part): Promise<Rows<ReceivedRow>> {
    return this.store.list(receiverId, filter, part);
  }

  /** `digest`: of the call, which is noted already. */
  async take(receiverId: string, type: ReportingTool, digest: string, payload: object): Promise<TakenReport> {
    const taken = await this.judge(receiverId, READERS[type](payload));
    await this.store.note(receiverId, digest, taken);
    return taken;
  }

  private async judge(receiverId: string, read: ToolReport | Ignored): Promise<TakenReport> {
    const { subject } = read;
    const ignored = (reason: string, packageId: string | null = null): TakenReport => ({
      ...{ outcome: 'ignored', reason, subject, packageId },
    });
    if ('ignored' in read) return ignored(read.ignored);
    if (isAhead(read.report, new Date())) return ignored('It was observed at a time that is not here yet.');
    const [packageId, other] = await this.packagesOf(receiverId, read);
    if (packageId === undefined) return ignored("It stands for no package of the receiver's repositories.");
    if (other !== undefined) return ignored("Its name may stand for several packages of the receiver's repositories.");
    const { commit, report } = read;
    const end = await this.deliveries.observe(packageId, commit, report, `${RECEIVER}${receiverId}`);
    if (end === 'counts') return { outcome: 'reported', reason: null, subject, packageId };
    if (end === 'known') return { outcome: 'known', reason: REASONS[end], subject, packageId };
    return ignored(REASONS[end], end === 'gone' ? null : packageId);
  }

  /**
   * By the annotation, if it names a package of the receiver's. An index that was made again has given other ids: the names in
   * our manifests are the same then.
   */
  private async packagesOf(receiverId: string, { packageId, name }: ToolReport): Promise<string[]> {
    if (packageId !== null && (await this.store.isOwn(receiverId, packageId))) return [packageId];
    const patterns = pathsLike(name, await this.store.directories(receiverId));
    if (patterns.length === 0) return [];
    const like = await this.store.packagesLike(receiverId, patterns);
    return packagesNamed(name, like, { exactly: packageId !== null }).map(({ id }) => id);
  }
}
