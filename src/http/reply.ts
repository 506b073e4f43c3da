import type { Readable } from 'node:stream';
import { Foretold, ShownWork } from './accepted-work.js';
import { quoted } from './etag.js';

/** The kind of the operation that would do what a dry run foretells. */
export const DRY_RUN = 'Dry-Run-Operation';

/** What a controller returns for bytes that are not JSON. `etag` without quotes; `live`: each part is worth having at once. */
export class RawContent {
  constructor(
    readonly content: Uint8Array | Readable,
    readonly headers: { mediaType: string; etag?: string; disposition?: string; live?: true },
  ) {}
}

/** An answer, ready to be sent or kept for an Idempotency-Key. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** The answer that a controller's value stands for. `success` is the route's status, `path` that of the request. */
export function render(value: unknown, success: number, path: string): Reply {
  if (value instanceof ShownWork) return { status: 202, headers: { Location: value.location }, body: value.body };
  if (value instanceof Foretold) return { ...render(value.body, success, path), headers: { [DRY_RUN]: value.kind } };
  if (value instanceof RawContent) return renderRaw(value);
  if (value === undefined || value === null) return { status: 204, headers: {}, body: undefined };
  const { etag, id } = value as { etag?: unknown; id?: unknown };
  const headers: Record<string, string> = {};
  if (typeof etag === 'string') headers.ETag = quoted(etag);
  if (success === 201 && typeof id === 'string') headers.Location = `${path}/${id}`;
  return { status: success === 204 ? 200 : success, headers, body: value };
}

function renderRaw({ content, headers }: RawContent): Reply {
  return {
    status: 200,
    headers: {
      'Content-Type': headers.mediaType,
      ...(headers.etag === undefined ? {} : { ETag: quoted(headers.etag) }),
      ...(headers.disposition === undefined ? {} : { 'Content-Disposition': headers.disposition }),
      // Proxies that collect answers heed it (nginx, and others after it).
      ...(headers.live ? { 'X-Accel-Buffering': 'no' } : {}),
    },
    body: content instanceof Uint8Array ? Buffer.from(content.buffer, content.byteOffset, content.byteLength) : content,
  };
}
