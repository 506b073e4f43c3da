import { createHash } from 'node:crypto';
import { toCycloneDx } from './cyclonedx.js';
import type { FileDigests, Sbom, SbomFacts, SbomFormat } from './sbom.js';
import { toSpdx } from './spdx.js';

/** The name space of the ids (RFC 9562, version 5). */
const NAMESPACE = Buffer.from('6f0b1a0ec5f94ac7a7c4be5d3d6c51d2', 'hex');

/** `facts` as JSON. The same facts give the same bytes. */
export function writeSbom(facts: Uint8Array, format: SbomFormat): Sbom {
  const id = uuidOf(`${format} `, facts);
  const known = JSON.parse(Buffer.from(facts).toString()) as SbomFacts;
  return { id, text: JSON.stringify(format === 'spdx' ? toSpdx(known, id) : toCycloneDx(known, id)) };
}

export function digestsOf(bytes: Uint8Array): FileDigests {
  const [sha1 = '', sha256 = ''] = ['sha1', 'sha256'].map((name) => createHash(name).update(bytes).digest('hex'));
  return { sha1, sha256 };
}

function uuidOf(...name: (string | Uint8Array)[]): string {
  const hash = createHash('sha1').update(NAMESPACE);
  for (const part of name) hash.update(part);
  const bytes = hash.digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
