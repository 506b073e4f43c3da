import { describe, expect, it } from 'vitest';
import { readImage } from '../image-reference.js';
import { ociPurl } from './purl.js';

const DIGEST = `sha256:${'4e'.repeat(32)}`;

const purl = (image: string): string => {
  const reference = readImage(image);
  if (reference === null) throw new Error(`${image} is no image`);
  return ociPurl(reference);
};

describe('the package URL of an image', () => {
  it.each([
    ['nginx', 'pkg:oci/nginx?repository_url=docker.io%2Flibrary%2Fnginx&tag=latest'],
    ['nginx:1.25', 'pkg:oci/nginx?repository_url=docker.io%2Flibrary%2Fnginx&tag=1.25'],
    [`debian@${DIGEST}`, `pkg:oci/debian@${DIGEST}?repository_url=docker.io%2Flibrary%2Fdebian`],
    [`ghcr.io/debian:bullseye@${DIGEST}`, `pkg:oci/debian@${DIGEST}?repository_url=ghcr.io%2Fdebian&tag=bullseye`],
    ['gcr.io/distroless/static', 'pkg:oci/static?repository_url=gcr.io%2Fdistroless%2Fstatic&tag=latest'],
    ['localhost:5000/team/a_b:v1_X', 'pkg:oci/a_b?repository_url=localhost:5000%2Fteam%2Fa_b&tag=v1_X'],
  ])('of %s', (image, expected) => {
    expect(purl(image)).toBe(expected);
  });
});
