import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import { LEFT_OUT } from './campaign-row.js';

/** The policies of the repositories that a campaign is about. */
@Injectable()
export class CampaignPolicyStore {
  constructor(private readonly database: Database) {}

  async of(campaignId: string): Promise<{ deployment: boolean; policy: unknown }[]> {
    return this.database.readByKey<{ deployment: boolean; policy: unknown }>(Prisma.sql`
      SELECT r.deployment, r.policy FROM repository r WHERE r.id IN (
        SELECT i.repository_id FROM campaign_item i
        WHERE i.campaign_id = ${campaignId}::uuid AND i.state <> ALL(${[...LEFT_OUT]}::text[]))`);
  }
}
