import { createRequire } from 'node:module';
import type * as CycloneDx from '@cyclonedx/cyclonedx-library';
import { ociPurl } from './purl.js';
import type { SbomFacts, SbomFile, SbomPackage } from './sbom.js';
import { imagesOf, openUrl, TOOL } from './sbom-parts.js';

const require = createRequire(import.meta.url);
/** Read when it is first needed, in the thread that writes SBOMs: it takes a tenth of a second. */
const library = (): typeof CycloneDx => require('@cyclonedx/cyclonedx-library') as typeof CycloneDx;

/** The longest version of a component that the specification takes. */
const LONGEST_VERSION = 1024;

/** CycloneDX 1.6: the package needs its files, and a file the images that it names. */
export function toCycloneDx(facts: SbomFacts, id: string): object {
  const { Enums, Models, Serialize, Spec } = library();
  const images = new Map(
    [...imagesOf(facts)].map(([image, reference]) => {
      const { registry, repository, tag, digest } = reference;
      const options = { bomRef: `image:${image}`, version: digest ?? tag ?? '', purl: ociPurl(reference) };
      return [image, new Models.Component(Enums.ComponentType.Container, `${registry}/${repository}`, options)];
    }),
  );
  const refsOf = (components: Iterable<CycloneDx.Models.Component>) =>
    new Models.BomRefRepository([...components].map(({ bomRef }) => bomRef));
  const fileOf = ({ path, sha1, sha256, images: named }: SbomFile) =>
    new Models.Component(Enums.ComponentType.File, path, {
      bomRef: `file:${path}`,
      hashes: new Models.HashDictionary([
        [Enums.HashAlgorithm['SHA-1'], sha1],
        [Enums.HashAlgorithm['SHA-256'], sha256],
      ]),
      dependencies: refsOf(named.flatMap((image) => images.get(image) ?? [])),
    });
  const packageOf = (content: SbomPackage, bomRef: string) => {
    const url = openUrl(content.url);
    const { commit, directory, tree } = content;
    const properties = Object.entries({ commit, directory, tree }).filter(([, value]) => value !== null);
    return new Models.Component(Enums.ComponentType.Application, content.name, {
      bomRef,
      version: content.version.slice(0, LONGEST_VERSION),
      externalReferences: new Models.ExternalReferenceRepository(
        url === null ? [] : [new Models.ExternalReference(url, Enums.ExternalReferenceType.VCS)],
      ),
      properties: new Models.PropertyRepository(
        properties.map(([name, value]) => new Models.Property(`pkgserver:${name}`, value ?? '')),
      ),
    });
  };
  const files = facts.files.map(fileOf);
  const root = packageOf(facts, 'package');
  root.group = facts.repository;
  root.dependencies = refsOf(files);
  const bom = new Models.Bom({
    serialNumber: `urn:uuid:${id}`,
    components: new Models.ComponentRepository([...files, ...images.values()]),
    metadata: new Models.Metadata({
      timestamp: new Date(facts.time),
      component: root,
      tools: new Models.Tools({
        components: new Models.ComponentRepository([new Models.Component(Enums.ComponentType.Application, TOOL)]),
      }),
    }),
  });
  const writers = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  const written = writers.makeForBom().normalize(bom, {});
  if (facts.upstream === null) return written;
  // The library knows no pedigree.
  const ancestor = writers.makeForComponent().normalize(packageOf(facts.upstream, 'upstream'), {});
  const component = { ...written.metadata?.component, pedigree: { ancestors: [ancestor] } };
  return { ...written, metadata: { ...written.metadata, component } };
}
