import { readFileSync } from 'node:fs';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { Ajv2019, type ValidateFunction } from 'ajv/dist/2019.js';
import formats from 'ajv-formats';

const cycloneDx = new Validation.JsonStrictValidator(Spec.Version.v1dot6);

/** No package of npm has the schema that SPDX publishes: this names the file, where there is one. */
const { SPDX_SCHEMA } = process.env;
let spdx: ValidateFunction | null | undefined;

/** What the official schema of CycloneDX 1.6, and what it does not tell, has against an SBOM. */
export async function cycloneDxFaults(text: string): Promise<string[]> {
  const error = await cycloneDx.validate(text);
  const { metadata, components = [], dependencies = [] } = JSON.parse(text) as CycloneDxSbom;
  const refs = [metadata.component, ...components].map((component) => component['bom-ref']);
  const named = dependencies.flatMap(({ ref, dependsOn = [] }) => [ref, ...dependsOn]);
  return [...(error === null ? [] : [JSON.stringify(error)]), ...repeated(refs), ...unknown(named, refs)];
}

/** The same of SPDX 2.3. */
export function spdxFaults(text: string): string[] {
  spdx ??= SPDX_SCHEMA
    ? formats
        .default(new Ajv2019({ strict: false, allErrors: true }))
        .compile(JSON.parse(readFileSync(SPDX_SCHEMA, 'utf8')) as object)
    : null;
  const sbom = JSON.parse(text) as SpdxSbom;
  const isValid = spdx === null || spdx(sbom);
  const ids = [sbom, ...sbom.packages, ...sbom.files].map(({ SPDXID }) => SPDXID);
  const named = sbom.relationships.flatMap(({ spdxElementId, relatedSpdxElement }) => [
    spdxElementId,
    relatedSpdxElement,
  ]);
  return [
    ...(isValid ? [] : [JSON.stringify(spdx?.errors)]),
    ...repeated(ids),
    ...unknown(named, ids),
    ...ids.filter((id) => !/^SPDXRef-[A-Za-z0-9.-]+$/.test(id)).map((id) => `bad id ${id}`),
  ];
}

interface Component {
  'bom-ref': string;
  type: string;
  name: string;
  version?: string;
  purl?: string;
  hashes?: { alg: string; content: string }[];
}

export interface CycloneDxSbom {
  serialNumber: string;
  metadata: {
    timestamp: string;
    component: Component & { pedigree?: { ancestors: Component[] } };
  };
  components?: Component[];
  dependencies?: { ref: string; dependsOn?: string[] }[];
}

export interface SpdxSbom {
  SPDXID: string;
  packages: { SPDXID: string; name: string; externalRefs?: { referenceLocator: string }[] }[];
  files: { SPDXID: string; fileName: string; checksums: { algorithm: string; checksumValue: string }[] }[];
  relationships: { spdxElementId: string; relationshipType: string; relatedSpdxElement: string }[];
}

const repeated = (ids: readonly string[]): string[] =>
  ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${id} is there twice`);

function unknown(named: readonly string[], ids: readonly string[]): string[] {
  const known = new Set(ids);
  return named.filter((id) => !known.has(id)).map((id) => `${id} is not there`);
}
