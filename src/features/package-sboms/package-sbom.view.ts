import { RawContent } from '../../http/reply.js';
import type { Sbom, SbomFormat } from '../../krm/sbom/sbom.js';

/** The media type of each form. */
export const MEDIA_TYPES: Readonly<Record<SbomFormat, string>> = {
  cyclonedx: 'application/vnd.cyclonedx+json',
  spdx: 'application/spdx+json',
};

/** The form of a media type. */
export const formatOf = (mediaType: string): SbomFormat => (mediaType === MEDIA_TYPES.spdx ? 'spdx' : 'cyclonedx');

export const toSbomContent = ({ id, text }: Sbom, format: SbomFormat): RawContent =>
  new RawContent(Buffer.from(text), { mediaType: MEDIA_TYPES[format], etag: id });
