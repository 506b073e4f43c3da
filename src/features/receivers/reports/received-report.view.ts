import { isoTime } from '../../../domain/iso-time.js';
import type { ReceivedReportPage } from './received-report.schema.js';
import type { ReceivedRow } from './received-report.store.js';

export const toReceivedReport = ({
  receivedAt,
  outcome,
  reason,
  subject,
  packageId,
}: ReceivedRow): ReceivedReportPage['items'][number] => ({
  receivedAt: isoTime(receivedAt),
  ...{ outcome, reason, subject, packageId },
});
