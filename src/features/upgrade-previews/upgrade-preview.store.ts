import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Prisma, UpgradePreview } from '../../database/generated/client.js';
import { insertRows } from '../../database/insert-rows.js';
import { UPGRADE_PREVIEW_MS } from '../../domain/retention.js';
import type { Upstream } from '../../domain/revision.js';
import type { DefaultResolution, Resolution } from '../../domain/upgrade.js';
import type { PinnedUpstream } from '../package-revisions/authoring/package-content.js';
import type { MergeSummary } from './merge-summary.js';
import type { UpgradePlan } from '../package-revisions/upgrades/upgrade-plan.js';

/** A revision of the upstream, as it was when the preview was made. `place`: where that is, for those who may see it. */
export interface PreviewSide {
  upstream: Upstream;
  revisionId: string | null;
  revision: string | null;
  place: { repositoryId: string; path: string } | null;
}

interface JsonColumns {
  from: PreviewSide;
  to: PreviewSide & { upstream: PinnedUpstream; revisionId: string };
  options: UpgradePlan['options'];
  resolutions: Record<string, Resolution>;
  defaultResolution: DefaultResolution;
  summary: MergeSummary | null;
}

export type PreviewRow = Omit<UpgradePreview, keyof JsonColumns> & JsonColumns;

/** Previews that are kept. An expired one looks as if it were not there, until the retention removes it. */
@Injectable()
export class UpgradePreviewStore {
  constructor(private readonly database: Database) {}

  async create(row: PreviewRow): Promise<void> {
    await insertRows(this.database, 'upgrade_preview', [{ ...row }]);
  }

  async find(id: string): Promise<PreviewRow | null> {
    const createdAt = { gt: new Date(Date.now() - UPGRADE_PREVIEW_MS) };
    const row = await this.database.client.upgradePreview.findFirst({ where: { id, createdAt } });
    return row as PreviewRow | null;
  }

  /** As {@link find}; it, and its package before it, stay as they are until the transaction ends. */
  async lock(id: string): Promise<PreviewRow | null> {
    await this.database.client.$queryRaw`
      SELECT 1 FROM package p JOIN upgrade_preview u ON p.repository_id = u.repository_id AND p.path = u.path
      WHERE u.id = ${id}::uuid FOR UPDATE OF p`;
    await this.database.client.$queryRaw`SELECT 1 FROM upgrade_preview WHERE id = ${id}::uuid FOR UPDATE`;
    return this.find(id);
  }

  async settle(
    { id, version }: PreviewRow,
    settled: Pick<PreviewRow, 'resolutions' | 'defaultResolution' | 'resultTree' | 'summary'>,
  ): Promise<void> {
    const data = { ...settled, version: version + 1 };
    await this.database.client.upgradePreview.update({
      where: { id },
      data: data as unknown as Prisma.UpgradePreviewUpdateInput,
    });
  }

  async applied({ id, version }: PreviewRow, appliedTo: string): Promise<void> {
    await this.database.client.upgradePreview.update({ where: { id }, data: { appliedTo, version: version + 1 } });
  }
}
