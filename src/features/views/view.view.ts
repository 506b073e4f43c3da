import type { SearchView } from '../../database/generated/client.js';
import { etagOf } from '../../domain/etag.js';
import { isoTime } from '../../domain/iso-time.js';
import type { ViewResponse } from './view.schema.js';

export function toViewResponse({ id, name, query, shared, owner, createdAt, updatedAt }: SearchView): ViewResponse {
  const shown = { id, name, query, shared, owner, createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) };
  return { ...shown, etag: etagOf(shown) };
}
