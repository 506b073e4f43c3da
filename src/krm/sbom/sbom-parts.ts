import { type ImageReference, readImage } from '../image-reference.js';
import type { SbomFacts, SbomPackage } from './sbom.js';

/** Who writes SBOMs. */
export const TOOL = 'pkgserver';

/** All images that the files name, each once and in order. */
export function imagesOf({ files }: Pick<SbomFacts, 'files'>): Map<string, ImageReference> {
  const images = [...new Set(files.flatMap((file) => file.images))].sort();
  return new Map(
    images.flatMap((image) => {
      const reference = readImage(image);
      return reference === null ? [] : [[image, reference]];
    }),
  );
}

const PROTOCOLS: ReadonlySet<string> = new Set(['https:', 'http:', 'ssh:', 'git:']);

/** The URL of a Git repository as everybody may read it: without a password; null for what is no URL of one. */
export function openUrl(text: string | null): string | null {
  if (text === null || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (!PROTOCOLS.has(url.protocol)) return null;
  url.password = '';
  // The user of SSH is a part of the address, such as `git`.
  if (url.protocol !== 'ssh:') url.username = '';
  return url.href;
}

/** Where the content can be had, as SPDX and pip write it; null while nobody but the service has it. */
export function locationOf({ url, directory, commit }: SbomPackage): string | null {
  const open = openUrl(url);
  if (open === null || commit === null) return null;
  return `git+${open}@${encodeURI(commit)}${directory === '' ? '' : `#${encodeURI(directory)}`}`;
}
