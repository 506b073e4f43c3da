import { Injectable } from '@nestjs/common';
import { DomainError } from '../domain/errors.js';
import { ParseThread } from '../krm/parse-thread.js';
import type { FileDigests, Sbom, SbomFacts, SbomFormat } from '../krm/sbom/sbom.js';
import { ContentReader, type FileEntry } from './content.reader.js';
import { ContentStore } from './content.store.js';
import { Recent } from './recent.js';

/** An SBOM tells of so many files at most. */
const MOST_FILES = 20_000;
/** So much is read at once, where no single file is larger. */
const BYTES_PER_STEP = 4 * 1024 * 1024;
const FILES_PER_STEP = 1_000;
/** Files whose digests are remembered. */
const MOST_KNOWN = 50_000;

/** Writes SBOMs of trees of the index, in a thread of their own: nothing that is written waits for them. */
@Injectable()
export class Sboms {
  private readonly thread = new ParseThread();
  private readonly known = new Recent<FileDigests>(MOST_KNOWN);

  constructor(
    private readonly store: ContentStore,
    private readonly reader: ContentReader,
  ) {}

  /** The SBOM of the files in a tree; `about` says what package they are. Throws `packageTooLarge`. */
  async write(tree: string, about: Omit<SbomFacts, 'files'>, format: SbomFormat): Promise<Sbom> {
    const entries = await this.reader.files(tree);
    if (entries.length > MOST_FILES) {
      throw new DomainError('packageTooLarge', `It has ${entries.length} files; an SBOM has ${MOST_FILES} at most.`);
    }
    const images = new Map<string, string[]>();
    for (const { path, image } of await this.reader.imagesOf(tree)) {
      images.set(path, [...(images.get(path) ?? []), image]);
    }
    const digests = await this.digestsOf(entries);
    const files = entries.map(({ path, oid }) => {
      const found = digests.get(oid);
      if (found === undefined) throw new Error(`Blob ${oid} is missing`);
      return { path, ...found, images: (images.get(path) ?? []).sort() };
    });
    const facts: SbomFacts = { ...about, files };
    return (await this.thread.sbom(Buffer.from(JSON.stringify(facts)), format)) ?? tooLong();
  }

  private async digestsOf(entries: readonly FileEntry[]): Promise<Map<string, FileDigests>> {
    const found = new Map<string, FileDigests>();
    const unknown = new Map<string, number>();
    for (const { oid, sizeBytes } of entries) {
      const digests = this.known.get(oid);
      if (digests === undefined) unknown.set(oid, sizeBytes);
      else found.set(oid, digests);
    }
    for (const step of steps(unknown)) {
      const blobs = [...(await this.store.readBlobs(step))];
      const read = await this.thread.digests(blobs.map(([, content]) => content));
      for (const [index, [oid]] of blobs.entries()) {
        const digests = read[index] ?? tooLong();
        found.set(oid, digests);
        this.known.set(oid, digests, 1);
      }
    }
    return found;
  }
}

function tooLong(): never {
  throw new DomainError('packageTooLarge', 'Its SBOM takes too long to write.');
}

/** Blobs by their sizes, as many together as may be read at once. */
function steps(sizes: ReadonlyMap<string, number>): string[][] {
  const found: string[][] = [];
  let bytes = Infinity;
  for (const [oid, size] of sizes) {
    const last = found.at(-1);
    if (last === undefined || bytes + size > BYTES_PER_STEP || last.length >= FILES_PER_STEP) {
      found.push([oid]);
      bytes = size;
    } else {
      last.push(oid);
      bytes += size;
    }
  }
  return found;
}
