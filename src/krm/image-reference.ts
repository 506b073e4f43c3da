import { versionKey } from '../domain/version.js';

/** A container image, as registries name it. */
export interface ImageReference {
  registry: string;
  repository: string;
  /** Null where only a digest says which one it is. */
  tag: string | null;
  digest: string | null;
}

const LONGEST = 512;
const HUB = 'docker.io';
const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const REFERENCE = new RegExp(
  String.raw`^(?:((?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+(?::\d+)?|[A-Za-z0-9-]+:\d+|localhost)/)?` +
    String.raw`(${COMPONENT}(?:/${COMPONENT})*)(?::(\w[\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9+._-]*:[0-9a-fA-F]{32,128}))?$`,
);

/** Reads a reference as container runtimes do: `nginx` is `docker.io/library/nginx:latest`. Null: it is none. */
export function readImage(text: string): ImageReference | null {
  const [, host, path, tag, digest] = text.length > LONGEST ? [] : (REFERENCE.exec(text) ?? []);
  if (path === undefined) return null;
  const registry = host === undefined || host === `index.${HUB}` ? HUB : host;
  const repository = registry === HUB && !path.includes('/') ? `library/${path}` : path;
  return { registry, repository, tag: tag ?? (digest === undefined ? 'latest' : null), digest: digest ?? null };
}

/** The one way in which a reference is written here. */
export function imageText({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === null ? '' : `:${tag}`}${digest === null ? '' : `@${digest}`}`;
}

/** The same for a reference as somebody wrote it; null where it is none. */
export function normalImage(text: string): string | null {
  const image = readImage(text);
  return image && imageText(image);
}

/** A version without a suffix that begins with no name of a pre-release. */
const VARIANT = /^(v?\d[\d.]*)-(?!(?:alpha|beta|cr|dev|nightly|pre|preview|rc|snapshot)(?![a-z]))/i;

/**
 * A key whose order is that of tags as versions; null: the tag is none. Publishers of images use a suffix for what an image
 * is made of: `1.27-alpine` is 1.27, and no version before it, as a revision of that name were; only `1.27-rc1` is one before.
 */
export function tagKey(tag: string): string | null {
  const key = versionKey(tag);
  const [, version] = key === null ? [] : (VARIANT.exec(tag) ?? []);
  return version === undefined ? key : versionKey(version);
}
