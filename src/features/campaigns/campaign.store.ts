import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import { insertRows } from '../../database/insert-rows.js';
import { partSql, rowsOf, sortOf } from '../../database/list.sql.js';
import { nameTaken } from '../../database/name-taken.js';
import type { WaveSettings } from '../../domain/campaign.js';
import type { Part, Rows } from '../../domain/list.js';
import type { CampaignRow, PlanApprovalRow, WaveRow } from './campaign-row.js';
import { CAMPAIGN_SORTS, type CampaignFilter, campaignConditions } from './campaign.filter.js';
import { CAMPAIGN, campaignSeenSql, type CampaignSight, PLAN_APPROVAL, WAVE } from './campaign.sql.js';

/** Columns of a campaign that change. */
export type CampaignUpdate = Partial<Omit<CampaignRow, 'id' | 'createdAt' | 'createdBy'>>;

/** The rows of campaigns, of their waves and of the approvals of their plans. */
@Injectable()
export class CampaignStore {
  constructor(private readonly database: Database) {}

  /** Newest first unless asked for otherwise. */
  async list(filter: CampaignFilter, sight: CampaignSight, part: Part): Promise<Rows<CampaignRow>> {
    const sort = sortOf(CAMPAIGN_SORTS, part.sort ?? '-createdAt');
    const conditions = [...campaignConditions(filter, sight), campaignSeenSql(sight, 'c')];
    const found = await this.database.read<CampaignRow>(
      Prisma.sql`SELECT ${CAMPAIGN} FROM campaign c ${partSql(sort, conditions, part)}`,
    );
    return rowsOf(sort, found, part);
  }

  async find(id: string): Promise<CampaignRow | null> {
    const [row] = await this.database.readByKey<CampaignRow>(
      Prisma.sql`SELECT ${CAMPAIGN} FROM campaign c WHERE c.id = ${id}::uuid`,
    );
    return row ?? null;
  }

  /** What the operation that carries a campaign out waits for, in a sentence; null: it waits for nothing, or has ended. */
  async waitingFor(operationId: string): Promise<string | null> {
    const [row] = await this.database.readByKey<{ waitingFor: string | null }>(Prisma.sql`
      SELECT o.waiting_for AS "waitingFor" FROM operation o WHERE o.id = ${operationId}::uuid AND o.state IN ('queued', 'running')`);
    return row?.waitingFor ?? null;
  }

  /** Locks the row until the transaction ends: whatever is done for a campaign goes one after the other. */
  async lock(id: string): Promise<CampaignRow | null> {
    await this.database.client.$queryRaw`SELECT 1 FROM campaign WHERE id = ${id}::uuid FOR UPDATE`;
    return this.find(id);
  }

  async insert(row: CampaignRow, waves: readonly WaveSettings[]): Promise<void> {
    const data = row as unknown as Prisma.CampaignCreateInput;
    await this.database.client.campaign
      .create({ data: { ...data, reason: Prisma.DbNull }, select: { id: true } })
      .catch(nameTaken('campaign', row.name));
    await this.replaceWaves(row.id, waves);
  }

  async update(id: string, { reason, ...columns }: CampaignUpdate): Promise<void> {
    const data = {
      ...(columns as Prisma.CampaignUpdateInput),
      ...(reason !== undefined && { reason: reason ?? Prisma.DbNull }),
    };
    const changed = this.database.client.campaign.update({ where: { id }, data, select: { id: true } });
    await (columns.name === undefined ? changed : changed.catch(nameTaken('campaign', columns.name)));
  }

  async delete(id: string): Promise<void> {
    await this.database.client.campaign.delete({ where: { id } });
  }

  /** In their order. */
  async waves(id: string): Promise<WaveRow[]> {
    return this.database.readByKey<WaveRow>(
      Prisma.sql`SELECT ${WAVE} FROM campaign_wave w WHERE w.campaign_id = ${id}::uuid ORDER BY w.position`,
    );
  }

  async replaceWaves(campaignId: string, waves: readonly WaveSettings[]): Promise<void> {
    await this.database.client.campaignWave.deleteMany({ where: { campaignId } });
    const rows = waves.map((settings, position) => ({ campaignId, position, settings, state: 'pending' }));
    await insertRows(
      this.database,
      'campaign_wave',
      rows.map((row) => ({ ...row, conditions: {} })),
    );
  }

  async updateWave(
    { campaignId, position }: Pick<WaveRow, 'campaignId' | 'position'>,
    data: Partial<Pick<WaveRow, 'state' | 'startedAt' | 'finishedAt' | 'conditions' | 'continuedBy'>>,
  ): Promise<void> {
    const where = { campaignId_position: { campaignId, position } };
    await this.database.client.campaignWave.update({ where, data, select: { position: true } });
  }

  /** Those that count for this plan, in the order in which they were given. */
  async approvals(id: string, planDigest: string): Promise<PlanApprovalRow[]> {
    return this.database.readByKey<PlanApprovalRow>(Prisma.sql`
      SELECT ${PLAN_APPROVAL} FROM campaign_approval a
      WHERE a.campaign_id = ${id}::uuid AND a.plan_digest = ${planDigest} AND a.voided_at IS NULL ORDER BY a.id`);
  }

  async approve(row: PlanApprovalRow): Promise<void> {
    await insertRows(this.database, 'campaign_approval', [{ ...row }]);
  }

  /** None of them counts any more. */
  async voidApprovals(campaignId: string): Promise<void> {
    await this.database.client.campaignApproval.updateMany({
      where: { campaignId, voidedAt: null },
      data: { voidedAt: new Date() },
    });
  }
}
