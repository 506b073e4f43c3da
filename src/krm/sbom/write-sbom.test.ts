import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type CycloneDxSbom, cycloneDxFaults, spdxFaults, type SpdxSbom } from '../../../test/support/sboms.js';
import { SBOM_FORMATS, type SbomFacts, type SbomFormat } from './sbom.js';
import { digestsOf, writeSbom } from './write-sbom.js';

const DIGEST = `sha256:${'4e'.repeat(32)}`;
const NGINX = 'docker.io/library/nginx:1.25';
const APP = `quay.io/team/app@${DIGEST}`;
const file = (path: string, text: string, ...images: string[]) => ({ path, ...digestsOf(Buffer.from(text)), images });

const FACTS: SbomFacts = {
  ...{ name: 'web', version: 'v1', repository: 'blueprints', url: 'https://token:secret@git.example.com/b.git' },
  ...{ directory: 'apps/web', commit: '5b'.repeat(20), tree: '9d'.repeat(20), time: '2026-05-12T08:00:00.123Z' },
  upstream: {
    ...{ name: 'base', version: 'base/v3', url: 'ssh://git@git.example.com/up.git', directory: 'ä b/base' },
    ...{ commit: '5c'.repeat(20), tree: null },
  },
  files: [file('Kptfile', 'b'), file('dir/a b.yaml', 'a', APP, NGINX), file('ü"#.yaml', 'a', NGINX)],
};

function write(facts: SbomFacts, format: SbomFormat): string {
  return writeSbom(Buffer.from(JSON.stringify(facts)), format).text;
}
const cycloneDx = (facts: SbomFacts) => JSON.parse(write(facts, 'cyclonedx')) as CycloneDxSbom;
const spdx = (facts: SbomFacts) => JSON.parse(write(facts, 'spdx')) as SpdxSbom & { packages: object[] };

const ODD: [what: string, change: Partial<SbomFacts>][] = [
  ['all there is', {}],
  ['no file and no upstream', { files: [], upstream: null }],
  ['a draft', { commit: null }],
  ['an address that is none', { url: 'git@git.example.com:b.git' }],
  ['no image', { files: [file('a', '')] }],
  ['an upstream by hand', { upstream: { ...FACTS, url: 'C:\\x', version: 'x'.repeat(2000), directory: '' } }],
];

describe('an SBOM', () => {
  it.each(ODD)('of %s is valid', async (_, change) => {
    const facts = { ...FACTS, ...change };
    expect(await cycloneDxFaults(write(facts, 'cyclonedx'))).toEqual([]);
    expect(spdxFaults(write(facts, 'spdx'))).toEqual([]);
  });

  it.each(SBOM_FORMATS)('tells no password, as %s', (format) => {
    expect(write(FACTS, format)).not.toMatch(/secret|token/);
  });

  it.each(SBOM_FORMATS)('of the same has the same bytes, and of anything else another id, as %s', (format) => {
    expect(write(FACTS, format)).toBe(write(structuredClone(FACTS), format));
    const ids = [FACTS, ...ODD.slice(1).map(([, change]) => ({ ...FACTS, ...change }))].map(
      (facts) => writeSbom(Buffer.from(JSON.stringify(facts)), format).id,
    );
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('has the digests of the bytes', () => {
    expect(digestsOf(Buffer.from('abc'))).toEqual({
      sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d',
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    });
  });

  it('as CycloneDX tells files, images, which file names which, and the upstream', () => {
    const sbom = cycloneDx(FACTS);
    expect(sbom.metadata).toMatchObject({
      timestamp: FACTS.time,
      component: {
        ...{ type: 'application', name: 'web', version: 'v1', group: 'blueprints' },
        externalReferences: [{ type: 'vcs', url: 'https://git.example.com/b.git' }],
        pedigree: { ancestors: [{ name: 'base', version: 'base/v3' }] },
      },
    });
    expect(sbom.components?.map(({ type, name, version, purl }) => [type, name, version, purl])).toEqual([
      ...FACTS.files.map(({ path }) => ['file', path, undefined, undefined]),
      ['container', 'docker.io/library/nginx', '1.25', expect.stringContaining('pkg:oci/nginx?')],
      ['container', 'quay.io/team/app', DIGEST, expect.stringContaining(`pkg:oci/app@${DIGEST}?`)],
    ]);
    expect(sbom.components?.[1]?.hashes?.map(({ alg, content }) => [alg, content])).toEqual([
      ['SHA-1', FACTS.files[1]?.sha1],
      ['SHA-256', FACTS.files[1]?.sha256],
    ]);
    const needs = Object.fromEntries((sbom.dependencies ?? []).map(({ ref, dependsOn = [] }) => [ref, dependsOn]));
    expect(needs.package).toEqual(FACTS.files.map(({ path }) => `file:${path}`));
    expect(needs['file:dir/a b.yaml']?.sort()).toEqual([`image:${NGINX}`, `image:${APP}`]);
    expect(needs['file:Kptfile']).toEqual([]);
  });

  it('as SPDX tells the same', () => {
    const sbom = spdx(FACTS);
    const sum = createHash('sha1').update(
      FACTS.files
        .map(({ sha1 }) => sha1)
        .sort()
        .join(''),
    );
    expect(sbom).toMatchObject({ creationInfo: { created: '2026-05-12T08:00:00Z' } });
    expect(sbom.packages).toMatchObject([
      {
        ...{ name: 'web', versionInfo: 'v1' },
        downloadLocation: `git+https://git.example.com/b.git@${FACTS.commit}#apps/web`,
        packageVerificationCode: { packageVerificationCodeValue: sum.digest('hex') },
        externalRefs: [{ referenceLocator: `swh:1:dir:${FACTS.tree}` }],
      },
      {
        name: 'base',
        downloadLocation: `git+ssh://git@git.example.com/up.git@${FACTS.upstream?.commit}#%C3%A4%20b/base`,
      },
      { name: 'docker.io/library/nginx', versionInfo: '1.25' },
      { name: 'quay.io/team/app', versionInfo: DIGEST },
    ]);
    expect(sbom.files.map(({ fileName }) => fileName)).toEqual(FACTS.files.map(({ path }) => `./${path}`));
    expect(sbom.files[1]?.checksums).toEqual([
      { algorithm: 'SHA1', checksumValue: FACTS.files[1]?.sha1 },
      { algorithm: 'SHA256', checksumValue: FACTS.files[1]?.sha256 },
    ]);
    const told = sbom.relationships.map((each) => [each.spdxElementId, each.relationshipType, each.relatedSpdxElement]);
    expect(told.map((each) => each.join(' ').replaceAll('SPDXRef-', ''))).toEqual([
      'DOCUMENT DESCRIBES Package',
      'Package DESCENDANT_OF Upstream',
      'Package CONTAINS File-1',
      'Package CONTAINS File-2',
      'Package CONTAINS File-3',
      'File-2 DEPENDS_ON Image-2',
      'File-2 DEPENDS_ON Image-1',
      'File-3 DEPENDS_ON Image-1',
    ]);
  });
});
