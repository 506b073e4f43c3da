import type { Readable } from 'node:stream';
import type { Operation } from '../database/generated/client.js';
import { toOperationResponse } from '../operations/operation.schema.js';
import { quoted } from './etag.js';

/** What a controller returns where the work is true only once the Git remote has it: 202 and the Operation. */
export class Accepted {
  constructor(readonly operation: Operation) {}
}

export const accepted = (operation: Operation): Accepted => new Accepted(operation);

/** What a controller returns for bytes that are not JSON. `etag` without quotes. */
export class RawContent {
  constructor(
    readonly content: Uint8Array | Readable,
    readonly headers: { mediaType: string; etag?: string; disposition?: string },
  ) {}
}

/** An answer, ready to be sent or kept for an Idempotency-Key. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

export const operationPath = (id: string): string => `/api/v1/operations/${id}`;

/** The answer that a controller's value stands for. `success` is the route's status, `path` that of the request. */
export function render(value: unknown, success: number, path: string): Reply {
  if (value instanceof Accepted) {
    const { operation } = value;
    return { status: 202, headers: { Location: operationPath(operation.id) }, body: toOperationResponse(operation) };
  }
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
    },
    body: content instanceof Uint8Array ? Buffer.from(content.buffer, content.byteOffset, content.byteLength) : content,
  };
}
