import type { IndexedObject } from '../krm/krm-object.js';

/** A row of krm_object as JSON. The body is JSON already, and is not read again to be written. */
export function objectRow(oid: string, { apiVersion, body, ...object }: IndexedObject): string {
  const row = JSON.stringify({ blob_oid: oid, api_version: apiVersion, ...object });
  return `${row.slice(0, -1)},"body":${body}}`;
}
