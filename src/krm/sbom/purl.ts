import type { ImageReference } from '../image-reference.js';

/** The package URL of an image (ECMA-427, type `oci`): by its digest; a tag can move, and so is a hint beside it. */
export function ociPurl({ registry, repository, tag, digest }: ImageReference): string {
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  const version = digest === null ? '' : `@${encoded(digest)}`;
  const hint = tag === null ? '' : `&tag=${encoded(tag)}`;
  return `pkg:oci/${encoded(name)}${version}?repository_url=${encoded(`${registry}/${repository}`)}${hint}`;
}

/** All but letters, digits and `.-_~` is encoded, and a colon never is. */
const encoded = (text: string): string => encodeURIComponent(text).replaceAll('%3A', ':');
