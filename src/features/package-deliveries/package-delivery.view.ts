import type { PackageDelivery } from '../../database/generated/client.js';
import { etagOf } from '../../domain/etag.js';
import { isoTime } from '../../domain/iso-time.js';
import type { DeliveryReport } from '../../domain/delivery.js';
import type { PackageDeliveryRequest, PackageDeliveryResponse } from './package-delivery.schema.js';
import type { Delivered } from './package-delivery.service.js';

export function toPackageDelivery(row: PackageDelivery): PackageDeliveryResponse {
  const { packageId, tool, commit, revisionId, revision, state, health, message, observedAt, reportedAt, reportedBy } =
    row;
  const shown = {
    ...{ packageId, tool, commit, revisionId, revision, state, health, message },
    ...{ observedAt: isoTime(observedAt), reportedAt: isoTime(reportedAt), reportedBy },
  };
  return { ...shown, etag: etagOf(shown) };
}

/** The schema lets one of the two through. */
export const deliveredOf = ({ commit, revision = '' }: PackageDeliveryRequest): Delivered =>
  commit === undefined ? { revision } : { commit };

export const toReport = ({ tool, state, health, message, observedAt }: PackageDeliveryRequest): DeliveryReport => ({
  ...{ tool, state, health, message },
  observedAt: new Date(observedAt),
});
