import type { Caller } from '../../access/caller.js';
import { exactJson } from '../../http/exact-json.js';
import type { RawContent } from '../../http/reply.js';
import { listPage } from '../../http/schema/pagination.js';
import { shownUpstreamStatus } from '../package-revisions/upstream-status.view.js';
import type { ImpactQuery, ImpactResponse } from './impact.schema.js';
import type { ImpactNode, ImpactService } from './impact.service.js';

/** A page, and what there is on all of them. */
export async function toImpactResponse(
  impacts: ImpactService,
  packageId: string,
  query: ImpactQuery,
  caller: Caller,
): Promise<ImpactResponse | RawContent> {
  const page = await listPage(
    { ...query, packageId },
    'impact',
    ({ depth }, part) => impacts.nodes(packageId, depth, caller, part),
    (node) => toNode(node, caller),
  );
  return exactJson({ summary: await impacts.summary(packageId, query.depth, caller), ...page });
}

function toNode(node: ImpactNode, caller: Caller): ImpactResponse['items'][number] {
  const { id: packageId, latestId, latestRevision, upstreamId: _id, upstreamStatus: _stored, ...shown } = node;
  return {
    ...shown,
    packageId,
    latest: latestId === null ? null : { revisionId: latestId, revision: latestRevision },
    upstreamStatus: shownUpstreamStatus(node, caller),
  };
}
