import { createHash } from 'node:crypto';
import { ociPurl } from './purl.js';
import type { SbomFacts, SbomPackage } from './sbom.js';
import { imagesOf, locationOf, TOOL } from './sbom-parts.js';

const DOCUMENT = 'SPDXRef-DOCUMENT';
const PACKAGE = 'SPDXRef-Package';
const UPSTREAM = 'SPDXRef-Upstream';
const UNKNOWN = 'NOASSERTION';
const UNLICENSED = { licenseConcluded: UNKNOWN, licenseDeclared: UNKNOWN, copyrightText: UNKNOWN };
/** Git's SHA-1 of a tree is its software heritage id. */
const TREE = /^[0-9a-f]{40}$/;

/** SPDX 2.3: the package contains its files, and a file depends on the images that it names. */
export function toSpdx(facts: SbomFacts, id: string): object {
  const images = [...imagesOf(facts)];
  const imageIds = new Map(images.map(([image], index) => [image, `SPDXRef-Image-${index + 1}`]));
  const files = facts.files.map((file, index) => ({ ...file, id: `SPDXRef-File-${index + 1}` }));
  const { repository, directory, upstream } = facts;
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: DOCUMENT,
    name: `${facts.name}-${facts.version}`,
    documentNamespace: `urn:uuid:${id}`,
    // SPDX knows no fractions of a second.
    creationInfo: { created: facts.time.replace(/\.\d+Z$/, 'Z'), creators: [`Tool: ${TOOL}`] },
    packages: [
      {
        ...packageOf(facts, PACKAGE),
        sourceInfo: `Directory "${directory}" of the repository "${repository}".`,
        filesAnalyzed: true,
        packageVerificationCode: { packageVerificationCodeValue: verificationCode(files.map(({ sha1 }) => sha1)) },
      },
      ...(upstream === null ? [] : [{ ...packageOf(upstream, UPSTREAM), filesAnalyzed: false }]),
      ...images.map(([image, reference]) => ({
        SPDXID: imageIds.get(image),
        name: `${reference.registry}/${reference.repository}`,
        versionInfo: reference.digest ?? reference.tag,
        primaryPackagePurpose: 'CONTAINER',
        downloadLocation: UNKNOWN,
        filesAnalyzed: false,
        ...UNLICENSED,
        externalRefs: [externalRef('PACKAGE-MANAGER', 'purl', ociPurl(reference))],
      })),
    ],
    files: files.map(({ id: own, path, sha1, sha256 }) => ({
      SPDXID: own,
      fileName: `./${path}`,
      checksums: [
        { algorithm: 'SHA1', checksumValue: sha1 },
        { algorithm: 'SHA256', checksumValue: sha256 },
      ],
      licenseConcluded: UNKNOWN,
      licenseInfoInFiles: [UNKNOWN],
      copyrightText: UNKNOWN,
    })),
    relationships: [
      relationship(DOCUMENT, 'DESCRIBES', PACKAGE),
      ...(upstream === null ? [] : [relationship(PACKAGE, 'DESCENDANT_OF', UPSTREAM)]),
      ...files.map((file) => relationship(PACKAGE, 'CONTAINS', file.id)),
      ...files.flatMap((file) =>
        file.images.flatMap((image) => {
          const imageId = imageIds.get(image);
          return imageId === undefined ? [] : [relationship(file.id, 'DEPENDS_ON', imageId)];
        }),
      ),
    ],
  };
}

function packageOf(content: SbomPackage, id: string) {
  const { name, version, tree } = content;
  return {
    SPDXID: id,
    name,
    versionInfo: version,
    primaryPackagePurpose: 'APPLICATION',
    downloadLocation: locationOf(content) ?? UNKNOWN,
    ...UNLICENSED,
    ...(tree !== null &&
      TREE.test(tree) && { externalRefs: [externalRef('PERSISTENT-ID', 'swh', `swh:1:dir:${tree}`)] }),
  };
}

const externalRef = (category: string, type: string, locator: string) => ({
  referenceCategory: category,
  referenceType: type,
  referenceLocator: locator,
});

const relationship = (from: string, type: string, to: string) => ({
  spdxElementId: from,
  relationshipType: type,
  relatedSpdxElement: to,
});

/** As clause 7.9 of SPDX 2.3 has it: of the sorted hashes of all files. */
const verificationCode = (hashes: readonly string[]): string =>
  createHash('sha1')
    .update([...hashes].sort().join(''))
    .digest('hex');
