import { etagOf } from '../../domain/etag.js';
import { isoTime } from '../../domain/iso-time.js';
import { linkTo, NO_FRONT } from '../../http/front.js';
import type { ReceiverResponse } from './receiver.schema.js';
import type { ReceiverRow } from './receiver.store.js';

/** A receiver as callers see it; its secret stays here. A call changes nothing that somebody has read to change it. */
export function toReceiverResponse(row: ReceiverRow, front = NO_FRONT): ReceiverResponse {
  const { id, name, type, repositoryIds, lastReceivedAt, createdAt, createdBy, updatedAt, updatedBy } = row;
  return {
    ...{ id, name, type, repositoryIds, url: linkTo(front, `/api/v1/receivers/${id}/hook`) },
    lastReceivedAt: lastReceivedAt && isoTime(lastReceivedAt),
    ...{ createdAt: isoTime(createdAt), createdBy, updatedAt: isoTime(updatedAt), updatedBy },
    etag: etagOf([id, repositoryIds, isoTime(updatedAt)]),
  };
}
