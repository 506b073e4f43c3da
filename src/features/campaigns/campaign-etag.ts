import { etagOf, versionedEtag } from '../../domain/etag.js';
import type { CampaignRow, ItemRow } from './campaign-row.js';

/** What the engine notes on it makes nobody's change stale. `shown`: what else its reader sees. */
export const campaignEtag = (row: CampaignRow, shown: unknown = null): string => {
  const { state, reason, wave, operationId, finishedAt } = row;
  return versionedEtag(row.version, [row.id, state, reason, wave, operationId, finishedAt, shown]);
};

export const itemEtag = ({ id, version, ...row }: ItemRow): string =>
  versionedEtag(version, [id, row.state, row.error, row.draftId, row.publishedRevision, etagOf(row.attempts)]);
