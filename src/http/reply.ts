import type { Readable } from 'node:stream';
import { Foretold, ShownWork } from './accepted-work.js';
import { quoted } from './etag.js';

/** The kind of the operation that would do what a dry run foretells. */
export const DRY_RUN = 'Dry-Run-Operation';

/** What a controller returns for bytes, ready to be sent. `etag` without quotes; `id`: of what was created; `live`: each part is worth having at once. */
export class RawContent {
  constructor(
    readonly content: Uint8Array | Readable,
    readonly headers: { mediaType: string; etag?: string; id?: string; disposition?: string; live?: true },
  ) {}
}

/** An answer, ready to be sent or kept for an Idempotency-Key. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** The answer that a controller's value stands for. `success` is the route's status, `collection` the path below which what was created is found. */
export function render(value: unknown, success: number, collection: string): Reply {
  if (value instanceof ShownWork) return { status: 202, headers: { Location: value.location }, body: value.body };
  if (value instanceof Foretold)
    return { ...render(value.body, success, collection), headers: { [DRY_RUN]: value.kind } };
  if (value instanceof RawContent) return renderRaw(value, success, collection);
  if (value === undefined || value === null) return { status: 204, headers: {}, body: undefined };
  const { etag, id } = value as { etag?: unknown; id?: unknown };
  const headers: Record<string, string> = {};
  if (typeof etag === 'string') headers.ETag = quoted(etag);
  if (success === 201 && typeof id === 'string') headers.Location = `${collection}/${id}`;
  return { status: success === 204 ? 200 : success, headers, body: value };
}

function renderRaw({ content, headers }: RawContent, success: number, collection: string): Reply {
  return {
    status: success === 204 ? 200 : success,
    headers: {
      'Content-Type': headers.mediaType,
      ...(headers.etag === undefined ? {} : { ETag: quoted(headers.etag) }),
      ...(success === 201 && headers.id !== undefined ? { Location: `${collection}/${headers.id}` } : {}),
      ...(headers.disposition === undefined ? {} : { 'Content-Disposition': headers.disposition }),
      // Proxies that collect answers heed it (nginx, and others after it).
      ...(headers.live ? { 'X-Accel-Buffering': 'no' } : {}),
    },
    body: content instanceof Uint8Array ? Buffer.from(content.buffer, content.byteOffset, content.byteLength) : content,
  };
}
